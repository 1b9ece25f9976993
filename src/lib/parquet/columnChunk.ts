import { constants, zstdCompress, zstdCompressSync } from "node:zlib";
import type { DecimalRows } from "./decimalRows.ts";
import { bitsFor, hybrid, run } from "./levels.ts";
import { binary, i32, i64, list, struct, text, type ThriftValue } from "./thrift.ts";
import { CODINGS, type ParquetType } from "./values.ts";

export interface ParquetColumn {
  readonly name: string;
  readonly type: ParquetType;
  readonly isNullable: boolean;
}

/** The values of a column, row by row. */
export type ColumnRows =
  /** Those that many rows share: texts, exact decimals and ISO-8601 times, and which of them a row has. They may repeat. */
  { readonly values: readonly (string | null)[]; readonly of: Uint32Array } | DecimalRows;

/** The bytes of a column of a group of rows, and what the file tells of them. */
export interface ColumnChunk {
  readonly bytes: Uint8Array;
  readonly plainBytes: number;
  /** Of the dictionary, which comes first; 0 where there is none. */
  readonly dictionaryBytes: number;
  readonly count: number;
  readonly encodings: readonly ThriftValue[];
  readonly statistics: ThriftValue;
}

const PAGE = { data: 0, dictionary: 2 } as const;
const ENCODING = { plain: 0, levels: 3, dictionary: 8 } as const;
const ZSTD = 6;
const LENGTH_BYTES = 4;

const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Handing less than this over to another thread takes longer than to compress it. */
const BESIDE_BYTES_MIN = 100_000;

async function compress(bytes: Uint8Array): Promise<Buffer> {
  if (bytes.length < BESIDE_BYTES_MIN) return zstdCompressSync(bytes, LEVEL);
  return await new Promise((resolve, reject) => {
    zstdCompress(bytes, LEVEL, (error, packed) => (error === null ? resolve(packed) : reject(error)));
  });
}

interface Page {
  readonly kind: keyof typeof PAGE;
  readonly count: number;
  readonly encoding: "plain" | "dictionary";
  readonly bytes: Uint8Array;
}

/** Pages of a column, before they are compressed. */
interface Pages {
  readonly dictionary: Page | undefined;
  readonly data: Page;
  readonly nulls: number;
  readonly bounds: readonly [least: Uint8Array, greatest: Uint8Array] | undefined;
}

/**
 * Which rows of a nullable column have a value.
 * @param isThere undefined where all rows are alike
 */
function levels(rows: number, count: number, isThere: Uint32Array | undefined): readonly Uint8Array[] {
  const told = isThere === undefined ? run(count === 0 ? 0 : 1, rows, 1) : hybrid(isThere, 1);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(told.length);
  return [length, told];
}

function boundsOf<Value extends Buffer | bigint>(
  values: readonly Value[],
  { compare, bound }: { compare: (a: Value, b: Value) => number; bound: (value: Value) => Uint8Array },
): Pages["bounds"] {
  if (values.length === 0) return undefined;
  let [least, greatest] = [values[0] as Value, values[0] as Value];
  for (const value of values) {
    if (compare(value, least) < 0) least = value;
    else if (compare(value, greatest) > 0) greatest = value;
  }
  return [bound(least), bound(greatest)];
}

const NULL = 0xffff_ffff;

/** Which values rows have, by the numbers of those that are not null. */
interface Told {
  readonly count: number;
  readonly numbers: (bits: number) => Uint8Array;
  /** Undefined where all rows are alike. */
  readonly isThere: Uint32Array | undefined;
}

/** @param numberOf of each value that rows share */
function toldRows(of: Uint32Array, numberOf: Uint32Array): Told {
  const [first] = numberOf;
  // Most columns are the same on all rows of a group.
  if (numberOf.every((number) => number === first)) {
    const count = first === NULL ? 0 : of.length;
    return { count, numbers: (bits) => run(first!, count, bits), isThere: undefined };
  }
  const rows = new Uint32Array(of.length);
  const isThere = numberOf.includes(NULL) ? new Uint32Array(of.length) : undefined;
  let count = 0;
  for (let i = 0; i < of.length; i += 1) {
    const number = numberOf[of[i]!]!;
    if (number === NULL) continue;
    rows[count++] = number;
    if (isThere !== undefined) isThere[i] = 1;
  }
  return { count, numbers: (bits) => hybrid(rows.subarray(0, count), bits), isThere };
}

