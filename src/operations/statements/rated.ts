import { isFault } from "../../domain/faults/fault.ts";
import { add, decimal, formatDecimal } from "../../lib/decimal.ts";
import type { Hour, RegistrationId, SubscriptionId } from "../../domain/ids.ts";
import type { Registration } from "../../domain/registration/registration.ts";
import type { Bounds } from "../../domain/statement/bounds.ts";
import {
  type BilledTotal,
  type Charge,
  type ChargeGroup,
  groupCharges,
  groupNeedsTimeOrder,
  type HourlyQuantity,
  orderedUsage,
} from "../../domain/statement/charges.ts";
import { type CapacityFacts, capacityCharges } from "../../domain/statement/capacity.ts";
import { classify } from "../../domain/statement/classify.ts";
import { type FxRates, rate } from "../../domain/statement/rate.ts";
import type { ChargedSums } from "../../domain/statement/conservation.ts";
import type { Level } from "../../domain/rating/priceTerms.ts";
import { type Parties, partiesOf, type PayerFacts } from "../../domain/statement/level.ts";
import type { Period } from "../../domain/statement/period.ts";
import { buildStatement, type StatementContent } from "../../domain/statement/statement.ts";
import type { ParkedSum, UnpricedSum } from "../../domain/statement/store.ts";
import type { ArchivedMonth } from "../../domain/usage/archive.ts";
import type { StoredTotal, UsageScope, UsageTotal } from "../../domain/usage/store.ts";
import type { Context } from "../context.ts";
import { type ClassifiedTotal, classifiedTotals, type Knowledge, loadKnowledge, stretchesOf } from "./classified.ts";

/** What is known now: to be kept with whatever is worked out from it. */
export async function boundsNow({
  control,
  clock,
}: Pick<Context, "control" | "clock">): Promise<Bounds & { readonly batchesNotCounted: number }> {
  const knownUntilMs = clock.now();
  const { lastBatch, later } = await control.batches.lastComplete();
  return { knownUntilMs, lastBatch, mark: await control.attributionLog.newest(), batchesNotCounted: later };
}

/** A payer, and all that makes its statement. */
export interface RatedPayer {
  readonly level: Level;
  /** Whose usage it pays for: of a customer its own subscription. */
  readonly subscriptions: readonly SubscriptionId[];
  /** Undefined where the catalogue never knew the first subscription. */
  readonly facts: PayerFacts | undefined;
  readonly parties: Parties;
}

/** For whom statements are closed whose payer no catalogue ever knew. */
export const NO_PARTNER = "-";

/** Usage that climbs tiers together; hour by hour where the order of usage decides what each stamp and meter pays. */
export interface RatedGroup {
  readonly group: ChargeGroup;
  readonly ordered: readonly HourlyQuantity[] | undefined;
}

/** A whole period, rated from scratch as it was known at one moment. */
export interface RatedPeriod {
  readonly period: Period;
  readonly bounds: Bounds;
  readonly knowledge: Knowledge;
  readonly stored: readonly StoredTotal[];
  readonly parked: readonly ParkedSum[];
  readonly unpriced: readonly UnpricedSum[];
  /** What waits, before it is added up. */
  readonly parkedTotals: readonly (ClassifiedTotal & { readonly kind: "parked" })[];
  /** In their order. */
  readonly payers: readonly RatedPayer[];
  /** What a payer's usage is rated in. */
  groupsOf(payer: RatedPayer): readonly RatedGroup[];
  /** No I/O: it may be called inside a transaction. */
  chargesOf(payer: RatedPayer): readonly Charge[];
  /**
   * The same, or what is wrong: one payer's fault does not keep others from their statements.
   * @param sums get what was charged, or the usage that would have been
   */
  tryCharges(payer: RatedPayer, sums?: ChargedSums): readonly Charge[] | string;
  statementOf(payer: RatedPayer, charges: readonly Charge[]): StatementContent;
}

/**
 * Rates a period. What has to be asked of the usage store is asked here; lines are made payer by payer later, so that
 * nobody has to hold those of all payers.
 * @param archives months that are read along
 * @throws Fault UsageEngineUnavailable
 */
