import { DAY_MS, formatInstant, HOUR_MS, parseInstant, SECOND_MS } from "../../lib/instant.ts";
import { Fault } from "../faults/fault.ts";
import type { ReportedUnit } from "../usage/store.ts";

/** What a client asks for: reported time [fromMs, toMs), one row for each hour or each day of it. */
export interface ReportedRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly unit: ReportedUnit;
}

/** The parameters as they came; empty ones mean that there is none (contract/usage.md §1). */
export interface RangeParameters {
  readonly start: string | undefined;
  readonly end: string | undefined;
  readonly granularity: string | undefined;
}

export const UNIT_MS: Readonly<Record<ReportedUnit, number>> = { hour: HOUR_MS, day: DAY_MS };
/** Stamps report hourly, each at a time of its own; so a client asks again within this time. */
const RETRY_SECONDS_MAX = 300;
const UNIT_OF: Readonly<Record<string, ReportedUnit>> = { daily: "day", hourly: "hour" };
export const GRANULARITY: Readonly<Record<ReportedUnit, string>> = { hour: "Hourly", day: "Daily" };

export const invalidProperty = (property: string, value: string, reason: string): Fault =>
  new Fault("InvalidProperty", { property, value, reason }, { target: property });

/**
 * Reads what is asked for; Daily unless it is said otherwise.
 * @throws Fault InvalidAggregationGranularity, InvalidProperty, RequestEndTimeIsInFuture
 */
export function readReportedRange({ start, end, granularity }: RangeParameters, nowMs: number): ReportedRange {
  const unit = granularity === undefined || granularity === "" ? "day" : UNIT_OF[granularity.toLowerCase()];
  if (unit === undefined) throw new Fault("InvalidAggregationGranularity", { granularity: granularity ?? "" });
  const fromMs = readTime("reportedStartTime", start, unit);
  const toMs = readTime("reportedEndTime", end, unit);
  if (toMs <= fromMs) throw invalidProperty("reportedEndTime", end ?? "", "it must be later than reportedStartTime");
  if (toMs > nowMs) {
    throw new Fault("RequestEndTimeIsInFuture", { end: formatInstant(toMs), now: formatInstant(nowMs) });
  }
  return { fromMs, toMs, unit };
}

function readTime(name: string, text: string | undefined, unit: ReportedUnit): number {
  if (text === undefined || text === "") throw invalidProperty(name, "", "it is missing");
  const instant = parseInstant(text);
  if (instant === undefined) throw invalidProperty(name, text, "an instant like 2019-12-10T19:00:00Z is needed");
  if (instant % UNIT_MS[unit] !== 0) {
    throw invalidProperty(name, text, unit === "day" ? "it must be midnight in UTC" : "it must be a whole hour in UTC");
  }
  return instant;
}

/**
 * A range that ends with the day, or the hour, that is running now is complete once every stamp has reported that far.
 * Older ranges always are: what a stamp that is cut off still has comes later, in windows of its own.
 * @param reportedUntilMs of each stamp that is asked about; undefined where it never reported
 * @throws Fault ProcessingNotComplete
 */
export function mustBeProcessed(
  { toMs, unit }: ReportedRange,
  nowMs: number,
  reportedUntilMs: readonly (number | undefined)[],
): void {
  const unitMs = UNIT_MS[unit];
  if (toMs < Math.floor(nowMs / unitMs) * unitMs) return;
  if (reportedUntilMs.every((until) => until !== undefined && until >= toMs)) return;
  const leftS = Math.ceil((toMs + unitMs - nowMs) / SECOND_MS);
  const seconds = Math.max(1, Math.min(leftS, RETRY_SECONDS_MAX));
  throw new Fault("ProcessingNotComplete", { end: formatInstant(toMs), seconds });
}
