import { describe, expect, test } from "vitest";
import { isFault } from "../faults/fault.ts";
import { hubQuantity } from "./quantityText.ts";
import { parseRateCardFilter } from "./rateCardFilter.ts";
import { mustBeProcessed, type RangeParameters, readReportedRange } from "./reportedRange.ts";

// Goal: the rules of the Commerce APIs that need no store. Expected texts are from the recording and written by hand.

const instant = (text: string): number => Date.parse(text);
const NOW = instant("2024-02-10T10:20:00Z");

function refusal(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (!isFault(error)) throw error;
    return [error.code, error.target].filter((part) => part !== undefined).join(" ");
  }
  return "none";
}

describe("quantities as a Hub writes them", () => {
  test.each([
    ["1", "1.0"],
    ["0", "0.0"],
    ["10", "10.0"],
    ["-2.50", "-2.5"],
    ["49.384346361272037", "49.384346361272037"],
    ["0.000186920166015625", "0.000186920166015625"],
    ["0.000011444091796875", "1.1444091796875E-05"],
    ["0.0001", "0.0001"],
    ["0.00001", "1E-05"],
    ["0.00000000093132257461547852", "9.3132257461547852E-10"],
    ["100000000000000", "100000000000000.0"],
    ["1000000000000000", "1E+15"],
    ["1234567890123456", "1.234567890123456E+15"],
  ])("%s is %s", (quantity, text) => {
    expect(hubQuantity(quantity)).toBe(text);
  });
});

describe("reported time", () => {
  const hourly = (start: string, end: string): RangeParameters => ({ start, end, granularity: "hOURLY" });
  const daily = (start: string, end: string): RangeParameters => ({ start, end, granularity: undefined });
  const range = (of: RangeParameters) => readReportedRange(of, NOW);

  test.each([
    "2024-02-10T09:00:00.000Z",
    "2024-02-10T09:00:00.0000000+00:00",
    "2024-02-10T09:00:00.0000000 00:00",
    "2024-02-10T09:00:00.0000000",
    "2024-02-10T09:00:00",
    "2024-02-10T09:00:00+00:00Z",
    "2024-02-10T04:00:00-05:00",
  ])("%s is understood", (text) => {
    expect(range(hourly("2024-02-10T08:00:00Z", text))).toEqual({
      fromMs: instant("2024-02-10T08:00:00Z"),
      toMs: instant("2024-02-10T09:00:00Z"),
      unit: "hour",
    });
  });

  test("Daily is what is meant when nothing is said", () => {
    for (const granularity of [undefined, "", "daily", "Daily"]) {
      const of = { start: "2024-02-08T00:00:00Z", end: "2024-02-09T00:00:00Z", granularity };
      expect(range(of).unit).toBe("day");
    }
  });

  test.each([
    ["no start", daily("", "2024-02-09T00:00:00Z"), "InvalidProperty reportedStartTime"],
    ["no end", { ...daily("2024-02-09T00:00:00Z", ""), end: undefined }, "InvalidProperty reportedEndTime"],
    ["no time", daily("yesterday", "2024-02-09T00:00:00Z"), "InvalidProperty reportedStartTime"],
    ["half an hour", hourly("2024-02-09T00:30:00Z", "2024-02-09T02:00:00Z"), "InvalidProperty reportedStartTime"],
    ["ten o'clock", daily("2024-02-08T00:00:00Z", "2024-02-09T10:00:00Z"), "InvalidProperty reportedEndTime"],
    ["nothing between", daily("2024-02-09T00:00:00Z", "2024-02-09T00:00:00Z"), "InvalidProperty reportedEndTime"],
    ["tomorrow", daily("2024-02-09T00:00:00Z", "2024-02-11T00:00:00Z"), "RequestEndTimeIsInFuture reportedEndTime"],
    ["this hour", hourly("2024-02-10T10:00:00Z", "2024-02-10T11:00:00Z"), "RequestEndTimeIsInFuture reportedEndTime"],
    [
      "a month",
      { ...daily("2024-02-08T00:00:00Z", "2024-02-09T00:00:00Z"), granularity: "Monthly" },
      "InvalidAggregationGranularity aggregationGranularity",
    ],
  ])("%s is refused", (_, of, code) => {
    expect(refusal(() => range(of))).toBe(code);
  });
});

describe("what is not complete yet", () => {
  const day = { fromMs: instant("2024-02-09T00:00:00Z"), toMs: instant("2024-02-10T00:00:00Z"), unit: "day" } as const;
  const hour = { ...day, toMs: instant("2024-02-10T10:00:00Z"), unit: "hour" } as const;
  const end = (text: string): number => instant(`2024-02-${text}Z`);

  test.each([
    ["a day up to today that a stamp has not reported", day, [end("09T23:00:00")], "ProcessingNotComplete"],
    ["the same, and the stamp never reported", day, [undefined], "ProcessingNotComplete"],
    ["the same, and one of two has", day, [end("10T00:00:00"), end("09T23:00:00")], "ProcessingNotComplete"],
    ["the same, and both have", day, [end("10T00:00:00"), end("10T09:00:00")], "none"],
    ["up to the hour that runs", hour, [end("10T09:00:00")], "ProcessingNotComplete"],
    ["the same, reported", hour, [end("10T10:00:00")], "none"],
    ["an older range", { ...day, toMs: end("09T00:00:00") }, [undefined], "none"],
  ] as const)("%s", (_, range, reportedUntil, code) => {
    expect(refusal(() => mustBeProcessed(range, NOW, reportedUntil)).split(" ")[0]).toBe(code);
  });
});

describe("the filter of a rate card", () => {
  const TERMS = ["OfferDurableId eq 'MS-AZR'", "Currency eq 'USD'", "Locale eq 'en-US'", "RegionInfo eq 'US'"];

  test("takes the four terms in any order and case", () => {
    const expected = { offerDurableId: "MS-AZR", currency: "USD", locale: "en-US", regionInfo: "US" };
    expect(parseRateCardFilter(TERMS.join(" and "))).toEqual(expected);
    expect(parseRateCardFilter(TERMS.toReversed().join(" AND ").replace("Currency eq", "currency  EQ"))).toEqual(
      expected,
    );
    expect(parseRateCardFilter(TERMS.join(" and ").replace("MS-AZR", "it''s")).offerDurableId).toBe("it's");
  });

  test.each([
    ["nothing", ""],
    ["three", TERMS.slice(1).join(" and ")],
    ["one twice", [...TERMS, TERMS[1]].join(" and ")],
    ["another name", [...TERMS.slice(1), "Offer eq 'x'"].join(" and ")],
    ["or", TERMS.join(" or ")],
    ["an empty value", TERMS.join(" and ").replace("'US'", "''")],
    ["too long", `${TERMS.join(" and ")}${" ".repeat(1_000)}`],
  ])("refuses %s", (_, filter) => {
    expect(refusal(() => parseRateCardFilter(filter))).toBe("InvalidProperty $filter");
  });
});
