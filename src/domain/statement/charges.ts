import { add, type Decimal, decimal, isZero, subtract, sum, ZERO } from "../../lib/decimal.ts";
import { commonDenominator, formatFraction, type Fraction, scaledBy, unscaledBy } from "../../lib/fraction.ts";
import type { MeterId, RegistrationId, SubscriptionId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { lineAmount, pricedQuantity } from "../rating/lineAmount.ts";
import type { TermedPrice } from "../rating/priceTerms.ts";
import { type Band, bandsOf, needsTimeOrder, type Slice, spread } from "../rating/tiers.ts";
import type { UsageTotal } from "../usage/store.ts";

/**
 * What one payer owes for one local meter of one stamp: it becomes a statement line for each tier that it reaches.
 * Usage that comes to another number of the price's units is a key of its own.
 */
export interface ChargeKey {
  readonly registration: RegistrationId;
  readonly meter: MeterId;
  /** How many of the price's units one unit of the meter is. */
  readonly factor: Fraction;
}

/** All usage of one payer that shares a price and so climbs its tiers together. Quantities are the meters' own. */
export interface ChargeGroup {
  readonly payer: SubscriptionId;
  readonly price: TermedPrice;
  readonly keys: readonly (ChargeKey & { readonly quantity: Decimal; readonly records: number })[];
}

export interface Charge extends ChargeKey {
  readonly payer: SubscriptionId;
  readonly price: TermedPrice;
  readonly band: Band;
  /** In the meter's unit. */
  readonly quantity: Decimal;
  /** The same in the price's unit, to be shown: the amount is made from the exact one. */
  readonly pricedQuantity: Decimal;
  readonly amount: Decimal;
  /** Records behind this stamp and meter; a record at a tier boundary counts in both lines. */
  readonly records: number;
}

export type BilledTotal = UsageTotal & {
  readonly payer: SubscriptionId;
  readonly price: TermedPrice;
  readonly factor: Fraction;
};

const keyText = ({ registration, meter, factor }: ChargeKey): string =>
  `${String(registration).padStart(12, "0")} ${meter} ${formatFraction(factor)}`;

/** Adds up billed usage by payer, commerce meter and price, then by stamp and local meter; in ascending order of all of them. */
export function groupCharges(totals: Iterable<BilledTotal>): readonly ChargeGroup[] {
  const groups = new Map<string, { price: TermedPrice; keys: Map<string, ChargeGroup["keys"][number]> }>();
  const numbers = new Map<TermedPrice, string>();
  for (const { payer, price, registration, meter, factor, quantity, records } of totals) {
    if (!numbers.has(price)) numbers.set(price, String(numbers.size).padStart(9, "0"));
    const name = `${payer} ${price.commerceMeter} ${numbers.get(price)}`;
    const { keys } = groups.get(name) ?? groups.set(name, { price, keys: new Map() }).get(name)!;
    const key = keyText({ registration, meter, factor });
    const so = keys.get(key) ?? { registration, meter, factor, quantity: ZERO, records: 0 };
    keys.set(key, { ...so, quantity: add(so.quantity, decimal(quantity)), records: so.records + records });
  }
  const sorted = <Value>(map: Map<string, Value>): [string, Value][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted(groups).map(([name, { price, keys }]) => {
    return { payer: name.split(" ")[0] as SubscriptionId, price, keys: sorted(keys).map(([, value]) => value) };
  });
}

/**
 * The measure in which a group is laid on the bands of its price: the price's unit, divided so finely that every factor
 * comes to a whole number of it, and nothing has to be rounded.
 */
interface Measure {
  readonly common: bigint;
  /** The price's bands in this measure, each with the band itself. */
  readonly bands: ReadonlyMap<Band, Band>;
}

function measureOf({ keys, price }: Pick<ChargeGroup, "keys" | "price">): Measure {
  const common = commonDenominator(keys.map(({ factor }) => factor));
  const finely = (bound: Decimal): Decimal => scaledBy(bound, { numerator: 1n, denominator: 1n }, common);
  const bands = bandsOf(price).map(
    (band) => [{ ...band, from: finely(band.from), to: band.to && finely(band.to) }, band] as const,
  );
  return { common, bands: new Map(bands) };
}

/** Whether this group can be rated only with its usage hour by hour. */
export function groupNeedsTimeOrder(group: ChargeGroup): boolean {
  const { common, bands } = measureOf(group);
  const total = sum(group.keys.map(({ quantity, factor }) => scaledBy(quantity, factor, common)));
  return needsTimeOrder(group.keys.length, total, [...bands.keys()]);
}

type KeyedQuantity = ChargeKey & { readonly quantity: Decimal };

/** Hourly sums in usage-time order; of one hour by registration, then by meter: the stated tie rule. */
export function inTimeOrder(totals: readonly (UsageTotal & { readonly factor: Fraction })[]): readonly KeyedQuantity[] {
  return [...totals]
    .sort((a, b) => (a.hour ?? 0) - (b.hour ?? 0) || a.registration - b.registration || (a.meter < b.meter ? -1 : 1))
    .map(({ registration, meter, factor, quantity }) => ({ registration, meter, factor, quantity: decimal(quantity) }));
}

/**
 * Rates a group.
 * @param ordered the group's usage in time order; without it the order of its keys is taken, which is right whenever
 *   `groupNeedsTimeOrder` says no
 */
export function rate(group: ChargeGroup, ordered: readonly KeyedQuantity[] = group.keys): readonly Charge[] {
  const { rounding } = group.price.terms.sheet;
  const { common, bands } = measureOf(group);
  const keyOf = new Map(group.keys.map((key) => [keyText(key), key]));
  const used = new Map<ChargeGroup["keys"][number], Decimal>();
  const slices = ordered.map((so): Slice<ChargeGroup["keys"][number]> => {
    const key = keyOf.get(keyText(so))!;
    used.set(key, add(used.get(key) ?? ZERO, so.quantity));
    return { key, quantity: scaledBy(so.quantity, key.factor, common) };
  });
  const parts = spread(slices, [...bands.keys()]);
  // Usage of nothing is still usage: it gets its line too, so that every record is on one.
  const first = [...bands.keys()][0]!;
  const unused = group.keys
    .filter(({ quantity }) => isZero(quantity))
    .map((key) => ({ key, quantity: ZERO, band: first }));
  const rest = new Map(used);
  const last = new Map(parts.map((part) => [part.key, part]));
  return [...parts, ...unused].map((part) => {
    const { key, quantity, band } = part;
    const own = last.get(key) === part ? rest.get(key)! : inMeterUnit(quantity, key.factor, common);
    rest.set(key, subtract(rest.get(key) ?? ZERO, own));
    const finest = { quantity, common };
    return {
      payer: group.payer,
      price: group.price,
      registration: key.registration,
      meter: key.meter,
      factor: key.factor,
      records: key.records,
      band: bands.get(band)!,
      quantity: own,
      pricedQuantity: pricedQuantity(finest),
      amount: lineAmount(finest, band.unitPrice, group.price.hoursPerMonth, rounding),
    };
  });
}

/**
 * What of a key falls below a tier boundary, in the meter's own unit. A boundary of the price may be no finite decimal
 * of it: then this is rounded, here only, and what lies in the key's last tier is all the rest, so that nothing is lost.
 */
const inMeterUnit = (quantity: Decimal, factor: Fraction, common: bigint): Decimal =>
  unscaledBy(quantity, factor, { common, scale: LIMITS.quantityDecimalsMax, rounding: "down" });

/** Records behind charges; those that several tiers share count once. */
export function recordsOf(charges: readonly Charge[]): number {
  const keys = new Map(charges.map((charge) => [`${charge.payer} ${keyText(charge)}`, charge]));
  return [...keys.values()].reduce((records, charge) => records + charge.records, 0);
}
