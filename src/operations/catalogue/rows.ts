import { type CatalogueColumn, catalogueColumn, catalogueEntry, NEEDED_COLUMNS } from "../../domain/catalogue/row.ts";
import { CATALOGUE_COLUMNS } from "../../domain/catalogue/subscription.ts";
import type { CatalogueSubscription } from "../../domain/catalogue/subscription.ts";
import { Fault, isFault } from "../../domain/faults/fault.ts";
import { LIMITS } from "../../domain/limits.ts";
import { type CsvCells, csvCells, csvRecords } from "../../lib/csvRecords.ts";
import { type Item, LineReader } from "../../lib/jsonItems.ts";

/** `csv`: a header and a subscription a row. `ndjson`: a JSON object a line. */
export type CatalogueFormat = "csv" | "ndjson";

export interface CatalogueRow {
  /** Line of the body that the row begins in, counted from 1. */
  readonly position: number;
  /** As it was given, where it can be told. */
  readonly subscription: string | null;
  readonly entry: CatalogueSubscription | Fault;
}

/**
 * The rows of a body, some at a time. A wrong row is told in its place.
 * @throws Fault CatalogueFileUnreadable, CatalogueColumnUnknown, CatalogueColumnMissing, RequestTooLarge
 */
export async function* catalogueRowsOf(
  body: AsyncIterable<Buffer>,
  format: CatalogueFormat,
): AsyncGenerator<readonly CatalogueRow[]> {
  if (format === "csv") yield* csvRows(bounded(body));
  else yield* lineRows(bounded(body));
}

async function* bounded(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > LIMITS.catalogueImportBytesMax) {
      throw new Fault("RequestTooLarge", { bytesMax: LIMITS.catalogueImportBytesMax });
    }
    yield chunk;
  }
}

const unreadable = (reason: string): Fault => new Fault("CatalogueFileUnreadable", { reason });
const brokenRow = (reason: string): Fault => new Fault("CatalogueRowUnreadable", { reason });

async function* csvRows(body: AsyncIterable<Buffer>): AsyncGenerator<readonly CatalogueRow[]> {
  let header: readonly CatalogueColumn[] | undefined;
  for await (const records of csvRecords(body, LIMITS.catalogueRowBytesMax)) {
    const rows = [...csvCells(header === undefined ? records.slice(0, 1) : records)];
    const columns = (header ??= headerOf(rows.shift()!));
    const rest = rows.length > 0 || records.length === 1 ? rows : csvCells(records.slice(1));
    yield rest.map((row) => csvRow(row, columns));
  }
  if (header === undefined) throw unreadable("it is empty");
}

function headerOf(first: CsvCells): readonly CatalogueColumn[] {
  if ("broken" in first) throw unreadable(`its header cannot be read: ${first.broken}`);
  const columns = first.cells.map(catalogueColumn);
  const missing = NEEDED_COLUMNS.find((column) => !columns.includes(column));
  if (missing !== undefined) {
    throw new Fault("CatalogueColumnMissing", { column: missing, columns: CATALOGUE_COLUMNS.join(", ") });
  }
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice !== undefined) throw unreadable(`its header has the column ${twice} twice`);
  return columns;
}

function csvRow(row: CsvCells, columns: readonly CatalogueColumn[]): CatalogueRow {
  const { position } = row;
  if ("broken" in row) return { position, subscription: null, entry: brokenRow(row.broken) };
  const { cells } = row;
  const subscription = cells[columns.indexOf("subscription")] ?? null;
  if (cells.length !== columns.length) {
    const reason = `it has ${cells.length} values, and the header has ${columns.length} columns`;
    return { position, subscription, entry: brokenRow(reason) };
  }
  const fields = Object.fromEntries(columns.map((column, i) => [column, cells[i]]));
  return { position, subscription, entry: faultOr(() => catalogueEntry(fields)) };
}

const BROKEN_LINES = {
  "too-large": "it is too long",
  "too-deep": "it nests too deeply",
  "not-utf8": "it is not UTF-8",
  truncated: "it ends in the middle",
} as const;

async function* lineRows(body: AsyncIterable<Buffer>): AsyncGenerator<readonly CatalogueRow[]> {
  const reader = new LineReader({ itemBytesMax: LIMITS.catalogueRowBytesMax, itemDepthMax: LIMITS.recordDepthMax });
  for await (const chunk of body) {
    const items = reader.push(chunk);
    if (items.length > 0) yield items.map(lineRow);
    if (reader.stopped) break;
  }
  const { items, fault } = reader.end();
  yield items.map(lineRow);
  if (fault === "empty") throw unreadable("it is empty");
  if (fault === "html") throw unreadable("it is a web page");
  if (fault === "not-utf8") throw unreadable("it is not UTF-8");
  if (fault !== undefined) throw unreadable("it ends in the middle of a line");
}

function lineRow(item: Item): CatalogueRow {
  const { position } = item;
  if ("broken" in item) return { position, subscription: null, entry: brokenRow(BROKEN_LINES[item.broken]) };
  let value: unknown;
  try {
    value = JSON.parse(item.text);
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { position, subscription: null, entry: brokenRow("it is no JSON object") };
  }
  const given = Object.entries(value).find(([name]) => name.toLowerCase() === "subscription")?.[1] as unknown;
  return {
    position,
    subscription: typeof given === "string" ? given : null,
    entry: faultOr(() => {
      return catalogueEntry(Object.fromEntries(Object.entries(value).map(([name, so]) => [catalogueColumn(name), so])));
    }),
  };
}

function faultOr<Result>(make: () => Result): Result | Fault {
  try {
    return make();
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
}
