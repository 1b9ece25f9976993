import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ElementReader, type Layout } from "./jsonElements.ts";
import { type Item, type ItemReader, LineReader } from "./jsonItems.ts";

// Goal: items are cut out exactly, wherever chunks happen to end, and broken ones cost only themselves.
// Method: the same bytes in chunks of every size must give the same items as the obvious reading.

const LIMITS = { itemBytesMax: 200, itemDepthMax: 5 };

function readAll(reader: ItemReader, bytes: Buffer, chunkBytes = bytes.length || 1) {
  const items: Item[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) items.push(...reader.push(bytes.subarray(at, at + chunkBytes)));
  const { items: last, fault, damage } = reader.end();
  return { items: [...items, ...last], fault, ...(damage === undefined ? {} : { damage }) };
}
const elements = (layout: Layout, text: string | Buffer, chunkBytes?: number) =>
  readAll(new ElementReader(layout, LIMITS), Buffer.from(text as string), chunkBytes);
const page = (text: string | Buffer, chunkBytes?: number) => elements("page", text, chunkBytes);
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
    ['{"other":{"value":[{}]}}', "no-value"],
    ['{"value":[{}]', "truncated"],
    ['{"nextLink":"half', "truncated"],
  ])("'%s' is %s", (text, fault) => {
    expect(page(text).fault).toBe(fault);
  });

  test.each<[string, string, readonly string[], object]>([
    ["a missing comma", '{"value":[{"a":1}{"b":2}]}', ['{"a":1}'], { atByte: 17, found: "{", afterItem: 1 }],
    ["a doubled comma", '{"value":[{"a":1},,{"b":2}]}', ['{"a":1}'], { atByte: 18, found: ",", afterItem: 1 }],
    ["a comma before the first", '{"value":[,{"b":2}]}', [], { atByte: 10, found: ",", afterItem: 0 }],
    ["a comma after the last", '{"value":[{"a":1},]}', ['{"a":1}'], { atByte: 18, found: "]", afterItem: 1 }],
    ["a wrong bracket around", '{"value":[{"a":1}}', ['{"a":1}'], { atByte: 17, found: "}", afterItem: 1 }],
    ["a wrong bracket inside", '{"value":[{"a":[1}},{"b":2}]}', ['{"a":[1}'], { atByte: 17, found: "}", afterItem: 1 }],
    ["two values", '{"value":[{"a":1}],"value":[{"b":2}]}', ['{"a":1}'], { atByte: 19, found: "value", afterItem: 1 }],
    ["an escaped value", '{"v\\u0061lue":[1],"value":[2]}', ["1"], { atByte: 18, found: "value", afterItem: 1 }],
    ["another page behind", '{"value":[1]}{"value":[2]}', ["1"], { atByte: 13, found: "{", afterItem: 1 }],
    ["a word that is none", '{"next":nil,"value":[1]}', [], { atByte: 8, found: "nil", afterItem: 0 }],
    ["no colon", '{"next" 1,"value":[1]}', [], { atByte: 8, found: "1", afterItem: 0 }],
    ["a name without quotes", "{value:[1]}", [], { atByte: 1, found: "v", afterItem: 0 }],
    ["a bad escape around", '{"n":"\\x","value":[1]}', [], { atByte: 5, found: '"\\x"', afterItem: 0 }],
    ["nesting around", `{"n":${"[".repeat(9)}`, [], { atByte: 9, found: "[", afterItem: 0 }],
    ["a mark before it", '\uFEFF{"value":[1}', ["1"], { atByte: 14, found: "}", afterItem: 1 }],
  ])("with %s reading stops there, and what is before it is kept", (_, text, items, damage) => {
    for (const chunkBytes of [undefined, 1, 3]) {
      const read = page(text, chunkBytes);
      expect({ ...read, items: texts(read.items) }).toEqual({ items, fault: "malformed", damage });
    }
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

describe("arrays and single objects", () => {
  test("the elements of an array, in any chunks", () => {
    for (const chunkBytes of [1, 2, 5, 100]) {
      expect(elements("array", ' [{"a":"]"} , [1,[2]],7 ,"x" ]\n', chunkBytes)).toEqual({
        items: ['{"a":"]"}', "[1,[2]]", "7", '"x"'].map((text, i) => ({ position: i + 1, text })),
        fault: undefined,
      });
    }
  });

  test("one object is one item", () => {
    for (const chunkBytes of [1, 4, 100]) {
      expect(elements("one", ' {"a":[1]} ', chunkBytes).items).toEqual([{ position: 1, text: '{"a":[1]}' }]);
      expect(elements("one", "17", chunkBytes).items).toEqual([{ position: 1, text: "17" }]);
    }
  });

  test.each<[Layout, string, string, readonly string[]]>([
    ["array", "{}", "not-an-array", []],
    ["array", "7", "not-an-array", []],
    ["array", "", "empty", []],
    ["array", "[]", "undefined", []],
    ["array", "[{}", "truncated", ["{}"]],
    ["array", "[{},", "truncated", ["{}"]],
    ["array", '[{},{"a', "truncated", ["{}", "truncated"]],
    ["array", "[{}][{}]", "malformed", ["{}"]],
    ["one", "{}{}", "malformed", ["{}"]],
    ["one", '{"a":', "truncated", ["truncated"]],
    ["one", "<html>", "html", []],
  ])("as %s '%s' is %s", (layout, text, fault, items) => {
    const read = elements(layout, text);
    expect([String(read.fault), texts(read.items)]).toEqual([fault, items]);
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

  test.each([
    ["[[[[[1]]]]]", "[[[[[1]]]]]"],
    ["[[[[[[1]]]]]]", "too-deep"],
    ['{"a":"[[[[[[[[[["}', '{"a":"[[[[[[[[[["}'],
    ["[".repeat(100), "too-deep"],
  ])("a line of any length that nests too deeply is refused: %s", (line, read) => {
    expect(texts(lines(`${line}\n`).items)).toEqual([read]);
    expect(texts(lines(line).items)).toEqual([read]);
  });

  test.each([
    ['{"a":1', "truncated"],
    ['{"a":"b', "truncated"],
    ['{"a":"b\\"}', "truncated"],
    [Buffer.from('{"a":"ü').subarray(0, 7), "truncated"],
    ['{"a":1}', '{"a":1}'],
    ['{"a":NaN}', '{"a":NaN}'],
    ["nonsense", "nonsense"],
    [Buffer.from([0x22, 0xc3, 0x22]), "not-utf8"],
  ])("a last line without its line end: %s", (line, read) => {
    const bytes = Buffer.concat([Buffer.from("{}\n"), Buffer.from(line as string)]);
    for (const chunkBytes of [1, 4, 100]) {
      const { items, fault } = lines(bytes, chunkBytes);
      expect([texts(items), fault]).toEqual([["{}", read], read === "truncated" ? "truncated" : undefined]);
    }
  });

  test("lines before the first record count; a mark, HTML and UTF-16 are told wherever the chunks end", () => {
    for (const chunkBytes of [1, 2, 3, 100]) {
      expect(lines("\n \n{}", chunkBytes).items).toEqual([{ position: 3, text: "{}" }]);
      expect(lines("\uFEFF{}", chunkBytes)).toEqual({ items: [{ position: 1, text: "{}" }], fault: undefined });
      expect(lines(" <html>", chunkBytes).fault).toBe("html");
      expect(lines(Buffer.from("{}", "utf16le"), chunkBytes).fault).toBe("not-utf8");
      expect(lines("7", chunkBytes).items).toEqual([{ position: 1, text: "7" }]);
      expect(lines(" \n", chunkBytes).fault).toBe("empty");
    }
  });
});
