import { expect, test } from "vitest";
import { parseInstant } from "../../lib/instant.ts";
import { LIMITS } from "../limits.ts";
import { parsePeriod } from "../statement/period.ts";
import { firstRetained, keptReason, type RetentionMoment, type StoredMonth } from "./retention.ts";

const at = (text: string): number => parseInstant(text)!;

const MONTH: StoredMonth = {
  period: parsePeriod("2023-01"),
  entries: 1,
  newestBatch: 7,
  newestAtMs: at("2023-02-05T00:00:00Z"),
};
const billed = (facts: RetentionMoment["period"]["facts"]) => ({ facts, to: MONTH.period.to });
const MOMENT: RetentionMoment = {
  nowMs: at("2024-03-01T00:00:00Z"),
  rules: { retentionMonths: 13, correctableMonths: 12 },
  period: billed({ pending: 0, closings: 1, lastBatch: 7 }),
  lastComplete: 7,
  asked: false,
};

test("a month goes at the end of the thirteenth month after it, and not a moment before", () => {
  expect(keptReason(MONTH, MOMENT)).toBeUndefined();
  expect(keptReason(MONTH, { ...MOMENT, nowMs: MOMENT.nowMs - 1 })).toBe("Retention");
  expect(firstRetained(parsePeriod("2024-03"), MOMENT.rules).name).toBe("2023-02");
  expect(firstRetained(parsePeriod("2024-01"), { retentionMonths: 25, correctableMonths: 1 }).name).toBe("2021-12");
});

// In the order of precedence: each row breaks the rule that it names, and all that come after it.
test.each([
  [
    "Retention",
    {
      nowMs: at("2023-01-15T00:00:00Z"),
      period: billed({ pending: 0, closings: 0, lastBatch: undefined }),
      lastComplete: 0,
    },
  ],
  ["PeriodOpen", { period: billed({ pending: 0, closings: 0, lastBatch: undefined }), lastComplete: 0 }],
  ["PeriodOpen", { period: billed({ pending: 0, closings: 1, lastBatch: 6 }), lastComplete: 6 }],
  ["PeriodOpen", { period: billed({ pending: 1, closings: 1, lastBatch: 7 }), lastComplete: 6 }],
  ["PeriodCorrectable", { rules: { retentionMonths: 13, correctableMonths: 14 }, lastComplete: 0 }],
  ["BatchRunning", { lastComplete: 6 }],
] as const)("%s", (reason, broken) => {
  const newestAtMs = (broken as Partial<RetentionMoment>).nowMs ?? MOMENT.nowMs;
  expect(keptReason({ ...MONTH, newestAtMs }, { ...MOMENT, ...broken })).toBe(reason);
});

test("months that were filled in lately stay, unless somebody asks", () => {
  const newestAtMs = MOMENT.nowMs - LIMITS.archiveQuietMsMin + 1;
  expect(keptReason({ ...MONTH, newestAtMs }, MOMENT)).toBe("UsageRecent");
  expect(keptReason({ ...MONTH, newestAtMs: newestAtMs - 1 }, MOMENT)).toBeUndefined();
  expect(keptReason({ ...MONTH, newestAtMs }, { ...MOMENT, asked: true })).toBeUndefined();
});

test("usage that came after the last run keeps its month whatever its age", () => {
  const later = { ...MOMENT, nowMs: at("2090-01-01T00:00:00Z") };
  expect(keptReason(MONTH, later)).toBeUndefined();
  expect(keptReason({ ...MONTH, newestBatch: 8 }, { ...later, lastComplete: 8 })).toBe("PeriodOpen");
});
