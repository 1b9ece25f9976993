import assert from "node:assert/strict";
import type { Hour, RegistrationId, SubscriptionId, TenantId } from "../ids.ts";

/**
 * One change of who pays for a tenant: from an hour on, this customer subscription, or nobody in particular (null).
 * Changes are only ever added, so that what was known at any moment can be rebuilt; a mapping's end is the next change.
 */
export interface MappingChange {
  /** Counts up in the order of recording. */
  readonly id: number;
  readonly registration: RegistrationId;
  readonly tenant: TenantId;
  readonly customer: SubscriptionId | null;
  /** First usage hour that it counts for: a change at 10:20 counts from 11:00. */
  readonly effectiveHour: Hour;
  readonly recordedAtMs: number;
  readonly recordedBy: string;
}

/** A stretch of half-open hours with one payer. `to` is null while no later change is known. */
export interface MappingInterval {
  readonly from: Hour;
  readonly to: Hour | null;
  readonly customer: SubscriptionId | null;
  readonly change: MappingChange;
}

/**
 * The history of one tenant on one registration as intervals without gap or overlap, from its first change on.
 * Of two changes for the same hour the one recorded later counts.
 * @param changes of one registration and tenant, in any order
 */
export function mappingIntervals(changes: readonly MappingChange[]): readonly MappingInterval[] {
  const ordered = [...changes].sort((a, b) => a.effectiveHour - b.effectiveHour || a.id - b.id);
  const last = ordered.filter((change, i) => ordered[i + 1]?.effectiveHour !== change.effectiveHour);
  const intervals = last.map((change, i) => ({
    from: change.effectiveHour,
    to: last[i + 1]?.effectiveHour ?? null,
    customer: change.customer,
    change,
  }));
  assert(intervals.every(({ from, to }) => to === null || from < to));
  return intervals;
}

/** The interval that an hour lies in; undefined before the tenant's first change. */
export const intervalAt = (intervals: readonly MappingInterval[], hour: Hour): MappingInterval | undefined =>
  intervals.findLast(({ from }) => from <= hour);
