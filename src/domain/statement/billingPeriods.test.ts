import { describe, expect, test } from "vitest";
import { formatInstant, parseInstant } from "../../lib/instant.ts";
import { hourStartMs } from "../ids.ts";
import { BillingPeriods, monthsAfter, readPeriodRules } from "./billingPeriods.ts";
import type { Period } from "./period.ts";

const at = (text: string): number => parseInstant(text)!;
const hours = ({ from, to }: Period): string => [from, to].map((hour) => formatInstant(hourStartMs(hour))).join(" ");

describe("own boundaries", () => {
  const rules = readPeriodRules("2024-03=15T06,2024-06=1T00");
  if (typeof rules === "string") throw new Error(rules);
  const periods = new BillingPeriods(rules);

  test("periods before a rule are months; the last one of them reaches to where the rule begins", () => {
    expect(hours(periods.named("2024-01"))).toBe("2024-01-01T00:00:00Z 2024-02-01T00:00:00Z");
    expect(hours(periods.named("2024-02"))).toBe("2024-02-01T00:00:00Z 2024-03-15T06:00:00Z");
    expect(hours(periods.named("2024-03"))).toBe("2024-03-15T06:00:00Z 2024-04-15T06:00:00Z");
    expect(hours(periods.named("2024-05"))).toBe("2024-05-15T06:00:00Z 2024-06-01T00:00:00Z");
  });

  test("an instant lies in just one period", () => {
    const named = (text: string): string => periods.at(at(text)).name;
    expect(named("2024-03-01T00:00:00Z")).toBe("2024-02");
    expect(named("2024-03-15T05:59:59Z")).toBe("2024-02");
    expect(named("2024-03-15T06:00:00Z")).toBe("2024-03");
    expect(named("2024-06-01T00:00:00Z")).toBe("2024-06");
    const all = periods.over(periods.named("2024-01").from, periods.named("2024-12").to);
    expect(all.map(({ name }) => name)).toHaveLength(12);
    for (const [i, period] of all.entries()) if (i > 0) expect(period.from).toBe(all[i - 1]!.to);
  });
});

test.each(["15T06", "2024-03=0T06", "2024-03=29T06", "2024-03=1T24", "2024-03=1T00,2024-03=2T00", "2024-13=1T00"])(
  "'%s' is refused",
  (text) => expect(readPeriodRules(text)).toEqual(expect.any(String)),
);

test("months after an instant keep its place in the month", () => {
  expect(monthsAfter(at("2024-02-15T06:00:00Z"), 12)).toBe(at("2025-02-15T06:00:00Z"));
});
