import { formatInstant, HOUR_MS } from "../src/lib/instant.ts";
import { hash32 } from "../src/lib/prng.ts";
import { DELAY_HOURS_MAX, periodStartMs, type Reading, rowsOfWindows, startReading, type UsageRow } from "./reading.ts";
import type { Stamp } from "./stamps.ts";
import type { World } from "./world.ts";

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

const REPEATED_ONE_IN = 100;
const CONFLICTING_REPEATS_ONE_IN = 16;
/** From the 14th on, "north" reads one window again with conflicts, whatever the seed. */
const SURE_CONFLICT_FROM_HOUR = 13 * 24;
const PAGE_ROWS_MAX = 1_000;
const CHUNK_CHARS = 2 ** 20;

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
  rowsOfWindows(reading, { fromWindow: window, toWindow: window + 1 }).next().done !== true;

function windowOf(reading: Reading, window: number, repeat: boolean, withConflicts: boolean): WindowOfRows {
  const startMs = periodStartMs(reading) + window * HOUR_MS;
  const wanted = { fromWindow: window, toWindow: window + 1, withConflicts };
  const rows = { [Symbol.iterator]: () => rowsOfWindows(reading, wanted) };
  return { startMs, endMs: startMs + HOUR_MS, repeat, rows };
}

const offsetInstant = (ms: number): string => formatInstant(ms).replace("Z", "+00:00");

/** The text of an hour in a record, kept per hour of the period: at most 744 of them. */
function createHourTexts(world: World): (hour: number) => string {
  const texts: string[] = [];
  const startMs = periodStartMs({ world });
  return (hour) => {
    const ms = startMs + hour * HOUR_MS;
    return (texts[hour] ??= spanText(ms, ms + HOUR_MS));
  };
}

/** The usage time of a record as it stands in its text. */
export const spanText = (startMs: number, endMs: number): string =>
  `"usageStartTime":"${offsetInstant(startMs)}","usageEndTime":"${offsetInstant(endMs)}",`;

/** The record without its opening brace, so that members can be put before. */
export const recordRest = (
  { meter, resource, quantityText }: Pick<UsageRow, "meter" | "resource" | "quantityText">,
  hourText: string,
): string => meter.head + hourText + resource.instanceText + quantityText + meter.tail;

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
