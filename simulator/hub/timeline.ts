import { type Period, monthsLater, periodOf } from "../../src/domain/statement/period.ts";
import { hourStartMs } from "../../src/domain/ids.ts";
import { HOUR_MS, type InstantMs } from "../../src/lib/instant.ts";
import { UNKNOWN_SUBSCRIPTION, sketchOf } from "../plan.ts";
import { DELAY_HOURS_MAX, delayHours, periodStartMs, type Reading, rowsOfWindows, startReading } from "../reading.ts";
import type { UsageRow } from "../reading.ts";
import type { Stamp, StampName } from "../stamps.ts";
import { createWorld, type World } from "../world.ts";

export interface TimelineOptions {
  readonly seed: number;
  readonly stamp: StampName;
  /** How many usage records the world's three stamps report in a month. */
  readonly records: number;
  /** There is no usage before. */
  readonly fromMs: InstantMs;
}

/** A row of a month, with the month that its hours are counted in. */
export interface TimedRow extends UsageRow {
  readonly reading: Reading;
  readonly usageStartMs: InstantMs;
  /** Start of the reported window that the row belongs to. */
  readonly reportedStartMs: InstantMs;
  /** Place of its meter among those of the resource. */
  readonly slot: number;
  /** Place of its resource among those that were asked for. */
  readonly nth: number;
}

/** What is wanted of the rows: half-open reported time, and where to go on. */
export interface Stretch {
  readonly reportedStartMs: InstantMs;
  readonly reportedEndMs: InstantMs;
  /** Only this local subscription. */
  readonly subscription?: string | undefined;
  /** The month to begin with, as the period's first hour, and how many resources of it to leave out. */
  readonly from?: { readonly periodFrom: number; readonly resourcesBefore: number };
}

/** Usage of one stamp over any number of months, each a world of its own from the same seed. */
export interface Timeline {
  readonly stamp: Stamp;
  readonly fromMs: InstantMs;
  worldAt(instantMs: InstantMs): World;
  rows(stretch: Stretch): Generator<TimedRow>;
}

/** A window's rows lie in its month and the one before. Each keeps the texts of its resources. */
const READINGS_KEPT_MAX = 2;

interface Month {
  readonly reading: Reading;
  /** Numbers of the resources of each subscription. */
  readonly bySubscription: ReadonlyMap<string, Uint32Array>;
}

export function createTimeline({ seed, stamp: name, records, fromMs }: TimelineOptions): Timeline {
  const months = new Map<string, Month>();
  const monthOf = (period: Period): Month => {
    const known = months.get(period.name);
    if (known !== undefined) return known;
    const world = createWorld({ seed, period: period.name, records });
    const stamp = world.stamps.find((stamp) => stamp.name === name)!;
    const reading = startReading(world, stamp);
    const month = { reading, bySubscription: indexResources(reading) };
    if (months.size >= READINGS_KEPT_MAX) months.delete(months.keys().next().value!);
    months.set(period.name, month);
    return month;
  };
  const { stamp } = monthOf(periodOf(fromMs)).reading;
  return {
    stamp,
    fromMs,
    worldAt: (instantMs) => monthOf(periodOf(instantMs)).reading.world,
    *rows(stretch) {
      const lastMs = stretch.reportedEndMs - HOUR_MS;
      const firstMs = Math.max(fromMs, stretch.reportedStartMs - DELAY_HOURS_MAX * HOUR_MS);
      const { periodFrom = 0, resourcesBefore = 0 } = stretch.from ?? {};
      for (let period = periodOf(firstMs); hourStartMs(period.from) <= lastMs; period = monthsLater(period, 1)) {
        if (period.from < periodFrom) continue;
        yield* rowsOfMonth(monthOf(period), stretch, fromMs, period.from === periodFrom ? resourcesBefore : 0);
      }
    },
  };
}

function* rowsOfMonth(
  { reading, bySubscription }: Month,
  { reportedStartMs, reportedEndMs, subscription }: Stretch,
  fromMs: InstantMs,
  resourcesBefore: number,
): Generator<TimedRow> {
  const startMs = periodStartMs(reading);
  const indices = subscription === undefined ? undefined : bySubscription.get(subscription);
  if (subscription !== undefined && indices === undefined) return;
  const fromWindow = Math.max(0, Math.ceil((reportedStartMs - startMs) / HOUR_MS));
  const toWindow = Math.min(reading.periodHours + DELAY_HOURS_MAX, Math.floor((reportedEndMs - startMs) / HOUR_MS));
  let nth = resourcesBefore;
  const wanted = { fromWindow, toWindow, resourcesBefore, ...(indices === undefined ? {} : { indices }) };
  for (const row of rowsOfWindows(reading, wanted)) {
    const { sketch, meters } = row.resource;
    const usageStartMs = startMs + row.hour * HOUR_MS;
    if (usageStartMs < fromMs) continue;
    if (indices === undefined) nth = sketch.index;
    else while (indices[nth] !== sketch.index) nth += 1;
    const reportedStartMs = usageStartMs + delayHours(sketch, row.hour) * HOUR_MS;
    yield { ...row, reading, usageStartMs, reportedStartMs, slot: meters.indexOf(row.meter), nth };
  }
}

function indexResources({ plan, world }: Reading): ReadonlyMap<string, Uint32Array> {
  const lists = new Map<string, number[]>();
  for (let index = 0; index < plan.resources; index += 1) {
    const { subscription } = sketchOf(plan, index);
    const name =
      subscription === UNKNOWN_SUBSCRIPTION
        ? world.unknownLocalSubscription
        : plan.context.subscriptions[subscription]!.localSubscription;
    const list = lists.get(name);
    if (list === undefined) lists.set(name, [index]);
    else list.push(index);
  }
  return new Map([...lists].map(([name, list]) => [name, Uint32Array.from(list)]));
}

/** How many records a month of the world has to have for a stamp with about so many resources. */
export function recordsFor(resources: number, { seed, stamp: name, fromMs }: Omit<TimelineOptions, "records">): number {
  let records = resources * 1_500;
  for (let round = 0; round < 3; round += 1) {
    const world = createWorld({ seed, period: periodOf(fromMs).name, records });
    const have = world.plan(world.stamps.find((stamp) => stamp.name === name)!).resources;
    records = Math.max(5_000, Math.round((records * resources) / have));
  }
  return records;
}
