import { hourStartMs } from "../src/domain/ids.ts";
import { formatInstant, HOUR_MS } from "../src/lib/instant.ts";
import { hash32, mix32 } from "../src/lib/prng.ts";
import { dotNetDouble } from "./dotNetNumber.ts";
import { type Plan, type Sketch, sketchOf } from "./plan.ts";
import { buildResource, quantityOf, type Resource, type ResourceMeter } from "./resource.ts";
import type { Stamp } from "./stamps.ts";
import type { World } from "./world.ts";

/** One row of a stamp's answer, before it is text. */
export interface UsageRow {
  readonly resource: Resource;
  readonly meter: ResourceMeter;
  /** Counted from the period's start. */
  readonly hour: number;
  /** As printed in the record. */
  readonly quantityText: string;
  /** This reading tells another quantity than the one before. */
  readonly conflicting: boolean;
}

interface ReportedWindow {
  readonly startMs: number;
  readonly endMs: number;
  /** The window was read before; its rows are the same again, save for very few with another quantity. */
  readonly repeat: boolean;
}

export interface WindowOfRows extends ReportedWindow {
  /** Derived anew each time it is iterated. */
  readonly rows: Iterable<UsageRow>;
}

export interface WindowOfRecords extends ReportedWindow {
  /** The JSON text of each record. Derived anew each time it is iterated. */
  readonly records: Iterable<string>;
}

export interface Page {
  readonly window: ReportedWindow;
  readonly body: string;
}

/** A row is reported at the latest in the window that begins this many hours after its usage hour does. */
const DELAY_HOURS_MAX = 24;
const LATE_DELAY_HOURS_MIN = 3;
/** One in a hundred resource hours is late. */
const LATE_BELOW = Math.floor(0x1_0000_0000 / 100);
const REPEATED_ONE_IN = 100;
const CONFLICTING_REPEATS_ONE_IN = 16;
/** From the 14th on, "north" reads one window again with conflicts, whatever the seed. */
const SURE_CONFLICT_FROM_HOUR = 13 * 24;
const SECOND_CONFLICTING_ROW = 4;
const PAGE_ROWS_MAX = 1_000;
const CHUNK_CHARS = 2 ** 20;
/** Texts of this many resources, 2 KB each, are kept while a stamp is read; further ones are built each time. */
const CACHED_RESOURCES_MAX = 65_536;

/** One reading of a stamp from the first window to the last. */
interface Reading {
  readonly world: World;
  readonly stamp: Stamp;
  readonly plan: Plan;
  readonly cache: Resource[];
  readonly periodHours: number;
}

function startReading(world: World, stamp: Stamp): Reading {
  return { world, stamp, plan: world.plan(stamp), cache: [], periodHours: world.period.to - world.period.from };
}

/** Hours between a resource's usage hour and the window that reports it: the same for all its rows of that hour. */
function delayHours({ hash, kind }: Sketch, hour: number): number {
  const x = mix32(hash ^ Math.imul(hour + 1, 0x9e3779b1));
  if (x < LATE_BELOW) return LATE_DELAY_HOURS_MIN + (x % (DELAY_HOURS_MAX - LATE_DELAY_HOURS_MIN + 1));
  if (kind === "vm") return x % 8 < 3 ? 2 : 1;
  return kind === "disk" && hash % 10 < 3 ? 0 : 1;
}

/** Whose usage hours are reported in a window, resource by resource; nothing but the cache is kept. */
function* rowsOfWindow(reading: Reading, window: number, withConflicts: boolean): Generator<UsageRow> {
  let ordinal = 0;
  for (let index = 0; index < reading.plan.resources; index += 1) {
    let resource = reading.cache[index];
    const sketch = resource?.sketch ?? sketchOf(reading.plan, index);
    const firstHour = Math.max(sketch.fromHour, window - DELAY_HOURS_MAX);
    const lastHour = Math.min(sketch.toHour - 1, window);
    for (let hour = firstHour; hour <= lastHour; hour += 1) {
      if (delayHours(sketch, hour) !== window - hour) continue;
      resource ??= loadResource(reading, sketch);
      for (let slot = 0; slot < resource.meters.length; slot += 1) {
        const conflicting = withConflicts && (ordinal === 0 || ordinal === SECOND_CONFLICTING_ROW);
        yield rowOf(resource, slot, hour, conflicting);
        ordinal += 1;
      }
    }
  }
}

function loadResource({ world, plan, cache, periodHours }: Reading, sketch: Sketch): Resource {
  const resource = buildResource(world, plan, sketch, periodHours / 24);
  if (sketch.index < CACHED_RESOURCES_MAX) cache[sketch.index] = resource;
  return resource;
}

function rowOf(resource: Resource, slot: number, hour: number, conflicting: boolean): UsageRow {
  const meter = resource.meters[slot]!;
  const quantity = quantityOf(resource, slot, hour);
  if (conflicting) return { resource, meter, hour, quantityText: dotNetDouble(quantity * 2), conflicting };
  if (quantity !== meter.printed) {
    meter.printed = quantity;
    meter.printedText = dotNetDouble(quantity);
  }
  return { resource, meter, hour, quantityText: meter.printedText, conflicting };
}

