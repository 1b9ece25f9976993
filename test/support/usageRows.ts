import type { LocalSubscriptionId, MeterId } from "../../src/domain/ids.ts";
import { registrationId } from "../../src/domain/ids.ts";
import type { Held } from "../../src/domain/usage/entry.ts";
import { identityOf } from "../../src/domain/usage/identity.ts";
import type { UsageRecord } from "../../src/domain/usage/record.ts";
import type { UsageRow } from "../../src/domain/usage/store.ts";
import { HOUR_MS, parseInstant } from "../../src/lib/instant.ts";

export const WINDOWS_VM = "9cd92d4cbafd4492b278bedc2de8232a" as MeterId;
export const BASE_VM = "fab6eb84500b4a09a8ca7358f8bbaea5" as MeterId;
export const SUBSCRIPTION_A = "aaaaaaaa-0000-4000-8000-000000000000" as LocalSubscriptionId;
export const SUBSCRIPTION_B = "bbbbbbbb-0000-4000-8000-000000000000" as LocalSubscriptionId;

export interface RowFacts {
  readonly hour: string;
  readonly quantity: string;
  readonly registration?: number;
  readonly localSubscription?: LocalSubscriptionId;
  readonly meter?: MeterId;
  readonly resource?: string;
  /** Hours after the usage hour at which the reported window starts. */
  readonly reportedAfterHours?: number;
  readonly held?: Held;
  readonly event?: string;
  readonly batch?: number;
}

/** A row of usage from the few facts that a test is about. */
export function usageRow(facts: RowFacts): UsageRow {
  const usageStartMs = parseInstant(facts.hour) ?? Number.NaN;
  const windowStartMs = usageStartMs + (facts.reportedAfterHours ?? 1) * HOUR_MS;
  const record: UsageRecord = {
    localSubscription: facts.localSubscription ?? SUBSCRIPTION_A,
    meter: facts.meter ?? WINDOWS_VM,
    meterAsSent: facts.meter ?? WINDOWS_VM,
    resource: {
      uri: facts.resource ?? "/resource",
      uriFolded: (facts.resource ?? "/resource").toLowerCase(),
      location: "north",
      tags: "",
      additionalInfo: "",
    },
    usageStartMs,
    usageEndMs: usageStartMs + HOUR_MS,
    quantity: facts.quantity,
    window: { startMs: windowStartMs, endMs: windowStartMs + HOUR_MS },
    ...(facts.event === undefined ? {} : { event: { source: "/meters", id: facts.event } }),
  };
  const registration = registrationId(facts.registration ?? 1);
  const batch = facts.batch ?? 1;
  return {
    registration,
    record,
    identity: identityOf(record),
    held: facts.held ?? "no",
    after: 0,
    batch,
    position: 1,
    acceptedAtMs: usageStartMs + 10 * HOUR_MS,
  };
}
