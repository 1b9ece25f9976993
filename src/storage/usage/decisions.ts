import type { LedgerDecision, RecordRef } from "../../domain/usage/store.ts";
import { CARRIED, seconds, VERSION, digestLiteral, timeLiteral } from "./entries.ts";

// Values in these statements are numbers, and digests that are hex digits.

const ADDED = "quantity, held, kind, sign, decision, ended, batch, accepted_at";

/** The same without the windows that an event came in: for rows of which there are few. */
export const sameRecord = (record: RecordRef): string =>
  record.event === ""
    ? recordCondition(record)
    : `registration = ${record.registration} and event = ${digestLiteral(record.event, 16)}`;

/** One record: a stamp's by its window, hour and series; an event by its digest, whatever window its versions came in. */
export function recordCondition({ registration, reportedStartMs, usageStartMs, series, event }: RecordRef): string {
  const ofRegistration = `registration = ${registration}`;
  if (event !== "") {
    const digest = digestLiteral(event, 16);
    return `${ofRegistration} and event = ${digest} and reported_start in
      (select reported_start from usage_event where registration = ${registration} and event = ${digest})`;
  }
  return `${ofRegistration} and reported_start = ${seconds(reportedStartMs)} and usage_start = ${seconds(usageStartMs)}
    and series = ${digestLiteral(series, 8)} and event = toFixedString('', 16)`;
}

/** Any of some records. */
export function recordsCondition(records: readonly RecordRef[]): string {
  const [events, ofStamps] = [records.filter(({ event }) => event !== ""), records.filter(({ event }) => event === "")];
  const conditions: string[] = [];
  if (ofStamps.length > 0) {
    const keys = ofStamps.map(({ registration, reportedStartMs, usageStartMs, series }) => {
      const times = `${timeLiteral(reportedStartMs)}, ${timeLiteral(usageStartMs)}`;
      return `(${registration}, ${times}, ${digestLiteral(series, 8)})`;
    });
    conditions.push(`event = toFixedString('', 16)
      and (registration, reported_start, usage_start, series) in (${keys.join(", ")})`);
  }
  if (events.length > 0) {
    const keys = events.map(({ registration, event }) => `(${registration}, ${digestLiteral(event, 16)})`).join(", ");
    conditions.push(`(registration, event) in (${keys}) and (registration, reported_start) in
      (select registration, reported_start from usage_event where (registration, event) in (${keys}))`);
  }
  return conditions.map((condition) => `(${condition})`).join(" or ");
}

/**
 * Entries of earlier batches that add a version and that no entry of an earlier batch has ended.
 * @param ends where those that end them are: a later delivery may have ended a version of an earlier one
 */
const live = (condition: string, ends: string, decision: number): string => `
  from usage_entry final
  where ${condition} and sign = 1 and batch < ${decision}
    and (${VERSION}, decision) not in
      (select ${VERSION}, ended from usage_entry where ${ends} and sign = -1 and batch < ${decision})`;

/** The same when it is run again: it looks only at entries of earlier batches. */
export const withdrawalSql = ({
  registration,
  decision,
  atMs,
  delivery,
}: LedgerDecision & { readonly delivery: number }): string => `
  insert into usage_entry (${CARRIED}, ${ADDED})
  select ${CARRIED}, -quantity, held, 'withdrawal', -1, ${decision}, decision, ${decision},
    fromUnixTimestamp64Milli(${atMs}, 'UTC')
  ${live(`registration = ${registration} and delivery = ${delivery}`, `registration = ${registration}`, decision)}
  settings max_partitions_per_insert_block = 0`;

export const choiceSql = ({
  record,
  content,
  decision,
  atMs,
}: LedgerDecision & { readonly record: RecordRef; readonly content: string }): string => {
  const chosen = `content = ${digestLiteral(content, 8)}`;
  const condition = recordCondition(record);
  const versions = live(condition, condition, decision);
  const made = `${decision}, fromUnixTimestamp64Milli(${atMs}, 'UTC')`;
  return `
    insert into usage_entry (${CARRIED}, ${ADDED})
    select ${CARRIED}, -quantity, held, 'choice', -1, ${decision}, decision, ${made}
    ${versions} and not (${chosen} and held = 'no')
    union all
    select ${CARRIED}, quantity, 'no', 'choice', 1, ${decision}, 0, ${made}
    ${versions} and ${chosen} and held != 'no'
    settings max_partitions_per_insert_block = 0`;
};
