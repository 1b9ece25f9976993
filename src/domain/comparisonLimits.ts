const KiB = 1_024;
const GiB = 1_024 * 1_024 * KiB;

/** Limits of what is laid side by side; part of the one list (`limits.ts`). */
export const COMPARISON_LIMITS = {
  trialPayersMax: { value: 200, unit: "payers", why: "Those of a trial that are told; all are counted." },
  trialLinesMax: { value: 50, unit: "lines", why: "Lines of one payer that a trial tells; all are counted." },
  reconciliationFileBytesMax: {
    value: 4 * GiB,
    unit: "bytes after decompression",
    why: "A reconciliation file is read once, row by row; a daily one of 10 million rows has about 3 GB.",
  },
  reconciliationRowBytesMax: {
    value: 64 * KiB,
    unit: "bytes",
    why: "A row of daily-rated usage has about 300 bytes; its tags and additional info may be some KB.",
  },
  reconciliationColumnsMax: {
    value: 500,
    unit: "columns",
    why: "Partner Center's widest file has 54; each of them costs in every row.",
  },
  reconciliationCellsMax: {
    value: 1_000_000,
    unit: "sums of a payer, stamp, meter and day",
    why: "Of each side, held in memory: about 300 MB. More payers are compared one by one, or a partner at a time.",
  },
  reconciliationDifferencesMax: {
    value: 10_000,
    unit: "differences",
    why: "Told one by one in an answer; all are counted, cause by cause.",
  },
  reconciliationGraceHours: {
    value: 24,
    unit: "hours after the period",
    why: "Usage that is reported later is on Partner Center's next reconciliation file (contract/usage.md §8).",
  },
} as const;
