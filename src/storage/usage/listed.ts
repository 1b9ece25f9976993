import { hourStartMs, type LocalSubscriptionId, type MeterId } from "../../domain/ids.ts";
import type { Held } from "../../domain/usage/entry.ts";
import type { ListedPlace, ListedQuery, ListedRecord } from "../../domain/usage/listed.ts";
import { HOUR_MS, SECOND_MS } from "../../lib/instant.ts";
import type { Engine } from "./engine.ts";
import { seconds, digestLiteral, timeLiteral } from "./entries.ts";
import { SEGMENT_STRUCTURE, segmentLine, tagValue } from "./groupedSums.ts";
import { type Ledger, overLedger, FINAL, standing } from "./ledger.ts";
import { refFromRow, type RefRow } from "./rows.ts";
import { quoted, tsvField } from "./tsv.ts";
import { COUNTED_UNITS_MAX, searchUnits, type Stretch, type UnitCount } from "./unitSearch.ts";

interface Part {
  readonly query: ListedQuery;
  readonly stretch: Stretch;
  /** A table of segments. */
  readonly segments: string;
  /** A table of one row of texts that somebody wrote. */
  readonly texts: string;
}

/** What somebody wrote goes into the query as data, never as SQL. */
const TEXT_STRUCTURE = "resource String, tag String, tag_value String";
const textLine = ({ resource, tag }: ListedQuery): string =>
  resource === undefined && tag === undefined
    ? ""
    : `${[(resource ?? "").toLowerCase(), tag?.name ?? "", tag?.value ?? ""].map(tsvField).join("\t")}\n`;

/** Tables are handed to the engine only where there is something in them. */
const overAny = <Result>(
  engine: Engine,
  { lines, structure }: { readonly lines: string; readonly structure: string },
  use: (table: string) => Promise<Result>,
): Promise<Result> => (lines === "" ? use("(select 1)") : engine.over(lines, structure, use));

/** A page of usage; its order begins with the usage hour. */
export async function listedPage(engine: Engine, query: ListedQuery): Promise<readonly ListedRecord[]> {
  const { registrations, from, to, limit, after } = query;
  if (registrations.length === 0 && query.segments.length === 0) return [];
  const some = { lines: query.segments.map(segmentLine).join(""), structure: SEGMENT_STRUCTURE };
  return await overAny(engine, some, (segments) =>
    overAny(engine, { lines: textLine(query), structure: TEXT_STRUCTURE }, (texts) =>
      searchUnits({
        fromMs: after?.usageStartMs ?? hourStartMs(from),
        toMs: hourStartMs(to),
        unitMs: HOUR_MS,
        limit,
        entriesPerRowMax: 1,
        count: (stretch) => counted(engine, { query, stretch, segments, texts }),
        read: (stretch, left) => read(engine, { query: { ...query, limit: left }, stretch, segments, texts }),
      }),
    ),
  );
}

/** Which entries may be needed, without the texts that somebody wrote; what is read of archives. */
function rangeOf({ query, stretch }: Part): string {
  const { registrations, segments, lastBatch, localSubscription, meter } = query;
  const among = new Set([...registrations, ...segments.map(({ registration }) => registration)]);
  return [
    `batch <= ${lastBatch} and registration in (${[...among].join(", ")})`,
    `usage_start >= ${seconds(stretch.fromMs)} and usage_start < ${seconds(stretch.toMs)}`,
    ...(localSubscription === undefined ? [] : [`local_subscription = ${quoted(localSubscription)}`]),
    ...(meter === undefined ? [] : [`meter = ${quoted(meter)}`]),
  ].join(" and ");
}

function conditionOf(part: Part): string {
  const { resource, tag } = part.query;
  const [wanted, name, value] = ["resource", "tag", "tag_value"].map((column) => {
    return `(select ${column} from ${part.texts})`;
  }) as [string, string, string];
  const uri = "lowerUTF8(toString(resource_uri))";
  const isValue = tag?.value === undefined ? "is not null" : `= ${value}`;
  return [
    rangeOf(part),
    ...(resource === undefined ? [] : [`(${uri} = ${wanted} or startsWith(${uri}, concat(${wanted}, '/')))`]),
    ...(tag === undefined ? [] : [`${tagValue(name)} ${isValue}`]),
  ].join(" and ");
}

