import { type LocalSubscriptionId, registrationId } from "../../domain/ids.ts";
import type { ReportedPlace, ReportedQuery, ReportedRow, ReportedUnit } from "../../domain/usage/store.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../lib/instant.ts";
import type { Engine } from "./engine.ts";
import { seconds, digestLiteral, hourSeconds, timeLiteral } from "./entries.ts";
import { SEGMENT_STRUCTURE, segmentLine } from "./groupedSums.ts";
import { type Ledger, overLedger, FINAL, standing } from "./ledger.ts";
import { quoted } from "./tsv.ts";
import { COUNTED_UNITS_MAX, searchPlainly, searchUnits, type Stretch, type UnitCount } from "./unitSearch.ts";

/** Segments that stand in a query themselves; more are handed over as a table. */
const SEGMENTS_IN_QUERY_MAX = 64;

const UNIT_MS: Readonly<Record<ReportedUnit, number>> = { hour: HOUR_MS, day: DAY_MS };

/** A page of reported usage; its order begins with the reported unit. */
export async function reportedPage(engine: Engine, query: ReportedQuery): Promise<readonly ReportedRow[]> {
  const { segments, registrations } = query;
  if (registrations.length === 0 || segments?.length === 0) return [];
  const plain = await plainPage(engine, query);
  if (plain !== undefined) return plain;
  if (segments === undefined) return await search(engine, query, undefined);
  return await engine.over(segments.map(segmentLine).join(""), SEGMENT_STRUCTURE, (table) =>
    search(engine, query, table),
  );
}

/**
 * Most pages hold nothing that was ever ended or stored twice. They are the entries just as they are stored, read in the
 * order of the primary key up to as many as are wanted. Whatever ends or repeats an entry has the same place, so it would
 * stand beside it: then, and where rows are not just entries, it is undefined.
 */
async function plainPage(engine: Engine, query: ReportedQuery): Promise<readonly ReportedRow[] | undefined> {
  const { unit, segments = [], limit, archives = [] } = query;
  if (unit !== "hour" || archives.length > 0 || segments.length > SEGMENTS_IN_QUERY_MAX) return undefined;
  const entries = await searchPlainly({
    fromMs: query.after?.unitMs ?? query.fromMs,
    toMs: query.toMs,
    unitMs: UNIT_MS.hour,
    // One more than are told: whatever has the place of the last one is then seen.
    limit: limit + 1,
    isInOrder: query.registrations.length === 1,
    read: (stretch, left) => engine.query<PlainSqlRow>("read", plainSql({ ...query, limit: left }, stretch)),
  });
  const isPlain = entries.every((entry, i) => entry[0] === 1 && !(i > 0 && isSamePlace(entry, entries[i - 1]!)));
  return isPlain ? entries.slice(0, limit).map(([, ...row]) => rowFromSql(row)) : undefined;
}

/** A row behind the sign of its entry. */
type PlainSqlRow = [sign: 1 | -1, ...row: ReportedSqlRow];

const PLACE_FIELDS = 7;
const isSamePlace = ([, ...a]: PlainSqlRow, [, ...b]: PlainSqlRow): boolean =>
  a.slice(0, PLACE_FIELDS).every((field, i) => field === b[i]);

function plainSql(query: ReportedQuery, stretch: Stretch): string {
  const { segments, after, limit } = query;
  const within = segments?.map(({ registration, localSubscription, from, to }) => {
    const hours = `r.usage_start >= ${hourSeconds(from)} and r.usage_start < ${hourSeconds(to)}`;
    return `(r.registration = ${registration} and r.local_subscription = ${quoted(localSubscription)} and ${hours})`;
  });
  return `select r.sign, ${HOUR_COLUMNS} from usage_entry as r
    where ${conditionOf({ query, stretch })} ${within === undefined ? "" : `and (${within.join(" or ")})`}
      ${afterHour(after)}
    order by ${HOUR_PLACE} limit ${limit}`;
}

