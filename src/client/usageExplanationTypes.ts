/** A change that decided something, and how it came to count from its hour. */
export interface DecidingChangeInfo {
  readonly id: number;
  readonly recordedBy: string;
  readonly recordedAt: string;
  /** Null: from the beginning. */
  readonly countsFrom: string | null;
  readonly rule: "from the beginning" | "next whole hour" | "hour that was given";
}

export interface ExplainedRecordInfo {
  readonly record: string;
  readonly localSubscription: string;
  readonly meter: string;
  readonly meterName: string;
  readonly unit: string;
  readonly resourceUri: string;
  readonly usageHour: string;
  readonly reportedStart: string;
  readonly versions: readonly {
    readonly content: string;
    readonly quantity: string;
    readonly batch: number;
    readonly position: number;
    readonly outcome: "billed" | "unpriced" | "parked" | "ended";
    readonly reason: string | null;
    readonly payer: string | null;
  }[];
  readonly tenant: string | null;
  readonly localSubscriptionChange: DecidingChangeInfo | null;
  readonly payer: string | null;
  readonly by: "mapping" | "removed-mapping" | "no-mapping" | null;
  readonly mappingChange: DecidingChangeInfo | null;
  readonly withoutMapping: string;
  readonly billingModel: string | null;
  readonly billingModelChange: DecidingChangeInfo | null;
  readonly commerceMeter: string;
  readonly factor: string;
  readonly meterMappingChange: DecidingChangeInfo | null;
  readonly price: {
    readonly name: string;
    readonly unit: string;
    readonly free: boolean;
    readonly firstTier: string;
  } | null;
}

export interface UsageExplanationInfo {
  readonly knownUntil: string;
  readonly value: readonly ExplainedRecordInfo[];
  readonly more: boolean;
}
