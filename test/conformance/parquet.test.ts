import { afterAll, beforeAll, expect, test } from "vitest";
import { formatFixed } from "../../src/lib/decimal.ts";
import type { ParquetColumn } from "../../src/lib/parquet/columnChunk.ts";
import { DecimalRows } from "../../src/lib/parquet/decimalRows.ts";
import { madeGroup, type MadeGroup, parquetFile, type RowGroup } from "../../src/lib/parquet/parquet.ts";
import { PARQUET_DECIMALS } from "../../src/lib/parquet/values.ts";
import { hash32 } from "../../src/lib/prng.ts";
import { ParquetReader } from "../support/parquet.ts";

// Goal: others read in our Parquet files what we wrote. Method: rows that are made up, of every type, with nulls and without,
// in groups of other sizes; read by an engine that is no part of the product.

const COLUMNS: readonly ParquetColumn[] = [
  { name: "alike", type: "text", isNullable: false },
  { name: "name", type: "text", isNullable: false },
  { name: "maybeName", type: "text", isNullable: true },
  { name: "never", type: "text", isNullable: true },
  { name: "price", type: "decimal", isNullable: false },
  { name: "maybePrice", type: "decimal", isNullable: true },
  { name: "begin", type: "time", isNullable: false },
  { name: "cost", type: "decimal", isNullable: false },
  { name: "sameCost", type: "decimal", isNullable: false },
  { name: "maybeCost", type: "decimal", isNullable: true },
];
const NAMES = ["", "a", "ä\u2028\t\n\"'", "日本語", "x".repeat(3_000), "a"];
const PRICES = ["0.0", "-12.5", "99999999999999999999.999999999999999999", "0.000000000000000001", "7"];
const TIMES = ["2024-02-29T23:00:00Z", "1970-01-01T00:00:00Z"];
const COST_MAX = 10n ** 38n - 1n;
const GROUPS = [1, 8, 4_000, 30];

let reader: ParquetReader;
beforeAll(() => {
  reader = new ParquetReader();
});
afterAll(() => reader.close());

/** What a row has of a list of values. */
const pick = (column: number, row: number, count: number): number => hash32(column, row) % count;

function costOf(row: number): bigint {
  const edges = [COST_MAX, -COST_MAX, 0n, -1n, 2n ** 64n, -(2n ** 63n)];
  return edges[row] ?? BigInt(hash32(8, row)) * BigInt(hash32(9, row)) * (row % 2 === 0 ? -997n : 1_000_003n);
}
const maybeCostOf = (row: number): bigint | null => (row % 3 === 0 ? null : costOf(row));

function groupOf(first: number, rows: number): RowGroup {
  const of = (column: number, count: number): Uint32Array =>
    Uint32Array.from({ length: rows }, (_, i) => pick(column, first + i, count));
  const [cost, maybeCost] = [new DecimalRows(rows), new DecimalRows(rows)];
  for (let row = first; row < first + rows; row += 1) {
    cost.add(costOf(row));
    maybeCost.add(maybeCostOf(row));
  }
  return [
    { values: ["always"], of: new Uint32Array(rows) },
    { values: NAMES, of: of(1, NAMES.length) },
    { values: [null, ...NAMES], of: of(2, NAMES.length + 1) },
    { values: [null, null], of: of(3, 2) },
    { values: PRICES, of: of(4, PRICES.length) },
    { values: [...PRICES, null], of: of(5, PRICES.length + 1) },
    { values: TIMES, of: of(6, TIMES.length) },
    cost,
    cost,
    maybeCost,
  ];
}

const decimalOf = (text: string | null | undefined): string | null =>
  text === null || text === undefined
    ? null
    : formatFixed({ coefficient: digitsOf(text), scale: PARQUET_DECIMALS }, PARQUET_DECIMALS);

