export interface StatementLineInfo {
  readonly line: number;
  readonly kind: string;
  readonly registration: number;
  readonly registrationName: string;
  readonly meter: string;
  readonly commerceMeter: string;
  readonly meterName: string;
  readonly unit: string;
  readonly quantity: string;
  readonly factor: string;
  readonly pricedQuantity: string;
  readonly tier: number;
  readonly listPrice: string;
  readonly unitPrice: string;
  readonly effectiveUnitPrice: string;
  readonly priceUnit: string;
  readonly hoursPerMonth: string | null;
  readonly pricingCurrency: string;
  readonly pricedAmount: string;
  readonly fxRate: string | null;
  readonly amount: string;
  readonly priceSheet: string;
  readonly priceVersion: number;
  readonly priceAssignment: number | null;
  readonly priceVerified: boolean;
  readonly records: number;
  readonly mappingChanges: readonly number[];
}
