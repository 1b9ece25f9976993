import { canonical, type Decimal, formatDecimal, formatFixed, ZERO } from "../../lib/decimal.ts";
import { formatFraction } from "../../lib/fraction.ts";
import { formatMeter, type MeterId } from "../ids.ts";
import { isVerified } from "../rating/priceSheet.ts";
import type { TermedPrice } from "../rating/priceTerms.ts";
import type { Charge } from "./charges.ts";
import type { MeterNames } from "./conservation.ts";
import type { StatementLine } from "./statement.ts";

/** What of a line is its own. */
type OwnMember =
  | "line"
  | "registration"
  | "quantity"
  | "pricedQuantity"
  | "pricedAmount"
  | "amount"
  | "records"
  | "mappingChanges";
export type OwnFacts = Pick<StatementLine, OwnMember>;

/** What a line tells of its meter, price and tier: the same on very many lines. */
export type LineFacts = Omit<StatementLine, OwnMember>;

/** Members always come in one order. */
export const lineOf = (facts: LineFacts, own: OwnFacts): StatementLine => ({
  line: own.line,
  kind: facts.kind,
  registration: own.registration,
  meter: facts.meter,
  commerceMeter: facts.commerceMeter,
  meterName: facts.meterName,
  unit: facts.unit,
  quantity: own.quantity,
  factor: facts.factor,
  pricedQuantity: own.pricedQuantity,
  tier: facts.tier,
  tierFrom: facts.tierFrom,
  tierTo: facts.tierTo,
  listPrice: facts.listPrice,
  unitPrice: facts.unitPrice,
  effectiveUnitPrice: facts.effectiveUnitPrice,
  priceUnit: facts.priceUnit,
  hoursPerMonth: facts.hoursPerMonth,
  pricingCurrency: facts.pricingCurrency,
  pricedAmount: own.pricedAmount,
  fxRate: facts.fxRate,
  amount: own.amount,
  priceSheet: facts.priceSheet,
  priceVersion: facts.priceVersion,
  priceAssignment: facts.priceAssignment,
  priceVerified: facts.priceVerified,
  records: own.records,
  mappingChanges: own.mappingChanges,
});

/** What a line has in common with others, of which `lineOf` makes it again with its own figures. */
export const factsOfLine = (line: StatementLine): LineFacts => ({
  kind: line.kind,
  meter: line.meter,
  commerceMeter: line.commerceMeter,
  meterName: line.meterName,
  unit: line.unit,
  factor: line.factor,
  tier: line.tier,
  tierFrom: line.tierFrom,
  tierTo: line.tierTo,
  listPrice: line.listPrice,
  unitPrice: line.unitPrice,
  effectiveUnitPrice: line.effectiveUnitPrice,
  priceUnit: line.priceUnit,
  hoursPerMonth: line.hoursPerMonth,
  pricingCurrency: line.pricingCurrency,
  fxRate: line.fxRate,
  priceSheet: line.priceSheet,
  priceVersion: line.priceVersion,
  priceAssignment: line.priceAssignment,
  priceVerified: line.priceVerified,
});

/**
 * The decimals of a charge's amounts: those that its sheet rounds to. What tops up to a minimum has more where an older
 * version of the sheet rounded to more.
 */
export function decimalsShown({ price, pricedAmount, amount }: Charge): number {
  const { scale } = price.terms.sheet.rounding;
  return pricedAmount.scale <= scale && amount.scale <= scale
    ? scale
    : Math.max(scale, canonical(pricedAmount).scale, canonical(amount).scale);
}

/** A charge's own numbers as a line tells them. */
export function amountsOf(charge: Charge): Pick<OwnFacts, "quantity" | "pricedQuantity" | "pricedAmount" | "amount"> {
  const decimals = decimalsShown(charge);
  const pricedAmount = formatFixed(charge.pricedAmount, decimals);
  const quantity = formatDecimal(charge.quantity);
  return {
    quantity,
    pricedQuantity: charge.pricedQuantity === charge.quantity ? quantity : formatDecimal(charge.pricedQuantity),
    pricedAmount,
    amount: charge.amount === charge.pricedAmount ? pricedAmount : formatFixed(charge.amount, decimals),
  };
}

/** Facts that were made, by what they are made of: the tier of a price says which band it is. */
const made = new WeakMap<MeterNames, WeakMap<TermedPrice, Map<MeterId, LineFacts[]>>>();

/** The facts of a charge's line: the same object for charges that have all of them in common. */
export function lineFactsOf(charge: Charge, meters: MeterNames): LineFacts {
  const { price, meter, kind, band, fxRate } = charge;
  const byPrice = made.get(meters) ?? made.set(meters, new WeakMap()).get(meters)!;
  const byMeter = byPrice.get(price) ?? byPrice.set(price, new Map()).get(price)!;
  const all = byMeter.get(meter) ?? byMeter.set(meter, []).get(meter)!;
  const [factor, rate] = [formatFraction(charge.factor), fxRate?.rate ?? null];
  const known = all.find(
    (so) => so.tier === band.tier && so.kind === kind && so.factor === factor && so.fxRate === rate,
  );
  if (known !== undefined) return known;
  const facts = factsOf(charge, meters);
  all.push(facts);
  return facts;
}

function factsOf(charge: Charge, meters: MeterNames): LineFacts {
  const { price, band, meter, kind } = charge;
  const { sheet, assignment } = price.terms;
  // The included quantity costs nothing, whatever the first tier does.
  const tierPrice = (prices: readonly Decimal[]): string =>
    formatDecimal(band.tier === 0 ? ZERO : prices[band.tier - 1]!);
  const known = meters.factsOf(meter);
  return {
    kind,
    meter,
    commerceMeter: price.commerceMeter,
    meterName: known?.name ?? (kind === "capacity" ? price.name : formatMeter(meter)),
    unit: known?.unit ?? (kind === "capacity" ? "core-day" : ""),
    factor: formatFraction(charge.factor),
    tier: band.tier,
    tierFrom: formatDecimal(band.from),
    tierTo: band.to === null ? null : formatDecimal(band.to),
    listPrice: tierPrice(price.listPrices),
    unitPrice: tierPrice(price.unitPrices),
    effectiveUnitPrice: formatDecimal(band.unitPrice),
    priceUnit: price.unit,
    hoursPerMonth: price.hoursPerMonth === null ? null : formatDecimal(price.hoursPerMonth),
    pricingCurrency: sheet.currency,
    fxRate: charge.fxRate?.rate ?? null,
    priceSheet: sheet.id,
    priceVersion: sheet.version,
    priceAssignment: assignment?.id ?? null,
    priceVerified: isVerified(price),
  };
}
