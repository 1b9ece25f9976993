import type { Hour, LocalSubscriptionId, MeterId, RegistrationId } from "../ids.ts";
import type { ArchivedMonth, UsageMonths } from "./archive.ts";
import type { UsageArrivals } from "./arrivals.ts";
import type { ChangesPage, ChangesQuery } from "./changes.ts";
import type { Entry, Held, KnownEntry } from "./entry.ts";
import type { UsageFiles } from "./files.ts";
import type { Identity } from "./identity.ts";
import type { ListedQuery, ListedRecord } from "./listed.ts";
import type { UsageRecord } from "./record.ts";

/** A version of a record on its way into the store. */
export interface UsageRow {
  readonly registration: RegistrationId;
  readonly record: UsageRecord;
  readonly identity: Identity;
  /** A version that is held is kept and not counted. */
  readonly held: Held;
  /** The withdrawal after which it was delivered anew; 0 where there was none. */
  readonly after: number;
  /** Ends the parked version of the same content: the decision of the entry that is ended. */
  readonly endsParked?: number;
  readonly batch: number;
  /** Where it stood in its batch, counting from 1. */
  readonly position: number;
  readonly acceptedAtMs: number;
}

/** What is looked up before records are judged. */
export interface KnownQuery {
  readonly registration: RegistrationId;
  /** Bounds of the records' reported windows. */
  readonly reportedStartMs: { readonly min: number; readonly max: number };
  /** Series of a stamp's records. */
  readonly series: readonly string[];
  /** Digests of events; these are found whatever window they were reported in. */
  readonly events: readonly string[];
}

/** A record that a decision is about. */
export interface RecordRef {
  readonly registration: RegistrationId;
  readonly usageStartMs: number;
  readonly reportedStartMs: number;
  readonly series: string;
  /** Empty for a stamp's records. */
  readonly event: string;
}

/** An entry of the ledger with everything that it says. */
export interface StoredEntry extends Entry, RecordRef {
  readonly localSubscription: LocalSubscriptionId;
  readonly meter: MeterId;
  readonly meterAsSent: string;
  readonly resourceUri: string;
  readonly location: string;
  readonly tags: string;
  readonly additionalInfo: string;
  readonly reportedEndMs: number;
  /** Negative where the entry ends another. */
  readonly quantity: string;
  /** The batch that made the entry: a delivery or a decision. */
  readonly batch: number;
  /** The batch that delivered the version, and where it stood in it. */
  readonly delivery: number;
  readonly position: number;
  readonly acceptedAtMs: number;
}

/** A decision on stored usage, about to be written into the ledger as entries. */
export interface LedgerDecision {
  readonly registration: RegistrationId;
  /** Its own number, from the numbers of batches. */
  readonly decision: number;
  readonly atMs: number;
}

/** Usage hours [from, to) as far as it was known when a batch was the newest one. */
export interface UsageScope {
  readonly from: Hour;
  readonly to: Hour;
  readonly lastBatch: number;
  /** Of the registrations from the first to the last of these only. */
  readonly registrations?: readonly [first: RegistrationId, last: RegistrationId];
  /** Archived months that are read along; what is in others is not seen (operations/usage/archives.ts). */
  readonly archives?: readonly ArchivedMonth[];
}

