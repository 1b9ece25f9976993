import type { Hour, MeterId, RegistrationId, SubscriptionId } from "../../domain/ids.ts";
import type { Bounds } from "../../domain/statement/bounds.ts";
import { classifier, type ParkedReason, type UnpricedReason } from "../../domain/statement/classify.ts";
import type { Period } from "../../domain/statement/period.ts";
import type { ArchivedMonth } from "../../domain/usage/archive.ts";
import type { StoredTotal, UsageScope, UsageSegment, UsageTotal } from "../../domain/usage/store.ts";
import { readAhead } from "../../lib/readAhead.ts";
import type { Context } from "../context.ts";
import { atStake } from "../usage/parked.ts";
import { attributionOf, type AttributionPart } from "./attribution.ts";
import { type CommonKnowledge, type Knowledge, loadCommonKnowledge, stretchesOf } from "./classified.ts";
import { RatedLevel } from "./ratedLevel.ts";
import type { RatedPayer } from "./ratedPayer.ts";
import { chargesBy, type RatedPeriod } from "./ratedPeriod.ts";
import type { FactsOf, RatedPiece } from "./ratedPiece.ts";
import { UnbilledSums, WaitingSums } from "./unbilled.ts";

/** What is known now: to be kept with whatever is worked out from it. */
export async function boundsNow({
  control,
  clock,
}: Pick<Context, "control" | "clock">): Promise<Bounds & { readonly batchesNotCounted: number }> {
  const knownUntilMs = clock.now();
  const { lastBatch, later } = await control.batches.lastComplete();
  return { knownUntilMs, lastBatch, mark: await control.attributionLog.newest(), batchesNotCounted: later };
}

/** Local subscriptions whose usage is asked for at once; of twice as many it is held, as the next ones are read ahead. */
const LOCALS_AT_ONCE = 2_500;

/**
 * Rates a period. What has to be asked of the stores is asked here, some stamps at a time; lines are made payer by payer
 * later. Nobody has to hold what is known of all payers, nor their usage: memory follows the largest stamp.
 * @param archives months that are read along
 * @returns to be disposed of
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
export type MetersRated = (
  used: readonly MeterId[],
  knowledge: readonly CommonKnowledge[],
) => readonly MeterId[] | undefined;

/**
 * Rates a period in several ways, whose usage is the same and is read once.
 * @returns each to be disposed of
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
  using open = new DisposableStack();
  const ratings: Rating[] = [];
  for (const { context, bounds } of ways) {
    ratings.push(open.use(await Rating.open(context, { period, bounds, scope, stored })));
  }
  const used = stored.map(({ meter }) => meter);
  const meters = metersOf?.(
    [...new Set(used)],
    ratings.map(({ knowledge }) => knowledge),
  );
  for await (const { pieces, from, totals } of totalsOf(ways[0]!.context, ratings, { scope, used, meters })) {
    for (const [i, rating] of ratings.entries()) rating.add(pieces[i]!, totals, from);
  }
  const rated: RatedPeriod[] = [];
  for (const rating of ratings) rated.push(await rating.finish());
  open.move();
  return rated;
}

/** Sums of some stamps in a stretch of hours that begins at `from`, with what each way to rate knows of these stamps. */
interface Totals {
  readonly pieces: readonly StampsPiece[];
  readonly from: Hour;
  readonly totals: readonly UsageTotal[];
}

/** All usage of a scope, some stamps and one stretch of hours after the other. */
async function* totalsOf(
  { control, usage }: Context,
  ratings: readonly Rating[],
  {
    scope,
    used,
    meters,
  }: { readonly scope: UsageScope; readonly used: readonly MeterId[]; readonly meters: readonly MeterId[] | undefined },
): AsyncGenerator<Totals> {
  const begins = ratings.flatMap(({ knowledge }) => stretchesOf(scope, knowledge, used)).map(({ from }) => from);
  const hours = [...new Set(begins)].sort((a, b) => a - b);
  const ids = ratings[0]!.knowledge.stamps.registrations().map(({ id }) => id);
  const ranges = rangesOf(ids, await control.localSubscriptions.counts());
  function* questions(): Generator<() => Promise<Totals>> {
    for (const registrations of ranges) {
      let pieces: Promise<readonly StampsPiece[]> | undefined;
      for (const [i, from] of hours.entries()) {
        yield async () => {
          pieces ??= piecesOf(ratings, registrations);
          const known = await pieces;
          const stretch = { ...scope, from, to: hours[i + 1] ?? scope.to };
          const cuts = known.flatMap(({ attribution }) => attribution.cuts(stretch.from, stretch.to));
          return { pieces: known, from, totals: await usage.totals({ ...stretch, registrations }, cuts, meters) };
        };
      }
    }
  }
  yield* readAhead(questions());
}

async function piecesOf(
  ratings: readonly Rating[],
  registrations: readonly [RegistrationId, RegistrationId],
): Promise<readonly StampsPiece[]> {
  const pieces: StampsPiece[] = [];
  for (const rating of ratings) pieces.push(await rating.piece({ registrations }));
  return pieces;
}

/** Registrations in ranges [first, last] of some local subscriptions each. */
function rangesOf(
  ids: readonly RegistrationId[],
  counts: ReadonlyMap<RegistrationId, number>,
): readonly (readonly [RegistrationId, RegistrationId])[] {
  const ranges: [RegistrationId, RegistrationId][] = [];
  let locals = Number.POSITIVE_INFINITY;
  for (const id of [...ids].sort((a, b) => a - b)) {
    const own = counts.get(id) ?? 0;
    if (locals + own > LOCALS_AT_ONCE) {
      ranges.push([id, id]);
      locals = 0;
    }
    ranges.at(-1)![1] = id;
    locals += own;
  }
  return ranges;
}

