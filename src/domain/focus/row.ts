import { add, type Decimal, decimal, divide, formatDecimal, multiply, ZERO } from "../../lib/decimal.ts";
import { formatInstant } from "../../lib/instant.ts";
import { formatMeter, hourStartMs } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import type { CorrectionLine } from "../statement/correction.ts";
import type { Document } from "../statement/document.ts";
import type { Period } from "../statement/period.ts";
import type { StatementLine } from "../statement/statement.ts";
import type { FocusFacts } from "../usage/meterCatalogue.ts";
import type { FocusRow } from "./columns.ts";

/** What rows are made with, beside the document. */
export interface FocusContext {
  /** The period that the document is billed in: of a correction the one that it is issued in. */
  readonly billingPeriod: Period;
  /** The period whose usage it is about. */
  readonly chargePeriod: Period;
  /** Undefined where the catalogue does not know the payer. */
  readonly payerName: string | undefined;
  readonly stampName: (registration: number) => string;
  readonly focusOf: (meter: StatementLine["meter"]) => FocusFacts | undefined;
}

const ONE = decimal("1");

/** With a point in it: 16.0. */
const point = (text: string): string => (text.includes(".") ? text : `${text}.0`);
const number = (value: Decimal): string => point(formatDecimal(value));

/** Of what is sold by capacity, which no meter counts. */
const CAPACITY: FocusFacts = {
  serviceCategory: "Compute",
  serviceSubcategory: "Other (Compute)",
  serviceName: "Azure Stack Hub capacity",
  consumedUnit: "Core-Days",
};
const UNKNOWN: FocusFacts = {
  serviceCategory: "Other",
  serviceSubcategory: "Other (Other)",
  serviceName: "Azure Stack Hub",
  consumedUnit: "Units",
};

/** One row for each line. What FOCUS calls an invoice is a statement or a correction. */
export function focusRows(document: Document, facts: FocusContext): readonly FocusRow[] {
  const { billingPeriod, chargePeriod } = facts;
  const context = { ...facts, billed: hoursOf(billingPeriod), charged: hoursOf(chargePeriod) };
  return document.kind === "statement"
    ? document.lines.map((line) => statementRow(document, line, context))
    : document.lines.map((line) => correctionRow(document, line, context));
}

/** The bounds of a period as texts: all rows of a document have the same, which are not made anew for each. */
interface Hours {
  readonly start: string;
  readonly end: string;
}

const hoursOf = ({ from, to }: Period): Hours => ({
  start: formatInstant(hourStartMs(from)),
  end: formatInstant(hourStartMs(to)),
});

type RowContext = FocusContext & { readonly billed: Hours; readonly charged: Hours };

/** What rows of both kinds have. */
function commonOf(document: Document, line: StatementLine, context: RowContext) {
  const { billed, charged, payerName, stampName, focusOf } = context;
  const commerceMeter = formatMeter(line.commerceMeter);
  const known = focusOf(line.meter);
  const focus = known ?? (line.kind === "capacity" ? CAPACITY : UNKNOWN);
  const stamp = stampName(line.registration);
  return {
    BillingAccountId: document.payer,
    BillingAccountName: payerName ?? null,
    BillingAccountType: document.level,
    BillingCurrency: document.currency,
    BillingPeriodStart: billed.start,
    BillingPeriodEnd: billed.end,
    ChargeFrequency: line.kind === "usage" ? "Usage-Based" : "Recurring",
    ChargePeriodStart: charged.start,
    ChargePeriodEnd: charged.end,
    CommitmentDiscountStatus: null,
    InvoiceId: document.number,
    InvoiceIssuerName: document.issuer,
    PricingCategory: "Standard",
    PricingCurrency: line.pricingCurrency,
    ProviderName: document.issuer,
    PublisherName: document.issuer,
    // A line adds up many resources; which ones its explanation tells.
    ResourceId: null,
    ResourceName: null,
    ResourceType: null,
    ServiceCategory: focus.serviceCategory,
    ServiceName: focus.serviceName,
    ServiceSubcategory: focus.serviceSubcategory,
    SkuId: formatMeter(line.meter),
    SkuMeter: line.meterName,
    SkuPriceId: `${line.priceSheet}/${line.priceVersion}/${commerceMeter}`,
    SubAccountId: stamp,
    SubAccountName: stamp,
    SubAccountType: "Stamp",
    x_ChargeKind: line.kind,
    x_CommerceMeterId: commerceMeter,
    x_FxRate: line.fxRate === null ? null : point(line.fxRate),
    x_MappingChanges: line.mappingChanges.length === 0 ? null : line.mappingChanges.join(" "),
    x_PriceSheet: line.priceSheet,
    x_PriceVersion: point(String(line.priceVersion)),
    x_Tier: point(String(line.tier)),
    consumedUnit: focus.consumedUnit,
  };
}

