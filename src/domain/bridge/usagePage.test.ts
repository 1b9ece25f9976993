import { describe, expect, test } from "vitest";
import { sha256 } from "../../lib/digest.ts";
import { RowsDigest } from "./rowsDigest.ts";
import { readUsagePage } from "./usagePage.ts";

const row = '{"id":"a","properties":{"subscriptionId":"1D6C4363-0000","quantity":1.0,\n "meterId":"x"}}';
const page = `{"value":[${row},${row}],"nextLink":"https://stamp/next"}`;

test("rows keep their digits and become one line each", () => {
  const read = readUsagePage(Buffer.from(page))!;
  expect(read.rows).toEqual([row.replace("\n", " "), row.replace("\n", " ")]);
  expect(read.nextLink).toBe("https://stamp/next");
  expect([...read.localSubscriptions]).toEqual(["1d6c4363-0000"]);
});

test("a body that was cut off anywhere is not taken", () => {
  for (let length = 0; length < page.length; length += 1) {
    expect(readUsagePage(Buffer.from(page.slice(0, length))), String(length)).toBeUndefined();
  }
});

describe("what is no page is not taken", () => {
  test.each(["[]", "null", '{"error":{"code":"x"}}', "<html></html>", '{"value":{}}', '{"value":[],"value":[1]}'])(
    "%s",
    (text) => {
      expect(readUsagePage(Buffer.from(text))).toBeUndefined();
    },
  );
});

test("no rows, and null for no rows, are pages", () => {
  expect(readUsagePage(Buffer.from('{"value":[]}'))).toEqual({
    rows: [],
    localSubscriptions: new Set(),
    nextLink: undefined,
  });
  expect(readUsagePage(Buffer.from('{"value":null,"nextLink":""}'))?.rows).toEqual([]);
});

test("a digest of rows does not depend on their order, and does on how often each is there", () => {
  const of = (...rows: readonly string[]): string => {
    const digest = new RowsDigest();
    for (const so of rows) digest.add(sha256(so).slice(0, 32));
    return `${digest.rows} ${digest.text}`;
  };
  expect(of("a", "b")).toBe(of("b", "a"));
  expect(of("a", "b", "b")).not.toBe(of("a", "a", "b"));
});