/**
 * Rates some meters of some payers of a period that was rated before, by the same knowledge.
 * @param rated what others than these payers pay is not worked out in full
 * @returns to be disposed of
 * @throws Fault UsageEngineUnavailable
 */
export async function ratePayers(
  context: Context,
  { period, bounds, knowledge, stored }: RatedPeriod,
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
  const scope: UsageScope = { from: period.from, to: period.to, lastBatch: bounds.lastBatch, archives };
  using open = new DisposableStack();
  const rating = open.use(new Rating(context, { period, bounds, scope, stored }, knowledge));
  // One who is a customer and buys for others pays for some hours at two levels.
  const segments = [...new Map(payers.flatMap((payer) => payer.segments).map((so) => [segmentName(so), so])).values()];
  const piece = await rating.piece({ locals: segments });
  for (const stretch of stretchesOf(scope, knowledge, meters)) {
    const inside = segments
      .filter(({ from, to }) => from < stretch.to && stretch.from < to)
      .map((segment) => {
        const [from, to] = [Math.max(segment.from, stretch.from), Math.min(segment.to, stretch.to)] as [Hour, Hour];
        return { ...segment, from, to };
      });
    rating.add(piece, await context.usage.segmentTotals(stretch, meters, inside, "segment"), stretch.from);
  }
  const rated = await rating.finish();
  open.move();
  return rated;
}

const segmentName = ({ registration, localSubscription, from }: UsageSegment): string =>
  `${registration} ${localSubscription} ${from}`;

interface Rated {
  readonly period: Period;
  readonly bounds: Bounds;
  readonly scope: UsageScope;
  readonly stored: readonly StoredTotal[];
}

/** What is known of some stamps, with their usage on its way to the payers. */
interface StampsPiece {
  readonly attribution: Knowledge["attribution"];
  readonly knowledge: Knowledge;
  readonly classify: ReturnType<typeof classifier>;
  readonly levels: readonly RatedPiece[];
}

/** A period that is being rated: sums are put in piece by piece. */
class Rating implements Disposable {
  readonly knowledge: CommonKnowledge;
  readonly #context: Context;
  readonly #of: Rated;
  readonly #levels: readonly RatedLevel[];
  readonly #parked = new UnbilledSums<ParkedReason>();
  readonly #unpriced = new UnbilledSums<UnpricedReason>();
  readonly #waiting = new WaitingSums();

  constructor(context: Context, of: Rated, knowledge: CommonKnowledge) {
    this.#context = context;
    this.#of = of;
    this.knowledge = knowledge;
    this.#levels = knowledge.book
      .levels()
      .map((level) => new RatedLevel({ ...knowledge, level }, of.scope, context.openPayerSpool()));
  }

  static async open(context: Context, of: Rated): Promise<Rating> {
    return new Rating(context, of, await loadCommonKnowledge(context, of.bounds.knownUntilMs, of.bounds.mark));
  }

  async piece(part: AttributionPart): Promise<StampsPiece> {
    const { scope } = this.#of;
    const attribution = await this.#attributionOf(part);
    const factsOf = await this.#factsOf([...attribution.billedSegments(scope.from, scope.to).keys()]);
    const knowledge = { ...this.knowledge, attribution };
    const levels = this.#levels.map((level) => level.begin(attribution, factsOf));
    return { attribution, knowledge, classify: classifier(knowledge), levels };
  }

  #attributionOf(part: AttributionPart): Promise<Knowledge["attribution"]> {
    return attributionOf(this.#context.control, this.knowledge.stamps, part, this.#of.bounds);
  }

  async #factsOf(subscriptions: readonly SubscriptionId[]): Promise<FactsOf> {
    const known = await this.#context.control.catalogue.asOf(subscriptions, this.#of.bounds.mark["catalogue"] ?? 0);
    const facts = new Map(known.map((so) => [so.entry.subscription, so]));
    return (subscription) => facts.get(subscription);
  }

  /** @param from the first of the hours that were added up */
  add(piece: StampsPiece, totals: readonly UsageTotal[], from: Hour): void {
    for (const sum of totals) {
      const hour = sum.hour ?? from;
      const own = piece.classify(sum, hour);
      if (own.kind === "parked") {
        this.#parked.add({ ...sum, ...own });
        this.#waiting.add({ ...sum, ...own }, atStake(sum, hour, piece.knowledge));
      }
      if (own.kind === "unpriced") this.#unpriced.add({ ...sum, ...own });
      for (const level of piece.levels) level.add(sum, hour, own);
    }
    for (const [i, level] of this.#levels.entries()) level.keep(piece.levels[i]!);
  }

  [Symbol.dispose](): void {
    for (const level of this.#levels) level.close();
  }

  async finish(): Promise<RatedPeriod> {
    const sources = {
      usage: this.#context.usage,
      attributionOf: (locals: readonly UsageSegment[]) => this.#attributionOf({ locals }),
      factsOf: (subscriptions: readonly SubscriptionId[]) => this.#factsOf(subscriptions),
    };
    for (const level of this.#levels) await level.finish(sources);
    const { period, bounds, stored } = this.#of;
    const levels = this.#levels;
    return {
      period,
      bounds,
      stored,
      knowledge: this.knowledge,
      parked: this.#parked.sums(),
      unpriced: this.#unpriced.sums(),
      waiting: this.#waiting.sums(),
      *payers() {
        for (const level of levels) yield* level.payers();
      },
      payer: ({ level, payer }) => levels.find((so) => so.level === level)?.payer(payer),
      ...chargesBy(this.knowledge, period, bounds),
      [Symbol.dispose]: () => this[Symbol.dispose](),
    };
  }
}
