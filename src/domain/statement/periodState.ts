import { hourStartMs } from "../ids.ts";
import { monthsLater, type Period } from "./period.ts";

/** How final a billing period is, in the order in which it becomes so. */
export const PERIOD_STATES = ["open", "correctable", "settled"] as const;
export type PeriodState = (typeof PERIOD_STATES)[number];

export interface PeriodFacts {
  /** The newest batch that the period's run of statements took in; undefined where none was made. */
  readonly runLastBatch: number | undefined;
  /** The newest batch that brought usage of the period, or decided on some. */
  readonly newestBatch: number;
}

/**
 * Open: it has not ended, or usage of it is on no run of statements. Correctable: so many months after its end have not
 * passed. Settled: neither. The one place that is asked; when statements are closed, what closes them is asked here.
 */
export function periodState(
  period: Period,
  { runLastBatch, newestBatch }: PeriodFacts,
  { nowMs, correctableMonths }: { readonly nowMs: number; readonly correctableMonths: number },
): PeriodState {
  if (hourStartMs(period.to) > nowMs) return "open";
  if (runLastBatch === undefined || runLastBatch < newestBatch) return "open";
  return hourStartMs(monthsLater(period, correctableMonths).to) > nowMs ? "correctable" : "settled";
}
