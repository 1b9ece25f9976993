import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Item, type ItemReader, LineReader, PageReader } from "./jsonItems.ts";

// Goal: items are cut out exactly, wherever chunks happen to end, and broken ones cost only themselves.
// Method: the same bytes in chunks of every size must give the same items as the obvious reading.

const LIMITS = { itemBytesMax: 200, itemDepthMax: 5 };

function readAll(reader: ItemReader, bytes: Buffer, chunkBytes = bytes.length || 1) {
  const items: Item[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) items.push(...reader.push(bytes.subarray(at, at + chunkBytes)));
  const { items: last, fault } = reader.end();
  return { items: [...items, ...last], fault };
}
const page = (text: string | Buffer, chunkBytes?: number) =>
  readAll(new PageReader(LIMITS), Buffer.from(text as string), chunkBytes);
const lines = (text: string | Buffer, chunkBytes?: number) =>
  readAll(new LineReader(LIMITS), Buffer.from(text as string), chunkBytes);
const texts = (items: Item[]) => items.map((item) => ("text" in item ? item.text : item.broken));

describe("pages", () => {
  test("any JSON values in any chunks come out one by one", () => {
    const element = fc.json({ maxDepth: 3 }).filter((text) => text.length < 150);
    fc.assert(
      fc.property(fc.array(element, { maxLength: 6 }), fc.integer({ min: 1, max: 50 }), (elements, chunkBytes) => {
        const text = `{"nextLink":"a\\"]}","other":[{"value":[1]}],"value":[${elements.join(" ,\n")} ],"after":{"x":[]}}`;
        const { items, fault } = page(text, chunkBytes);
        expect(fault).toBeUndefined();
        expect(texts(items).map((text) => text.trim())).toEqual(elements);
        expect(items.map(({ position }) => position)).toEqual(elements.map((_, i) => i + 1));
      }),
    );
  });

  test("a cut page keeps the items before the cut", () => {
    expect(page('{"value":[{"a":1},{"b":2},{"c":')).toEqual({
      items: [
        { position: 1, text: '{"a":1}' },
        { position: 2, text: '{"b":2}' },
        { position: 3, broken: "truncated" },
      ],
      fault: "truncated",
    });
  });

  test("an item that is too large, too deep or not UTF-8 costs only itself", () => {
    const deep = `${"[".repeat(50)}${"]".repeat(50)}`;
    const bytes = Buffer.concat([
      Buffer.from(`{"value":[{"a":"${"x".repeat(500)}"},${deep},{"b":"`),
      Buffer.from([0xff]),
      Buffer.from('"},{"good":true}]}'),
    ]);
    expect(texts(page(bytes, 7).items)).toEqual(["too-large", "too-deep", "not-utf8", '{"good":true}']);
  });

  test.each([
    ["", "empty"],
    ["  \n", "empty"],
    ["<!DOCTYPE html><html></html>", "html"],
    ["[1,2]", "not-a-page"],
    ['{"error":{"code":"GatewayTimeout"}}', "no-value"],
    ['{"value":7}', "no-value"],
    ['{"value":[]}{"value":[{}]}', "not-a-page"],
  ])("'%s' is %s", (text, fault) => {
    expect(page(text).fault).toBe(fault);
  });

  test("UTF-16 is refused, a UTF-8 byte order mark is stepped over", () => {
    expect(page(Buffer.from('{"value":[]}', "utf16le")).fault).toBe("not-utf8");
    expect(page(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("{", "utf16le")])).fault).toBe("not-utf8");
    expect(page('\uFEFF{"value":[{}]}')).toEqual({ items: [{ position: 1, text: "{}" }], fault: undefined });
  });

  test("a million brackets are counted, not followed", () => {
    const { items, fault } = page(`{"value":[${"[".repeat(1_000_000)}`, 65_536);
    expect(fault).toBe("truncated");
    expect(texts(items)).toEqual(["truncated"]);
  });
});

describe("lines", () => {
  test("lines in any chunks come out with their line numbers; empty lines are passed over", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (chunkBytes) => {
        expect(lines('{"a":1}\n\n{"b":"ü"}\r\n  \n{"c":3}', chunkBytes).items).toEqual([
          { position: 1, text: '{"a":1}' },
          { position: 3, text: '{"b":"ü"}\r' },
          { position: 5, text: '{"c":3}' },
        ]);
      }),
    );
  });

  test("a line that is too long or not UTF-8 costs only itself", () => {
    const bytes = Buffer.concat([
      Buffer.from(`${"x".repeat(300)}\n`),
      Buffer.from([0x22, 0xc3, 0x22]),
      Buffer.from("\n{}"),
    ]);
    expect(texts(lines(bytes, 11).items)).toEqual(["too-large", "not-utf8", "{}"]);
  });

  test("a long line that nests too deeply is refused", () => {
    const wide = new LineReader({ itemBytesMax: 100_000, itemDepthMax: 64 });
    expect(texts(readAll(wide, Buffer.from("[".repeat(50_000))).items)).toEqual(["too-deep"]);
  });
});
