import type { Hour, LocalSubscriptionId, MeterId, RegistrationId } from "../ids.ts";
import type { UsageRecord } from "./record.ts";

/** A record on its way into the store. */
export interface UsageRow {
  readonly registration: RegistrationId;
  readonly record: UsageRecord;
  readonly key: string;
  readonly content: string;
  /** The later version of a conflict: kept, not counted. */
  readonly conflict: boolean;
  readonly batch: number;
  /** Where it stood in its batch, counting from 1. */
  readonly position: number;
  readonly acceptedAtMs: number;
}

/** Usage hours [from, to) as far as it was known when a batch was the newest one. */
export interface UsageScope {
  readonly from: Hour;
  readonly to: Hour;
  readonly lastBatch: number;
}

export interface UsageTotal {
  readonly registration: RegistrationId;
  readonly localSubscription: LocalSubscriptionId;
  readonly meter: MeterId;
  /** The hour, or the first hour of a stretch; null where the sum is over the whole scope. */
  readonly hour: Hour | null;
  readonly conflict: boolean;
  readonly quantity: string;
  readonly records: number;
}

/** A stretch of a local subscription's hours on one registration. */
export interface UsageSegment {
  readonly registration: RegistrationId;
  readonly localSubscription: LocalSubscriptionId;
  readonly from: Hour;
  readonly to: Hour;
}

/** What the store holds of one meter, conflicts included; the left side of conservation. */
export interface StoredTotal {
  readonly meter: MeterId;
  readonly quantity: string;
  readonly records: number;
}

export interface StoredRecord {
  readonly localSubscription: LocalSubscriptionId;
  readonly meter: MeterId;
  readonly resourceUri: string;
  readonly usageStartMs: number;
  readonly reportedStartMs: number;
  readonly reportedEndMs: number;
  readonly quantity: string;
  readonly batch: number;
  readonly position: number;
  readonly acceptedAtMs: number;
}

export interface RecordPage {
  readonly records: readonly StoredRecord[];
  /** Of all records that match, not only of this page. */
  readonly recordsInAll: number;
  readonly quantityInAll: string;
}

/** Records of segments on one meter, in usage-time order; ties by registration, local subscription and resource. */
export interface RecordQuery {
  readonly scope: UsageScope;
  readonly meters: readonly MeterId[];
  readonly segments: readonly UsageSegment[];
  readonly offset: number;
  readonly limit: number;
}

/**
 * The usage store. One SQL dialect on every engine; nothing outside the engine folders asks which engine it is.
 * Every method throws Fault UsageEngineUnavailable when the engine cannot answer: the call can be made again.
 */
export interface UsageStore {
  /** Contents known for these keys. `reportedStartMs` are the bounds of their reported windows: they make it quick. */
  knownVersions(
    registration: RegistrationId,
    reportedStartMs: { readonly min: number; readonly max: number },
    keys: readonly string[],
  ): Promise<readonly { readonly key: string; readonly content: string }[]>;
  /** Durable when it returns. Appending the same rows again changes nothing. */
  append(rows: readonly UsageRow[]): Promise<void>;
  /**
   * Sums per registration, local subscription and meter. For local subscriptions that have segments here, which must
   * cover the scope, by stretches of hours of which each lies inside one segment.
   */
  totals(scope: UsageScope, segments: readonly UsageSegment[]): Promise<readonly UsageTotal[]>;
  /** Sums of segments on some meters: by the hour, or by the segment, whose first hour is told then. */
  segmentTotals(
    scope: UsageScope,
    meters: readonly MeterId[],
    segments: readonly UsageSegment[],
    by: "hour" | "segment",
  ): Promise<readonly UsageTotal[]>;
  stored(scope: UsageScope): Promise<readonly StoredTotal[]>;
  records(query: RecordQuery): Promise<RecordPage>;
  /** Whether the engine answers at all. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
