import assert from "node:assert/strict";

/** A value in Thrift's compact protocol, in which a Parquet file tells of itself. */
export interface ThriftValue {
  readonly type: number;
  readonly bytes: Uint8Array;
}

const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** A list with more members tells their number apart. */
const SHORT_LIST_MAX = 14;

/** A whole number that is not negative, seven bits a byte, the lowest first. */
export function varint(value: number): number[] {
  assert(Number.isSafeInteger(value) && value >= 0, `not a size: ${value}`);
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return bytes;
}

/** Thrift can tell negative numbers too; a Parquet file has none. */
const number =
  (type: number) =>
  (value: number): ThriftValue => ({ type, bytes: Uint8Array.from(varint(value * 2)) });

export const i32 = number(I32);
export const i64 = number(I64);

export const flag = (value: boolean): ThriftValue => ({ type: value ? 1 : 2, bytes: new Uint8Array() });

export const binary = (value: Uint8Array): ThriftValue => ({
  type: BINARY,
  bytes: Buffer.concat([Uint8Array.from(varint(value.length)), value]),
});

export const text = (value: string): ThriftValue => binary(Buffer.from(value));

/** @param members of one type */
export function list(members: readonly ThriftValue[]): ThriftValue {
  const type = members[0]?.type ?? STRUCT;
  const { length } = members;
  const head = length > SHORT_LIST_MAX ? [0xf0 | type, ...varint(length)] : [(length << 4) | type];
  return { type: LIST, bytes: Buffer.concat([Uint8Array.from(head), ...members.map(({ bytes }) => bytes)]) };
}

/** @param fields by their numbers; one that is undefined is left out */
export function struct(fields: Readonly<Record<number, ThriftValue | undefined>>): ThriftValue {
  const parts: Uint8Array[] = [];
  let last = 0;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const id = Number(name);
    parts.push(Uint8Array.of(((id - last) << 4) | value.type), value.bytes);
    last = id;
  }
  return { type: STRUCT, bytes: Buffer.concat([...parts, Uint8Array.of(0)]) };
}
