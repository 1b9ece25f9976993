import { isFault } from "../../domain/faults/fault.ts";
import { add, decimal, formatDecimal } from "../../lib/decimal.ts";
import type { Hour, MeterId, RegistrationId, SubscriptionId } from "../../domain/ids.ts";
import type { Bounds } from "../../domain/statement/bounds.ts";
import type { Charge } from "../../domain/statement/charges.ts";
import { capacityCharges } from "../../domain/statement/capacity.ts";
import { classifier, type ParkedReason, type UnpricedReason } from "../../domain/statement/classify.ts";
import { type FxRates, rate } from "../../domain/statement/rate.ts";
import type { ChargedSums } from "../../domain/statement/conservation.ts";
import type { Level } from "../../domain/rating/priceTerms.ts";
import type { Period } from "../../domain/statement/period.ts";
import type { DraftPacker } from "../../domain/statement/draftLines.ts";
import {
  buildStatement,
  orderedCharges,
  type StatementContent,
  type StatementFacts,
  type StatementHead,
  statementTotals,
} from "../../domain/statement/statement.ts";
import type { NewDraft, ParkedSum, UnpricedSum } from "../../domain/statement/store.ts";
import type { ArchivedMonth } from "../../domain/usage/archive.ts";
import type { StoredTotal, UsageScope, UsageTotal } from "../../domain/usage/store.ts";
import { readAhead } from "../../lib/readAhead.ts";
import type { Context } from "../context.ts";
import { type ClassifiedTotal, type Knowledge, loadKnowledge, stretchesOf } from "./classified.ts";
import { type RatedGroup, RatedLevel, type RatedPayer } from "./ratedLevel.ts";

/** What is known now: to be kept with whatever is worked out from it. */
export async function boundsNow({
  control,
  clock,
}: Pick<Context, "control" | "clock">): Promise<Bounds & { readonly batchesNotCounted: number }> {
  const knownUntilMs = clock.now();
  const { lastBatch, later } = await control.batches.lastComplete();
  return { knownUntilMs, lastBatch, mark: await control.attributionLog.newest(), batchesNotCounted: later };
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
  /** Everybody whose usage a payer pays for, whether or not there was any. */
  subscriptionsOf(payer: RatedPayer): readonly SubscriptionId[];
  /** What a payer's usage is rated in. */
  groupsOf(payer: RatedPayer): readonly RatedGroup[];
  /** No I/O: it may be called inside a transaction. */
  chargesOf(payer: RatedPayer): readonly Charge[];
  /**
   * The same, or what is wrong: one payer's fault does not keep others from their statements.
   * @param sums get what was charged, or the usage that would have been
   */
  tryCharges(payer: RatedPayer, sums?: ChargedSums): readonly Charge[] | string;
  /** The same of some of the payer's groups alone, without what it pays for capacity. */
  tryGroups(groups: readonly RatedGroup[]): readonly Charge[] | string;
  /** The same of capacity alone. */
  tryCapacity(payer: RatedPayer): readonly Charge[] | string;
  statementOf(payer: RatedPayer, charges: readonly Charge[]): StatementContent;
  /** The same as a draft, but for its number. */
  draftOf(payer: RatedPayer, charges: readonly Charge[], packer: DraftPacker): Omit<NewDraft, "number">;
}

/** Local subscriptions whose usage is asked for at once; of twice as many it is held, as the next ones are read ahead. */
const LOCALS_AT_ONCE = 2_500;

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
  const [rated] = await ratePeriods([{ context, bounds }], period, archives);
  return rated!;
}

/** One way to rate a period: by the stores as they are, or by others in which something is supposed. */
export interface RatingOf {
  readonly context: Context;
  readonly bounds: Bounds;
}

/** Which of the meters in use to rate, where what is asked is about some only; undefined for all. */
export type MetersRated = (used: readonly MeterId[], knowledge: readonly Knowledge[]) => readonly MeterId[] | undefined;

/**
 * Rates a period in several ways, whose usage is the same and is read once.
 * @throws Fault UsageEngineUnavailable
 */
