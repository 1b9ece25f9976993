import { Fault, isFault } from "../../domain/faults/fault.ts";
import { LIMITS } from "../../domain/limits.ts";
import {
  NEEDED_PRICE_COLUMNS,
  PRICE_COLUMNS,
  type PriceColumn,
  priceColumn,
  type PriceFields,
  type PriceRow,
} from "../../domain/rating/priceRow.ts";
import { type CsvCells, csvCells, csvRecords } from "../../lib/csvRecords.ts";
import { withoutQuoteOfFormula } from "../../lib/csvFormula.ts";
import { csvLine } from "../../lib/csvLine.ts";

export const unreadable = (reason: string): Fault => new Fault("PriceFileUnreadable", { reason });

const [LF, CR] = [0x0a, 0x0d];

/**
 * The rows of a price file in CSV; a wrong one is told in its place.
 * @throws Fault PriceFileUnreadable, PriceColumnUnknown, PriceColumnMissing
 */
export async function csvRows(bytes: Buffer): Promise<readonly PriceRow[]> {
  mustBeText(bytes);
  if (bytes.includes(CR) && !bytes.includes(LF)) throw unreadable("its lines end with CR alone, and LF is needed");
  let columns: readonly PriceColumn[] | undefined;
  const rows: PriceRow[] = [];
  for await (const records of csvRecords(once(bytes), LIMITS.catalogueRowBytesMax)) {
    for (const cells of csvCells(records)) {
      if (columns === undefined) columns = headerOf(cells);
      else rows.push(rowOf(cells, columns));
      if (rows.length > LIMITS.priceRowsMax) throw unreadable(`it has more than ${LIMITS.priceRowsMax} rows`);
    }
  }
  if (columns === undefined) throw unreadable("it is empty");
  return rows;
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** @throws Fault PriceFileUnreadable */
export function mustBeText(bytes: Buffer): void {
  if (bytes.length === 0) throw unreadable("it is empty");
  const mark = bytes.subarray(0, 2).toString("hex");
  if (mark === "fffe" || mark === "feff" || bytes.includes(0)) throw unreadable("it is no UTF-8; UTF-16, perhaps");
  if (bytes.subarray(0, 4).toString("latin1") === "PK\u0003\u0004") throw unreadable("it is a workbook, and no CSV");
}

/** As spreadsheets write CSV in some countries, or as text. */
const OTHER_SEPARATORS = [
  [";", "semicolons"],
  ["\t", "tabs"],
] as const;

function headerOf(first: CsvCells): readonly PriceColumn[] {
  if ("broken" in first) throw unreadable(`its header cannot be read: ${first.broken}`);
  const { cells } = first;
  for (const [sign, name] of OTHER_SEPARATORS) {
    if (cells.length === 1 && cells[0]!.includes(sign)) {
      throw unreadable(`${name} stand between its values, and commas are needed`);
    }
  }
  const columns = cells.map(priceColumn);
  const missing = NEEDED_PRICE_COLUMNS.find((column) => !columns.includes(column));
  if (missing !== undefined) {
    throw new Fault("PriceColumnMissing", { column: missing, columns: PRICE_COLUMNS.join(", ") });
  }
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice !== undefined) throw unreadable(`its header has the column ${twice} twice`);
  return columns;
}

function rowOf(row: CsvCells, columns: readonly PriceColumn[]): PriceRow {
  const { position } = row;
  const broken = (reason: string): PriceRow => ({ position, fields: new Fault("PriceRowUnreadable", { reason }) });
  if ("broken" in row) return broken(row.broken);
  const { cells } = row;
  if (cells.length !== columns.length) {
    return broken(`it has ${cells.length} values, and the header has ${columns.length} columns`);
  }
  const fields = Object.fromEntries(columns.map((column, i) => [column, withoutQuoteOfFormula(cells[i]!)]));
  return { position, fields };
}

/** Rows as CSV with a header; no cell is one that a spreadsheet would compute. */
export function csvText(rows: readonly PriceFields[]): string {
  return [csvLine(PRICE_COLUMNS), ...rows.map((row) => csvLine(PRICE_COLUMNS.map((column) => row[column] ?? "")))].join(
    "",
  );
}

/** The text without its byte order mark. @throws Fault PriceFileUnreadable */
export function utf8Of(bytes: Buffer): string {
  mustBeText(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unreadable("it is not UTF-8");
  }
}

/** What a step refuses, as a value. */
export function faultOr<Result>(step: () => Result): Result | Fault {
  try {
    return step();
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
}
