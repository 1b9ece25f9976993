import { add, type Decimal, decimal, isZero, sum, ZERO } from "../../lib/decimal.ts";
import type { MeterId, RegistrationId, SubscriptionId } from "../ids.ts";
import { lineAmount } from "../rating/lineAmount.ts";
import { commerceMeterOf, type Price, type PriceSheet, priceOf } from "../rating/priceSheet.ts";
import { type Band, bandsOf, needsTimeOrder, type Slice, spread } from "../rating/tiers.ts";
import type { UsageTotal } from "../usage/store.ts";

/** What one payer owes for one local meter of one stamp: it becomes a statement line for each tier that it reaches. */
export interface ChargeKey {
  readonly registration: RegistrationId;
  readonly meter: MeterId;
}

/** All usage of one payer that shares a price and so climbs its tiers together. */
export interface ChargeGroup {
  readonly payer: SubscriptionId;
  readonly price: Price;
  readonly keys: readonly (ChargeKey & { readonly quantity: Decimal; readonly records: number })[];
}

export interface Charge extends ChargeKey {
  readonly payer: SubscriptionId;
  readonly price: Price;
  readonly band: Band;
  readonly quantity: Decimal;
  readonly amount: Decimal;
  /** Records behind this stamp and meter; a record at a tier boundary counts in both lines. */
  readonly records: number;
}

type BilledTotal = UsageTotal & { readonly payer: SubscriptionId };

/** Adds up billed usage by payer and commerce meter, then by stamp and local meter; in ascending order of all of them. */
export function groupCharges(totals: Iterable<BilledTotal>, sheet: PriceSheet): readonly ChargeGroup[] {
  const groups = new Map<string, Map<string, ChargeGroup["keys"][number]>>();
  for (const { payer, registration, meter, quantity, records } of totals) {
    const group = `${payer} ${commerceMeterOf(sheet, meter)}`;
    const keys = groups.get(group) ?? groups.set(group, new Map()).get(group)!;
    const key = `${String(registration).padStart(12, "0")} ${meter}`;
    const so = keys.get(key) ?? { registration, meter, quantity: ZERO, records: 0 };
    keys.set(key, { ...so, quantity: add(so.quantity, decimal(quantity)), records: so.records + records });
  }
  const sorted = <Value>(map: Map<string, Value>): [string, Value][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted(groups).map(([group, keys]) => {
    const values = sorted(keys).map(([, value]) => value);
    return { payer: group.split(" ")[0] as SubscriptionId, price: priceOf(sheet, values[0]!.meter)!, keys: values };
  });
}

/** Whether this group can be rated only with its usage hour by hour. */
export const groupNeedsTimeOrder = ({ keys, price }: ChargeGroup): boolean =>
  needsTimeOrder(keys.length, sum(keys.map(({ quantity }) => quantity)), bandsOf(price));

/** Hourly sums in usage-time order; of one hour by registration, then by meter: the stated tie rule. */
export function inTimeOrder(totals: readonly UsageTotal[]): readonly (ChargeKey & { readonly quantity: Decimal })[] {
  return [...totals]
    .sort((a, b) => (a.hour ?? 0) - (b.hour ?? 0) || a.registration - b.registration || (a.meter < b.meter ? -1 : 1))
    .map(({ registration, meter, quantity }) => ({ registration, meter, quantity: decimal(quantity) }));
}

/**
 * Rates a group.
 * @param ordered the group's usage in time order; without it the order of its keys is taken, which is right whenever
 *   `groupNeedsTimeOrder` says no
 */
export function rate(
  group: ChargeGroup,
  rounding: PriceSheet["rounding"],
  ordered: readonly (ChargeKey & { readonly quantity: Decimal })[] = group.keys,
): readonly Charge[] {
  const keyOf = new Map(group.keys.map((key) => [`${key.registration} ${key.meter}`, key]));
  const slices = ordered.map(({ registration, meter, quantity }): Slice<ChargeGroup["keys"][number]> => {
    return { key: keyOf.get(`${registration} ${meter}`)!, quantity };
  });
  const bands = bandsOf(group.price);
  const parts = spread(slices, bands);
  // Usage of nothing is still usage: it gets its line too, so that every record is on one.
  const unused = group.keys
    .filter(({ quantity }) => isZero(quantity))
    .map((key) => ({ key, quantity: ZERO, band: bands[0]! }));
  return [...parts, ...unused].map(({ key, quantity, band }) => ({
    payer: group.payer,
    price: group.price,
    registration: key.registration,
    meter: key.meter,
    records: key.records,
    band,
    quantity,
    amount: lineAmount(quantity, band.unitPrice, group.price.hoursPerMonth, rounding),
  }));
}

/** Records behind charges; those that several tiers share count once. */
export function recordsOf(charges: readonly Charge[]): number {
  const keys = new Map(charges.map((charge) => [`${charge.payer} ${charge.registration} ${charge.meter}`, charge]));
  return [...keys.values()].reduce((records, charge) => records + charge.records, 0);
}
