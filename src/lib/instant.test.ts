import { describe, expect, test } from "vitest";
import { formatInstant, HOUR_MS, monthStart, parseInstant, yearMonthOf } from "./instant.ts";

describe("parseInstant", () => {
  test.each([
    "2019-12-10T19:00:00Z",
    "2019-12-10T19:00:00.000Z",
    "2019-12-10T19:00:00.0000000+00:00",
    "2019-12-10T19:00:00.0000000 00:00",
    "2019-12-10T19:00:00+00:00Z",
    "2019-12-10T19:00:00",
    "2019-12-10T19:00",
    "2019-12-10T12:00:00-07:00",
    "2019-12-11T00:30:00+05:30",
  ])("%s is one and the same hour", (text) => {
    expect(formatInstant(parseInstant(text) ?? Number.NaN)).toBe("2019-12-10T19:00:00Z");
  });

  test.each([
    "",
    "2019-12-10",
    "2019-02-29T00:00:00Z",
    "2019-13-01T00:00:00Z",
    "2019-12-10T24:00:00Z",
    "0099-12-10T00:00:00Z",
    "yesterday",
  ])("'%s' is no instant", (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  test("keeps milliseconds and drops what is finer", () => {
    expect(formatInstant(parseInstant("2020-02-29T23:59:59.9999999Z") ?? 0)).toBe("2020-02-29T23:59:59.999Z");
  });
});

test("a leap February has 29 days", () => {
  expect((monthStart(2024, 3) - monthStart(2024, 2)) / (24 * HOUR_MS)).toBe(29);
  expect(yearMonthOf(monthStart(2024, 14))).toEqual({ year: 2025, month: 2 });
});
