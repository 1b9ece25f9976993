import { expect, test } from "vitest";
import { Attempts } from "./attempts.ts";

// Goal: guessing is slow, a lock ends, and memory is bounded. Method: small limits and a clock that is a number.

const attempts = (trackedMax = 100): Attempts =>
  new Attempts({ failuresMax: 3, lockMs: 1_000, requestsPerMinuteMax: 2, trackedMax });

test("the third wrong secret locks a name for a while, and only that name", () => {
  const so = attempts();
  expect([so.failed("a", 0), so.failed("a", 1), so.failed("a", 2)]).toEqual([false, false, true]);
  expect(so.lockOfNameMs("a", 2)).toBe(1_000);
  expect(so.lockOfNameMs("a", 1_001)).toBe(1);
  expect(so.lockOfNameMs("a", 1_002)).toBe(0);
  expect(so.lockOfNameMs("b", 2)).toBe(0);
});

test("a right secret forgives, and so does time", () => {
  const so = attempts();
  so.failed("a", 0);
  so.failed("a", 0);
  so.succeeded("a");
  expect([so.failed("a", 1), so.failed("a", 2)]).toEqual([false, false]);
  expect([so.failed("a", 1_500), so.failed("a", 1_501), so.failed("a", 1_502)]).toEqual([false, false, true]);
});

test("an address may ask so often a minute", () => {
  const so = attempts();
  expect([so.waitOfAddressMs("x", 0), so.waitOfAddressMs("x", 10), so.waitOfAddressMs("x", 20)]).toEqual([
    0, 0, 59_980,
  ]);
  expect(so.waitOfAddressMs("y", 20)).toBe(0);
  expect(so.waitOfAddressMs("x", 60_000)).toBe(0);
});

test("a flood of names neither fills the memory nor lifts a lock", () => {
  const so = attempts(50);
  for (let i = 0; i < 3; i++) so.failed("victim", 0);
  for (let i = 0; i < 10_000; i++) {
    so.failed(`name ${i}`, 1);
    so.waitOfAddressMs(`address ${i}`, 1);
  }
  expect(so.tracked).toBeLessThanOrEqual(100);
  expect(so.lockOfNameMs("victim", 1)).toBe(999);
});
