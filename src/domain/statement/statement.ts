import { add, type Decimal, formatDecimal, formatFixed, ZERO } from "../../lib/decimal.ts";
import { formatMeter, type MeterId, type RegistrationId, type SubscriptionId } from "../ids.ts";
import { isVerified } from "../rating/priceSheet.ts";
import type { TermedPrice } from "../rating/priceTerms.ts";
import { formatFraction } from "../../lib/fraction.ts";
import type { Charge } from "./charges.ts";
import type { MeterNames } from "./conservation.ts";
import type { Period } from "./period.ts";

export interface StatementLine {
  /** Counts from 1. */
  readonly line: number;
  readonly registration: RegistrationId;
  readonly meter: MeterId;
  readonly commerceMeter: MeterId;
  readonly meterName: string;
  readonly unit: string;
  /** In the meter's unit. */
  readonly quantity: string;
  /** How many of the price's units one unit of the meter is, for example 1/1073741824; 1 where nothing is converted. */
  readonly factor: string;
  /** The quantity in the price's unit, which the tiers count. */
  readonly pricedQuantity: string;
  /** 0: included quantity; else the tier, counting from 1. */
  readonly tier: number;
  readonly tierFrom: string;
  readonly tierTo: string | null;
  /** As the price sheet has it. */
  readonly listPrice: string;
  /** With the mark-up. */
  readonly unitPrice: string;
  /** After the credit: the amount is made of it. */
  readonly effectiveUnitPrice: string;
  readonly priceUnit: string;
  readonly hoursPerMonth: string | null;
  readonly amount: string;
  readonly priceSheet: string;
  readonly priceVersion: number;
  /** The assignment that says so; null where nobody assigned anything. */
  readonly priceAssignment: number | null;
  readonly priceVerified: boolean;
  readonly records: number;
}

export interface Statement {
  readonly number: string;
  readonly period: string;
  readonly payer: SubscriptionId;
  readonly currency: string;
  readonly priceSheet: string;
  readonly state: "draft";
  readonly total: string;
  readonly lines: readonly StatementLine[];
}

export type StatementSummary = Omit<Statement, "lines"> & { readonly lineCount: number };

/** One statement for each payer, in the order of payers; lines by stamp, meter and tier. */
export function buildStatements(
  charges: readonly Charge[],
  period: Period,
  { meters }: { readonly meters: MeterNames },
): readonly Statement[] {
  const nameOf = ({ meter }: Charge): string => `${meters.factsOf(meter)?.name ?? ""} ${meter}`;
  const byStampMeterTier = (a: Charge, b: Charge): number =>
    a.registration - b.registration ||
    compareText(nameOf(a), nameOf(b)) ||
    compareText(formatFraction(a.factor), formatFraction(b.factor)) ||
    compareText(priceName(a.price), priceName(b.price)) ||
    a.band.tier - b.band.tier;
  // A payer that is priced in several currencies gets a statement for each.
  const byPayer = Map.groupBy(charges, ({ payer, price }) => `${payer} ${price.terms.sheet.currency}`);
  return [...byPayer.keys()].sort().map((name, i) => {
    const own = byPayer.get(name)!;
    const { payer, price } = own[0]!;
    const { currency, rounding } = price.terms.sheet;
    return {
      number: `${period.name}-${String(i + 1).padStart(6, "0")}`,
      period: period.name,
      payer,
      currency,
      priceSheet: sheetsOf(own),
      state: "draft",
      total: formatFixed(
        own.reduce<Decimal>((so, { amount }) => add(so, amount), ZERO),
        rounding.scale,
      ),
      lines: [...own].sort(byStampMeterTier).map((charge, n) => statementLine(charge, n + 1, meters)),
    };
  });
}

const priceName = ({ terms: { sheet, assignment } }: TermedPrice): string =>
  `${sheet.id} ${String(sheet.version).padStart(9, "0")} ${String(assignment?.id ?? 0).padStart(12, "0")}`;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The versions of price sheets behind charges, for people. */
export const sheetsOf = (charges: readonly { readonly price: TermedPrice }[]): string =>
  [...new Set(charges.map(({ price }) => `${price.terms.sheet.id} v${price.terms.sheet.version}`))].sort().join(", ");

function statementLine(charge: Charge, line: number, meters: MeterNames): StatementLine {
  const { price, band, meter } = charge;
  const { sheet, assignment } = price.terms;
  // The included quantity costs nothing, whatever the first tier does.
  const tierPrice = (prices: readonly Decimal[]): string =>
    formatDecimal(band.tier === 0 ? ZERO : prices[band.tier - 1]!);
  const known = meters.factsOf(meter);
  return {
    line,
    registration: charge.registration,
    meter,
    commerceMeter: price.commerceMeter,
    meterName: known?.name ?? formatMeter(meter),
    unit: known?.unit ?? "",
    quantity: formatDecimal(charge.quantity),
    factor: formatFraction(charge.factor),
    pricedQuantity: formatDecimal(charge.pricedQuantity),
    tier: band.tier,
    tierFrom: formatDecimal(band.from),
    tierTo: band.to === null ? null : formatDecimal(band.to),
    listPrice: tierPrice(price.listPrices),
    unitPrice: tierPrice(price.unitPrices),
    effectiveUnitPrice: formatDecimal(band.unitPrice),
    priceUnit: price.unit,
    hoursPerMonth: price.hoursPerMonth === null ? null : formatDecimal(price.hoursPerMonth),
    amount: formatFixed(charge.amount, sheet.rounding.scale),
    priceSheet: sheet.id,
    priceVersion: sheet.version,
    priceAssignment: assignment?.id ?? null,
    priceVerified: isVerified(price),
    records: charge.records,
  };
}
