import {
  type Hour,
  type LocalSubscriptionId,
  type MeterId,
  registrationId,
  type RegistrationId,
} from "../../domain/ids.ts";
import type { EntryKind, Held, KnownEntry } from "../../domain/usage/entry.ts";
import { keyOf } from "../../domain/usage/identity.ts";
import { foldedJsonText } from "../../domain/usage/members.ts";
import type { RecordRef, StoredEntry, StoredRecord, UsageTotal } from "../../domain/usage/store.ts";
import { HOUR_MS, SECOND_MS } from "../../lib/instant.ts";
import { digestLiteral, timeLiteral } from "./entries.ts";

export const KNOWN_COLUMNS = `toUnixTimestamp(usage_start), toUnixTimestamp(reported_start), lower(hex(series)),
  if(event = toFixedString('', 16), '', lower(hex(event))), lower(hex(content)), held, kind, sign, decision, ended`;
export type KnownRow = [number, number, string, string, string, Held, EntryKind, 1 | -1, number, number];

export function knownFromRow(row: KnownRow): KnownEntry {
  const [usageStartS, reportedStartS, series, event, content, held, kind, sign, decision, ended] = row;
  return { key: keyOf({ usageStartS, reportedStartS, series, event }), content, held, kind, sign, decision, ended };
}

const eventHex = (event: string): string => `if(${event} = toFixedString('', 16), '', lower(hex(${event})))`;

export type RefRow = [number, number, number, string, string];
export const REF_COLUMNS = `registration, toUnixTimestamp(usage_start), toUnixTimestamp(reported_start), lower(hex(series)), ${eventHex("event")}`;

export const refFromRow = ([registration, usageStartS, reportedStartS, series, event]: RefRow): RecordRef => ({
  registration: registrationId(registration),
  usageStartMs: usageStartS * SECOND_MS,
  reportedStartMs: reportedStartS * SECOND_MS,
  series,
  event,
});

/** The records of which a version is parked as a conflict, in the order of their references. */
export function conflictsSql({
  registration,
  after,
  limit,
}: {
  readonly registration?: RegistrationId;
  readonly after?: RecordRef;
  readonly limit: number;
}): string {
  const order = "registration, usage_start, reported_start, series, event";
  const from = after && [
    after.registration,
    timeLiteral(after.usageStartMs),
    timeLiteral(after.reportedStartMs),
    digestLiteral(after.series, 8),
    digestLiteral(after.event, 16),
  ];
  return `select ${REF_COLUMNS}
    from (select ${order}, content, sign, decision, ended from usage_entry
      where held = 'conflict' ${registration === undefined ? "" : `and registration = ${registration}`}
      group by ${order}, content, sign, decision, ended)
    ${from === undefined ? "" : `where (${order}) > (${from.join(", ")})`}
    group by ${order} having sum(sign) > 0 order by ${order} limit ${limit}`;
}

export const ENTRY_COLUMNS = `${REF_COLUMNS}, lower(hex(content)), held, kind, sign, decision, ended, local_subscription, meter,
  meter_as_sent, resource_uri, location, tags, additional_info, toUnixTimestamp(reported_end), quantity, batch, delivery,
  position, toUnixTimestamp64Milli(accepted_at)`;

export type EntryRow = [
  ...RefRow,
  ...[string, Held, EntryKind, 1 | -1, number, number],
  ...[string, string, string, string, string, string, string, number, string, number, number, number, number],
];

export function entryFromRow(row: EntryRow): StoredEntry {
  const [
    registration,
    usageStartS,
    reportedStartS,
    series,
    event,
    content,
    held,
    kind,
    sign,
    decision,
    ended,
    ...facts
  ] = row;
  const [localSubscription, meter, meterAsSent, resourceUri, location, tags, additionalInfo, reportedEndS, ...origin] =
    facts;
  const [quantity, batch, delivery, position, acceptedAtMs] = origin;
  return {
    ...refFromRow([registration, usageStartS, reportedStartS, series, event]),
    content,
    held,
    kind,
    sign,
    decision,
    ended,
    localSubscription: localSubscription as LocalSubscriptionId,
    meter: meter as MeterId,
    meterAsSent,
    resourceUri,
    location,
    tags: foldedJsonText(tags),
    additionalInfo: foldedJsonText(additionalInfo),
    reportedEndMs: reportedEndS * SECOND_MS,
    quantity,
    batch,
    delivery,
    position,
    acceptedAtMs,
  };
}

export type TotalRow = [number, string, string, number, Held, string, number];
export const totalFromRow = ([
  registration,
  localSubscription,
  meter,
  hourS,
  held,
  quantity,
  records,
]: TotalRow): UsageTotal => ({
  registration: registrationId(registration),
  localSubscription: localSubscription as LocalSubscriptionId,
  meter: meter as MeterId,
  hour: hourS === 0 ? null : (((hourS * SECOND_MS) / HOUR_MS) as Hour),
  held,
  quantity,
  records,
});

export type RecordRow = [string, string, string, number, number, number, string, number, number, number];
export const recordFromRow = (row: RecordRow): StoredRecord => ({
  localSubscription: row[0] as LocalSubscriptionId,
  meter: row[1] as MeterId,
  resourceUri: row[2],
  usageStartMs: row[3] * SECOND_MS,
  reportedStartMs: row[4] * SECOND_MS,
  reportedEndMs: row[5] * SECOND_MS,
  quantity: row[6],
  batch: row[7],
  position: row[8],
  acceptedAtMs: row[9],
});
