import { add, type Decimal, formatDecimal, formatFixed, ZERO } from "../../lib/decimal.ts";
import { formatMeter, type MeterId, type RegistrationId, type SubscriptionId } from "../ids.ts";
import { isVerified, type PriceSheet } from "../rating/priceSheet.ts";
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
  readonly unitPrice: string;
  readonly priceUnit: string;
  readonly hoursPerMonth: string | null;
  readonly amount: string;
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
  { sheet, meters }: { readonly sheet: PriceSheet; readonly meters: MeterNames },
): readonly Statement[] {
  const nameOf = ({ meter }: Charge): string => `${meters.factsOf(meter)?.name ?? ""} ${meter}`;
  const byStampMeterTier = (a: Charge, b: Charge): number =>
    a.registration - b.registration ||
    compareText(nameOf(a), nameOf(b)) ||
    compareText(formatFraction(a.factor), formatFraction(b.factor)) ||
    a.band.tier - b.band.tier;
  const byPayer = Map.groupBy(charges, ({ payer }) => payer);
  return [...byPayer.keys()].sort().map((payer, i) => {
    const own = byPayer.get(payer)!;
    return {
      number: `${period.name}-${String(i + 1).padStart(6, "0")}`,
      period: period.name,
      payer,
      currency: sheet.currency,
      priceSheet: sheet.id,
      state: "draft",
      total: formatFixed(
        own.reduce<Decimal>((so, { amount }) => add(so, amount), ZERO),
        sheet.rounding.scale,
      ),
      lines: [...own].sort(byStampMeterTier).map((charge, n) => statementLine(charge, n + 1, { sheet, meters })),
    };
  });
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function statementLine(
  charge: Charge,
  line: number,
  { sheet, meters }: { readonly sheet: PriceSheet; readonly meters: MeterNames },
): StatementLine {
  const { price, band, meter } = charge;
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
    unitPrice: formatDecimal(band.unitPrice),
    priceUnit: price.unit,
    hoursPerMonth: price.hoursPerMonth === null ? null : formatDecimal(price.hoursPerMonth),
    amount: formatFixed(charge.amount, sheet.rounding.scale),
    priceVerified: isVerified(price),
    records: charge.records,
  };
}
