import type { Decimal } from "../../lib/decimal.ts";

/** What a cell holds. A decimal is exact text, and never whole without a point: some readers would take it for an integer. */
export type FocusType = "text" | "decimal" | "time";

/**
 * What a cell follows from. Rows share what does not follow from the line alone: the document, the charge (its meter, price,
 * tier and kind), and the stamp with the mappings by which the payer pays for it.
 */
export type FocusPart = "document" | "charge" | "stamp" | "line";

export interface FocusColumn {
  readonly part: FocusPart;
  readonly type: FocusType;
  readonly isNullable: boolean;
}

const columnsOf = <Part extends FocusPart>(part: Part) =>
  ({
    text: { part, type: "text", isNullable: false },
    maybeText: { part, type: "text", isNullable: true },
    decimal: { part, type: "decimal", isNullable: false },
    maybeDecimal: { part, type: "decimal", isNullable: true },
    time: { part, type: "time", isNullable: false },
  }) as const;

const document = columnsOf("document");
const charge = columnsOf("charge");
const stamp = columnsOf("stamp");
const line = columnsOf("line");

/**
 * The columns of FOCUS 1.2 that we write, in the specification's order: every mandatory one, and the conditional and
 * recommended ones whose conditions hold here. Our own come last (contract/usage.md §10).
 */
export const FOCUS_COLUMNS = {
  BilledCost: line.decimal,
  BillingAccountId: document.text,
  BillingAccountName: document.maybeText,
  BillingAccountType: document.text,
  BillingCurrency: document.text,
  BillingPeriodEnd: document.time,
  BillingPeriodStart: document.time,
  ChargeCategory: charge.text,
  ChargeClass: document.maybeText,
  ChargeDescription: charge.maybeText,
  ChargeFrequency: charge.text,
  ChargePeriodEnd: document.time,
  ChargePeriodStart: document.time,
  CommitmentDiscountStatus: charge.maybeText,
  ConsumedQuantity: line.maybeDecimal,
  ConsumedUnit: charge.maybeText,
  ContractedCost: line.decimal,
  ContractedUnitPrice: charge.maybeDecimal,
  EffectiveCost: line.decimal,
  InvoiceId: document.maybeText,
  InvoiceIssuerName: document.text,
  ListCost: line.decimal,
  ListUnitPrice: charge.maybeDecimal,
  PricingCategory: charge.maybeText,
  PricingCurrency: charge.text,
  PricingCurrencyContractedUnitPrice: charge.maybeDecimal,
  PricingCurrencyEffectiveCost: line.maybeDecimal,
  PricingCurrencyListUnitPrice: charge.maybeDecimal,
  PricingQuantity: line.maybeDecimal,
  PricingUnit: charge.maybeText,
  ProviderName: document.text,
  PublisherName: document.text,
  ResourceId: charge.maybeText,
  ResourceName: charge.maybeText,
  ResourceType: charge.maybeText,
  ServiceCategory: charge.text,
  ServiceName: charge.text,
  ServiceSubcategory: charge.text,
  SkuId: charge.maybeText,
  SkuMeter: charge.maybeText,
  SkuPriceId: charge.maybeText,
  SubAccountId: stamp.maybeText,
  SubAccountName: stamp.maybeText,
  SubAccountType: stamp.maybeText,
  x_ChargeKind: charge.text,
  x_CommerceMeterId: charge.maybeText,
  x_Corrects: document.maybeText,
  x_FxRate: charge.maybeDecimal,
  x_MappingChanges: stamp.maybeText,
  x_PriceSheet: charge.text,
  x_PriceVersion: charge.decimal,
  x_Tier: charge.maybeDecimal,
} as const satisfies Readonly<Record<string, FocusColumn>>;

export type FocusName = keyof typeof FOCUS_COLUMNS;

type NamesOf<Part extends FocusPart> = {
  [Name in FocusName]: (typeof FOCUS_COLUMNS)[Name]["part"] extends Part ? Name : never;
}[FocusName];

/** Cells that rows share, as text. Null where the specification says so; never an empty text. */
export type FocusCells<Part extends Exclude<FocusPart, "line">> = Readonly<Record<NamesOf<Part>, string | null>>;
/** What is a line's own: exact decimals, with the decimals that they are told with. */
export type FocusFigures = Readonly<Record<NamesOf<"line">, Decimal | null>>;

/** A row by its parts: one object on all rows that share one. */
export interface FocusRow {
  readonly document: FocusCells<"document">;
  readonly charge: FocusCells<"charge">;
  readonly stamp: FocusCells<"stamp">;
  readonly line: FocusFigures;
}
