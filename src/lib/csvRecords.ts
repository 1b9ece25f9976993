import { isUtf8 } from "node:buffer";
import { parse } from "csv-parse/sync";

/** The bytes of one record of a CSV text, without its line end. */
export interface CsvRecord {
  /** Line that it begins in, counted from 1. */
  readonly position: number;
  readonly bytes: Buffer;
  /** Its bytes are then the line in which the trouble begins, or nothing where that line is too long to keep. */
  readonly broken?: "quote-not-closed" | "too-large";
}

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;
const SPACE = 0x20;

/** Where the record that begins at `from` ends; -1 when its line end has not come yet. */
function endOfRecord(bytes: Buffer, from: number): { readonly end: number; readonly inQuotes: boolean } {
  let inQuotes = false;
  let fieldBegins = true;
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (inQuotes) {
      if (byte !== QUOTE) continue;
      if (bytes[at + 1] === QUOTE) at += 1;
      else inQuotes = false;
    } else if (byte === NEWLINE) return { end: at, inQuotes };
    else if (byte === QUOTE && fieldBegins) {
      inQuotes = true;
      fieldBegins = false;
    } else if (byte !== SPACE) fieldBegins = byte === COMMA;
  }
  return { end: -1, inQuotes };
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}

/**
 * Cuts CSV into records, chunk by chunk, holding one record at most: a line end inside quotes ends none. A quote that is
 * never closed costs its own line and no other: reading goes on with the line after it. Empty lines are passed over.
 */
export async function* csvRecords(
  chunks: AsyncIterable<Buffer>,
  recordBytesMax: number,
): AsyncGenerator<readonly CsvRecord[]> {
  let rest: Buffer = Buffer.alloc(0);
  let position = 1;
  let skipping = false;
  const cut = (ended: boolean): CsvRecord[] => {
    const records: CsvRecord[] = [];
    let from = 0;
    const take = (end: number, broken?: CsvRecord["broken"]): void => {
      const whole = rest.subarray(from, end);
      const bytes = whole.at(-1) === CARRIAGE_RETURN ? whole.subarray(0, -1) : whole;
      if (bytes.length > recordBytesMax) records.push({ position, bytes: Buffer.alloc(0), broken: "too-large" });
      else if (bytes.length > 0) records.push({ position, bytes: Buffer.from(bytes), ...(broken ? { broken } : {}) });
      position += countLines(whole) + 1;
      from = end + 1;
    };
    while (from < rest.length) {
      if (skipping) {
        const next = rest.indexOf(NEWLINE, from);
        if (next === -1) return (rest = Buffer.alloc(0)), records;
        skipping = false;
        position += 1;
        from = next + 1;
        continue;
      }
      const { end, inQuotes } = endOfRecord(rest, from);
      const line = rest.indexOf(NEWLINE, from);
      if (end !== -1 && end - from <= recordBytesMax) take(end);
      else if (end === -1 && !ended && rest.length - from <= recordBytesMax) break;
      else if (line !== -1) take(line, "quote-not-closed");
      else if (ended) take(rest.length, inQuotes ? "quote-not-closed" : undefined);
      else {
        records.push({ position, bytes: Buffer.alloc(0), broken: "too-large" });
        skipping = true;
      }
    }
    rest = rest.subarray(Math.min(from, rest.length));
    return records;
  };
  let first = true;
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (first && rest.length < 3) continue;
    if (first && rest[0] === 0xef && rest[1] === 0xbb && rest[2] === 0xbf) rest = rest.subarray(3);
    first = false;
    const records = cut(false);
    if (records.length > 0) yield records;
  }
  const records = cut(true);
  if (records.length > 0) yield records;
}

export type CsvCells =
  | { readonly position: number; readonly cells: readonly string[] }
  | { readonly position: number; readonly broken: string };

const OPTIONS = { relax_column_count: true, trim: true, record_delimiter: ["\n", "\r\n"] };

/** The cells of records; what is wrong with one of them is told in its place. */
export function csvCells(records: readonly CsvRecord[]): readonly CsvCells[] {
  const whole = records.every(({ bytes, broken }) => broken === undefined && isUtf8(bytes));
  if (whole) {
    try {
      const rows = parse(Buffer.concat(records.flatMap(({ bytes }) => [bytes, LINE_END])), OPTIONS);
      if (rows.length === records.length) return rows.map((cells, i) => ({ position: records[i]!.position, cells }));
    } catch {
      // One of them is wrong; below it is found out which.
    }
  }
  return records.map(cellsOf);
}

const LINE_END = Buffer.from("\n");

const BROKEN = {
  "quote-not-closed": "a quote is opened and not closed",
  "too-large": "it is too long",
} as const;

function cellsOf({ position, bytes, broken }: CsvRecord): CsvCells {
  if (broken !== undefined) return { position, broken: BROKEN[broken] };
  if (!isUtf8(bytes)) return { position, broken: "it is not UTF-8" };
  try {
    const [cells = []] = parse(bytes, OPTIONS);
    return { position, cells };
  } catch {
    return { position, broken: "a quote stands inside a value; a value with quotes is quoted, and its quotes doubled" };
  }
}
