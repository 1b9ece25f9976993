import { expect, test } from "vitest";
import { PackedRows } from "./packedRows.ts";

test("rows come out of their box as they went in, packed or not yet", () => {
  const packed = new PackedRows<readonly [string, number]>();
  const rows = Array.from({ length: 1_000 }, (_, i) => [`ü${i}\n"`, i] as const);
  for (const row of rows) packed.add(row[1] % 3, row);
  expect(packed.boxes()).toEqual([0, 1, 2]);
  for (const box of [0, 1, 2]) expect([...packed.rows(box)]).toEqual(rows.filter(([, i]) => i % 3 === box));
  expect([...packed.rows(7)]).toEqual([]);
});
