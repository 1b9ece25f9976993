export interface PriceInfo {
  readonly commerceMeter: string;
  readonly name: string;
  readonly unit: string;
  readonly tiers: readonly { readonly from: string; readonly unitPrice: string }[];
  readonly includedQuantity: string;
  readonly hoursPerMonth: string | null;
  readonly free: boolean;
  readonly verified: boolean;
  readonly confidence: string;
  readonly note: string;
}

export interface PriceSheetInfo {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly currency: string;
  readonly prices: readonly PriceInfo[];
  readonly unpriced: readonly {
    readonly meter: string;
    readonly meterName: string;
    readonly unit: string;
    readonly status: string;
  }[];
}
