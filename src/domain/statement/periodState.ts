import { type Hour, hourStartMs } from "../ids.ts";
import { monthsAfter } from "./billingPeriods.ts";

/** How far a period is for one partner, in the order in which it becomes so. */
export const PARTNER_STATES = ["open", "inReview", "closed", "corrected"] as const;
export type PartnerState = (typeof PARTNER_STATES)[number];

/** Open: nothing was made yet. In review: there are drafts, made anew by each run. Corrected: corrections were issued. */
export function partnerState({
  drafts,
  closings,
  corrections,
}: {
  readonly drafts: number;
  readonly closings: number;
  readonly corrections: number;
}): PartnerState {
  if (closings === 0) return drafts === 0 ? "open" : "inReview";
  return corrections === 0 ? "closed" : "corrected";
}

/** What is known of a period over all partners. */
export interface PeriodFacts {
  /** Drafts that are still to be closed, and payers that were set aside. */
  readonly pending: number;
  /** How often something was closed in it. */
  readonly closings: number;
  /** The newest batch that a run, a close or corrections of it took in; undefined where there was none. */
  readonly lastBatch: number | undefined;
}

/** Whether nobody's statement of a period can change any more. Usage that nobody pays for keeps none open. */
export const isClosed = ({ pending, closings }: Pick<PeriodFacts, "pending" | "closings">): boolean =>
  closings > 0 && pending === 0;

/** How final a billing period is, in the order in which it becomes so. */
export const PERIOD_STATES = ["open", "correctable", "settled"] as const;
export type PeriodState = (typeof PERIOD_STATES)[number];

/**
 * Open: it has not ended, or not everybody's statement is closed, or usage came that no run, close or correction has looked
 * at. Correctable: so many months after its end have not passed. Settled: neither. The one place that is asked.
 * @param to where the period ends
 * @param newestBatch the newest batch that brought usage of the period, or decided on some
 */
export function periodState(
  to: Hour,
  facts: PeriodFacts,
  {
    nowMs,
    correctableMonths,
    newestBatch,
  }: { readonly nowMs: number; readonly correctableMonths: number; readonly newestBatch: number },
): PeriodState {
  if (hourStartMs(to) > nowMs || !isClosed(facts)) return "open";
  if (facts.lastBatch === undefined || facts.lastBatch < newestBatch) return "open";
  return monthsAfter(hourStartMs(to), correctableMonths) > nowMs ? "correctable" : "settled";
}
