import type { Hour } from "../ids.ts";
import type { UsageScope } from "./store.ts";

/** How a stamp's usage of one hour came in. */
export interface HourArrivals {
  readonly hour: Hour;
  /** Records that count. */
  readonly records: number;
  /** Versions that are kept and do not count: they wait for somebody, or came after their month was archived. */
  readonly held: number;
  /** When the first and the last of all of these were taken in; of a version that somebody chose, when it was chosen. */
  readonly firstArrivalMs: number;
  readonly lastArrivalMs: number;
  /** Those that came long after the reported window that they are from had ended. */
  readonly late: number;
  /** By how much the end of a stamp's reported window was still to come when it arrived, at most; 0 where none was. */
  readonly aheadMs: number;
}

/** What counts of 24 hours. */
export interface DayVolume {
  /** Counts the days from the first hour that was asked for: 0, 1 and so on. */
  readonly day: number;
  readonly records: number;
  /** How many local subscriptions they are of. */
  readonly localSubscriptions: number;
}

/** How the usage of one registration came in; archived months that a scope names are read along. */
export interface UsageArrivals {
  /**
   * In the order of hours; those without any are left out.
   * @param lateAfterMs after the end of the reported window
   */
  byHour(scope: UsageScope, lateAfterMs: number): Promise<readonly HourArrivals[]>;
  /** By 24 hours from the first hour of the scope on; those without any are left out. */
  byDay(scope: UsageScope): Promise<readonly DayVolume[]>;
}
