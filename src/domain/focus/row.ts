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

/** Names that documents do not have. */
export interface FocusNames {
  readonly stampName: (registration: number) => string;
  readonly focusOf: (meter: StatementLine["meter"]) => FocusFacts | undefined;
}

/** What the rows of a document are made with, beside the document. */
export interface FocusContext {
  /** The period that the document is billed in: of a correction the one that it is issued in. */
  readonly billingPeriod: Period;
  /** The period whose usage it is about. */
  readonly chargePeriod: Period;
  /** Undefined where the catalogue does not know the payer. */
  readonly payerName: string | undefined;
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

/** Makes one row for each line of a document. What FOCUS calls an invoice is a statement or a correction. */
export function focusRows(names: FocusNames): (document: Document, context: FocusContext) => readonly FocusRow[] {
  const termsOf = rememberedTerms(names);
  return (document, { billingPeriod, chargePeriod, payerName }) => {
    const context = { ...names, payerName, termsOf, billed: hoursOf(billingPeriod), charged: hoursOf(chargePeriod) };
    return document.kind === "statement"
      ? document.lines.map((line) => statementRow(document, line, context))
      : document.lines.map((line) => correctionRow(document, line, context));
  };
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

interface RowContext extends Pick<FocusNames, "stampName">, Pick<FocusContext, "payerName"> {
  readonly billed: Hours;
  readonly charged: Hours;
  readonly termsOf: (line: StatementLine) => Terms;
}

/** What rows tell of a line's meter, price and tier: the same on very many lines. */
interface Terms {
  readonly line: StatementLine;
  readonly commerceMeter: string;
  readonly skuId: string;
  readonly focus: FocusFacts;
  readonly hours: Decimal;
  readonly contractedPrice: Decimal;
  readonly listPrice: Decimal;
  readonly contractedUnitPrice: string;
  readonly listUnitPrice: string;
}

const isAlike = (a: StatementLine, b: StatementLine): boolean =>
  a.kind === b.kind &&
  a.commerceMeter === b.commerceMeter &&
  a.effectiveUnitPrice === b.effectiveUnitPrice &&
  a.listPrice === b.listPrice &&
  a.hoursPerMonth === b.hoursPerMonth &&
  a.fxRate === b.fxRate;

/** Terms that are remembered of one meter: its prices and tiers. */
const TERMS_OF_METER_MAX = 100;

function rememberedTerms({ focusOf }: FocusNames): (line: StatementLine) => Terms {
  const byMeter = new Map<StatementLine["meter"], Terms[]>();
  return (line) => {
    const ofMeter = byMeter.get(line.meter) ?? byMeter.set(line.meter, []).get(line.meter)!;
    const known = ofMeter.find((so) => isAlike(so.line, line));
    if (known !== undefined) return known;
    const terms = termsOfLine(line, focusOf);
    if (ofMeter.length < TERMS_OF_METER_MAX) ofMeter.push(terms);
    return terms;
  };
}

function termsOfLine(line: StatementLine, focusOf: FocusNames["focusOf"]): Terms {
  const fx = line.fxRate === null ? ONE : decimal(line.fxRate);
  const [contractedPrice, listPrice] = [line.effectiveUnitPrice, line.listPrice].map((price) =>
    multiply(decimal(price), fx),
  ) as [Decimal, Decimal];
  return {
    line,
    commerceMeter: formatMeter(line.commerceMeter),
    skuId: formatMeter(line.meter),
    focus: focusOf(line.meter) ?? (line.kind === "capacity" ? CAPACITY : UNKNOWN),
    hours: line.hoursPerMonth === null ? ONE : decimal(line.hoursPerMonth),
    contractedPrice,
    listPrice,
    contractedUnitPrice: number(contractedPrice),
    listUnitPrice: number(listPrice),
  };
}

/** What rows of both kinds have. */
function commonOf(document: Document, line: StatementLine, terms: Terms, context: RowContext) {
  const { billed, charged, payerName, stampName } = context;
  const { focus, commerceMeter, skuId } = terms;
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
    SkuId: skuId,
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
  };
}

/** Costs of list and contract are unit price × quantity as they are told; what is billed is the line's own amount. */
function statementRow(document: Document, line: StatementLine, context: RowContext): FocusRow {
  const terms = context.termsOf(line);
  const isUsage = line.kind === "usage";
  const isMinimum = line.kind === "minimum";
  const quantity = divide(decimal(line.pricedQuantity), terms.hours, LIMITS.quantityDecimalsMax, "half-even");
  const amount = point(line.amount);
  const contractedCost = isMinimum ? amount : number(multiply(terms.contractedPrice, quantity));
  const isListed = line.listPrice === line.effectiveUnitPrice;
  return {
    ...commonOf(document, line, terms, context),
    BilledCost: amount,
    ChargeCategory: isUsage ? "Usage" : "Purchase",
    ChargeClass: null,
    ChargeDescription: isMinimum ? `${line.meterName}: up to the minimum of the price` : line.meterName,
    ConsumedQuantity: isUsage ? point(line.quantity) : null,
    ConsumedUnit: isUsage ? terms.focus.consumedUnit : null,
    ContractedCost: contractedCost,
    ContractedUnitPrice: isMinimum ? null : terms.contractedUnitPrice,
    EffectiveCost: amount,
    ListCost: isMinimum || isListed ? contractedCost : number(multiply(terms.listPrice, quantity)),
    ListUnitPrice: isMinimum ? null : terms.listUnitPrice,
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
  const terms = context.termsOf(line);
  const isUsage = line.kind === "usage";
  const cost = point(correction.amountDifference);
  return {
    ...commonOf(document, line, terms, context),
    BilledCost: cost,
    ChargeCategory: isUsage ? "Usage" : "Purchase",
    ChargeClass: "Correction",
    ChargeDescription: `${line.meterName}: corrected${correction.causes.length === 0 ? "" : `, ${correction.causes.join(", ")}`}`,
    ConsumedQuantity: isUsage ? point(correction.quantityDifference) : null,
    ConsumedUnit: isUsage ? terms.focus.consumedUnit : null,
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