export interface UsageTotal {
  readonly registration: RegistrationId;
  readonly localSubscription: LocalSubscriptionId;
  readonly meter: MeterId;
  /** The hour, or the first hour of a stretch; null where the sum is over the whole scope. */
  readonly hour: Hour | null;
  readonly held: Held;
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

/** What the store holds of one meter, held versions included; the left side of conservation. */
export interface StoredTotal {
  readonly registration: RegistrationId;
  readonly meter: MeterId;
  readonly quantity: string;
  readonly records: number;
}

/** The hours of a scope that a stamp reported any usage of. */
export interface ReportedHours {
  readonly registration: RegistrationId;
  /** The first hour that it ever reported usage of, as far as the store holds it. */
  readonly first: Hour;
  /** Ascending. */
  readonly hours: readonly Hour[];
}

/** A batch that added entries of a meter. */
export interface BatchChange {
  readonly registration: RegistrationId;
  readonly meter: MeterId;
  readonly batch: number;
}

/** What usage can be added up by, beside its meter: quantities of different meters cannot be added. */
export const SUM_DIMENSIONS = ["registration", "localSubscription", "resource", "location", "tag"] as const;
export type SumDimension = (typeof SUM_DIMENSIONS)[number];

/** Longest first. */
export const SUM_TIMES = ["month", "day", "hour"] as const;
export type SumTime = (typeof SUM_TIMES)[number];

/** Hours of a local subscription that belong to one of the groups to be told apart. */
export interface GroupedSegment extends UsageSegment {
  /** The caller's number of the group. */
  readonly group: number;
}

/** A meter that counts in half-open hours. */
export interface CountingMeter {
  readonly meter: MeterId;
  readonly from: Hour;
  readonly to: Hour;
}

/** Sums of counted usage in segments. */
export interface SumQuery {
  readonly scope: UsageScope;
  /** Usage outside of all of them is left out. */
  readonly segments: readonly GroupedSegment[];
  /** Whether they leave many local subscriptions out. */
  readonly isNarrow: boolean;
  readonly meters: readonly CountingMeter[];
  readonly by: readonly SumDimension[];
  /** Name of the tag, for the dimension of that name. */
  readonly tag: string;
  readonly time: SumTime | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** In the order of the hour, the group, and then the other dimensions. */
export interface UsageSum {
  /** First hour of the month, day or hour; undefined where there is one sum for the whole scope. */
  readonly hour: Hour | undefined;
  readonly group: number;
  readonly meter: MeterId;
  /** Those that were asked for; null where a resource has no such tag. */
  readonly dimensions: Readonly<Partial<Record<SumDimension, string | number | null>>>;
  readonly quantity: string;
  readonly records: number;
}

/** A version that counts. */
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

/** What reported usage is told by: as it was metered, or summed up over the hours of a day. */
export type ReportedUnit = "hour" | "day";

/** Where a row stands in the order of reported usage; every field decides after the ones before it. */
export interface ReportedPlace {
  /** Start of the reported hour or day. */
  readonly unitMs: number;
  readonly registration: RegistrationId;
  readonly localSubscription: LocalSubscriptionId;
  readonly usageStartMs: number;
  readonly series: string;
  /** Empty for a stamp's records, and for sums of days. */
  readonly event: string;
  /** Empty for sums of days. */
  readonly content: string;
}

/** Counted usage by the time at which it was reported: [fromMs, toMs), both at the begin of a unit. */
export interface ReportedQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly unit: ReportedUnit;
  /** As it was known when a batch was the newest one. */
  readonly lastBatch: number;
  readonly registrations: readonly RegistrationId[];
  /** Of this local subscription only. */
  readonly localSubscription?: LocalSubscriptionId;
  /** Where given, usage outside of all of them is left out; no two of them overlap. */
  readonly segments?: readonly UsageSegment[];
  readonly archives?: readonly ArchivedMonth[];
  /** The last row of the page before. */
  readonly after?: ReportedPlace;
  readonly limit: number;
}

export interface ReportedRow extends ReportedPlace {
  readonly meterAsSent: string;
  readonly resourceUri: string;
  readonly location: string;
  /** As they came: `""`, `"null"` or JSON text. */
  readonly tags: string;
  readonly additionalInfo: string;
  /** Exact; of a day the sum over its hours that were reported on that day. */
  readonly quantity: string;
}

/** A group of usage whose age is asked for: from an hour on, what counts or what is held for one reason. */
export interface AgeQuery {
  readonly registration: RegistrationId;
  readonly localSubscription: LocalSubscriptionId;
  readonly meter: MeterId;
  readonly held: Held;
  readonly from: Hour;
}

export interface UsageAge {
  readonly oldestUsageMs: number;
  readonly oldestArrivalMs: number;
}

/** Where a record stood when it was delivered. */
export interface RecordPlace {
  readonly registration: RegistrationId;
  readonly batch: number;
  readonly position: number;
}

/** What is known of a record that is looked for. */
export type RecordSearch =
  | RecordPlace
  | {
      readonly registration: RegistrationId;
      readonly localSubscription: LocalSubscriptionId;
      readonly meter: MeterId;
      readonly hour: Hour;
      /** In any case; any resource where it is not given. */
      readonly resource?: string;
    };

/**
 * The usage store. One SQL dialect on every engine; nothing outside the engine folders asks which engine it is.
 * Every method throws Fault UsageEngineUnavailable when the engine cannot answer: the call can be made again.
 */
export interface UsageStore {
  readonly months: UsageMonths;
  readonly files: UsageFiles;
  readonly arrivals: UsageArrivals;
  /**
   * Every entry under these keys. It may hold others of the same series too. Of events also those whose month is gone, of
   * a stamp's records not: their month follows from their key.
   */
  knownEntries(query: KnownQuery): Promise<readonly KnownEntry[]>;
  /** Durable when it returns. Appending the same rows again changes nothing. */
  append(rows: readonly UsageRow[]): Promise<void>;
  /**
   * Ends every version that a batch delivered and that still counts or waits. Durable when it returns, and the same when
   * it is done again.
   * @returns how many versions were ended
   */
  withdraw(decision: LedgerDecision & { readonly delivery: number }): Promise<number>;
  /**
   * Makes the version with this content the one that counts, and ends the others. Durable when it returns, and the same
   * when it is done again.
   * @returns how many versions were ended
   */
  choose(decision: LedgerDecision & { readonly record: RecordRef; readonly content: string }): Promise<number>;
  /**
   * All entries of one record, oldest first.
   * @param archives months that are read along
   */
  entriesOf(record: RecordRef, archives?: readonly ArchivedMonth[]): Promise<readonly StoredEntry[]>;
  /** All entries of each of some records, oldest first; those of archived months are left where they are. */
  entriesOfEach(records: readonly RecordRef[]): Promise<readonly (readonly StoredEntry[])[]>;
  /** Versions that wait for a choice, by registration and record; from after `after`. */
  conflicts(page: {
    readonly registration?: RegistrationId;
    readonly after?: RecordRef;
    readonly limit: number;
  }): Promise<readonly RecordRef[]>;
  /**
   * Sums per registration, local subscription and meter. For local subscriptions that have segments here, which must
   * cover the scope, by stretches of hours of which each lies inside one segment.
   * @param meters only these; undefined for all
   */
  totals(
    scope: UsageScope,
    segments: readonly UsageSegment[],
    meters?: readonly MeterId[],
  ): Promise<readonly UsageTotal[]>;
  /** Sums of segments on some meters: by the hour, or by the segment, whose first hour is told then. */
  segmentTotals(
    scope: UsageScope,
    meters: readonly MeterId[],
    segments: readonly UsageSegment[],
    by: "hour" | "segment",
  ): Promise<readonly UsageTotal[]>;
  /** Read from the entries alone, apart from all other sums. */
  stored(scope: UsageScope): Promise<readonly StoredTotal[]>;
  /** Of every registration that has usage from before the scope's end. */
  reportedHours(scope: UsageScope): Promise<readonly ReportedHours[]>;
  /** What batches after one added to a scope, in the order of batches; at most `limit`. */
  changedBy(scope: UsageScope, after: number, limit: number): Promise<readonly BatchChange[]>;
  sums(query: SumQuery): Promise<readonly UsageSum[]>;
  /**
   * Rolls up days that some batch up to this one was the last to touch; oldest first.
   * @returns how many; fewer than `limit` where none are left
   */
  rollUp(page: { readonly touchedUpTo: number; readonly limit: number }): Promise<number>;
  records(query: RecordQuery): Promise<RecordPage>;
  /** In the order of their places; at most `limit`. */
  reported(query: ReportedQuery): Promise<readonly ReportedRow[]>;
  /** In the order of their places; at most `limit`. */
  listed(query: ListedQuery): Promise<readonly ListedRecord[]>;
  /** What batches of which nothing comes any more added to the ledger. */
  changes(query: ChangesQuery): Promise<ChangesPage>;
  /** Since when each of these groups has versions that still count or wait; in their order, undefined for none. */
  ages(scope: UsageScope, groups: readonly AgeQuery[]): Promise<readonly (UsageAge | undefined)[]>;
  /** The names of records; at most `limit`. */
  find(search: RecordSearch, limit: number, archives?: readonly ArchivedMonth[]): Promise<readonly RecordRef[]>;
  /** Whether the engine answers at all. */
  ping(): Promise<void>;
  /** Why not all that was stored can be read, as far as somebody has met it; undefined where nothing is known. */
  brokenData(): Promise<string | undefined>;
  close(): Promise<void>;
}
