/** Limits of one question about stored usage; part of the one list (`limits.ts`). */
export const USAGE_QUESTION_LIMITS = {
  totalRowsMax: {
    value: 10_000,
    unit: "sums",
    why: "In one JSON answer; past this the caller asks for the next page.",
  },
  totalRowsStreamedMax: {
    value: 1_000_000,
    unit: "sums",
    why: "In one answer of lines; the answer says when it was cut off there.",
  },
  totalHoursMax: { value: 10_000, unit: "hours", why: "Of one question for totals: 13 months and some days." },
  completenessHoursMax: {
    value: 31 * 24,
    unit: "hours",
    why: "Of one question for completeness: every hour is told, those of the longest month.",
  },
  completenessFindingsMax: {
    value: 200,
    unit: "findings",
    why: "Told of one stamp; all are counted. Whoever has more than these begins with them.",
  },
} as const;
