// Stored usage, record by record. Quantities are exact decimals as text.

/** What a version of a record says, and where it stood in its batch. */
interface StoredUsageInfo {
  readonly record: string;
  readonly content: string;
  readonly registration: number;
  readonly localSubscription: string;
  readonly meter: string;
  readonly meterName: string;
  readonly unit: string;
  readonly resourceUri: string;
  readonly location: string;
  readonly tags: string;
  readonly additionalInfo: string;
  readonly usageStartTime: string;
  readonly usageEndTime: string;
  readonly reportedStartTime: string;
  readonly reportedEndTime: string;
  readonly quantity: string;
  readonly batch: number;
  readonly position: number;
}

export interface UsageRecordInfo extends StoredUsageInfo {
  readonly registrationName: string;
  /** Null where nobody knew the local subscription in that hour. */
  readonly tenant: string | null;
  readonly payer: string | null;
  readonly paysBy: "mapping" | "removed-mapping" | "no-mapping" | null;
  /** Number of the change of the mapping that decided who pays. */
  readonly mapping: number | null;
  readonly status: "counted" | "parked";
  /** Why it is parked. */
  readonly reason: string | null;
  readonly state: "provisional" | "closed";
  readonly acceptedAt: string;
  readonly decision: number | null;
}

export interface UsageListInfo {
  readonly from: string;
  readonly to: string;
  readonly asOf: string;
  readonly lastBatch: number;
  readonly value: readonly UsageRecordInfo[];
  readonly next?: string;
}

/** An entry of the ledger of usage. */
export interface UsageChangeInfo extends StoredUsageInfo {
  /** Its name, for ever. */
  readonly entry: string;
  readonly kind: "delivery" | "withdrawal" | "choice";
  /** It adds a version of a record; otherwise it ends one, with the same quantity made negative. */
  readonly adds: boolean;
  readonly counts: boolean;
  readonly held: "conflict" | "archived" | null;
  readonly delivery: number;
  readonly recordedAt: string;
}

export interface UsageChangesInfo {
  readonly value: readonly UsageChangeInfo[];
  readonly cursor: string;
  readonly more: boolean;
}

/** What usage is listed by; with `after` everything else is left out. */
export interface UsageListQuery {
  readonly period?: string;
  readonly from?: string;
  readonly to?: string;
  readonly registration?: string;
  readonly payer?: string;
  readonly tenant?: string;
  readonly localSubscription?: string;
  readonly meter?: string;
  readonly resource?: string;
  readonly tag?: string;
  readonly tagValue?: string;
  readonly asOf?: string;
  readonly limit?: number;
  readonly after?: string;
}
