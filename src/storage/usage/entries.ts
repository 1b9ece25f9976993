import { type Hour, hourStartMs } from "../../domain/ids.ts";
import { ENTRY_KINDS, HELD } from "../../domain/usage/entry.ts";
import { endOfParked } from "../../domain/usage/judge.ts";
import type { UsedResource } from "../../domain/usage/record.ts";
import type { UsageRow } from "../../domain/usage/store.ts";
import { SECOND_MS } from "../../lib/instant.ts";
import type { InsertTarget } from "./engine.ts";
import { tsvField } from "./tsv.ts";

const STRUCTURE = [
  "registration UInt32, reported_start UInt32, reported_end UInt32, local_subscription String, usage_start UInt32",
  "series String, event String, meter String, meter_as_sent String, resource_uri String, location String, tags String",
  "additional_info String, quantity Decimal(76, 30), content String, held UInt8, kind UInt8, sign Int8, decision UInt64",
  "ended UInt64, batch UInt64, delivery UInt64, position UInt32, accepted_at Int64",
].join(", ");
const COLUMNS = STRUCTURE.replace(/ (Decimal\(76, 30\)|\w+)(,|$)/g, "$2");

/** Columns that an entry which ends another has in common with it. */
export const CARRIED =
  "registration, reported_start, reported_end, local_subscription, usage_start, series, event, meter, meter_as_sent, resource_uri, location, tags, additional_info, content, delivery, position";

/** What makes two rows one and the same version of a record. */
export const VERSION = "registration, reported_start, local_subscription, usage_start, series, event, content, held";

export const USAGE_ENTRY: InsertTarget = {
  table: "usage_entry",
  columns: COLUMNS,
  structure: STRUCTURE,
  converted: COLUMNS.replace("series", "toFixedString(unhex(series), 8)")
    .replace("event", "toFixedString(unhex(event), 16)")
    .replace("content", "toFixedString(unhex(content), 8)")
    .replace("accepted_at", "fromUnixTimestamp64Milli(accepted_at, 'UTC')"),
};

export const USAGE_EVENT: InsertTarget = {
  table: "usage_event",
  columns: "registration, event, reported_start",
  structure: "registration UInt32, event String, reported_start UInt32",
  converted: "registration, toFixedString(unhex(event), 16), reported_start",
};

export const seconds = (ms: number): number => Math.floor(ms / SECOND_MS);
/** A moment, and a digest, as SQL has them. */
export const timeLiteral = (ms: number): string => `toDateTime(${seconds(ms)}, 'UTC')`;
export const digestLiteral = (hex: string, bytes: 8 | 16): string => `toFixedString(unhex('${hex}'), ${bytes})`;
export const hourSeconds = (hour: Hour): number => seconds(hourStartMs(hour));

const fieldsOfResource = new WeakMap<UsedResource, string>();

/** A resource's columns, written once for all its hours. */
function resourceFields(resource: UsedResource): string {
  const known = fieldsOfResource.get(resource);
  if (known !== undefined) return known;
  const { uri, location, tags, additionalInfo } = resource;
  const fields = [uri, location, tags, additionalInfo].map(tsvField).join("\t");
  fieldsOfResource.set(resource, fields);
  return fields;
}

const numberOf = <Name>(names: readonly Name[], name: Name): number => names.indexOf(name);

function entryLine(row: UsageRow): string {
  const { record, registration, identity, held, after, endsParked, batch, position, acceptedAtMs } = row;
  const { window, quantity } = record;
  const { series, event, content } = identity;
  const facts = `${registration}\t${seconds(window.startMs)}\t${seconds(window.endMs)}\t${record.localSubscription}\t${seconds(record.usageStartMs)}\t${series}\t${event}\t${record.meter}\t${record.meterAsSent}\t${resourceFields(record.resource)}`;
  const origin = `${batch}\t${batch}\t${position}\t${acceptedAtMs}\n`;
  const added = `${facts}\t${quantity}\t${content}\t${numberOf(HELD, held)}\t0\t1\t${after}\t0\t${origin}`;
  if (endsParked === undefined) return added;
  const end = endOfParked(after, endsParked);
  return `${added}${facts}\t-${quantity}\t${content}\t${numberOf(HELD, end.held)}\t${numberOf(ENTRY_KINDS, end.kind)}\t${end.sign}\t${end.decision}\t${end.ended}\t${origin}`;
}

/**
 * Rows that are written at a time. About 110 KB, which V8 still counts as small; the text of a whole piece would be 6 MB,
 * and as much again on its way to the file, which stay until the next large collection.
 */
const ROWS_PER_WRITE = 200;

export function* entryLines(rows: readonly UsageRow[]): Generator<string> {
  for (let from = 0; from < rows.length; from += ROWS_PER_WRITE) {
    yield rows
      .slice(from, from + ROWS_PER_WRITE)
      .map(entryLine)
      .join("");
  }
}

export const eventLines = (rows: readonly UsageRow[]): string =>
  rows
    .map(({ registration, identity, record }) => {
      return `${registration}\t${identity.event}\t${seconds(record.window.startMs)}\n`;
    })
    .join("");