const search = (engine: Engine, query: ReportedQuery, segments: string | undefined): Promise<ReportedRow[]> =>
  searchUnits({
    fromMs: query.after?.unitMs ?? query.fromMs,
    toMs: query.toMs,
    unitMs: UNIT_MS[query.unit],
    limit: query.limit,
    entriesPerRowMax: UNIT_MS[query.unit] / HOUR_MS,
    count: (stretch) => counted(engine, { query, stretch, segments }),
    read: (stretch, limit, hasEnds) => read(engine, { query: { ...query, limit }, stretch, segments, hasEnds }),
  });

interface Part {
  readonly query: ReportedQuery;
  readonly stretch: Stretch;
  /** A table of segments. */
  readonly segments: string | undefined;
  /** Whether entries in the stretch may have been ended. */
  readonly hasEnds?: boolean;
}

/** The seconds at which the unit of a time begins. */
const unitOf = (column: string, unit: ReportedUnit): string =>
  `intDiv(toUnixTimestamp(${column}), ${UNIT_MS[unit] / SECOND_MS}) * ${UNIT_MS[unit] / SECOND_MS}`;

function conditionOf({ query, stretch }: Pick<Part, "query" | "stretch">): string {
  const { registrations, localSubscription, lastBatch } = query;
  return [
    `held = 'no' and batch <= ${lastBatch} and ${ofRegistrations(registrations)}`,
    `reported_start >= ${seconds(stretch.fromMs)} and reported_start < ${seconds(stretch.toMs)}`,
    ...(localSubscription === undefined ? [] : [`local_subscription = ${quoted(localSubscription)}`]),
  ].join(" and ");
}

/** One registration is not a list of one: only then is it known that rows of the primary key are in the order of a page. */
const ofRegistrations = (registrations: ReportedQuery["registrations"]): string =>
  registrations.length === 1 ? `registration = ${registrations[0]}` : `registration in (${registrations.join(", ")})`;

/** How many entries each unit of a stretch has that a page might need; units without any are left out. */
async function counted(engine: Engine, part: Part): Promise<readonly UnitCount[]> {
  const { query, segments } = part;
  const among = `and (registration, toString(local_subscription)) in
    (select registration, local_subscription from ${segments})`;
  return await overPart(engine, part, ({ asStored }) =>
    engine.query<UnitCount>(
      "read",
      `select ${unitOf("reported_start", query.unit)} as unit_s, countIf(sign = 1), countIf(sign = -1) from ${asStored}
       where ${conditionOf(part)} ${segments === undefined ? "" : among}
       group by unit_s order by unit_s limit ${COUNTED_UNITS_MAX}`,
    ),
  );
}

const overPart = <Result>(engine: Engine, part: Part, use: (ledger: Ledger) => Promise<Result>): Promise<Result> =>
  overLedger(engine, { archives: part.query.archives ?? [], condition: conditionOf(part) }, use);

/** Versions that count, once each, with the place that they have as they are. */
function versions(part: Part, ledger: Ledger, hasEnds?: boolean): string {
  const { segments } = part;
  const within = `inner join ${segments} as s
      on r.registration = s.registration and toString(r.local_subscription) = s.local_subscription
    where toUnixTimestamp(r.usage_start) >= s.from_s and toUnixTimestamp(r.usage_start) < s.to_s`;
  return `from ${standing(ledger, conditionOf(part), hasEnds)} as r
    ${segments === undefined ? "where 1" : within}`;
}

const FACTS = ["meter_as_sent", "resource_uri", "location", "tags", "additional_info"] as const;

const HOUR_PLACE =
  "r.reported_start, r.registration, r.local_subscription, r.usage_start, r.series, r.event, r.content";
const DAY_PLACE = "unit_s, registration, local, usage_s, series";

const HOUR_COLUMNS = `toUnixTimestamp(r.reported_start), r.registration,
    toString(r.local_subscription), toUnixTimestamp(r.usage_start), lower(hex(r.series)),
    if(r.event = toFixedString('', 16), '', lower(hex(r.event))), lower(hex(r.content)),
    ${FACTS.map((fact) => `toString(r.${fact})`).join(", ")}, r.quantity`;

