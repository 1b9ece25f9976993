import { add, compare, type Decimal, isNegative, isZero, subtract, ZERO } from "../../lib/decimal.ts";
import { type Fraction, scaledBy, unscaledBy } from "../../lib/fraction.ts";
import assert from "node:assert/strict";
import { Fault } from "../faults/fault.ts";
import { LIMITS } from "../limits.ts";
import { convertedAmount, lineAmount, pricedQuantity } from "../rating/lineAmount.ts";
import type { FxRate } from "../rating/priceBook.ts";
import type { TermedPrice } from "../rating/priceTerms.ts";
import { type BandedQuantity, bandsOf, spread } from "../rating/tiers.ts";
import { type Charge, type ChargeGroup, type ChargeKey, type KeyedQuantity, measuredGroup } from "./charges.ts";

type Key = ChargeGroup["keys"][number];

/** The rate of the billing period from one currency to another; undefined where nobody fixed one. */
export type FxRates = (from: string, to: string) => FxRate | undefined;

/** Finds the key of a group that some usage belongs to. */
export const keysOf = ({ keys }: ChargeGroup): ((so: ChargeKey) => Key) => {
  const [only] = keys;
  if (keys.length === 1) return () => only!;
  return (so) =>
    keys.find(
      (key) =>
        key.registration === so.registration &&
        key.meter === so.meter &&
        key.price === so.price &&
        key.factor.numerator === so.factor.numerator &&
        key.factor.denominator === so.factor.denominator,
    )!;
};

/**
 * Rates a group (contract/usage.md §7).
 * @param fxRates of the billing period
 * @param ordered the group's usage in time order; without it the order of its keys is taken, which is right whenever
 *   `groupNeedsTimeOrder` says no
 * @throws Fault FxRateMissing
 */
export function rate(
  group: ChargeGroup,
  fxRates: FxRates,
  ordered: readonly KeyedQuantity[] = group.keys,
): readonly Charge[] {
  const { common, layoutFor } = measuredGroup(group);
  const keyOf = keysOf(group);
  const slices = ordered.map((so) => {
    assert(!isNegative(so.quantity), "usage of an hour is less than nothing");
    const key = keyOf(so);
    return { key, quantity: scaledBy(so.quantity, key.factor, common), own: so.quantity };
  });
  const rest = new Map<Key, Decimal>();
  for (const { key, own } of slices) rest.set(key, add(rest.get(key) ?? ZERO, own));
  const parts = spread(slices, layoutFor);
  // Usage of nothing is still usage: it gets its line too, so that every record is on one.
  const unused = group.keys
    .filter(({ quantity }) => isZero(quantity))
    .map((key): BandedQuantity<Key> => {
      const { stretches, packages } = layoutFor(key);
      return { key, quantity: ZERO, band: firstOf(stretches).band, packages: packages === null ? undefined : 0n };
    });
  const last = new Map(parts.map((part) => [part.key, part]));
  const charges = [...parts, ...unused].map((part): Charge => {
    const { key, quantity, band, packages } = part;
    const { price } = key;
    const own = last.get(key) === part ? rest.get(key)! : inMeterUnit(quantity, key.factor, common);
    rest.set(key, subtract(rest.get(key) ?? ZERO, own));
    const sold = packages === undefined ? { quantity, common } : { quantity: whole(packages), common: 1n };
    const hours = packages === undefined ? price.hoursPerMonth : null;
    const pricedAmount = lineAmount(sold, band.unitPrice, hours, price.terms.sheet.rounding);
    return {
      kind: "usage",
      price,
      registration: key.registration,
      meter: key.meter,
      factor: key.factor,
      records: key.records,
      band,
      quantity: own,
      pricedQuantity: pricedQuantity(sold),
      ...billed(price, pricedAmount, fxRates),
    };
  });
  return [...charges, ...toppedUp(group, charges, fxRates)];
}

/** A price without tiers prices nothing, not even what was used 0 times. */
function firstOf<Thing>([first]: readonly Thing[]): Thing {
  assert(first !== undefined, "a price has no tier");
  return first;
}

const whole = (coefficient: bigint): Decimal => ({ coefficient, scale: 0 });

/**
 * What of a key falls below a tier boundary, in the meter's own unit. A boundary of the price may be no finite decimal
 * of it: then this is rounded, here only, and what lies in the key's last tier is all the rest, so that nothing is lost.
 */
export const inMeterUnit = (quantity: Decimal, factor: Fraction, common: bigint): Decimal =>
  unscaledBy(quantity, factor, { common, scale: LIMITS.quantityDecimalsMax, rounding: "down" });

/** @throws Fault FxRateMissing */
export function billed(
  { terms: { sheet, billingCurrency } }: Pick<TermedPrice, "terms">,
  pricedAmount: Decimal,
  fxRates: FxRates,
): Pick<Charge, "pricedAmount" | "fxRate" | "amount"> {
  if (billingCurrency === null || billingCurrency === sheet.currency) {
    return { pricedAmount, fxRate: null, amount: pricedAmount };
  }
  const fxRate = fxRates(sheet.currency, billingCurrency);
  if (fxRate === undefined) throw new Fault("FxRateMissing", { from: sheet.currency, to: billingCurrency });
  return { pricedAmount, fxRate, amount: convertedAmount(pricedAmount, fxRate.rate, sheet.rounding) };
}

/** The least that the price asks for, as its newest version in the period says, less what usage comes to. */
function toppedUp({ keys }: ChargeGroup, charges: readonly Charge[], fxRates: FxRates): readonly Charge[] {
  const newest = keys.reduce((a, b) => (b.price.terms.sheet.version > a.price.terms.sheet.version ? b : a));
  const { price, registration, meter, factor } = newest;
  if (price.minimum === null) return [];
  const minimum = lineAmount({ quantity: price.minimum, common: 1n }, whole(1n), null, price.terms.sheet.rounding);
  const missing = subtract(
    minimum,
    charges.reduce((all, { pricedAmount }) => add(all, pricedAmount), ZERO),
  );
  if (compare(missing, ZERO) <= 0) return [];
  const [band] = bandsOf(price);
  const nothing = { quantity: ZERO, pricedQuantity: ZERO, records: 0 };
  const kind = "minimum" as const;
  return [{ kind, price, registration, meter, factor, band: band!, ...nothing, ...billed(price, missing, fxRates) }];
}
