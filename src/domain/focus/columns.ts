/** What a cell holds. A decimal is exact text, and never whole without a point: some readers would take it for an integer. */
export type FocusType = "text" | "decimal" | "time";

export interface FocusColumn {
  readonly type: FocusType;
  readonly isNullable: boolean;
}

const text: FocusColumn = { type: "text", isNullable: false };
const maybeText: FocusColumn = { type: "text", isNullable: true };
const decimal: FocusColumn = { type: "decimal", isNullable: false };
const maybeDecimal: FocusColumn = { type: "decimal", isNullable: true };
const time: FocusColumn = { type: "time", isNullable: false };

/**
 * The columns of FOCUS 1.2 that we write, in the specification's order: every mandatory one, and the conditional and
 * recommended ones whose conditions hold here. Our own come last (contract/usage.md §10).
 */
export const FOCUS_COLUMNS = {
  BilledCost: decimal,
  BillingAccountId: text,
  BillingAccountName: maybeText,
  BillingAccountType: text,
  BillingCurrency: text,
  BillingPeriodEnd: time,
  BillingPeriodStart: time,
  ChargeCategory: text,
  ChargeClass: maybeText,
  ChargeDescription: maybeText,
  ChargeFrequency: text,
  ChargePeriodEnd: time,
  ChargePeriodStart: time,
  CommitmentDiscountStatus: maybeText,
  ConsumedQuantity: maybeDecimal,
  ConsumedUnit: maybeText,
  ContractedCost: decimal,
  ContractedUnitPrice: maybeDecimal,
  EffectiveCost: decimal,
  InvoiceId: maybeText,
  InvoiceIssuerName: text,
  ListCost: decimal,
  ListUnitPrice: maybeDecimal,
  PricingCategory: maybeText,
  PricingCurrency: text,
  PricingCurrencyContractedUnitPrice: maybeDecimal,
  PricingCurrencyEffectiveCost: maybeDecimal,
  PricingCurrencyListUnitPrice: maybeDecimal,
  PricingQuantity: maybeDecimal,
  PricingUnit: maybeText,
  ProviderName: text,
  PublisherName: text,
  ResourceId: maybeText,
  ResourceName: maybeText,
  ResourceType: maybeText,
  ServiceCategory: text,
  ServiceName: text,
  ServiceSubcategory: text,
  SkuId: maybeText,
  SkuMeter: maybeText,
  SkuPriceId: maybeText,
  SubAccountId: maybeText,
  SubAccountName: maybeText,
  SubAccountType: maybeText,
  x_ChargeKind: text,
  x_CommerceMeterId: maybeText,
  x_Corrects: maybeText,
  x_FxRate: maybeDecimal,
  x_MappingChanges: maybeText,
  x_PriceSheet: text,
  x_PriceVersion: decimal,
  x_Tier: maybeDecimal,
} as const satisfies Readonly<Record<string, FocusColumn>>;

export type FocusName = keyof typeof FOCUS_COLUMNS;
/** Null where the specification says so; never an empty text. */
export type FocusRow = Readonly<Record<FocusName, string | null>>;
