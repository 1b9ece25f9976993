import type { MeterId } from "../../domain/ids.ts";
import type { RecordPage, RecordQuery, UsageSegment, UsageTotal } from "../../domain/usage/store.ts";
import type { Engine } from "./engine.ts";
import { VERSION } from "./entries.ts";
import { SEGMENT_STRUCTURE, segmentLine } from "./groupedSums.ts";
import { archivesIn, type Ledger, overLedger, FINAL } from "./ledger.ts";
import { recordFromRow, type RecordRow, totalFromRow, type TotalRow } from "./rows.ts";
import { meterList, scopeCondition } from "./sums.ts";

const registrationList = (segments: readonly UsageSegment[]): string =>
  [...new Set(segments.map(({ registration }) => registration))].join(", ");

type Wanted = Pick<RecordQuery, "scope" | "meters" | "segments">;

const fitsSegments = (meters: readonly MeterId[], segments: readonly UsageSegment[]): string =>
  `held = 'no' and meter in (${meterList(meters)}) and registration in (${registrationList(segments)})`;

const segmentsOf = ({ once }: Ledger, table: string, { scope, meters, segments }: Wanted): string =>
  `from (select * from ${once} where ${scopeCondition(scope)} and ${fitsSegments(meters, segments)}) as r
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

/** Records of segments on some meters. */
export async function recordsOfSegments(engine: Engine, query: RecordQuery): Promise<RecordPage> {
  const { scope, meters, segments, offset, limit } = query;
  if (segments.length === 0 || meters.length === 0) return { records: [], recordsInAll: 0, quantityInAll: "0" };
  return await overSegments(engine, query, async (ledger, table) => {
    const source = segmentsOf(ledger, table, query);
    const sums = `select sum(r.quantity), sum(r.sign) ${source} ${FINAL}`;
    const [totals] = await engine.query<[string, number]>("read", sums);
    const rows = await engine.query<RecordRow>(
      "read",
      `select r.local_subscription, r.meter, r.resource_uri, toUnixTimestamp(r.usage_start),
         toUnixTimestamp(r.reported_start), toUnixTimestamp(r.reported_end), r.quantity, r.delivery, r.position,
         toUnixTimestamp64Milli(r.accepted_at)
       ${source} and r.sign = 1 and (${VERSION.replace(/\w+/g, "r.$&")}, r.decision) not in
         (select ${VERSION}, ended from ${ledger.asStored}
          where ${scopeCondition(scope)} and held = 'no' and sign = -1)
       order by r.usage_start, r.registration, r.local_subscription, r.resource_uri, r.meter, r.reported_start, r.series,
         r.event, r.content
       limit ${limit} offset ${offset} ${FINAL}`,
    );
    return { records: rows.map(recordFromRow), recordsInAll: totals?.[1] ?? 0, quantityInAll: totals?.[0] ?? "0" };
  });
}
