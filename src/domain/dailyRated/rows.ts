import assert from "node:assert/strict";
import {
  add,
  type Decimal,
  decimal,
  divide,
  formatDecimal,
  isZero,
  multiply,
  subtract,
  ZERO,
} from "../../lib/decimal.ts";
import { DAY_MS, formatInstant } from "../../lib/instant.ts";
import type { CatalogueSubscription } from "../catalogue/subscription.ts";
import { formatMeter, hourStartMs } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import type { CorrectionLine } from "../statement/correction.ts";
import type { ClosedStatement, Correction, Document } from "../statement/document.ts";
import type { Period } from "../statement/period.ts";
import type { StatementLine } from "../statement/statement.ts";
import type { FocusFacts } from "../usage/meterCatalogue.ts";
import type { DailyChargeType, DailyRatedRow } from "./columns.ts";
import { type DayPart, lineKeyOf, linePartKey } from "./days.ts";

/** What rows are made with, beside the document. */
export interface DailyRatedContext {
  /** The period whose usage the document is about. */
  readonly period: Period;
  /** Of a customer; undefined where the catalogue does not know it, and of others. */
  readonly entry: CatalogueSubscription | undefined;
  readonly stampName: (registration: number) => string;
  readonly focusOf: (meter: StatementLine["meter"]) => FocusFacts | undefined;
}

const ONE = decimal("1");
/** Quantities of a line and of its days may differ by what a factor without end leaves: far less than anybody counts. */
const QUANTITY_SCALE = 20;

const hourText = (hour: Period["from"]): string => formatInstant(hourStartMs(hour));

function commonOf(document: Document, line: StatementLine, context: DailyRatedContext): DailyRatedRow {
  const { period, entry, stampName, focusOf } = context;
  const isCustomer = document.level === "customer";
  const focus = focusOf(line.meter);
  return {
    PartnerId: document.partner,
    PartnerName: document.partner,
    CustomerId: entry?.tenant ?? (isCustomer ? "" : document.payer),
    CustomerName: entry?.customer ?? entry?.displayName ?? document.payer,
    Tier2MpnId: entry?.reseller ?? "",
    InvoiceNumber: document.number,
    ProductId: formatMeter(line.commerceMeter),
    SkuId: formatMeter(line.meter),
    SkuName: line.meterName,
    ProductName: focus?.serviceName ?? "",
    PublisherName: document.issuer,
    SubscriptionDescription: entry?.displayName ?? "",
    SubscriptionId: isCustomer ? document.payer : "",
    ChargeStartDate: hourText(period.from),
    ChargeEndDate: hourText(period.to),
    MeterType: line.unit,
    MeterCategory: focus?.serviceCategory ?? "",
    MeterId: formatMeter(line.commerceMeter),
    MeterSubCategory: focus?.serviceSubcategory ?? "",
    MeterName: line.meterName,
    MeterRegion: stampName(line.registration),
    Unit: line.priceUnit,
    ResourceLocation: stampName(line.registration),
    UnitType: line.priceUnit,
    BillingCurrency: document.currency,
    PricingCurrency: line.pricingCurrency,
    PCToBCExchangeRate: line.fxRate ?? "1",
    EntitlementId: isCustomer ? document.payer : "",
    EntitlementDescription: entry?.displayName ?? "",
  };
}

const rowOf = (common: DailyRatedRow, ChargeType: DailyChargeType, own: DailyRatedRow): DailyRatedRow => ({
  ...common,
  ...own,
  ChargeType,
});

/** What Microsoft tells of the stamp's own side, and which line it is. */
const told = (line: StatementLine, quantity: string): string =>
  JSON.stringify({
    "azureStack.MeterId": formatMeter(line.meter),
    "stampbook.Quantity": quantity,
    "stampbook.Unit": line.unit,
    "stampbook.Line": line.line,
    "stampbook.Tier": line.tier,
    "stampbook.PriceSheet": `${line.priceSheet}/${line.priceVersion}`,
  });

const prices = (line: StatementLine): DailyRatedRow => ({
  UnitPrice: line.unitPrice,
  EffectiveUnitPrice: line.effectiveUnitPrice,
});

