/** What is supposed: a version of a sheet counts, or a tenant is mapped in another way. */
export interface TrialRequest {
  /** First usage hour; the period's unless given. */
  readonly from?: string;
  readonly prices?: { readonly sheet: string; readonly version: number };
  readonly mapping?: {
    readonly registration: string;
    readonly tenant: string;
    readonly customerSubscription: string | null;
  };
}

export interface TriedLineInfo {
  readonly line: number;
  readonly registration: number;
  readonly meter: string;
  readonly meterName: string;
  readonly tier: number;
  readonly before: { readonly quantity: string; readonly unitPrice: string; readonly amount: string } | null;
  readonly after: { readonly quantity: string; readonly unitPrice: string; readonly amount: string } | null;
  readonly quantityDifference: string;
  readonly amountDifference: string;
}

interface Sides {
  readonly currency: string;
  readonly before: string;
  readonly after: string;
  readonly difference: string;
}

export interface TriedPayerInfo extends Sides {
  readonly level: string;
  readonly payer: string;
  readonly lines: readonly TriedLineInfo[];
  readonly linesInAll: number;
  readonly fault: string | null;
}

export interface TriedMeterInfo extends Sides {
  readonly meter: string;
  readonly meterName: string;
}

export interface TrialInfo {
  readonly period: string;
  readonly payers: readonly TriedPayerInfo[];
  readonly payersInAll: number;
  readonly payersUnchanged: number;
  readonly meters: readonly TriedMeterInfo[];
}