const isWhole = ({ registrations }: ListedQuery, column: string): string =>
  registrations.length === 0 ? "0" : `${column} in (${registrations.join(", ")})`;

const overPart = <Result>(engine: Engine, part: Part, use: (ledger: Ledger) => Promise<Result>): Promise<Result> =>
  overLedger(engine, { archives: part.query.archives ?? [], condition: rangeOf(part) }, use);

async function counted(engine: Engine, part: Part): Promise<readonly UnitCount[]> {
  const { query, segments } = part;
  const among = `and (${isWhole(query, "registration")} or (registration, toString(local_subscription)) in
    (select registration, local_subscription from ${segments}))`;
  return await overPart(engine, part, ({ asStored }) =>
    engine.query<[unitS: number, entries: number]>(
      "read",
      `select toUnixTimestamp(usage_start) as unit_s, count() from ${asStored}
       where ${conditionOf(part)} and sign = 1 ${query.segments.length === 0 ? "" : among}
       group by unit_s order by unit_s limit ${COUNTED_UNITS_MAX}`,
    ),
  );
}

const PLACE = "r.usage_start, r.registration, toString(r.local_subscription), r.series, r.reported_start, r.event";

/** Versions that count or wait, once each. */
function listedSql(part: Part, ledger: Ledger): string {
  const { query, segments } = part;
  const within = `left join ${segments} as s
      on r.registration = s.registration and toString(r.local_subscription) = s.local_subscription
    where (${isWhole(query, "r.registration")}
      or (toUnixTimestamp(r.usage_start) >= s.from_s and toUnixTimestamp(r.usage_start) < s.to_s))`;
  return `select r.registration, toUnixTimestamp(r.usage_start), toUnixTimestamp(r.reported_start), lower(hex(r.series)),
      if(r.event = toFixedString('', 16), '', lower(hex(r.event))), toString(r.local_subscription), lower(hex(r.content)),
      toString(r.meter), toString(r.resource_uri), toString(r.location), toString(r.tags), toString(r.additional_info),
      toUnixTimestamp(r.reported_end), r.quantity, r.held, r.decision, r.delivery, r.position,
      toUnixTimestamp64Milli(r.accepted_at)
    from ${standing(ledger, conditionOf(part))} as r
    ${query.segments.length === 0 ? "where 1" : within} ${afterPlace(query.after)}
    order by ${PLACE}, r.content limit ${query.limit} ${FINAL}`;
}

function afterPlace(after: ListedPlace | undefined): string {
  if (after === undefined) return "";
  const { usageStartMs, registration, localSubscription, series, reportedStartMs, event, content } = after;
  const first = [timeLiteral(usageStartMs), registration, quoted(localSubscription), digestLiteral(series, 8)];
  const place = [...first, timeLiteral(reportedStartMs), digestLiteral(event, 16), digestLiteral(content, 8)];
  return `and (${PLACE}, r.content) > (${place.join(", ")})`;
}

type Row = [
  ...RefRow,
  ...[local: string, content: string, meter: string, uri: string, location: string, tags: string, info: string],
  ...[reportedEndS: number, quantity: string, held: Held],
  ...[decision: number, delivery: number, position: number, acceptedAtMs: number],
];

async function read(engine: Engine, part: Part): Promise<readonly ListedRecord[]> {
  const rows = await overPart(engine, part, (ledger) => engine.query<Row>("read", listedSql(part, ledger)));
  return rows.map(recordFromRow);
}

function recordFromRow(row: Row): ListedRecord {
  const [registration, usageStartS, reportedStartS, series, event, local, content, ...facts] = row;
  const [meter, resourceUri, location, tags, additionalInfo, reportedEndS, quantity, held, ...origin] = facts;
  const [decision, delivery, position, acceptedAtMs] = origin;
  return {
    ...refFromRow([registration, usageStartS, reportedStartS, series, event]),
    localSubscription: local as LocalSubscriptionId,
    content,
    meter: meter as MeterId,
    resourceUri,
    location,
    tags,
    additionalInfo,
    reportedEndMs: reportedEndS * SECOND_MS,
    quantity,
    held,
    decision,
    delivery,
    position,
    acceptedAtMs,
  };
}
