import { add, decimal, formatDecimal } from "../../lib/decimal.ts";
import type { Hour, RegistrationId, SubscriptionId } from "../../domain/ids.ts";
import { pricingOf } from "../../domain/rating/pricing.ts";
import type { Bounds } from "../../domain/statement/bounds.ts";
import {
  type BilledTotal,
  type Charge,
  type ChargeGroup,
  groupCharges,
  groupNeedsTimeOrder,
  inTimeOrder,
  rate,
} from "../../domain/statement/charges.ts";
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
  readonly subscription: SubscriptionId;
  /** Undefined where the catalogue never knew the subscription. */
  readonly facts: PayerFacts | undefined;
  readonly parties: Parties;
}

/** For whom statements are closed whose payer no catalogue ever knew. */
export const NO_PARTNER = "-";

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
  const { usage, control } = context;
  const scope: UsageScope = { from: period.from, to: period.to, lastBatch: bounds.lastBatch, archives };
  const knowledge = await loadKnowledge(context, bounds.knownUntilMs, bounds.mark);
  const { attribution, meters } = knowledge;
  // Read apart from the totals below, so that a record which they lose is missed on the other side.
  const stored = await usage.stored(scope);
  const used = stored.map(({ meter }) => meter);
  const cut = (from: Hour, to: Hour) => attribution.cuts(from, to);
  const classified = await classifiedTotals(context, knowledge, stretchesOf(scope, knowledge, used), cut);
  const parkedTotals = classified.filter((total) => total.kind === "parked");
  const groups = groupCharges(classified.filter(isBilled));
  const ordered = await chargesInTimeOrder(context, knowledge, scope, groups);
  const groupsOf = Map.groupBy(groups, ({ payer }) => payer);
  const facts = new Map(
    (await control.catalogue.asOf([...groupsOf.keys()], bounds.mark["catalogue"] ?? 0)).map((so) => [
      so.entry.subscription,
      so,
    ]),
  );
  const payers = [...groupsOf.keys()].sort().map((subscription): RatedPayer => {
    const known = facts.get(subscription);
    const parties = known && partiesOf("customer", subscription, known.entry);
    const unknown = { payer: subscription, issuer: NO_PARTNER, partner: NO_PARTNER };
    return { level: "customer", subscription, facts: known, parties: parties ?? unknown };
  });
  const chargesOf = ({ subscription }: RatedPayer): readonly Charge[] =>
    groupsOf.get(subscription)!.flatMap((group) => ordered.get(group) ?? rate(group));
  return {
    period,
    bounds,
    knowledge,
    stored,
    parked: sumUp(parkedTotals),
    unpriced: sumUp(classified.filter((total) => total.kind === "unpriced")),
    parkedTotals,
    payers,
    chargesOf,
    tryCharges(payer, sums) {
      try {
        const charges = chargesOf(payer);
        sums?.add(charges);
        return charges;
      } catch (error) {
        for (const { keys } of groupsOf.get(payer.subscription)!) sums?.addUsage(keys);
        return (error as Error).message;
      }
    },
    statementOf({ level, subscription, parties }, charges) {
      const mappings = mappingsOf(knowledge, subscription, period);
      return buildStatement({ level, ...parties }, charges, {
        period,
        meters,
        mappingsOf: (registration) => mappings.get(registration) ?? [],
      });
    },
  };
}

const isBilled = (total: ClassifiedTotal): total is ClassifiedTotal & BilledTotal => total.kind === "billed";

/** The mappings by which somebody pays in a period, by registration. */
function mappingsOf(
  { attribution }: Knowledge,
  payer: SubscriptionId,
  { from, to }: Period,
): ReadonlyMap<RegistrationId, readonly number[]> {
  const mappings = new Map<RegistrationId, Set<number>>();
  for (const { registration, payer: paid } of attribution.segmentsOf(payer, from, to)) {
    const id = paid.interval?.change.id;
    if (id === undefined) continue;
    (mappings.get(registration) ?? mappings.set(registration, new Set()).get(registration)!).add(id);
  }
  return new Map([...mappings].map(([registration, ids]) => [registration, [...ids].sort((a, b) => a - b)]));
}

/** The charges of those groups of which the order of usage decides what each stamp and meter pays. */
async function chargesInTimeOrder(
  { usage }: Context,
  knowledge: Knowledge,
  scope: UsageScope,
  groups: readonly ChargeGroup[],
): Promise<ReadonlyMap<ChargeGroup, readonly Charge[]>> {
  const { attribution, meters: known, book } = knowledge;
  const ordered = new Map<ChargeGroup, readonly Charge[]>();
  for (const group of groups) {
    if (!groupNeedsTimeOrder(group)) continue;
    const segments = attribution.segmentsOf(group.payer, scope.from, scope.to);
    const meters = [...new Set(group.keys.map(({ meter }) => meter))];
    const totals = await usage.segmentTotals(scope, meters, segments, "hour");
    const priced = totals.flatMap((total) => {
      const hour = total.hour ?? scope.from;
      const party = { subscription: group.payer, registration: total.registration };
      const { price, factor } = pricingOf(knowledge, book.termsAt("customer", party, hour), total.meter, hour);
      const isOwn = known.isKnown(total.meter, hour) && price === group.price;
      return isOwn ? [{ ...total, factor }] : [];
    });
    try {
      ordered.set(group, rate(group, inTimeOrder(priced)));
    } catch {
      // It is rated again when its payer's turn comes, and fails there.
    }
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