/** In the statement's currency; not rounded as a line is. */
const converted = (amount: Decimal, { fxRate }: StatementLine): Decimal =>
  fxRate === null ? amount : divide(multiply(amount, decimal(fxRate)), ONE, LIMITS.quantityDecimalsMax, "half-even");

/**
 * The days of a statement, line by line, and after the days of each line what its rounding makes of them: rows come to the
 * statement's total, to the last digit. This is the only place in which the two are told apart.
 * @param parts all days of the payer
 */
export function dailyRatedRows(
  document: ClosedStatement,
  parts: readonly DayPart[],
  context: DailyRatedContext,
): readonly DailyRatedRow[] {
  const ofLine = Map.groupBy(parts, linePartKey);
  const rows: DailyRatedRow[] = [];
  for (const line of document.lines) {
    const common = commonOf(document, line, context);
    if (line.kind === "usage") {
      const key = lineKeyOf(line);
      rows.push(...daysOfLine(line, common, ofLine.get(key) ?? []));
      ofLine.delete(key);
      continue;
    }
    rows.push(
      rowOf(common, line.kind === "minimum" ? "Minimum" : "Capacity", {
        ...prices(line),
        Quantity: line.pricedQuantity,
        BillingPreTaxTotal: line.amount,
        PricingPreTaxTotal: line.pricedAmount,
        AdditionalInfo: told(line, line.quantity),
      }),
    );
  }
  assert(ofLine.size === 0, `usage of ${document.number} is on none of its lines`);
  return rows;
}

function daysOfLine(line: StatementLine, common: DailyRatedRow, parts: readonly DayPart[]): readonly DailyRatedRow[] {
  let [quantity, pricedAmount, amount] = [ZERO, ZERO, ZERO];
  const days = [...parts].sort((a, b) => a.day - b.day);
  const rows = days.map((part) => {
    const inBilling = converted(part.amount, line);
    quantity = add(quantity, part.quantity);
    pricedAmount = add(pricedAmount, part.amount);
    amount = add(amount, inBilling);
    return rowOf(common, "Usage", {
      ...prices(line),
      UsageDate: formatInstant(part.day * DAY_MS),
      Quantity: formatDecimal(part.billedQuantity),
      BillingPreTaxTotal: formatDecimal(inBilling),
      PricingPreTaxTotal: formatDecimal(part.amount),
      AdditionalInfo: told(line, formatDecimal(part.quantity)),
    });
  });
  const missing = divide(subtract(decimal(line.quantity), quantity), ONE, QUANTITY_SCALE, "down");
  // A file whose days are not those of the line must not look like one.
  assert(isZero(missing), `days of line ${line.line} do not come to its quantity`);
  const rounding = subtract(decimal(line.amount), amount);
  const pricedRounding = subtract(decimal(line.pricedAmount), pricedAmount);
  if (isZero(rounding) && isZero(pricedRounding)) return rows;
  return [
    ...rows,
    rowOf(common, "Rounding", {
      Quantity: "0",
      BillingPreTaxTotal: formatDecimal(rounding),
      PricingPreTaxTotal: formatDecimal(pricedRounding),
      AdditionalInfo: told(line, "0"),
    }),
  ];
}

const differenceOf = (correction: CorrectionLine, member: "pricedAmount" | "pricedQuantity"): string =>
  formatDecimal(subtract(decimal(correction.new?.[member] ?? "0"), decimal(correction.old?.[member] ?? "0")));

/** A correction is a difference of whole lines: it has no days, and no price that would make the one of the other. */
export const correctionDailyRows = (document: Correction, context: DailyRatedContext): readonly DailyRatedRow[] =>
  document.lines.map((correction) => {
    const line = (correction.new ?? correction.old)!;
    return rowOf(commonOf(document, line, context), "Correction", {
      Quantity: differenceOf(correction, "pricedQuantity"),
      BillingPreTaxTotal: correction.amountDifference,
      PricingPreTaxTotal: differenceOf(correction, "pricedAmount"),
      AdditionalInfo: told(line, correction.quantityDifference),
    });
  });

/** What rows come to; it must be the document's total. */
export const dailyTotalOf = (rows: readonly DailyRatedRow[]): Decimal =>
  rows.reduce((all, { BillingPreTaxTotal }) => add(all, decimal(BillingPreTaxTotal!)), ZERO);