/** Costs of list and contract are unit price × quantity as they are told; what is billed is the line's own amount. */
function statementRow(document: Document, line: StatementLine, context: RowContext): FocusRow {
  const { consumedUnit, ...common } = commonOf(document, line, context);
  const isUsage = line.kind === "usage";
  const isMinimum = line.kind === "minimum";
  const hours = line.hoursPerMonth === null ? ONE : decimal(line.hoursPerMonth);
  const quantity = divide(decimal(line.pricedQuantity), hours, LIMITS.quantityDecimalsMax, "half-even");
  const fx = line.fxRate === null ? ONE : decimal(line.fxRate);
  const costOf = (unitPrice: string): string =>
    isMinimum ? point(line.amount) : number(multiply(multiply(decimal(unitPrice), quantity), fx));
  const priceOf = (unitPrice: string): string => number(multiply(decimal(unitPrice), fx));
  return {
    ...common,
    BilledCost: point(line.amount),
    ChargeCategory: isUsage ? "Usage" : "Purchase",
    ChargeClass: null,
    ChargeDescription: isMinimum ? `${line.meterName}: up to the minimum of the price` : line.meterName,
    ConsumedQuantity: isUsage ? point(line.quantity) : null,
    ConsumedUnit: isUsage ? consumedUnit : null,
    ContractedCost: costOf(line.effectiveUnitPrice),
    ContractedUnitPrice: isMinimum ? null : priceOf(line.effectiveUnitPrice),
    EffectiveCost: point(line.amount),
    ListCost: costOf(line.listPrice),
    ListUnitPrice: isMinimum ? null : priceOf(line.listPrice),
    PricingCurrencyContractedUnitPrice: isMinimum ? null : point(line.effectiveUnitPrice),
    PricingCurrencyEffectiveCost: point(line.pricedAmount),
    PricingCurrencyListUnitPrice: isMinimum ? null : point(line.listPrice),
    PricingQuantity: isMinimum ? null : number(quantity),
    PricingUnit: isMinimum ? null : line.priceUnit,
    x_Corrects: null,
  };
}

/** A difference of an earlier period: it has costs and a quantity, and no price that would make the one of the other. */
function correctionRow(document: Document, correction: CorrectionLine, context: RowContext): FocusRow {
  const line = (correction.new ?? correction.old)!;
  const { consumedUnit, ...common } = commonOf(document, line, context);
  const isUsage = line.kind === "usage";
  const cost = point(correction.amountDifference);
  return {
    ...common,
    BilledCost: cost,
    ChargeCategory: isUsage ? "Usage" : "Purchase",
    ChargeClass: "Correction",
    ChargeDescription: `${line.meterName}: corrected${correction.causes.length === 0 ? "" : `, ${correction.causes.join(", ")}`}`,
    ConsumedQuantity: isUsage ? point(correction.quantityDifference) : null,
    ConsumedUnit: isUsage ? consumedUnit : null,
    ContractedCost: cost,
    ContractedUnitPrice: null,
    EffectiveCost: cost,
    ListCost: cost,
    ListUnitPrice: null,
    PricingCurrencyContractedUnitPrice: null,
    PricingCurrencyEffectiveCost: null,
    PricingCurrencyListUnitPrice: null,
    PricingQuantity: null,
    PricingUnit: null,
    x_Corrects: document.kind === "correction" ? document.corrects : null,
  };
}

/** What rows come to; it must be the document's total. */
export const billedOf = (rows: readonly FocusRow[]): Decimal =>
  rows.reduce((all, { BilledCost }) => add(all, decimal(BilledCost!)), ZERO);
