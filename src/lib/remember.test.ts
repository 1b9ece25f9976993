import { expect, test } from "vitest";
import { remember } from "./remember.ts";

test("makes each text once, whatever comes in between, and starts afresh when it is full", () => {
  const made: string[] = [];
  const upper = remember((text) => {
    made.push(text);
    return { upper: text.toUpperCase() };
  }, 2);
  const first = upper("a");
  expect([upper("a"), upper("b"), upper("a")]).toEqual([first, { upper: "B" }, first]);
  expect(upper("a")).toBe(first);
  expect(made).toEqual(["a", "b"]);
  upper("c");
  expect(upper("a")).toEqual(first);
  expect(made).toEqual(["a", "b", "c", "a"]);
});
