import assert from "node:assert/strict";
import { decimal } from "../decimal.ts";
import { parseInstant } from "../instant.ts";
import { flag, i32, struct, type ThriftValue } from "./thrift.ts";

/** What a column holds: decimals have 38 digits, and times are instants in UTC, to the millisecond. */
export type ParquetType = "text" | "decimal" | "time";

/** How many of a decimal's digits come after the point. */
export const PARQUET_DECIMALS = 18;
const DIGITS = 38;
export const DECIMAL_BYTES = 16;
/** No decimal is as large. */
export const DECIMAL_END = 10n ** BigInt(DIGITS);
const HALF_BITS = 64n;
const TIME_BYTES = 8;
const LENGTH_BYTES = 4;

/** How values of a type are told; all numbers are those of the format's own definition (parquet.thrift). */
interface Coding<Value> {
  readonly physical: number;
  /** Members of the column's schema. */
  readonly schema: Readonly<Record<number, ThriftValue>>;
  readonly read: (text: string) => Value;
  readonly compare: (a: Value, b: Value) => number;
  /** Values one after the other. */
  readonly plain: (values: readonly Value[]) => Uint8Array;
  /** One value as a bound of a column. */
  readonly bound: (value: Value) => Uint8Array;
}

const NOTHING = struct({});
const compareNumbers = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

const TEXT: Coding<Buffer> = {
  physical: 6,
  schema: { 6: i32(0), 10: struct({ 1: NOTHING }) },
  read: (text) => Buffer.from(text),
  compare: (a, b) => a.compare(b),
  plain(values) {
    const bytes = Buffer.allocUnsafe(values.reduce((so, { length }) => so + LENGTH_BYTES + length, 0));
    let at = 0;
    for (const value of values) {
      at = bytes.writeUInt32LE(value.length, at);
      at += value.copy(bytes, at);
    }
    return bytes;
  },
  bound: (value) => value,
};

/** @param at which decimal it is of those before it */
export function putDecimal(view: DataView, at: number, value: bigint): void {
  view.setBigInt64(at * DECIMAL_BYTES, value >> HALF_BITS);
  view.setBigUint64(at * DECIMAL_BYTES + DECIMAL_BYTES / 2, BigInt.asUintN(64, value));
}

function plainDecimals(values: readonly bigint[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * DECIMAL_BYTES));
  for (const [i, value] of values.entries()) putDecimal(view, i, value);
  return new Uint8Array(view.buffer);
}

const DECIMAL: Coding<bigint> = {
  physical: 7,
  schema: {
    2: i32(DECIMAL_BYTES),
    6: i32(5),
    7: i32(PARQUET_DECIMALS),
    8: i32(DIGITS),
    10: struct({ 5: struct({ 1: i32(PARQUET_DECIMALS), 2: i32(DIGITS) }) }),
  },
  read(text) {
    const { coefficient, scale } = decimal(text);
    const value = coefficient * 10n ** BigInt(PARQUET_DECIMALS - scale);
    assert(value < DECIMAL_END && value > -DECIMAL_END, `${text} has more than ${DIGITS} digits`);
    return value;
  },
  compare: compareNumbers,
  plain: plainDecimals,
  bound: (value) => plainDecimals([value]),
};

function plainTimes(times: readonly bigint[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(times.length * TIME_BYTES));
  for (const [i, time] of times.entries()) view.setBigInt64(i * TIME_BYTES, time, true);
  return new Uint8Array(view.buffer);
}

const TIME: Coding<bigint> = {
  physical: 2,
  schema: { 6: i32(9), 10: struct({ 8: struct({ 1: flag(true), 2: struct({ 1: NOTHING }) }) }) },
  read: (text) => BigInt(parseInstant(text)!),
  compare: compareNumbers,
  plain: plainTimes,
  bound: (value) => plainTimes([value]),
};

type Value = Buffer | bigint;

export const CODINGS = { text: TEXT, decimal: DECIMAL, time: TIME } as unknown as Readonly<
  Record<ParquetType, Coding<Value>>
>;
