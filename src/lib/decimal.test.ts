import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  compare,
  decimal,
  divide,
  formatDecimal,
  formatFixed,
  multiply,
  parseDecimal,
  type Rounding,
  subtract,
  sum,
} from "./decimal.ts";

// Goal: no digit is ever lost or invented. Method: recorded texts, edges by hand, and laws over random decimals.

const anyDecimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 45n), max: 10n ** 45n }), fc.integer({ min: 0, max: 30 }))
  .map(([coefficient, scale]) => ({ coefficient, scale }));

describe("parse and format", () => {
  test.each([
    ["1.0", "1"],
    ["49.384346361272037", "49.384346361272037"],
    ["1.1444091796875E-05", "0.000011444091796875"],
    ["9.3132257461547852E-10", "0.00000000093132257461547852"],
    ["1e3", "1000"],
    ["-0.50", "-0.5"],
    ["0.000", "0"],
    ["123456789012345678901234567890.5", "123456789012345678901234567890.5"],
  ])("%s is %s", (text, plain) => {
    expect(formatDecimal(decimal(text))).toBe(plain);
  });

  test.each(["", " 1", "1.", ".5", "+1", "NaN", "Infinity", "0x10", "1_000", "1,5", "1e99999", "--1"])(
    "'%s' is no number",
    (text) => {
      expect(parseDecimal(text)).toBeUndefined();
    },
  );

  test("formatting and parsing again gives the same value", () => {
    fc.assert(fc.property(anyDecimal, (value) => compare(decimal(formatDecimal(value)), value) === 0));
  });

  test("a fixed number of decimals refuses to drop a digit", () => {
    expect(formatFixed(decimal("1.5"), 2)).toBe("1.50");
    expect(() => formatFixed(decimal("1.505"), 2)).toThrow("does not fit");
  });
});

describe("arithmetic", () => {
  test("0.1 + 0.2 is 0.3", () => {
    expect(formatDecimal(add(decimal("0.1"), decimal("0.2")))).toBe("0.3");
  });

  test("sums do not depend on order; subtraction undoes addition; multiplication distributes", () => {
    fc.assert(
      fc.property(anyDecimal, anyDecimal, anyDecimal, (a, b, c) => {
        expect(compare(sum([a, b, c]), sum([c, a, b]))).toBe(0);
        expect(compare(subtract(add(a, b), b), a)).toBe(0);
        expect(compare(multiply(a, add(b, c)), add(multiply(a, b), multiply(a, c)))).toBe(0);
      }),
    );
  });

  test.each<[string, string, Rounding, string]>([
    ["10", "3", "down", "3.33"],
    ["20", "3", "down", "6.66"],
    ["-20", "3", "down", "-6.66"],
    ["0.125", "1", "half-even", "0.12"],
    ["0.135", "1", "half-even", "0.14"],
    ["0.125", "1", "half-up", "0.13"],
    ["-0.125", "1", "half-up", "-0.13"],
    ["0.1251", "1", "half-even", "0.13"],
  ])("%s / %s rounded %s is %s", (dividend, divisor, rounding, expected) => {
    expect(formatFixed(divide(decimal(dividend), decimal(divisor), 2, rounding), 2)).toBe(expected);
  });

  test("division by zero throws", () => {
    expect(() => divide(decimal("1"), decimal("0"), 2, "down")).toThrow("division by zero");
  });
});
