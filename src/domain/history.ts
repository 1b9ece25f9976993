import type { Hour } from "./ids.ts";

/**
 * What every change of an effective-dated fact has. Changes are only ever added, so that what was known at any moment
 * can be rebuilt; what a change says ends at the next change (design rule 2).
 */
export interface EffectiveChange {
  /** Counts up in the order of recording. */
  readonly id: number;
  /** First usage hour that it counts for: a change at 10:20 counts from 11:00. */
  readonly effectiveHour: Hour;
  readonly recordedAtMs: number;
  readonly recordedBy: string;
}

/** A stretch of half-open hours in which one change counts. `to` is null while no later change is known. */
export interface Interval<Change extends EffectiveChange> {
  readonly from: Hour;
  readonly to: Hour | null;
  readonly change: Change;
}

/** The effective hour of what has always been so. */
export const BEGINNING = 0 as Hour;

/**
 * The changes that count, by their hour: of two changes for the same hour the one recorded later.
 * @param changes of one thing, in any order
 */
function counting<Change extends EffectiveChange>(changes: readonly Change[]): Change[] {
  if (changes.length === 1) return [...changes];
  const ordered = [...changes].sort((a, b) => a.effectiveHour - b.effectiveHour || a.id - b.id);
  return ordered.filter((change, i) => ordered[i + 1]?.effectiveHour !== change.effectiveHour);
}

/**
 * The history of one thing as intervals without gap or overlap, from its first change on.
 * @param changes of one thing, in any order
 */
export function intervalsOf<Change extends EffectiveChange>(changes: readonly Change[]): readonly Interval<Change>[] {
  const last = counting(changes);
  return last.map((change, i) => ({ from: change.effectiveHour, to: last[i + 1]?.effectiveHour ?? null, change }));
}

/** How many of the things, which are in ascending order of `hourAt`, begin at or before an hour. */
function begunBy(count: number, hour: Hour, hourAt: (i: number) => Hour): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (hourAt(middle) <= hour) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The interval that an hour lies in; undefined before the first change. */
export const intervalAt = <Change extends EffectiveChange>(
  intervals: readonly Interval<Change>[],
  hour: Hour,
): Interval<Change> | undefined => intervals[begunBy(intervals.length, hour, (i) => intervals[i]!.from) - 1];

/** The hours strictly inside [from, to) at which an interval begins. */
export const changeHours = (intervals: readonly Interval<EffectiveChange>[], from: Hour, to: Hour): readonly Hour[] =>
  intervals.map((interval) => interval.from).filter((hour) => from < hour && hour < to);

/** Whether an interval begins strictly inside [from, to). */
export function changesWithin(intervals: readonly Interval<EffectiveChange>[], from: Hour, to: Hour): boolean {
  const next = intervals[begunBy(intervals.length, from, (i) => intervals[i]!.from)];
  return next !== undefined && next.from < to;
}

/** The history of one thing while changes are added to it. */
export class History<Change extends Pick<EffectiveChange, "effectiveHour">> {
  readonly #changes: Change[];

  constructor(changes: readonly (Change & EffectiveChange)[]) {
    this.#changes = counting(changes);
  }

  get last(): Change | undefined {
    return this.#changes.at(-1);
  }

  at(hour: Hour): Change | undefined {
    return this.#changes[this.#begunBy(hour) - 1];
  }

  /** @param change recorded after all that are there */
  add(change: Change): void {
    const begun = this.#begunBy(change.effectiveHour);
    const replaces = this.#changes[begun - 1]?.effectiveHour === change.effectiveHour;
    this.#changes.splice(replaces ? begun - 1 : begun, replaces ? 1 : 0, change);
  }

  #begunBy(hour: Hour): number {
    return begunBy(this.#changes.length, hour, (i) => this.#changes[i]!.effectiveHour);
  }
}

/**
 * The hour that a change made without an hour of its own counts from: the next whole hour, and never before the last
 * change, so that the newer of two wins even when the clock was set back between them.
 */
export const nextEffectiveHour = (last: Hour | undefined, next: Hour): Hour =>
  last === undefined || last < next ? next : last;
