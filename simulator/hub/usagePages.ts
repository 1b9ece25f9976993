import { DAY_MS, HOUR_MS, type InstantMs } from "../../src/lib/instant.ts";
import { hash32 } from "../../src/lib/prng.ts";
import { dotNetDouble } from "../dotNetNumber.ts";
import { quantityOf } from "../resource.ts";
import { recordRest, spanText } from "../usage.ts";
import type { RowFaultRates } from "./faults.ts";
import type { Place, UsageQuery } from "./query.ts";
import type { TimedRow, Timeline } from "./timeline.ts";

export const PAGE_ROWS_MAX = 1_000;

/** A row as one reading shows it. */
interface ShownRow {
  readonly row: TimedRow;
  readonly usageStartMs: InstantMs;
  readonly usageEndMs: InstantMs;
  readonly quantityText: string;
  readonly repeated: boolean;
}

/** How many rows of a page had which fault. */
export interface RowCounts {
  /** Withheld for later readings. */
  lateRows: number;
  changedRows: number;
  repeatedRows: number;
}

export interface RowOdds {
  readonly seed: number;
  readonly rates: RowFaultRates;
  readonly lateHoursMax: number;
}

/** When a row shows up at last, when it has another quantity from, and whether it comes twice. Undefined is never. */
export function fateOf({ resource, hour, slot, reportedStartMs }: TimedRow, { seed, rates, lateHoursMax }: RowOdds) {
  const { hash } = resource.sketch;
  const endMs = reportedStartMs + HOUR_MS;
  const ofHour = hash32(seed, hash, hour, 61);
  const ofRow = hash32(seed, hash, hour, 62 + slot);
  const occurs = (random: number, oneIn: number): boolean => oneIn > 0 && random % oneIn === 0;
  const hours = (random: number): number => 1 + ((Math.imul(random, 0x9e3779b1) >>> 8) % lateHoursMax);
  return {
    lateUntilMs: occurs(ofHour, rates.lateRows) ? endMs + hours(ofHour) * HOUR_MS : undefined,
    changedFromMs: occurs(ofRow, rates.changedRows) ? endMs + hours(ofRow) * HOUR_MS : undefined,
    repeated: occurs(hash32(ofRow, 63), rates.repeatedRows),
  };
}

/** The quantity that a changed row has later. */
export const changedText = ({ resource, slot, hour }: TimedRow): string =>
  dotNetDouble(quantityOf(resource, slot, hour) * 2);

interface Reader {
  readonly timeline: Timeline;
  readonly query: UsageQuery;
  readonly odds: RowOdds;
  readonly counts: RowCounts;
}

/** The rows that a reading of the query shows, from the resource of its place on. */
function* hourlyRows({ timeline, query, odds, counts }: Reader): Generator<ShownRow> {
  const { startMs, endMs, subscription, place, asOfMs } = query;
  const from = place === undefined ? {} : { from: { periodFrom: place.periodFrom, resourcesBefore: place.nth } };
  for (const row of timeline.rows({ reportedStartMs: startMs, reportedEndMs: endMs, subscription, ...from })) {
    const { lateUntilMs, changedFromMs, repeated } = fateOf(row, odds);
    if (lateUntilMs !== undefined && asOfMs < lateUntilMs) {
      counts.lateRows += 1;
      continue;
    }
    const { usageStartMs } = row;
    const span = { usageStartMs, usageEndMs: usageStartMs + HOUR_MS };
    const changed = changedFromMs !== undefined && asOfMs >= changedFromMs;
    if (changed) counts.changedRows += 1;
    yield { row, ...span, quantityText: changed ? changedText(row) : row.quantityText, repeated };
  }
}

/**
 * Sums of days: one row for each meter of a resource and day of usage. The doubles are added as they come, as the Hub
 * itself does it.
 */
function* dailyRows(reader: Reader): Generator<ShownRow> {
  let sums = new Map<string, { readonly first: ShownRow; quantity: number }>();
  let resource: unknown;
  for (const shown of hourlyRows(reader)) {
    const { row } = shown;
    if (resource !== row.resource) {
      yield* finishDays(sums);
      [sums, resource] = [new Map(), row.resource];
    }
    const quantity = quantityOf(row.resource, row.slot, row.hour);
    const key = `${Math.floor(row.reportedStartMs / DAY_MS)} ${Math.floor(shown.usageStartMs / DAY_MS)} ${row.slot}`;
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { first: shown, quantity });
    else sum.quantity += quantity;
  }
  yield* finishDays(sums);
}

function* finishDays(
  sums: ReadonlyMap<string, { readonly first: ShownRow; readonly quantity: number }>,
): Generator<ShownRow> {
  for (const { first, quantity } of sums.values()) {
    const usageStartMs = Math.floor(first.usageStartMs / DAY_MS) * DAY_MS;
    const span = { usageStartMs, usageEndMs: usageStartMs + DAY_MS };
    yield { row: first.row, ...span, quantityText: dotNetDouble(quantity), repeated: false };
  }
}

const textOf = ({ row, usageStartMs, usageEndMs, quantityText }: ShownRow): string =>
  `{${recordRest({ ...row, quantityText }, spanText(usageStartMs, usageEndMs))}`;

export interface UsagePage {
  /** The texts of its records. */
  readonly records: readonly string[];
  /** Where the next page begins; undefined on the last. */
  readonly next: Place | undefined;
  readonly counts: Readonly<RowCounts>;
}

/** At most 1,000 rows of a query, from its place on. A row that comes twice does so on one page, where there is room. */
export function usagePage(timeline: Timeline, query: UsageQuery, odds: RowOdds): UsagePage {
  const records: string[] = [];
  const counts: RowCounts = { lateRows: 0, changedRows: 0, repeatedRows: 0 };
  const reader = { timeline, query, odds, counts };
  let at = { periodFrom: -1, nth: -1, rowsBefore: 0 };
  for (const shown of query.daily ? dailyRows(reader) : hourlyRows(reader)) {
    const { reading, nth } = shown.row;
    const periodFrom = reading.world.period.from;
    if (at.periodFrom !== periodFrom || at.nth !== nth) at = { periodFrom, nth, rowsBefore: 0 };
    if (records.length >= PAGE_ROWS_MAX) return { records, next: at, counts };
    at.rowsBefore += 1;
    const { place } = query;
    if (place?.periodFrom === periodFrom && place.nth === nth && at.rowsBefore <= place.rowsBefore) continue;
    const text = textOf(shown);
    records.push(text);
    if (!shown.repeated || records.length >= PAGE_ROWS_MAX) continue;
    records.push(text);
    counts.repeatedRows += 1;
  }
  return { records, next: undefined, counts };
}