/** Each value is told once, and rows by the number of theirs. */
function sharedPages(column: ParquetColumn, { values, of }: Extract<ColumnRows, { of: Uint32Array }>): Pages {
  const coding = CODINGS[column.type];
  const numbers = new Map<string, number>();
  const numberOf = new Uint32Array(values.length);
  for (const [i, value] of values.entries()) {
    const known = value === null ? NULL : numbers.get(value);
    numberOf[i] = known ?? numbers.size;
    if (known === undefined) numbers.set(value!, numbers.size);
  }
  const told = toldRows(of, numberOf);
  const { count } = told;
  const distinct = [...numbers.keys()].map(coding.read);
  const bits = bitsFor(distinct.length);
  const bytes = [
    ...(column.isNullable ? levels(of.length, count, told.isThere) : []),
    ...(count === 0 ? [] : [Uint8Array.of(bits), told.numbers(bits)]),
  ];
  const dictionary = { kind: "dictionary", encoding: "plain" } as const;
  return {
    dictionary: count === 0 ? undefined : { ...dictionary, count: distinct.length, bytes: coding.plain(distinct) },
    data: {
      kind: "data",
      count: of.length,
      encoding: count === 0 ? "plain" : "dictionary",
      bytes: Buffer.concat(bytes),
    },
    nulls: of.length - count,
    bounds: boundsOf(distinct, coding),
  };
}

function ownPages({ isNullable }: ParquetColumn, { rows, isThere, nulls, bytes, bounds }: DecimalRows): Pages {
  const { bound } = CODINGS.decimal;
  const parts = isNullable ? [...levels(rows, rows - nulls, nulls === 0 ? undefined : isThere), bytes] : [bytes];
  return {
    dictionary: undefined,
    data: { kind: "data", count: rows, encoding: "plain", bytes: Buffer.concat(parts) },
    nulls,
    bounds: bounds && [bound(bounds[0]), bound(bounds[1])],
  };
}

async function compressed({ kind, count, encoding, bytes }: Page) {
  const body = await compress(bytes);
  const facts =
    kind === "dictionary"
      ? { 7: struct({ 1: i32(count), 2: i32(ENCODING[encoding]) }) }
      : { 5: struct({ 1: i32(count), 2: i32(ENCODING[encoding]), 3: i32(ENCODING.levels), 4: i32(ENCODING.levels) }) };
  const head = struct({ 1: i32(PAGE[kind]), 2: i32(bytes.length), 3: i32(body.length), ...facts }).bytes;
  return { bytes: [head, body], size: head.length + body.length, plainBytes: head.length + bytes.length };
}

/** Makes a column of a group of rows; much of it is compressed beside whatever else is done. */
export async function columnChunk(column: ParquetColumn, rows: ColumnRows): Promise<ColumnChunk> {
  const { dictionary, data, nulls, bounds } = "of" in rows ? sharedPages(column, rows) : ownPages(column, rows);
  const first = dictionary && (await compressed(dictionary));
  const second = await compressed(data);
  const least = bounds && { 5: binary(bounds[1]), 6: binary(bounds[0]) };
  return {
    bytes: Buffer.concat([...(first?.bytes ?? []), ...second.bytes]),
    plainBytes: (first?.plainBytes ?? 0) + second.plainBytes,
    dictionaryBytes: first?.size ?? 0,
    count: data.count,
    encodings: [...new Set(["plain", "levels", data.encoding] as const)].map((name) => i32(ENCODING[name])),
    statistics: struct({ 3: i64(nulls), ...least }),
  };
}

/** What the end of a file tells of a column. @param offset where in the file it begins */
export function toldChunk({ name, type }: ParquetColumn, chunk: ColumnChunk, offset: number): ThriftValue {
  const { bytes, plainBytes, dictionaryBytes, count, encodings, statistics } = chunk;
  const facts = struct({
    1: i32(CODINGS[type].physical),
    2: list(encodings),
    3: list([text(name)]),
    4: i32(ZSTD),
    5: i64(count),
    6: i64(plainBytes),
    7: i64(bytes.length),
    9: i64(offset + dictionaryBytes),
    11: dictionaryBytes === 0 ? undefined : i64(offset),
    12: statistics,
  });
  return struct({ 2: i64(0), 3: facts });
}
