/**
 * Columns of Microsoft's daily rated usage, in the order of its file (contract/data/recon-daily-rated-usage.json).
 * `decimal`: exact text; all others are text, times among them.
 */
export const DAILY_RATED_COLUMNS = {
  PartnerId: "text",
  PartnerName: "text",
  CustomerId: "text",
  CustomerName: "text",
  CustomerDomainName: "text",
  CustomerCountry: "text",
  MpnId: "text",
  Tier2MpnId: "text",
  InvoiceNumber: "text",
  ProductId: "text",
  SkuId: "text",
  AvailabilityId: "text",
  SkuName: "text",
  ProductName: "text",
  PublisherName: "text",
  PublisherId: "text",
  SubscriptionDescription: "text",
  SubscriptionId: "text",
  ChargeStartDate: "text",
  ChargeEndDate: "text",
  UsageDate: "text",
  MeterType: "text",
  MeterCategory: "text",
  MeterId: "text",
  MeterSubCategory: "text",
  MeterName: "text",
  MeterRegion: "text",
  Unit: "text",
  ResourceLocation: "text",
  ConsumedService: "text",
  ResourceGroup: "text",
  ResourceURI: "text",
  ChargeType: "text",
  UnitPrice: "decimal",
  Quantity: "decimal",
  UnitType: "text",
  BillingPreTaxTotal: "decimal",
  BillingCurrency: "text",
  PricingPreTaxTotal: "decimal",
  PricingCurrency: "text",
  ServiceInfo1: "text",
  ServiceInfo2: "text",
  Tags: "text",
  AdditionalInfo: "text",
  EffectiveUnitPrice: "decimal",
  PCToBCExchangeRate: "decimal",
  EntitlementId: "text",
  EntitlementDescription: "text",
  PartnerEarnedCreditPercentage: "decimal",
  CreditPercentage: "decimal",
  CreditType: "text",
  BenefitOrderID: "text",
  BenefitID: "text",
  BenefitType: "text",
} as const satisfies Readonly<Record<string, "text" | "decimal">>;

export type DailyRatedName = keyof typeof DAILY_RATED_COLUMNS;
/** What is not given is not known here. */
export type DailyRatedRow = Readonly<Partial<Record<DailyRatedName, string>>>;

/**
 * What a row is for. Usage: one day of a line. Rounding: what the line's one rounding makes of its days. Minimum and
 * Capacity: a whole line that has no days. Correction: a line of a correction, which is a difference of a whole period.
 */
export const DAILY_CHARGE_TYPES = ["Usage", "Rounding", "Minimum", "Capacity", "Correction"] as const;
export type DailyChargeType = (typeof DAILY_CHARGE_TYPES)[number];
