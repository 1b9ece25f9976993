import { expect, test } from "vitest";
import { Bucket } from "./bucket.ts";

test("a bucket is full at first, is filled evenly, and never holds more", () => {
  const bucket = new Bucket(60, 0);
  for (let left = 59; left >= 0; left -= 1) expect(bucket.take(0)).toBe(left);
  expect(bucket.take(0)).toBeUndefined();
  expect(bucket.waitMs).toBe(1_000);
  expect(bucket.take(999)).toBeUndefined();
  expect(bucket.waitMs).toBeCloseTo(1, 6);
  expect(bucket.take(1_000)).toBe(0);
  expect(bucket.take(11_000)).toBe(9);
  expect(bucket.take(10_000_000)).toBe(59);
  // A clock that is set back brings nothing and takes nothing.
  expect(bucket.take(5_000)).toBe(58);
  expect(bucket.take(6_000)).toBe(58);
});
