import { type Hour } from "../ids.ts";
import type { HourArrivals } from "../usage/arrivals.ts";

/** In the newest hours usage is still on its way: a Hub reports some of it two hours late, and a bridge reads it after that. */
export const SETTLING_HOURS = 4;
/** A record is late when it came in longer than this after the end of the reported window that it is from. */
export const LATE_HOURS = 6;

/**
 * What became of an hour, in order of precedence: usage came, some of it late; usage came; nothing came, and the stamp had
 * not reported anything before; nothing came yet, and it is too early to say; nothing came.
 */
export const HOUR_STATES = ["late", "received", "notExpected", "pending", "missing"] as const;
export type HourState = (typeof HOUR_STATES)[number];

export interface HourLook extends Omit<HourArrivals, "aheadMs" | "firstArrivalMs" | "lastArrivalMs"> {
  readonly state: HourState;
  readonly firstArrivalMs: number | undefined;
  readonly lastArrivalMs: number | undefined;
}

/** Half-open hours. */
export interface Stretch {
  readonly from: Hour;
  readonly to: Hour;
}

export interface Completeness {
  /** Every hour that was asked for, in order. */
  readonly hours: readonly HourLook[];
  readonly counts: Readonly<Record<HourState, number>>;
  /** The missing hours. */
  readonly gaps: readonly Stretch[];
}

/**
 * The hours of [from, to) that are not among others, in stretches.
 * @param hours ascending; any of them may lie outside
 */
export function stretchesWithout(hours: Iterable<Hour>, from: Hour, to: Hour): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let next = from;
  for (const hour of hours) {
    if (hour >= to) break;
    if (hour > next) stretches.push({ from: next, to: hour });
    if (hour >= next) next = (hour + 1) as Hour;
  }
  if (to > next) stretches.push({ from: next, to });
  return stretches;
}

export interface CompletenessFacts extends Stretch {
  /** A stamp that has reported is expected to report every hour from its first one on; undefined: it never has. */
  readonly expectedFrom: Hour | undefined;
  /** Up to here it would have come. */
  readonly settledTo: Hour;
  /** Ascending; hours without any may be left out. */
  readonly arrivals: readonly HourArrivals[];
}

/** What was expected of a stamp in hours, and what came. */
export function completenessOf({ from, to, expectedFrom, settledTo, arrivals }: CompletenessFacts): Completeness {
  const came = new Map(arrivals.map((so) => [so.hour, so]));
  const counts: Record<HourState, number> = { late: 0, received: 0, notExpected: 0, pending: 0, missing: 0 };
  const stateOf = (hour: Hour): HourState => {
    const so = came.get(hour);
    if (so !== undefined) return so.late > 0 ? "late" : "received";
    if (expectedFrom === undefined || hour < expectedFrom) return "notExpected";
    return hour >= settledTo ? "pending" : "missing";
  };
  const hours: HourLook[] = [];
  for (let hour = from; hour < to; hour = (hour + 1) as Hour) {
    const { records = 0, held = 0, late = 0, firstArrivalMs, lastArrivalMs } = came.get(hour) ?? {};
    const state = stateOf(hour);
    counts[state] += 1;
    hours.push({ hour, state, records, held, late, firstArrivalMs, lastArrivalMs });
  }
  const there = hours.filter(({ state }) => state !== "missing").map(({ hour }) => hour);
  return { hours, counts, gaps: stretchesWithout(there, from, to) };
}