/** The windows of a stamp in the order of time, from the period's first hour to 25 hours after its end. */
export function* windowsOfRows(world: World, stamp: Stamp): Generator<WindowOfRows> {
  const reading = startReading(world, stamp);
  let conflictDue = stamp.ordinal === 0;
  for (let window = 0; window <= reading.periodHours + DELAY_HOURS_MAX; window += 1) {
    yield windowOf(reading, window, false, false);
    const chance = hash32(world.seed, stamp.ordinal, window, 51);
    const sure = conflictDue && window >= SURE_CONFLICT_FROM_HOUR && hasRows(reading, window);
    if (!sure && chance % REPEATED_ONE_IN !== 0) continue;
    if (sure) conflictDue = false;
    yield windowOf(
      reading,
      window,
      true,
      sure || Math.floor(chance / REPEATED_ONE_IN) % CONFLICTING_REPEATS_ONE_IN === 0,
    );
  }
}

const hasRows = (reading: Reading, window: number): boolean =>
  rowsOfWindow(reading, window, false).next().done !== true;

function windowOf(reading: Reading, window: number, repeat: boolean, withConflicts: boolean): WindowOfRows {
  const startMs = hourStartMs(reading.world.period.from) + window * HOUR_MS;
  const rows = { [Symbol.iterator]: () => rowsOfWindow(reading, window, withConflicts) };
  return { startMs, endMs: startMs + HOUR_MS, repeat, rows };
}

const offsetInstant = (ms: number): string => formatInstant(ms).replace("Z", "+00:00");

/** The text of an hour in a record, kept per hour of the period: at most 744 of them. */
function createHourTexts(world: World): (hour: number) => string {
  const texts: string[] = [];
  const startMs = hourStartMs(world.period.from);
  return (hour) => {
    const ms = startMs + hour * HOUR_MS;
    return (texts[hour] ??= `"usageStartTime":"${offsetInstant(ms)}","usageEndTime":"${offsetInstant(ms + HOUR_MS)}",`);
  };
}

/** The record without its opening brace, so that members can be put before. */
const recordRest = ({ meter, resource, quantityText }: UsageRow, hourText: string): string =>
  meter.head + hourText + resource.instanceText + quantityText + meter.tail;

/** What a stamp reports, window by window, as the text of each record. */
export function* usageWindows(world: World, stamp: Stamp): Generator<WindowOfRecords> {
  const hourTexts = createHourTexts(world);
  for (const { rows, ...window } of windowsOfRows(world, stamp)) {
    const records = { [Symbol.iterator]: () => recordTexts(rows, hourTexts) };
    yield { ...window, records };
  }
}

function* recordTexts(rows: Iterable<UsageRow>, hourTexts: (hour: number) => string): Generator<string> {
  for (const row of rows) yield `{${recordRest(row, hourTexts(row.hour))}`;
}

/** All windows of a stamp as lines that each name their reported window, in chunks of about one MiB. */
export function* ndjson(world: World, stamp: Stamp): Generator<Buffer> {
  const hourTexts = createHourTexts(world);
  let chunk = "";
  for (const { rows, startMs, endMs } of windowsOfRows(world, stamp)) {
    const [start, end] = [formatInstant(startMs), formatInstant(endMs)];
    const prefix = `{"reportedStartTime":"${start}","reportedEndTime":"${end}",`;
    for (const row of rows) {
      chunk += `${prefix}${recordRest(row, hourTexts(row.hour))}\n`;
      if (chunk.length < CHUNK_CHARS) continue;
      yield Buffer.from(chunk, "latin1");
      chunk = "";
    }
  }
  if (chunk !== "") yield Buffer.from(chunk, "latin1");
}

/** All windows of a stamp as the answers of its usage API: at most 1,000 rows each, at least one answer per window. */
export function* pages(world: World, stamp: Stamp): Generator<Page> {
  for (const { records, ...window } of usageWindows(world, stamp)) {
    let rows: string[] = [];
    let rowsBefore = 0;
    for (const record of records) {
      if (rows.length === PAGE_ROWS_MAX) {
        rowsBefore += rows.length;
        const nextLink = JSON.stringify(nextPageUrl(stamp, window, rowsBefore));
        yield { window, body: `{"value":[${rows.join(",")}],"nextLink":${nextLink}}` };
        rows = [];
      }
      rows.push(record);
    }
    yield { window, body: `{"value":[${rows.join(",")}]}` };
  }
}

function nextPageUrl(stamp: Stamp, window: ReportedWindow, rowsBefore: number): string {
  const provider = `/subscriptions/${stamp.providerSubscription}/providers/Microsoft.Commerce.Admin`;
  const query = new URLSearchParams({
    "api-version": "2015-06-01-preview",
    reportedStartTime: formatInstant(window.startMs),
    reportedEndTime: formatInstant(window.endMs),
    aggregationGranularity: "Hourly",
    continuationToken: String(rowsBefore),
  });
  return `${stamp.adminUrl}${provider}/subscriberUsageAggregates?${query.toString()}`;
}
