// Usage added up. Quantities are exact decimals as text.

export interface UsageTotalInfo {
  readonly from: string;
  readonly to: string;
  readonly payer?: string;
  readonly tenant?: string;
  readonly registration?: number;
  readonly registrationName?: string;
  readonly localSubscription?: string;
  readonly resource?: string;
  readonly location?: string;
  readonly tag?: string | null;
  readonly meter: string;
  readonly meterName: string;
  readonly unit: string;
  readonly quantity: string;
  readonly records: number;
  readonly state: "provisional" | "closed";
}

export interface UsageTotalsInfo {
  readonly from: string;
  readonly to: string;
  readonly asOf: string;
  readonly lastBatch: number;
  readonly batchesNotCounted: number;
  readonly freshness: readonly {
    readonly registration: number;
    readonly registrationName: string;
    readonly reportedUntil: string | null;
  }[];
  readonly value: readonly UsageTotalInfo[];
  readonly truncated: boolean;
  readonly next?: number;
}

/** What totals are asked by; all but the hours may be left out. */
export interface UsageTotalsQuery {
  readonly period?: string;
  readonly from?: string;
  readonly to?: string;
  readonly groupBy?: string;
  readonly by?: string;
  readonly tag?: string;
  readonly registration?: string;
  readonly payer?: string;
  readonly tenant?: string;
  readonly localSubscription?: string;
  readonly meter?: string;
  readonly asOf?: string;
  readonly limit?: number;
  readonly after?: number;
}

interface SideInfo {
  readonly quantity: string;
  readonly records: number;
}

export interface ConservedMeterInfo {
  readonly registration: number;
  readonly registrationName: string;
  readonly meter: string;
  readonly meterName: string;
  readonly unit: string;
  readonly stored: SideInfo;
  readonly attributed: SideInfo;
  readonly parked: SideInfo;
  readonly parkedBy: Readonly<Record<string, SideInfo>>;
  readonly difference: SideInfo;
}

export interface UsageConservationInfo {
  readonly period: string;
  readonly asOf: string;
  readonly lastBatch: number;
  readonly batchesNotCounted: number;
  readonly conserved: boolean;
  readonly value: readonly ConservedMeterInfo[];
}
