import { expect, test } from "vitest";
import { remember } from "./remember.ts";

function counting(charsMax: number) {
  const made: string[] = [];
  const upper = remember((text) => {
    made.push(text);
    return { upper: text.toUpperCase() };
  }, charsMax);
  return { made, upper };
}

test("makes each text once, whatever comes in between, and keeps what it has when it is full", () => {
  const { made, upper } = counting(128);
  const first = upper("a");
  expect([upper("a"), upper("b"), upper("a")]).toEqual([first, { upper: "B" }, first]);
  expect(upper("a")).toBe(first);
  expect(made).toEqual(["a", "b"]);
  for (let i = 0; i < 256; i += 1) upper(String.fromCodePoint(0x100 + i));
  expect(upper("a")).toBe(first);
  const late = upper("late");
  upper("a");
  expect(upper("late")).not.toBe(late);
});

test("starts afresh when so much was not found in it", () => {
  const { upper } = counting(128);
  const first = upper("a");
  for (let i = 0; i < 16 * 128; i += 1) upper(String.fromCodePoint(0x1000 + i));
  expect(upper("a")).not.toBe(first);
  const anew = upper("a");
  upper("b");
  expect(upper("a")).toBe(anew);
});

test("a long text is not kept", () => {
  const { made, upper } = counting(1_000_000);
  const long = "x".repeat(5_000);
  upper(long);
  upper(long);
  expect(made).toEqual([long, long]);
});
