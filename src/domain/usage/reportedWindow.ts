import { HOUR_MS, parseInstant } from "../../lib/instant.ts";
import { Fault } from "../faults/fault.ts";

/** The half-open stretch of reported time that a request asked a stamp for; part of every record's identity. */
export interface ReportedWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Reads the two ends as clients write them.
 * @throws Fault ReportedWindowInvalid
 */
export function parseReportedWindow(start: string, end: string): ReportedWindow {
  const startMs = parseInstant(start);
  const endMs = parseInstant(end);
  const fail = (reason: string): never => {
    throw new Fault("ReportedWindowInvalid", { start, end, reason });
  };
  if (startMs === undefined || endMs === undefined) return fail("both ends must be instants like 2019-12-10T19:00:00Z");
  if (startMs % HOUR_MS !== 0 || endMs % HOUR_MS !== 0) return fail("both ends must be whole hours in UTC");
  if (endMs <= startMs) return fail("it must end after it starts");
  return { startMs, endMs };
}
