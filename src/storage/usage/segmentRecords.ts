import type { MeterId } from "../../domain/ids.ts";
import type { RecordPage, RecordQuery, UsageSegment, UsageTotal } from "../../domain/usage/store.ts";
import { decimal, formatDecimal, sum } from "../../lib/decimal.ts";
import type { Engine } from "./engine.ts";
import { VERSION } from "./entries.ts";
import { SEGMENT_STRUCTURE, segmentLine } from "./groupedSums.ts";
import { archivesIn, type Ledger, overLedger, FINAL } from "./ledger.ts";
import { recordFromRow, type RecordRow, totalFromRow, type TotalRow } from "./rows.ts";
import { meterList, scopeCondition } from "./sums.ts";
import { quoted } from "./tsv.ts";

const registrationList = (segments: readonly UsageSegment[]): string =>
  [...new Set(segments.map(({ registration }) => registration))].join(", ");

type Wanted = Pick<RecordQuery, "scope" | "meters" | "segments">;

/** With more than this a list of them costs more than it leaves out: the join leaves out all others anyway. */
const LOCALS_NAMED_MAX = 100;

function localCondition(segments: readonly UsageSegment[]): string {
  const locals = new Set(segments.map(({ localSubscription }) => localSubscription));
  if (locals.size > LOCALS_NAMED_MAX) return "";
  return ` and local_subscription in (${[...locals].map(quoted).join(", ")})`;
}

const fitsSegments = (meters: readonly MeterId[], segments: readonly UsageSegment[]): string =>
  `held = 'no' and meter in (${meterList(meters)}) and registration in (${registrationList(segments)})${localCondition(segments)}`;

const segmentsOf = ({ once }: Ledger, table: string, { scope, meters, segments }: Wanted, more = ""): string =>
  `from (select * from ${once} where ${scopeCondition(scope)} and ${fitsSegments(meters, segments)}${more}) as r
    inner join ${table} as s
      on r.registration = s.registration and r.local_subscription = s.local_subscription
    where toUnixTimestamp(r.usage_start) >= s.from_s and toUnixTimestamp(r.usage_start) < s.to_s`;

function overSegments<Result>(
  engine: Engine,
  { scope, meters, segments }: Wanted,
  use: (ledger: Ledger, table: string) => Promise<Result>,
): Promise<Result> {
  const condition = `${scopeCondition(scope)} and ${fitsSegments(meters, segments)}`;
  return overLedger(engine, { archives: archivesIn(scope), condition }, (ledger) =>
    engine.over(segments.map(segmentLine).join(""), SEGMENT_STRUCTURE, (table) => use(ledger, table)),
  );
}

/** Sums of segments on some meters, by the hour or by the segment. */
export async function segmentTotals(
  engine: Engine,
  wanted: Wanted,
  by: "hour" | "segment",
): Promise<readonly UsageTotal[]> {
  const hour = by === "hour" ? "toUnixTimestamp(r.usage_start)" : "s.from_s";
  if (wanted.segments.length === 0 || wanted.meters.length === 0) return [];
  return await overSegments(engine, wanted, async (ledger, table) => {
    const rows = await engine.query<TotalRow>(
      "read",
      `select r.registration, r.local_subscription, r.meter, ${hour} as hour_s, 'no', sum(r.quantity),
         sum(r.sign) as records
       ${segmentsOf(ledger, table, wanted)}
       group by r.registration, r.local_subscription, r.meter, hour_s having records != 0 ${FINAL}`,
    );
    return rows.map(totalFromRow);
  });
}

/** What an hour comes to: its beginning in seconds, its quantity, its records. */
type HourRow = readonly [start: number, quantity: string, records: number];

/** Where a page lies: hours [from, to] in seconds, and how many records of them are before it. */
interface Window {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

/** @param hours in their order */
export function windowOf(hours: readonly HourRow[], offset: number, limit: number): Window | undefined {
  let before = 0;
  let window: Window | undefined;
  for (const [start, , records] of hours) {
    if (before >= offset + limit) break;
    before += records;
    if (before <= offset) continue;
    window = { from: window?.from ?? start, to: start, offset: window?.offset ?? offset - (before - records) };
  }
  return window;
}

function pageSql(ledger: Ledger, table: string, query: RecordQuery, { from, to, offset }: Window): string {
  const inside = ` and usage_start >= ${from} and usage_start <= ${to}`;
  return `select r.local_subscription, r.meter, r.resource_uri, toUnixTimestamp(r.usage_start),
      toUnixTimestamp(r.reported_start), toUnixTimestamp(r.reported_end), r.quantity, r.delivery, r.position,
      toUnixTimestamp64Milli(r.accepted_at)
    ${segmentsOf(ledger, table, query, inside)} and r.sign = 1
      and (${VERSION.replace(/\w+/g, "r.$&")}, r.decision) not in
        (select ${VERSION}, ended from ${ledger.asStored}
         where ${scopeCondition(query.scope)} and held = 'no' and sign = -1${inside})
    order by r.usage_start, r.registration, r.local_subscription, r.resource_uri, r.meter, r.reported_start, r.series,
      r.event, r.content
    limit ${query.limit} offset ${offset} ${FINAL}`;
}

/**
 * Records of segments on some meters. The hours are counted first: of very many records only those in the hours of the page
 * are read and sorted.
 */
export async function recordsOfSegments(engine: Engine, query: RecordQuery): Promise<RecordPage> {
  const { meters, segments, offset, limit } = query;
  if (segments.length === 0 || meters.length === 0) return { records: [], recordsInAll: 0, quantityInAll: "0" };
  return await overSegments(engine, query, async (ledger, table) => {
    const hours = await engine.query<HourRow>(
      "read",
      `select toUnixTimestamp(r.usage_start) as start, sum(r.quantity), sum(r.sign) as records
       ${segmentsOf(ledger, table, query)} group by start having records != 0 order by start ${FINAL}`,
    );
    const window = windowOf(hours, offset, limit);
    const rows =
      window === undefined ? [] : await engine.query<RecordRow>("read", pageSql(ledger, table, query, window));
    return {
      records: rows.map(recordFromRow),
      recordsInAll: hours.reduce((all, [, , records]) => all + records, 0),
      quantityInAll: formatDecimal(sum(hours.map(([, quantity]) => decimal(quantity)))),
    };
  });
}
