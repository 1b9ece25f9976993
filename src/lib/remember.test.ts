import { expect, test } from "vitest";
import { remember, rememberLast } from "./remember.ts";

function counting(charsMax: number) {
  const made: string[] = [];
  const upper = remember((text) => {
    made.push(text);
    return { upper: text.toUpperCase() };
  }, charsMax);
  return { made, upper };
}

test("makes each text once, whatever comes in between, and starts afresh when it is full", () => {
  const { made, upper } = counting(128);
  const first = upper("a");
  expect([upper("a"), upper("b"), upper("a")]).toEqual([first, { upper: "B" }, first]);
  expect(upper("a")).toBe(first);
  expect(made).toEqual(["a", "b"]);
  for (let i = 0; i < 128; i += 1) upper(String.fromCodePoint(0x100 + i));
  expect(upper("a")).not.toBe(first);
});

test("a long text is not kept", () => {
  const { made, upper } = counting(1_000_000);
  const long = "x".repeat(5_000);
  upper(long);
  upper(long);
  expect(made).toEqual([long, long]);
});

test("the last result alone is made once", () => {
  const made: (string | null)[] = [];
  const length = rememberLast((text: string | null) => {
    made.push(text);
    return text?.length;
  });
  expect([null, null, "ab", "ab", null].map(length)).toEqual([undefined, undefined, 2, 2, undefined]);
  expect(made).toEqual([null, "ab", null]);
});