export async function ratePeriods(
  ways: readonly RatingOf[],
  period: Period,
  archives: readonly ArchivedMonth[],
  metersOf?: MetersRated,
): Promise<readonly RatedPeriod[]> {
  const { usage } = ways[0]!.context;
  const scope: UsageScope = { from: period.from, to: period.to, lastBatch: ways[0]!.bounds.lastBatch, archives };
  // Read apart from the totals below, so that a record which they lose is missed on the other side.
  const stored = await usage.stored(scope);
  const ratings: Rating[] = [];
  for (const { context, bounds } of ways) ratings.push(await Rating.open(context, { period, bounds, scope, stored }));
  const used = stored.map(({ meter }) => meter);
  const meters = metersOf?.(
    [...new Set(used)],
    ratings.map(({ knowledge }) => knowledge),
  );
  const begins = new Set(
    ratings.flatMap(({ knowledge }) => stretchesOf(scope, knowledge, used)).map(({ from }) => from),
  );
  const hours = [...begins].sort((a, b) => a - b);
  const ranges = ratings[0]!.knowledge.attribution.registrationRanges(LOCALS_AT_ONCE);
  function* pieces(): Generator<() => Promise<Totals>> {
    for (const [i, from] of hours.entries()) {
      const stretch = { ...scope, from, to: hours[i + 1] ?? scope.to };
      const cuts = ratings.flatMap(({ knowledge }) => knowledge.attribution.cuts(stretch.from, stretch.to));
      for (const registrations of ranges) {
        const [first, last] = registrations;
        const own = cuts.filter(({ registration }) => registration >= first && registration <= last);
        yield async () => ({ from, totals: await usage.totals({ ...stretch, registrations }, own, meters) });
      }
    }
  }
  for await (const { from, totals } of readAhead(pieces())) {
    for (const total of totals) for (const rating of ratings) rating.add(total, total.hour ?? from);
  }
  const rated: RatedPeriod[] = [];
  for (const rating of ratings) rated.push(await rating.finish());
  return rated;
}

/** Sums of a stretch of hours that begins at `from`. */
interface Totals {
  readonly from: Hour;
  readonly totals: readonly UsageTotal[];
}

/**
 * Rates some meters of some payers of a period that was rated before, by the same knowledge.
 * @param rated what others than these payers pay is not worked out in full
 * @throws Fault UsageEngineUnavailable
 */
export async function ratePayers(
  context: Context,
  rated: RatedPeriod,
  {
    payers,
    meters,
    archives,
  }: {
    readonly payers: readonly RatedPayer[];
    readonly meters: readonly MeterId[];
    readonly archives: readonly ArchivedMonth[];
  },
): Promise<RatedPeriod> {
  const { period, bounds, knowledge, stored } = rated;
  const scope: UsageScope = { from: period.from, to: period.to, lastBatch: bounds.lastBatch, archives };
  const rating = await Rating.over(context, { period, bounds, scope, stored }, knowledge);
  const subscriptions = new Set(payers.flatMap((payer) => rated.subscriptionsOf(payer)));
  const segments = [...subscriptions].flatMap((so) => knowledge.attribution.segmentsOf(so, scope.from, scope.to));
  for (const stretch of stretchesOf(scope, knowledge, meters)) {
    const inside = segments
      .filter(({ from, to }) => from < stretch.to && stretch.from < to)
      .map((segment) => {
        const [from, to] = [Math.max(segment.from, stretch.from), Math.min(segment.to, stretch.to)] as [Hour, Hour];
        return { ...segment, from, to };
      });
    for (const total of await context.usage.segmentTotals(stretch, meters, inside, "segment")) {
      rating.add(total, total.hour ?? stretch.from);
    }
  }
  return await rating.finish();
}

interface Rated {
  readonly period: Period;
  readonly bounds: Bounds;
  readonly scope: UsageScope;
  readonly stored: readonly StoredTotal[];
}

/** A period that is being rated: sums are put in one by one. */
class Rating {
  readonly knowledge: Knowledge;
  readonly #context: Context;
  readonly #of: Rated;
  readonly #levels: ReadonlyMap<Level, RatedLevel>;
  readonly #parkedTotals: RatedPeriod["parkedTotals"][number][] = [];
  readonly #parked = new UnbilledSums<ParkedReason>();
  readonly #unpriced = new UnbilledSums<UnpricedReason>();
  readonly #classify: ReturnType<typeof classifier>;

  private constructor(context: Context, of: Rated, knowledge: Knowledge, levels: ReadonlyMap<Level, RatedLevel>) {
    this.#context = context;
    this.#of = of;
    this.knowledge = knowledge;
    this.#levels = levels;
    this.#classify = classifier(knowledge);
  }

  static async open(context: Context, of: Rated): Promise<Rating> {
    return await Rating.over(context, of, await loadKnowledge(context, of.bounds.knownUntilMs, of.bounds.mark));
  }

  static async over(context: Context, of: Rated, knowledge: Knowledge): Promise<Rating> {
    const { scope, bounds } = of;
    const possible = [...knowledge.attribution.payers()];
    const known = await context.control.catalogue.asOf(possible, bounds.mark["catalogue"] ?? 0);
    const facts = new Map(known.map((so) => [so.entry.subscription, so]));
    const levels = new Map(
      knowledge.book.levels().map((level) => [level, new RatedLevel({ ...knowledge, level }, scope, facts)]),
    );
    return new Rating(context, of, knowledge, levels);
  }

