import { expect, test } from "vitest";
import { decimal, formatDecimal } from "./decimal.ts";
import { commonDenominator, formatFraction, parseFraction, scaledBy, unscaledBy } from "./fraction.ts";

test.each([
  ["2", "2"],
  ["0.5", "1/2"],
  ["1/1073741824", "1/1073741824"],
  ["0.5/3", "1/6"],
  ["4/6", "2/3"],
  ["0", undefined],
  ["1/0", undefined],
  ["-1", undefined],
  ["1e3", undefined],
  ["", undefined],
])("%s is %s", (text, expected) => {
  const fraction = parseFraction(text);
  expect(fraction && formatFraction(fraction)).toBe(expected);
});

test("bytes come to GiB and back without losing a digit", () => {
  const perByte = parseFraction("1/1073741824")!;
  const third = parseFraction("1/3")!;
  expect(commonDenominator([perByte, third])).toBe(3n * 2n ** 30n);
  const bytes = decimal("123456789.5");
  const scaled = scaledBy(bytes, perByte, 3n * 2n ** 30n);
  expect(formatDecimal(scaled)).toBe("370370368.5");
  const back = unscaledBy(scaled, perByte, { common: 3n * 2n ** 30n, scale: 30, rounding: "down" });
  expect(formatDecimal(back)).toBe("123456789.5");
});
