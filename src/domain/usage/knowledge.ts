import { type Hour, hourOf, type LocalSubscriptionId, type MeterId } from "../ids.ts";

/** Why a record is stored but not billable until someone resolves it, in order of precedence. */
export const INTAKE_PARKED_REASONS = ["PeriodArchived", "UnknownLocalSubscription", "UnknownMeter"] as const;
export type IntakeParkedReason = (typeof INTAKE_PARKED_REASONS)[number];

/** Which meters are known, hour by hour, as of one moment. */
export interface MeterKnowledge {
  isKnown(meter: MeterId, hour: Hour): boolean;
}

/** What decides whether usage of one registration waits. */
export interface UsageKnowledge {
  /** The first hour whose usage counts. */
  readonly horizon: Hour;
  readonly meters: MeterKnowledge;
  /** The first hour that a local subscription is known in. */
  readonly localSubscriptions: { get(id: LocalSubscriptionId): Hour | undefined };
}

/** Why a new record waits, or undefined when it is billable. */
export function parkedReason(
  record: { readonly localSubscription: LocalSubscriptionId; readonly meter: MeterId; readonly usageStartMs: number },
  { horizon, meters, localSubscriptions }: UsageKnowledge,
): IntakeParkedReason | undefined {
  const hour = hourOf(record.usageStartMs);
  if (hour < horizon) return "PeriodArchived";
  const first = localSubscriptions.get(record.localSubscription);
  if (first === undefined || hour < first) return "UnknownLocalSubscription";
  return meters.isKnown(record.meter, hour) ? undefined : "UnknownMeter";
}