  /** @param from the first of the hours that were added up */
  add(sum: UsageTotal, from: Hour): void {
    const own = this.#classify(sum, from);
    if (own.kind === "parked") {
      const total = { ...sum, from, ...own };
      this.#parkedTotals.push(total);
      this.#parked.add(total);
    }
    if (own.kind === "unpriced") this.#unpriced.add({ ...sum, ...own });
    for (const level of this.#levels.values()) level.add(sum, from, own);
  }

  async finish(): Promise<RatedPeriod> {
    for (const level of this.#levels.values()) await level.finish(this.#context);
    const { period, bounds, stored } = this.#of;
    const { knowledge } = this;
    const levelOf = ({ level }: RatedPayer): RatedLevel => this.#levels.get(level)!;
    const fxRates: FxRates = (from, to) => knowledge.book.fxRate(period.name, from, to);
    const groupsOf = (payer: RatedPayer): readonly RatedGroup[] => levelOf(payer).groupsOf(payer.parties.payer);
    const usageCharges = (groups: readonly RatedGroup[]): readonly Charge[] =>
      groups.flatMap(({ group, ordered }) => rate(group, fxRates, ordered));
    const ofCapacity = (payer: RatedPayer): readonly Charge[] =>
      levelOf(payer)
        .capacityOf(payer.parties.payer)
        .flatMap((facts) => capacityCharges(facts, period, { knownUntilMs: bounds.knownUntilMs, fxRates }));
    const chargesOf = (payer: RatedPayer): readonly Charge[] => [
      ...usageCharges(groupsOf(payer)),
      ...ofCapacity(payer),
    ];
    const statementFacts = ({ subscriptions }: RatedPayer): StatementFacts => {
      const mappings = mappingsOf(knowledge, subscriptions, period);
      return { period, meters: knowledge.meters, mappingsOf: (registration) => mappings.get(registration) ?? [] };
    };
    return {
      period,
      bounds,
      knowledge,
      stored,
      parked: this.#parked.sums(),
      unpriced: this.#unpriced.sums(),
      parkedTotals: this.#parkedTotals,
      payers: [...this.#levels.values()].flatMap((level) => level.payers()),
      subscriptionsOf: (payer) => levelOf(payer).subscriptionsOf(payer.parties.payer),
      groupsOf,
      chargesOf,
      tryCharges(payer, sums) {
        const charges = orWrong(() => chargesOf(payer));
        // Usage is lost or kept once, however many levels it is rated for.
        const counted = payer.level === "customer" ? sums : undefined;
        if (typeof charges !== "string") counted?.add(charges);
        else for (const { group } of groupsOf(payer)) counted?.addUsage(group.keys);
        return charges;
      },
      tryGroups: (groups) => orWrong(() => usageCharges(groups)),
      tryCapacity: (payer) => orWrong(() => ofCapacity(payer)),
      statementOf: (payer, charges) => buildStatement(headOf(payer), charges, statementFacts(payer)),
      draftOf(payer, charges, packer) {
        const ordered = orderedCharges(charges, knowledge.meters);
        const lines = packer.pack(ordered, statementFacts(payer).mappingsOf);
        return { ...statementTotals(headOf(payer), charges, period), ...lines, lineCount: ordered.length };
      },
    };
  }
}

const headOf = ({ level, parties }: RatedPayer): StatementHead => ({ level, ...parties });

/** What work gives, or what is wrong. */
function orWrong<Result>(work: () => Result): Result | string {
  try {
    return work();
  } catch (error) {
    return isFault(error) ? `${error.code}: ${error.message}` : (error as Error).message;
  }
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

type Unbilled<Reason> = Pick<UsageTotal, "registration" | "meter" | "quantity" | "records"> & {
  readonly reason: Reason;
};

/** Adds up what is on no statement, by reason, stamp and meter. */
class UnbilledSums<Reason extends string> {
  readonly #sums = new Map<string, Unbilled<Reason>>();

  add({ reason, registration, meter, quantity, records }: Unbilled<Reason>): void {
    const key = `${reason} ${registration} ${meter}`;
    const so = this.#sums.get(key);
    this.#sums.set(key, {
      reason,
      registration,
      meter,
      quantity: so ? formatDecimal(add(decimal(so.quantity), decimal(quantity))) : quantity,
      records: (so?.records ?? 0) + records,
    });
  }

  sums(): readonly Unbilled<Reason>[] {
    return [...this.#sums.values()];
  }
}
