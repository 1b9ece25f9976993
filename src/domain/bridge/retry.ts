import assert from "node:assert/strict";
import { HOUR_MS, type InstantMs, parseInstant, SECOND_MS } from "../../lib/instant.ts";

export interface RetryRules {
  readonly delayMsMin: number;
  readonly delayMsMax: number;
}

/** A server that asks for more is asked again after this long all the same. */
const RETRY_AFTER_MS_MAX = HOUR_MS;

/**
 * How long to wait before the next try: twice as long after each failure, between half and all of it by chance, so that
 * many bridges do not come back at one moment; never less than the other side asked for.
 * @param failures in a row, at least one
 * @param random from 0 up to 1
 */
export function retryDelayMs(failures: number, random: number, rules: RetryRules, retryAfterMs = 0): number {
  assert(failures >= 1 && random >= 0 && random < 1);
  const fullMs = Math.min(rules.delayMsMax, rules.delayMsMin * 2 ** Math.min(failures - 1, 30));
  return Math.ceil(Math.max(fullMs / 2 + (fullMs / 2) * random, Math.min(retryAfterMs, RETRY_AFTER_MS_MAX)));
}

/** Milliseconds that a Retry-After header asks for: seconds, or a date (RFC 9110). Undefined when it says neither. */
export function retryAfterMs(header: string | undefined, nowMs: InstantMs): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number.parseInt(header, 10) * SECOND_MS;
  const atMs = httpDateMs(header);
  return atMs === undefined ? undefined : Math.max(0, atMs - nowMs);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const HTTP_DATE = /^\s*[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d) GMT\s*$/;

/** The instant of a header such as Date: `Tue, 10 Dec 2019 19:00:00 GMT`. Undefined when it is none. */
export function httpDateMs(text: string | undefined): InstantMs | undefined {
  const [, day, month = "", year, time] = HTTP_DATE.exec(text ?? "") ?? [];
  const number = MONTHS.indexOf(month) + 1;
  return number === 0 ? undefined : parseInstant(`${year}-${String(number).padStart(2, "0")}-${day}T${time}Z`);
}
