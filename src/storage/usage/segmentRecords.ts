import { hourOf, type MeterId } from "../../domain/ids.ts";
import type {
  RecordPage,
  RecordQuery,
  StoredRecord,
  SumQuery,
  UsageScope,
  UsageSegment,
  UsageSum,
  UsageTotal,
} from "../../domain/usage/store.ts";
import { decimal, formatDecimal, sum } from "../../lib/decimal.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../lib/instant.ts";
import type { Engine } from "./engine.ts";
import { hourSeconds, VERSION } from "./entries.ts";
import { groupedSums, placesOf, SEGMENT_STRUCTURE, segmentLine } from "./groupedSums.ts";
import { archivesIn, type Ledger, overLedger, FINAL } from "./ledger.ts";
import { recordFromRow, type RecordRow, totalFromRow, type TotalRow } from "./rows.ts";
import { meterList, scopeCondition, type UsageSums } from "./sums.ts";

type Wanted = Pick<RecordQuery, "scope" | "meters" | "segments">;

const fitsSegments = (meters: readonly MeterId[], segments: readonly UsageSegment[]): string =>
  `held = 'no' and meter in (${meterList(meters)}) and ${placesOf(segments).condition}`;

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

/** Sums of segments on some meters, hour by hour. */
export async function hourTotals(engine: Engine, wanted: Wanted): Promise<readonly UsageTotal[]> {
  if (isNothing(wanted)) return [];
  return await overSegments(engine, wanted, async (ledger, table) => {
    const rows = await engine.query<TotalRow>(
      "read",
      `select r.registration, r.local_subscription, r.meter, toUnixTimestamp(r.usage_start) as hour_s, 'no',
         sum(r.quantity), sum(r.sign) as records
       ${segmentsOf(ledger, table, wanted)}
       group by r.registration, r.local_subscription, r.meter, hour_s having records != 0 ${FINAL}`,
    );
    return rows.map(totalFromRow);
  });
}

const isNothing = ({ segments, meters }: Wanted): boolean => segments.length === 0 || meters.length === 0;

/** Only those that the segments can be of: marks and rollups of the others need not be looked at. */
function scopeOf({ scope, segments }: Wanted): UsageScope {
  if (scope.registrations !== undefined) return scope;
  let [first, last] = [segments[0]!.registration, segments[0]!.registration];
  for (const { registration } of segments) {
    if (registration < first) first = registration;
    if (registration > last) last = registration;
  }
  return { ...scope, registrations: [first, last] };
}

/** The question that rollups can answer too. */
const sumsOf = (wanted: Wanted, groupOf: (i: number) => number, time: SumQuery["time"], limit: number): SumQuery => ({
  scope: scopeOf(wanted),
  segments: wanted.segments.map((segment, i) => ({ ...segment, group: groupOf(i) })),
  isNarrow: true,
  meters: wanted.meters.map((meter) => ({ meter, from: wanted.scope.from, to: wanted.scope.to })),
  by: [],
  tag: "",
  time,
  offset: 0,
  limit,
});

/** Sums of segments on some meters, each segment's own. */
export async function segmentTotals(engine: Engine, sums: UsageSums, wanted: Wanted): Promise<readonly UsageTotal[]> {
  if (isNothing(wanted)) return [];
  const { segments, meters } = wanted;
  const rows = await groupedSums(
    engine,
    sums,
    sumsOf(wanted, (i) => i, undefined, segments.length * meters.length),
  );
  return rows.map(({ group, meter, quantity, records }) => {
    const { registration, localSubscription, from } = segments[group]!;
    return { registration, localSubscription, meter, hour: from, held: "no", quantity, records };
  });
}

/** An hour or a day: its beginning in seconds, its records. */
type StretchRow = readonly [start: number, records: number];

/** Where a page lies: in hours or days of which these are the first and the last, in seconds; and its place in them. */
interface Window {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

/** @param stretches in their order */
export function windowOf(stretches: readonly StretchRow[], offset: number, limit: number): Window | undefined {
  let before = 0;
  let window: Window | undefined;
  for (const [start, records] of stretches) {
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

/** Sums by day and meter, in the order of the days. */
async function daySums(engine: Engine, sums: UsageSums, wanted: Wanted): Promise<readonly UsageSum[]> {
  const { from, to } = wanted.scope;
  const days = Math.ceil(((to - from) * HOUR_MS) / DAY_MS) + 1;
  return await groupedSums(
    engine,
    sums,
    sumsOf(wanted, () => 0, "day", days * wanted.meters.length),
  );
}

const recordsIn = (sums: readonly UsageSum[]): number => sums.reduce((all, { records }) => all + records, 0);

/**
 * Records of segments on some meters. Days are counted first, which rollups tell, then the hours of the page's days: of
 * very many records only those in the hours of the page are read and sorted.
 */
export async function recordsOfSegments(engine: Engine, sums: UsageSums, query: RecordQuery): Promise<RecordPage> {
  if (isNothing(query)) return { records: [], recordsInAll: 0, quantityInAll: "0" };
  const { scope, offset, limit } = query;
  const byDay = await daySums(engine, sums, query);
  const days = [...Map.groupBy(byDay, ({ hour }) => hour!)].map(([hour, ofDay]): StretchRow => {
    return [hourSeconds(hour), recordsIn(ofDay)];
  });
  const window = windowOf(days, offset, limit);
  const pageIn = async ({ from, to, offset: within }: Window): Promise<readonly StoredRecord[]> => {
    const [first, last] = [hourOf(from * SECOND_MS), hourOf(to * SECOND_MS + DAY_MS)];
    const inside = { ...scope, from: first > scope.from ? first : scope.from, to: last < scope.to ? last : scope.to };
    return await recordsOfDays(engine, { ...query, scope: inside, offset: within });
  };
  return {
    records: window === undefined ? [] : await pageIn(window),
    recordsInAll: recordsIn(byDay),
    quantityInAll: formatDecimal(sum(byDay.map(({ quantity }) => decimal(quantity)))),
  };
}

async function recordsOfDays(engine: Engine, query: RecordQuery): Promise<readonly StoredRecord[]> {
  return await overSegments(engine, query, async (ledger, table) => {
    const hours = await engine.query<StretchRow>(
      "read",
      `select toUnixTimestamp(r.usage_start) as start, sum(r.sign) as records
       ${segmentsOf(ledger, table, query)} group by start having records != 0 order by start ${FINAL}`,
    );
    const window = windowOf(hours, query.offset, query.limit);
    if (window === undefined) return [];
    return (await engine.query<RecordRow>("read", pageSql(ledger, table, query, window))).map(recordFromRow);
  });
}
