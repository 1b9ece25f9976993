import { HOUR_MS, parseInstant } from "../../lib/instant.ts";
import { remember } from "../../lib/remember.ts";
import { Fault } from "../faults/fault.ts";

const instant = (text: string): number => parseInstant(text) ?? Number.NaN;

/** No stamp existed before, and what is later is mistyped; the store's times would not hold it either. */
export const EARLIEST_MS = instant("2015-01-01T00:00:00Z");
const LATEST_MS = instant("2100-01-01T00:00:00Z");

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
  if (startMs < EARLIEST_MS || endMs > LATEST_MS) return fail("it must lie between 2015 and 2100");
  return { startMs, endMs };
}

const REMEMBERED_CHARS_MAX = 1_048_576;
const windowOf = remember((ends) => {
  const [start = "", end = ""] = ends.split("\n");
  return parseReportedWindow(start, end);
}, REMEMBERED_CHARS_MAX);

/** As `parseReportedWindow`; the many records of a window get one object. */
export const sharedWindow = (start: string, end: string): ReportedWindow => windowOf(`${start}\n${end}`);
