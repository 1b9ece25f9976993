export interface MeterInfo {
  readonly meter: string;
  readonly status: string;
  readonly name: string;
  readonly unit: string;
  readonly resourceProvider?: string;
  readonly serviceCategory?: string;
  readonly serviceSubcategory?: string;
  readonly serviceName?: string;
  readonly consumedUnit?: string;
  readonly commerceMeter: string;
  readonly factor: string;
  readonly mappedBy: "operator" | "price sheet" | "nobody";
  readonly priced: boolean;
}

interface MeterDecisionInfo {
  readonly id: number;
  readonly validFrom: string | null;
  readonly recordedAt: string;
  readonly recordedBy: string;
  readonly reason: string;
}

export interface MeterHistoryInfo {
  readonly meter: string;
  readonly facts: readonly (MeterDecisionInfo & { readonly name: string; readonly unit: string })[];
  readonly mappings: readonly (MeterDecisionInfo & {
    readonly commerceMeter: string | null;
    readonly factor: string | null;
  })[];
}
