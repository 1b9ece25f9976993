import assert from "node:assert/strict";
import { HOUR_MS, type InstantMs } from "../../lib/instant.ts";

/**
 * A reported window of a stamp that was read before. Windows are whole hours and never cut otherwise: the window is part
 * of every record's identity, so the same rows read by another window would count twice.
 */
export interface RecentWindow {
  readonly startMs: InstantMs;
  /** When it was read last, by the stamp's clock. */
  readonly readAtMs: InstantMs;
  /** Read with one query for all tenants, or with one for each local subscription because the stamp was too slow. */
  readonly by: "stamp" | "subscription";
  /** How often the query for all tenants was tried once more since, in vain. */
  readonly confirmTries: number;
}

/**
 * Queries for each subscription miss those that no list and no row has named. So a window that was read in no other way
 * gets a few more tries of the query for all tenants.
 */
const CONFIRM_TRIES_MAX = 3;

export interface ReadingRules {
  /** How long after its end a window is left alone before it is read for the first time. */
  readonly settleMs: number;
  /** How long after its end a window is read again for rows that come late; 0 reads each window once. */
  readonly rereadDepthMs: number;
}

export type NextReading =
  | { readonly kind: "read"; readonly startMs: InstantMs; readonly again: boolean; readonly confirms: boolean }
  | { readonly kind: "wait"; readonly untilMs: InstantMs };

export interface ReadingState {
  /** Start of the first window that was never read. */
  readonly cursorMs: InstantMs;
  readonly recent: readonly RecentWindow[];
}

/**
 * Which window of a stamp is read next. Windows that were never read come first, in order and without a gap; then the
 * oldest one that is due again. All instants are the stamp's: it refuses what ends in its own future.
 * @param heldMs for so long a window that was never read is not asked for, because the stamp said it was not ready;
 * those that are due again do not wait for it
 */
export function nextReading(
  { cursorMs, recent }: ReadingState,
  rules: ReadingRules,
  nowMs: InstantMs,
  heldMs = 0,
): NextReading {
  assert(cursorMs % HOUR_MS === 0, "a window begins on the hour");
  const firstAtMs = Math.max(cursorMs + HOUR_MS + rules.settleMs, nowMs + heldMs);
  if (firstAtMs <= nowMs) return { kind: "read", startMs: cursorMs, again: false, confirms: false };
  let untilMs = firstAtMs;
  let due: RecentWindow | undefined;
  for (const window of recent) {
    const againAtMs = readAgainAtMs(window, rules);
    if (againAtMs === undefined) continue;
    if (againAtMs > nowMs) untilMs = Math.min(untilMs, againAtMs);
    else if (due === undefined || window.startMs < due.startMs) due = window;
  }
  if (due === undefined) return { kind: "wait", untilMs };
  return { kind: "read", startMs: due.startMs, again: true, confirms: isPastDepth(due, rules) };
}

/** Whether a window ended less than an hour ago, so that the stamp may well be at work on it. */
export const isNewest = (startMs: InstantMs, nowMs: InstantMs): boolean => nowMs < startMs + 2 * HOUR_MS;

const ageMs = ({ startMs, readAtMs }: RecentWindow): number => readAtMs - startMs - HOUR_MS;

/** Whether its last reading saw everything that came until the depth. */
const isPastDepth = (window: RecentWindow, { rereadDepthMs }: ReadingRules): boolean => ageMs(window) >= rereadDepthMs;

/**
 * When a window is read again: one hour after its end, two, four and so on, and for the last time at the depth, so that
 * nothing that came until then is missed. Undefined when that last reading was made.
 */
export function readAgainAtMs(window: RecentWindow, rules: ReadingRules): InstantMs | undefined {
  const { startMs, readAtMs, by, confirmTries } = window;
  if (isPastDepth(window, rules)) {
    const isConfirmed = by === "stamp" || confirmTries >= CONFIRM_TRIES_MAX;
    return isConfirmed ? undefined : readAtMs + HOUR_MS * 2 ** confirmTries;
  }
  let nextMs = HOUR_MS;
  while (nextMs <= ageMs(window)) nextMs *= 2;
  return startMs + HOUR_MS + Math.min(nextMs, rules.rereadDepthMs);
}

/** Whether nobody will look at a window again: rows that come later are not seen. */
export const isFinal = (window: RecentWindow, rules: ReadingRules): boolean =>
  readAgainAtMs(window, rules) === undefined;