/** The digits of a text with at most 18 decimals. */
function digitsOf(text: string): bigint {
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  const digits = BigInt(whole! + fraction.padEnd(PARQUET_DECIMALS, "0"));
  return text.startsWith("-") ? -digits : digits;
}

const costText = (cost: bigint | null): string | null =>
  cost === null ? null : formatFixed({ coefficient: cost, scale: PARQUET_DECIMALS }, PARQUET_DECIMALS);

async function written(groups: readonly number[]): Promise<Buffer> {
  async function* made(): AsyncGenerator<MadeGroup> {
    for (let i = 0, first = 0; i < groups.length; first += groups[i]!, i += 1) {
      yield await madeGroup(COLUMNS, groupOf(first, groups[i]!));
    }
  }
  const parts: Buffer[] = [];
  for await (const part of parquetFile(COLUMNS, made())) parts.push(part);
  return Buffer.concat(parts);
}

test("every value comes back, with its type", async () => {
  const { rows, types } = await reader.read(await written(GROUPS));
  expect(types).toEqual({
    alike: "String",
    name: "String",
    maybeName: "Nullable(String)",
    never: "Nullable(String)",
    price: "Decimal(38, 18)",
    maybePrice: "Nullable(Decimal(38, 18))",
    begin: "DateTime64(3, 'UTC')",
    cost: "Decimal(38, 18)",
    sameCost: "Decimal(38, 18)",
    maybeCost: "Nullable(Decimal(38, 18))",
  });
  expect(rows.length).toBe(GROUPS.reduce((so, count) => so + count));
  const told = rows.map((row) => ({
    ...row,
    price: decimalOf(row["price"]),
    maybePrice: decimalOf(row["maybePrice"]),
    cost: decimalOf(row["cost"]),
    sameCost: decimalOf(row["sameCost"]),
    maybeCost: decimalOf(row["maybeCost"]),
  }));
  const expected = rows.map((_, row) => ({
    alike: "always",
    name: NAMES[pick(1, row, NAMES.length)],
    maybeName: [null, ...NAMES][pick(2, row, NAMES.length + 1)],
    never: null,
    price: decimalOf(PRICES[pick(4, row, PRICES.length)]),
    maybePrice: decimalOf([...PRICES, null][pick(5, row, PRICES.length + 1)]),
    begin: TIMES[pick(6, row, TIMES.length)]!.replace("T", " ").replace("Z", ".000"),
    cost: costText(costOf(row)),
    sameCost: costText(costOf(row)),
    maybeCost: costText(maybeCostOf(row)),
  }));
  expect(told).toEqual(expected);
});

test("whoever looks for a value finds it by the bounds of its group", async () => {
  const bytes = await written(GROUPS);
  const { rows } = await reader.read(bytes);
  for (const condition of ["name = '日本語'", "cost < -5", "maybeCost is null", "begin < '1980-01-01 00:00:00'"]) {
    const found = await reader.read(bytes, condition);
    expect(found.rows.length, condition).toBeGreaterThan(0);
    expect(found.rows.length, condition).toBeLessThan(rows.length);
  }
  const [negative] = [rows.filter((row) => digitsOf(row["cost"]!) < -5n * 10n ** 18n)];
  expect((await reader.read(bytes, "cost < -5")).rows).toEqual(negative);
});

test("the same rows make the same bytes, and no rows a file without any", async () => {
  expect((await written(GROUPS)).equals(await written(GROUPS))).toBe(true);
  const { rows, types } = await reader.read(await written([]));
  expect(rows).toEqual([]);
  expect(Object.keys(types)).toEqual(COLUMNS.map(({ name }) => name));
});

test.each([COST_MAX + 1n, -COST_MAX - 1n])("a decimal that does not fit is not written: %d", async (cost) => {
  const rows = new DecimalRows(2);
  for (const value of [0n, cost]) rows.add(value);
  await expect(madeGroup([{ name: "cost", type: "decimal", isNullable: false }], [rows])).rejects.toThrow(
    "more digits",
  );
});
