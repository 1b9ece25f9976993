import { expect, test } from "vitest";
import { canonicalJson } from "./canonicalJson.ts";

test("members are sorted at every depth, without white space, and undefined ones are left out", () => {
  const value = { b: [{ z: 1, a: null }], a: 'é"\n', aa: undefined, A: 1e21 };
  expect(canonicalJson(value)).toBe('{"A":1e+21,"a":"é\\"\\n","b":[{"a":null,"z":1}]}');
});

test("names are sorted by UTF-16 code units, as RFC 8785 §3.2.3 shows", () => {
  const names = ["\u20ac", "\r", "\ufb33", "1", "\ud83d\ude00", "\u0080", "\u00f6"];
  const text = canonicalJson(Object.fromEntries(names.map((name) => [name, 0])));
  expect(Object.keys(JSON.parse(text) as object).map((name) => name.charCodeAt(0))).toEqual([
    0x31, 0x0d, 0x80, 0xf6, 0x20ac, 0xd83d, 0xfb33,
  ]);
});
