import type { ArchivedMonth } from "../../domain/usage/archive.ts";
import { keyOf } from "../../domain/usage/identity.ts";
import type { RecordRef, StoredEntry } from "../../domain/usage/store.ts";
import { SECOND_MS } from "../../lib/instant.ts";
import { recordCondition, recordsCondition, sameRecord } from "./decisions.ts";
import type { Engine } from "./engine.ts";
import { overLedger } from "./ledger.ts";
import { ENTRY_COLUMNS, entryFromRow, type EntryRow } from "./rows.ts";

const ORDER = "order by batch, position, sign, content";

/** All entries of one record, oldest first; those in archives too. */
export async function entriesOf(
  engine: Engine,
  record: RecordRef,
  archives: readonly ArchivedMonth[],
): Promise<readonly StoredEntry[]> {
  const rows = await overLedger(engine, { archives, condition: sameRecord(record) }, ({ once }) =>
    engine.query<EntryRow>("read", `select ${ENTRY_COLUMNS} from ${once} where ${recordCondition(record)} ${ORDER}`),
  );
  return rows.map(entryFromRow);
}

/** The same of each of many records, in one question. */
export async function entriesOfEach(
  engine: Engine,
  records: readonly RecordRef[],
): Promise<readonly (readonly StoredEntry[])[]> {
  if (records.length === 0) return [];
  const sql = `select ${ENTRY_COLUMNS} from usage_entry final where ${recordsCondition(records)} ${ORDER}`;
  const entries = (await engine.query<EntryRow>("read", sql)).map(entryFromRow);
  const ofEach = Map.groupBy(entries, nameOf);
  return records.map((record) => ofEach.get(nameOf(record)) ?? []);
}

const nameOf = ({ registration, usageStartMs, reportedStartMs, series, event }: RecordRef): string =>
  `${registration} ${keyOf({ usageStartS: usageStartMs / SECOND_MS, reportedStartS: reportedStartMs / SECOND_MS, series, event })}`;
