import assert from "node:assert/strict";
import { remember } from "./remember.ts";

/** Milliseconds since 1970-01-01T00:00:00Z. The only file that asks the machine what time it is. */
export type InstantMs = number;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export interface Clock {
  now(): InstantMs;
}

export const systemClock: Clock = { now: () => Date.now() };

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+ -])(\d\d):?(\d\d)Z?)?$/;

/** Usage repeats the same few hours over and over. */
const REMEMBERED_CHARS_MAX = 131_072;

/**
 * Reads the ISO-8601 spellings that real clients send (contract/usage.md §1): up to nine fractional digits, `Z`,
 * `+00:00`, a `+` that arrived as a space, `+00:00Z`, or no zone at all, which means UTC. Undefined when it is none.
 */
export const parseInstant: (text: string) => InstantMs | undefined = remember(readInstant, REMEMBERED_CHARS_MAX);

function readInstant(text: string): InstantMs | undefined {
  const match = INSTANT.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number.parseInt(match[i] ?? "0", 10));
  assert(year !== undefined && month !== undefined && day !== undefined);
  const localMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(localMs);
  // Date.UTC rolls 31 February over into March; a date that does not exist is refused instead.
  const exists =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    (hour ?? 0) < 24 &&
    (minute ?? 0) < 60 &&
    (second ?? 0) < 60;
  if (!exists) return undefined;
  const fractionMs = Math.trunc(Number.parseInt((match[7] ?? "0").padEnd(9, "0"), 10) / 1_000_000);
  const offsetMinutes = Number.parseInt(match[9] ?? "0", 10) * 60 + Number.parseInt(match[10] ?? "0", 10);
  const sign = match[8] === "-" ? 1 : -1;
  return localMs + fractionMs + sign * offsetMinutes * MINUTE_MS;
}

/** `2024-02-29T23:00:00Z`, with milliseconds only where there are any. */
export function formatInstant(instant: InstantMs): string {
  const text = new Date(instant).toISOString();
  return text.endsWith(".000Z") ? `${text.slice(0, -5)}Z` : text;
}

/** For libraries that take a Date. */
export const dateOf = (instant: InstantMs): Date => new Date(instant);

/** First instant of a calendar month in UTC; `month` counts from 1 and may run past 12. */
export const monthStart = (year: number, month: number): InstantMs => Date.UTC(year, month - 1, 1);

/** Calendar year and month (1 to 12) of an instant, in UTC. */
export function yearMonthOf(instant: InstantMs): { readonly year: number; readonly month: number } {
  const date = new Date(instant);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1 };
}

/** The same day and time so many years later, in UTC; 29 February becomes the 28th where there is none. */
export function addYears(instant: InstantMs, years: number): InstantMs {
  const date = new Date(instant);
  const month = date.getUTCMonth();
  date.setUTCFullYear(date.getUTCFullYear() + years);
  if (date.getUTCMonth() !== month) date.setUTCDate(0);
  return date.getTime();
}
