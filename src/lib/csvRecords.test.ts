import { expect, test } from "vitest";
import { csvCells, csvRecords } from "./csvRecords.ts";

// Goal: a wrong row costs itself and no other, wherever the chunks end and however long the text is.

async function read(text: string | Buffer, chunkBytes: number, recordBytesMax = 100): Promise<unknown[]> {
  const bytes = Buffer.from(text);
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let from = 0; from < bytes.length; from += chunkBytes) yield bytes.subarray(from, from + chunkBytes);
  }
  const rows: unknown[] = [];
  for await (const records of csvRecords(chunks(), recordBytesMax)) {
    for (const row of csvCells(records)) {
      rows.push([row.position, "cells" in row ? row.cells : row.broken]);
    }
  }
  return rows;
}

test.each([1, 2, 3, 7, 10_000])("in chunks of %i bytes", async (chunkBytes) => {
  expect(await read('\uFEFFa,b\r\n"x, ""y""","m\nn"\r\n\r\n3, 4', chunkBytes)).toEqual([
    [1, ["a", "b"]],
    [2, ['x, "y"', "m\nn"]],
    [5, ["3", "4"]],
  ]);
  expect(await read("", chunkBytes)).toEqual([]);
  expect(await read("a", chunkBytes)).toEqual([[1, ["a"]]]);
});

test.each([
  ["a quote that is never closed", 'a,b\n"1,2\n3,4\n', "not closed"],
  ["a quote that is never closed, in a long text", `a,b\n"1,2\n${"3,4\n".repeat(100)}`, "not closed"],
  ["a quote inside a value", 'a,b\n1"x,2\n3,4\n', "inside a value"],
  ["text after a closing quote", 'a,b\n"1"x,2\n3,4\n', "inside a value"],
  ["a line that is too long", `a,b\n${"x".repeat(300)},2\n3,4\n`, "too long"],
])("%s costs one row", async (_, text, words) => {
  for (const chunkBytes of [1, 64, 10_000]) {
    const rows = (await read(text, chunkBytes)) as [number, unknown][];
    expect(rows[0]).toEqual([1, ["a", "b"]]);
    expect(rows[1]![0]).toBe(2);
    expect(JSON.stringify(rows[1]![1])).toContain(words);
    expect(rows[2]).toEqual([3, ["3", "4"]]);
    expect(rows.length).toBe(text.trimEnd().split("\n").length);
  }
});

test("bytes that are no UTF-8 cost one row", async () => {
  const text = Buffer.concat([Buffer.from("a,b\n"), Buffer.from([0xff, 0x2c, 0x31, 0x0a]), Buffer.from("3,4\n")]);
  const rows = (await read(text, 3)) as [number, unknown][];
  expect(rows.map(([position]) => position)).toEqual([1, 2, 3]);
  expect(JSON.stringify(rows[1]![1])).toContain("not UTF-8");
});
