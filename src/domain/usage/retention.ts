import { type Hour, hourStartMs } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { monthsLater, type Period } from "../statement/period.ts";
import { type PeriodFacts, periodState } from "../statement/periodState.ts";

/** How long usage stays in the usage store, in whole months after the month that it belongs to. */
export interface RetentionRules {
  readonly retentionMonths: number;
  /** How long a billing period may still be corrected after its end. */
  readonly correctableMonths: number;
}

/** Why a month stays in the usage store, in order of precedence. */
export const KEPT_REASONS = ["Retention", "PeriodOpen", "PeriodCorrectable", "BatchRunning", "UsageRecent"] as const;
export type KeptReason = (typeof KEPT_REASONS)[number];

/** A month of usage in the store, without what came in after its archive. */
export interface StoredMonth {
  readonly period: Period;
  readonly entries: number;
  /** The newest batch that brought usage of it or decided on some, and when. */
  readonly newestBatch: number;
  readonly newestAtMs: number;
}

/** What is asked about a month at a moment. */
export interface RetentionMoment {
  readonly nowMs: number;
  readonly rules: RetentionRules;
  /** How far the billing periods of its hours are, and where the last of them ends. */
  readonly period: { readonly facts: PeriodFacts; readonly to: Hour };
  /** What is stored up to this batch does not change any more. */
  readonly lastComplete: number;
  /** Whether somebody asked for it; else months into which usage came only lately are left alone. */
  readonly asked: boolean;
}

/** The first month whose usage stays, whatever else is so. */
export const firstRetained = (current: Period, { retentionMonths }: RetentionRules): Period =>
  monthsLater(current, -retentionMonths);

/**
 * Why a month must stay in the usage store; undefined when it may be archived and dropped. Months go in their order, so
 * one that stays keeps all later ones.
 */
export function keptReason(
  { period, newestBatch, newestAtMs }: StoredMonth,
  { nowMs, rules, period: billed, lastComplete, asked }: RetentionMoment,
): KeptReason | undefined {
  const { retentionMonths, correctableMonths } = rules;
  if (hourStartMs(monthsLater(period, retentionMonths).to) > nowMs) return "Retention";
  switch (periodState(billed.to, billed.facts, { nowMs, correctableMonths, newestBatch })) {
    case "open":
      return "PeriodOpen";
    case "correctable":
      return "PeriodCorrectable";
    case "settled":
  }
  if (newestBatch > lastComplete) return "BatchRunning";
  return !asked && newestAtMs > nowMs - LIMITS.archiveQuietMsMin ? "UsageRecent" : undefined;
}
