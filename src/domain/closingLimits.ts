/** Limits of what is told of drafts, closes and corrections; part of the one list (`limits.ts`). */
export const CLOSING_LIMITS = {
  draftChangesToldMax: {
    value: 50,
    unit: "payers",
    why: "How many payers a run tells of whose drafts are other than before; all are counted.",
  },
  draftLinesComparedMax: {
    value: 1_000,
    unit: "statements",
    why: "Earlier drafts whose lines are held to be compared with the new ones; of more, totals are.",
  },
  setAsideToldMax: {
    value: 200,
    unit: "payers",
    why: "Payers that an answer names as set aside, with the reason; all are counted.",
  },
  closeFindingsToldMax: {
    value: 50,
    unit: "findings",
    why: "What a check before a close shows of what it found; all are counted.",
  },
  correctionCausesToldMax: {
    value: 100,
    unit: "causes",
    why: "Causes that a correction names one by one; of more of a kind, one entry tells how many there were.",
  },
  correctionsPreviewedMax: {
    value: 1_000,
    unit: "corrections",
    why: "Corrections that a preview tells in full; all are counted.",
  },
} as const;
