import assert from "node:assert/strict";
import { type DailyQuantity, type DayPart, dayParts } from "../../domain/dailyRated/days.ts";
import { type Hour, hourStartMs, type MeterId, type RegistrationId } from "../../domain/ids.ts";
import { pricingOf } from "../../domain/rating/pricing.ts";
import type { SheetTerms } from "../../domain/rating/priceTerms.ts";
import { keysOf } from "../../domain/statement/rate.ts";
import type { ArchivedMonth } from "../../domain/usage/archive.ts";
import type { GroupedSegment, UsageScope, UsageSum } from "../../domain/usage/store.ts";
import { decimal } from "../../lib/decimal.ts";
import { DAY_MS } from "../../lib/instant.ts";
import type { Context } from "../context.ts";
import { stretchesOf } from "../statements/classified.ts";
import type { RatedPeriod } from "../statements/ratedPeriod.ts";
import type { RatedGroup, RatedPayer } from "../statements/ratedPayer.ts";

/** Usage of a payer whose prices are told by the same terms, in hours in which nothing about them changes. */
interface Terms {
  readonly payer: number;
  readonly terms: SheetTerms;
  readonly from: Hour;
}

const dayOf = (hour: Hour): number => Math.floor(hourStartMs(hour) / DAY_MS);

/** Rows of one answer; a piece of payers has far fewer. */
const SUMS_MAX = 50_000_000;

/**
 * What payers used, day by day, on the tiers of their prices. The sums are asked for all of them at once.
 * @throws Fault UsageEngineUnavailable
 */
export async function daysOfPayers(
  { usage }: Pick<Context, "usage">,
  rated: RatedPeriod,
  payers: readonly RatedPayer[],
  archives: readonly ArchivedMonth[],
): Promise<readonly (readonly DayPart[])[]> {
  const groups = payers.map((payer) => payer.groups);
  const used = new Set(groups.flat().flatMap(({ group }) => group.keys.map(({ meter }) => meter)));
  const { from, to } = rated.period;
  const scope: UsageScope = { from, to, lastBatch: rated.bounds.lastBatch, archives };
  const { segments, termsOf } = segmentsOf(rated, scope, payers, used);
  const sums = await usage.sums({
    scope,
    segments,
    isNarrow: true,
    meters: [...used].map((meter) => ({ meter, from, to })),
    by: ["registration"],
    tag: "",
    time: "day",
    offset: 0,
    limit: SUMS_MAX,
  });
  const daily = new Map<RatedGroup, DailyQuantity[]>();
  for (const sum of sums) {
    const terms = termsOf[sum.group]!;
    const found = dailyOf(rated, sum, terms, groups[terms.payer]!);
    if (found === undefined) continue;
    (daily.get(found.group) ?? daily.set(found.group, []).get(found.group)!).push(found.quantity);
  }
  return groups.map((own) => own.flatMap((group) => partsOf(group, daily.get(group) ?? [])));
}

function partsOf({ group, ordered }: RatedGroup, daily: readonly DailyQuantity[]): readonly DayPart[] {
  const hourly = ordered?.map((so) => ({ ...so, day: dayOf(so.hour) }));
  return dayParts(group, hourly ?? [...daily].sort((a, b) => a.day - b.day));
}

/** Everything that the payers pay for, cut where prices or the knowledge of a meter change. */
function segmentsOf(
  { knowledge }: RatedPeriod,
  scope: UsageScope,
  payers: readonly RatedPayer[],
  used: ReadonlySet<MeterId>,
) {
  const { book } = knowledge;
  const stretches = stretchesOf(scope, knowledge, used);
  const segments: GroupedSegment[] = [];
  const termsOf: Terms[] = [];
  const numbers = new Map<SheetTerms, Map<string, number>>();
  for (const [payer, { level, segments: own }] of payers.entries()) {
    for (const { subscription, registration, localSubscription, ...hours } of own) {
      for (const stretch of stretches) {
        const from = Math.max(hours.from, stretch.from) as Hour;
        const to = Math.min(hours.to, stretch.to) as Hour;
        if (from >= to) continue;
        const terms = book.termsAt(level, { subscription, registration }, stretch.from);
        const known = numbers.get(terms) ?? numbers.set(terms, new Map()).get(terms)!;
        const name = `${payer} ${stretch.from}`;
        let group = known.get(name);
        if (group === undefined) {
          group = termsOf.push({ payer, terms, from: stretch.from }) - 1;
          known.set(name, group);
        }
        segments.push({ registration, localSubscription, from, to, group });
      }
    }
  }
  return { segments, termsOf };
}

/** Which group a sum belongs to; undefined where it is not billed. */
function dailyOf(
  { knowledge }: RatedPeriod,
  { hour, meter, quantity, dimensions }: UsageSum,
  { terms, from }: Terms,
  groups: readonly RatedGroup[],
): { readonly group: RatedGroup; readonly quantity: DailyQuantity } | undefined {
  assert(hour !== undefined, "a sum by the day has a day");
  if (!knowledge.meters.isKnown(meter, from)) return undefined;
  const { price, factor } = pricingOf(knowledge, terms, meter, from);
  if (price === undefined || price.free) return undefined;
  const group = groups.find(
    ({ group: { commerceMeter, sheet } }) => commerceMeter === price.commerceMeter && sheet === terms.sheet.id,
  );
  assert(group !== undefined, `usage of ${meter} is rated nowhere`);
  const registration = dimensions.registration as RegistrationId;
  const key = { registration, meter, factor, price };
  assert(keysOf(group.group)(key) !== undefined, `usage of ${meter} is rated for none of the stamps`);
  return { group, quantity: { ...key, quantity: decimal(quantity), day: dayOf(hour) } };
}