const hourSql = (part: Part, ledger: Ledger): string => `select ${HOUR_COLUMNS}
  ${versions(part, ledger)} ${afterHour(part.query.after)}
  order by ${HOUR_PLACE} limit ${part.query.limit} ${FINAL}`;

/** The same rows as if nothing had ever been withdrawn, chosen or written twice; for the benchmark. */
export const bareReportedSql = ({ fromMs, toMs, registrations, after, limit }: ReportedQuery): string =>
  `select ${HOUR_COLUMNS} from usage_entry as r
   where r.${ofRegistrations(registrations)} and r.held = 'no'
     and r.reported_start >= ${seconds(fromMs)} and r.reported_start < ${seconds(toMs)} ${afterHour(after)}
   order by ${HOUR_PLACE} limit ${limit}`;

/** The facts of a day are those of its last hour. Their long texts are written out for the rows of a page alone. */
const daySql = (part: Part, ledger: Ledger): string => `select unit_s, registration, local, usage_s,
    lower(hex(series)), '', '', ${FACTS.map((_, i) => `toString(facts.${i + 1})`).join(", ")}, quantity
  from (select ${unitOf("r.reported_start", "day")} as unit_s, r.registration as registration,
      toString(r.local_subscription) as local, ${unitOf("r.usage_start", "day")} as usage_s, r.series as series,
      argMax((${FACTS.map((fact) => `r.${fact}`).join(", ")}), (r.usage_start, r.reported_start, r.content)) as facts,
      sum(r.quantity) as quantity
    ${versions(part, ledger, part.hasEnds)}
    group by unit_s, registration, local, usage_s, series)
  where 1 ${afterDay(part.query.after)}
  order by ${DAY_PLACE} limit ${part.query.limit} ${FINAL}`;

function afterHour(after: ReportedPlace | undefined): string {
  if (after === undefined) return "";
  const { unitMs, registration, localSubscription, usageStartMs, series, event, content } = after;
  const place = [timeLiteral(unitMs), registration, quoted(localSubscription), timeLiteral(usageStartMs)];
  const digests = [digestLiteral(series, 8), digestLiteral(event, 16), digestLiteral(content, 8)];
  // Without the first part the engine would read the hour from its begin.
  return `and (r.reported_start > ${place[0]} or r.registration > ${registration} or
      (r.registration = ${registration} and r.local_subscription >= ${place[2]}))
    and (${HOUR_PLACE}) > (${[...place, ...digests].join(", ")})`;
}

function afterDay(after: ReportedPlace | undefined): string {
  if (after === undefined) return "";
  const { unitMs, registration, localSubscription, usageStartMs, series } = after;
  const place = [
    seconds(unitMs),
    registration,
    quoted(localSubscription),
    seconds(usageStartMs),
    digestLiteral(series, 8),
  ];
  return `and (${DAY_PLACE}) > (${place.join(", ")})`;
}

/** A row as the engine gives it. */
export type ReportedSqlRow = [
  ...[
    unitS: number,
    registration: number,
    local: string,
    usageS: number,
    series: string,
    event: string,
    content: string,
  ],
  ...[meter: string, uri: string, location: string, tags: string, additionalInfo: string, quantity: string],
];

async function read(engine: Engine, part: Part): Promise<ReportedRow[]> {
  const rows = await overPart(engine, part, (ledger) =>
    engine.query<ReportedSqlRow>("read", part.query.unit === "hour" ? hourSql(part, ledger) : daySql(part, ledger)),
  );
  return rows.map(rowFromSql);
}

export function rowFromSql(row: ReportedSqlRow): ReportedRow {
  const [unitS, registration, local, usageS, series, event, content, ...facts] = row;
  const [meterAsSent, resourceUri, location, tags, additionalInfo, quantity] = facts;
  return {
    unitMs: unitS * SECOND_MS,
    registration: registrationId(registration),
    series,
    event,
    content,
    localSubscription: local as LocalSubscriptionId,
    usageStartMs: usageS * SECOND_MS,
    meterAsSent,
    resourceUri,
    location,
    tags,
    additionalInfo,
    quantity,
  };
}
