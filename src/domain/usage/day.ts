import { DAY_MS } from "../../lib/instant.ts";
import type { LocalSubscriptionId, RegistrationId } from "../ids.ts";
import type { UsageScope, UsageSegment } from "./store.ts";

const DAY_HOURS = 24;

/** The UTC day that an instant lies in, counted in whole days since 1970. */
export const dayOf = (instantMs: number): number => Math.floor(instantMs / DAY_MS);

/** A day of a registration's usage, and how far its rollup goes. */
export interface UsageDay {
  readonly registration: RegistrationId;
  readonly day: number;
  /** The newest batch that may have brought entries of this day. */
  readonly touchedBy: number;
  /** What `touchedBy` was when the day was rolled up last; 0 where it never was. */
  readonly rolledUpTo: number;
}

/** What a batch is about to write. */
export interface TouchedDays {
  readonly registration: RegistrationId;
  readonly batch: number;
  readonly days: readonly number[];
  /** End of the newest reported window among it; undefined for a decision. */
  readonly reportedUntilMs?: number;
}

/**
 * Which days hold usage, and which of them are rolled up. A day is marked before anything of it is written, so that no
 * entry is ever in a day that is not marked by its batch; a mark with nothing behind it does no harm.
 */
export interface UsageDayStore {
  touch(touched: TouchedDays): Promise<void>;
  /** Days in [from, to), of the registrations from the first to the last of these or of all. */
  between(from: number, to: number, registrations?: UsageScope["registrations"]): Promise<readonly UsageDay[]>;
  /** Days that are not rolled up to their last touch, where that is this batch or an earlier one; oldest first. */
  behind(page: { readonly touchedUpTo: number; readonly limit: number }): Promise<readonly UsageDay[]>;
  /** Notes that these days are rolled up to their `touchedBy`. */
  rolledUp(days: readonly UsageDay[]): Promise<void>;
  /** Whether any day is marked. */
  any(): Promise<boolean>;
  /** Marks days that nobody has marked, all or none. */
  fill(days: readonly UsageDay[]): Promise<void>;
  /** The first day that any batch may have brought entries of; archived ones count too. Undefined where there is none. */
  firstDay(registration: RegistrationId): Promise<number | undefined>;
  /** End of the newest reported window of each registration, as known when a batch was the newest one. */
  reportedUntil(lastBatch: number): Promise<ReadonlyMap<RegistrationId, number>>;
}

/** How the usage of a scope is read: days that are rolled up from there, the others entry by entry. */
export interface DayPlan {
  /** Whether any day is read from the rollup. */
  readonly usesRollup: boolean;
  readonly entryDays: readonly Pick<UsageDay, "registration" | "day">[];
  /** Days of single local subscriptions that are read entry by entry, because a segment ends inside. */
  readonly cutDays: readonly {
    readonly registration: RegistrationId;
    readonly localSubscription: LocalSubscriptionId;
    readonly day: number;
  }[];
}

/** The days that a scope touches, [from, to). */
export const daysOf = ({ from, to }: Pick<UsageScope, "from" | "to">): readonly [from: number, to: number] => [
  Math.floor(from / DAY_HOURS),
  Math.ceil(to / DAY_HOURS),
];

/**
 * A day is read from its rollup when that is exact: the day lies wholly in the scope, nothing has touched it since it was
 * rolled up, and what touched it last was known already when `lastBatch` was the newest batch.
 * @param days every marked day that the scope touches
 * @param segments hours of local subscriptions whose bounds the sums must keep to
 */
export function planDays(
  days: readonly UsageDay[],
  { from, to, lastBatch }: UsageScope,
  segments: readonly UsageSegment[],
): DayPlan {
  const isExact = ({ day, touchedBy, rolledUpTo }: UsageDay): boolean =>
    day * DAY_HOURS >= from && (day + 1) * DAY_HOURS <= to && rolledUpTo === touchedBy && touchedBy <= lastBatch;
  const rolledUp = new Set(days.filter(isExact).map(({ registration, day }) => `${registration} ${day}`));
  if (rolledUp.size === 0) return { usesRollup: false, entryDays: days, cutDays: [] };
  const cut = new Map<string, DayPlan["cutDays"][number]>();
  for (const { registration, localSubscription, ...bounds } of segments) {
    for (const hour of [bounds.from, bounds.to]) {
      const day = Math.floor(hour / DAY_HOURS);
      if (hour % DAY_HOURS === 0 || !rolledUp.has(`${registration} ${day}`)) continue;
      cut.set(`${registration} ${localSubscription} ${day}`, { registration, localSubscription, day });
    }
  }
  return { usesRollup: true, entryDays: days.filter((so) => !isExact(so)), cutDays: [...cut.values()] };
}