export async function ratePeriod(
  context: Context,
  period: Period,
  bounds: Bounds,
  archives: readonly ArchivedMonth[] = [],
): Promise<RatedPeriod> {
  const { usage } = context;
  const scope: UsageScope = { from: period.from, to: period.to, lastBatch: bounds.lastBatch, archives };
  const knowledge = await loadKnowledge(context, bounds.knownUntilMs, bounds.mark);
  const { attribution, meters } = knowledge;
  // Read apart from the totals below, so that a record which they lose is missed on the other side.
  const stored = await usage.stored(scope);
  const used = stored.map(({ meter }) => meter);
  const cut = (from: Hour, to: Hour) => attribution.cuts(from, to);
  const classified = await classifiedTotals(context, knowledge, stretchesOf(scope, knowledge, used), cut);
  const parkedTotals = classified.filter((total) => total.kind === "parked");
  const fxRates: FxRates = (from, to) => knowledge.book.fxRate(period.name, from, to);
  const rated: RatedLevel[] = [];
  for (const level of knowledge.book.levels()) {
    rated.push(await rateLevel(context, { ...knowledge, level }, scope, { classified, bounds }));
  }
  const groupsOf = new Map(rated.flatMap(({ groups }) => [...Map.groupBy(groups, ({ payer }) => payer)]));
  const capacityOf = new Map(rated.flatMap(({ capacity }) => [...capacity]));
  const hourly = new Map(rated.flatMap(({ ordered }) => [...ordered]));
  const ratedGroups = ({ level, parties }: RatedPayer): readonly RatedGroup[] =>
    (groupsOf.get(ratedKey(level, parties.payer)) ?? []).map((group) => ({ group, ordered: hourly.get(group) }));
  const chargesOf = (payer: RatedPayer): readonly Charge[] => {
    const key = ratedKey(payer.level, payer.parties.payer);
    const ofUsage = ratedGroups(payer).flatMap(({ group, ordered }) => rate(group, fxRates, ordered));
    const ofCapacity = (capacityOf.get(key) ?? []).flatMap((facts) =>
      capacityCharges(facts, period, { knownUntilMs: bounds.knownUntilMs, fxRates }),
    );
    return [...ofUsage, ...ofCapacity];
  };
  return {
    period,
    bounds,
    knowledge,
    stored,
    parked: sumUp(parkedTotals),
    unpriced: sumUp(classified.filter((total) => total.kind === "unpriced")),
    parkedTotals,
    payers: rated.flatMap(({ payers }) => payers),
    groupsOf: ratedGroups,
    chargesOf,
    tryCharges(payer, sums) {
      // Usage is lost or kept once, however many levels it is rated for.
      const counted = payer.level === "customer" ? sums : undefined;
      try {
        const charges = chargesOf(payer);
        counted?.add(charges);
        return charges;
      } catch (error) {
        const groups = groupsOf.get(ratedKey(payer.level, payer.parties.payer)) ?? [];
        for (const { keys } of groups) counted?.addUsage(keys);
        const { message } = error as Error;
        return isFault(error) ? `${error.code}: ${message}` : message;
      }
    },
    statementOf({ level, subscriptions, parties }, charges) {
      const mappings = mappingsOf(knowledge, subscriptions, period);
      return buildStatement({ level, ...parties }, charges, {
        period,
        meters,
        mappingsOf: (registration) => mappings.get(registration) ?? [],
      });
    },
  };
}

/** Names a payer of one level among those of all. */
const ratedKey = (level: Level, payer: string): string => `${level} ${payer}`;

/** Everything about a period at one level. */
interface RatedLevel {
  readonly payers: readonly RatedPayer[];
  /** Their payers are named by `ratedKey`. */
  readonly groups: readonly ChargeGroup[];
  readonly ordered: ReadonlyMap<ChargeGroup, readonly HourlyQuantity[]>;
  readonly capacity: ReadonlyMap<string, readonly CapacityFacts[]>;
}

