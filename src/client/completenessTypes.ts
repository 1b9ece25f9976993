// Whether every hour of a stamp's usage is there.

export type HourState = "late" | "received" | "notExpected" | "pending" | "missing";

export interface DiagnosisInfo {
  /** Name of the registration. */
  readonly of: string;
  readonly kind: string;
  readonly facts: Readonly<Record<string, string | number>>;
  readonly what: string;
  readonly remedy: readonly string[];
}

export interface HourInfo {
  readonly hour: string;
  readonly state: HourState;
  readonly expected: boolean;
  readonly records: number;
  readonly held: number;
  readonly late: number;
  readonly firstArrival: string | null;
  readonly lastArrival: string | null;
}

export interface CompletenessSummaryInfo {
  readonly expectedFrom: string | null;
  readonly expectedTo: string | null;
  readonly reportedUntil: string | null;
  readonly firstHour: string | null;
  readonly lastHour: string | null;
  readonly hours: Readonly<Record<HourState, number>>;
  readonly gaps: readonly { readonly from: string; readonly to: string; readonly hours: number }[];
}

export interface CompletenessInfo {
  readonly registration: number;
  readonly registrationName: string;
  readonly from: string;
  readonly to: string;
  readonly lastBatch: number;
  readonly batchesNotCounted: number;
  readonly rule: { readonly settlingHours: number; readonly lateHours: number };
  readonly summary: CompletenessSummaryInfo;
  readonly findings: readonly DiagnosisInfo[];
  readonly findingsInAll: number;
  readonly value: readonly HourInfo[];
}