async function rateLevel(
  context: Context,
  knowledge: Knowledge,
  scope: UsageScope,
  { classified, bounds }: { readonly classified: readonly ClassifiedTotal[]; readonly bounds: Bounds },
): Promise<RatedLevel> {
  const { level, attribution, book } = knowledge;
  const capacityStamps = capacityStampsIn(knowledge, scope);
  const subscriptions = new Set([
    ...classified.flatMap((total) => (total.kind === "parked" ? [] : [total.payer])),
    ...capacityStamps.map(({ subscription }) => subscription),
  ]);
  const known = await context.control.catalogue.asOf([...subscriptions], bounds.mark["catalogue"] ?? 0);
  const facts = new Map(known.map((so) => [so.entry.subscription, so]));
  const payers = new Map<string, RatedPayer & { readonly subscriptions: SubscriptionId[] }>();
  // The key of whoever pays at this level for a subscription; undefined where the chain has no such level.
  const payerKeys = new Map<SubscriptionId, string | undefined>();
  const keyOf = (subscription: SubscriptionId): string | undefined => {
    if (payerKeys.has(subscription)) return payerKeys.get(subscription);
    const own = facts.get(subscription);
    const nobody = level === "customer" ? { payer: subscription, issuer: NO_PARTNER, partner: NO_PARTNER } : undefined;
    const parties = own === undefined ? nobody : partiesOf(level, subscription, own.entry);
    const key = parties && ratedKey(level, parties.payer);
    payerKeys.set(subscription, key);
    if (parties === undefined || key === undefined) return undefined;
    const payer = payers.get(key);
    if (payer !== undefined) payer.subscriptions.push(subscription);
    else payers.set(key, { level, subscriptions: [subscription], facts: own, parties });
    return key;
  };
  const billedTotals = classified.flatMap((total): BilledTotal[] => {
    const so = level === "customer" ? total : { ...total, ...classify(total, total.from, knowledge) };
    if (so.kind !== "billed") return [];
    const key = keyOf(so.payer);
    return key === undefined ? [] : [{ ...so, payer: key, subscription: so.payer }];
  });
  const groups = groupCharges(billedTotals);
  const capacity = new Map<string, CapacityFacts[]>();
  for (const registration of capacityStamps) {
    const key = keyOf(registration.subscription);
    if (key === undefined) continue;
    const party = { subscription: registration.subscription, registration: registration.id };
    const own = capacity.get(key) ?? capacity.set(key, []).get(key)!;
    own.push({
      registration,
      billingAt: (hour) => attribution.billingAt(registration.id, hour),
      termsAt: (hour) => book.termsAt(level, party, hour),
    });
  }
  return {
    payers: [...payers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, payer]) => payer),
    groups,
    ordered: await inHourlyOrder(context, knowledge, scope, groups),
    capacity,
  };
}

/** Stamps that are billed by their capacity in some hour of the scope. */
function capacityStampsIn({ attribution }: Knowledge, { from, to }: UsageScope): readonly Registration[] {
  return attribution.registrations().filter(({ id }) => {
    const hours = [from, ...attribution.billingChanges(id, from, to)];
    return hours.some((hour) => attribution.billingAt(id, hour).billingModel === "Capacity");
  });
}

/** The mappings by which somebody pays in a period, by registration. */
function mappingsOf(
  { attribution }: Knowledge,
  payers: readonly SubscriptionId[],
  { from, to }: Period,
): ReadonlyMap<RegistrationId, readonly number[]> {
  const mappings = new Map<RegistrationId, Set<number>>();
  const segments = payers.flatMap((payer) => attribution.segmentsOf(payer, from, to));
  for (const { registration, payer: paid } of segments) {
    const id = paid.interval?.change.id;
    if (id === undefined) continue;
    (mappings.get(registration) ?? mappings.set(registration, new Set()).get(registration)!).add(id);
  }
  return new Map([...mappings].map(([registration, ids]) => [registration, [...ids].sort((a, b) => a - b)]));
}

/** The usage, hour by hour, of those groups of which the order of usage decides what each stamp and meter pays. */
async function inHourlyOrder(
  { usage }: Context,
  knowledge: Knowledge,
  scope: UsageScope,
  groups: readonly ChargeGroup[],
): Promise<ReadonlyMap<ChargeGroup, readonly HourlyQuantity[]>> {
  const { attribution } = knowledge;
  const ordered = new Map<ChargeGroup, readonly HourlyQuantity[]>();
  for (const group of groups) {
    if (!groupNeedsTimeOrder(group)) continue;
    const segments = [...group.subscriptions].flatMap((so) => attribution.segmentsOf(so, scope.from, scope.to));
    const meters = [...new Set(group.keys.map(({ meter }) => meter))];
    const totals = await usage.segmentTotals(scope, meters, segments, "hour");
    ordered.set(group, orderedUsage(group, totals, knowledge));
  }
  return ordered;
}

interface SummedUp<Reason> {
  readonly reason: Reason;
  readonly registration: UsageTotal["registration"];
  readonly meter: UsageTotal["meter"];
  readonly quantity: string;
  readonly records: number;
}

function sumUp<Reason extends string>(
  totals: readonly (UsageTotal & { reason: Reason })[],
): readonly SummedUp<Reason>[] {
  const sums = new Map<string, SummedUp<Reason>>();
  for (const { reason, registration, meter, quantity, records } of totals) {
    const key = `${reason} ${registration} ${meter}`;
    const so = sums.get(key);
    sums.set(key, {
      reason,
      registration,
      meter,
      quantity: so ? formatDecimal(add(decimal(so.quantity), decimal(quantity))) : quantity,
      records: (so?.records ?? 0) + records,
    });
  }
  return [...sums.values()];
}
