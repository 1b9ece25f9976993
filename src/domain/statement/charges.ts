import assert from "node:assert/strict";
import { add, type Decimal, decimal, sum, ZERO } from "../../lib/decimal.ts";
import { commonDenominator, formatFraction, type Fraction, ONE, scaledBy } from "../../lib/fraction.ts";
import type { Hour, MeterId, RegistrationId, SubscriptionId } from "../ids.ts";
import type { FxRate } from "../rating/priceBook.ts";
import type { SheetId } from "../rating/priceSheet.ts";
import type { TermedPrice } from "../rating/priceTerms.ts";
import { type Band, type Layout, layoutOf, needsTimeOrder } from "../rating/tiers.ts";
import type { UsageTotal } from "../usage/store.ts";
import { classify, type ClassifyingFacts } from "./classify.ts";

/**
 * What one payer owes for one local meter of one stamp: it becomes a statement line for each tier that it reaches.
 * Usage that comes to another number of the price's units, or has another price, is a key of its own.
 */
export interface ChargeKey {
  readonly registration: RegistrationId;
  readonly meter: MeterId;
  /** How many of the price's units one unit of the meter is. */
  readonly factor: Fraction;
  readonly price: TermedPrice;
}

/** Usage of one payer that climbs the tiers together: of one commerce meter on one price sheet, whatever its version. */
export interface ChargeGroup {
  readonly payer: string;
  /** Whose usage it is: at the customers' level the payer itself. */
  readonly subscriptions: ReadonlySet<SubscriptionId>;
  readonly commerceMeter: MeterId;
  readonly sheet: SheetId;
  /** Quantities are the meters' own. */
  readonly keys: readonly (ChargeKey & { readonly quantity: Decimal; readonly records: number })[];
}

/** usage: a part of the usage; minimum: what tops the others up to the least that the price asks for; capacity: cores. */
export const CHARGE_KINDS = ["usage", "minimum", "capacity"] as const;
export type ChargeKind = (typeof CHARGE_KINDS)[number];

export interface Charge extends ChargeKey {
  readonly kind: ChargeKind;
  readonly band: Band;
  /** In the meter's unit. */
  readonly quantity: Decimal;
  /** The same in the price's unit, or in packages, to be shown: the amount is made from the exact one. */
  readonly pricedQuantity: Decimal;
  /** In the price sheet's currency. */
  readonly pricedAmount: Decimal;
  /** What it was converted with; null where the statement is in the price sheet's currency. */
  readonly fxRate: FxRate | null;
  /** In the statement's currency. */
  readonly amount: Decimal;
  /** Records behind this stamp and meter; a record at a tier boundary counts in both lines. */
  readonly records: number;
}

export type BilledTotal = UsageTotal & BilledSum;

/** What of a billed total decides what it costs, but for its hour. */
export type BilledSum = Pick<UsageTotal, "registration" | "meter" | "quantity" | "records"> & {
  readonly payer: string;
  readonly subscription: SubscriptionId;
  readonly price: TermedPrice;
  readonly factor: Fraction;
};

/** Tells prices apart: each is one object (`PriceBook.priceOf`). */
class PriceNumbers {
  readonly #numbers = new Map<TermedPrice, number>();

  of(price: TermedPrice): number {
    return this.#numbers.get(price) ?? this.#numbers.set(price, this.#numbers.size + 1).get(price)!;
  }
}

/** Versions in their order: that of their hours. */
const byVersion = ({ terms: a }: TermedPrice, { terms: b }: TermedPrice): number =>
  a.sheet.version - b.sheet.version || (a.assignment?.id ?? 0) - (b.assignment?.id ?? 0);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byStampAndMeter = (a: ChargeKey, b: ChargeKey): number =>
  a.registration - b.registration ||
  compareText(a.meter, b.meter) ||
  compareText(formatFraction(a.factor), formatFraction(b.factor)) ||
  byVersion(a.price, b.price);

/** Numbers for what tells keys and groups apart apart from the stamp: numbers are compared faster than texts made of them. */
class KeyNumbers {
  readonly #groups = new Map<string, number>();
  readonly #byPrice = new Map<
    TermedPrice,
    { readonly group: number; readonly byMeter: Map<MeterId, Map<string, number>> }
  >();
  #keys = 0;

  /** [of the group, of the key]; both of these are the same for the same price, meter and factor only. */
  of(price: TermedPrice, meter: MeterId, factor: Fraction): readonly [number, number] {
    let own = this.#byPrice.get(price);
    if (own === undefined) {
      const name = `${price.commerceMeter}\n${price.terms.sheet.id}`;
      const group = this.#groups.get(name) ?? this.#groups.size;
      this.#groups.set(name, group);
      own = { group, byMeter: new Map() };
      this.#byPrice.set(price, own);
    }
    const byFactor = own.byMeter.get(meter) ?? own.byMeter.set(meter, new Map()).get(meter)!;
    const text = formatFraction(factor);
    const key = byFactor.get(text) ?? byFactor.set(text, this.#keys++).get(text)!;
    return [own.group, key];
  }
}

type MutableKey = { -readonly [Name in keyof ChargeGroup["keys"][number]]: ChargeGroup["keys"][number][Name] };
type OpenGroup = Omit<ChargeGroup, "keys" | "subscriptions"> & {
  readonly subscriptions: Set<SubscriptionId>;
  readonly keys: Map<number, MutableKey>;
};

/** More than there are meters and prices: a registration's number and a key's are told as one. */
const KEY_NUMBERS_MAX = 2 ** 20;

/** Adds up billed usage by payer, commerce meter and sheet, then by stamp, local meter and price; in that order. */
export function groupCharges(totals: Iterable<BilledSum>): readonly ChargeGroup[] {
  const payers = new Map<string, Map<number, OpenGroup>>();
  const numbers = new KeyNumbers();
  for (const { payer, subscription, price, registration, meter, factor, quantity, records } of totals) {
    const [groupNumber, keyNumber] = numbers.of(price, meter, factor);
    assert(keyNumber < KEY_NUMBERS_MAX, "more prices than a number has room for");
    const groups = payers.get(payer) ?? payers.set(payer, new Map()).get(payer)!;
    let group = groups.get(groupNumber);
    if (group === undefined) {
      const { commerceMeter, terms } = price;
      group = { payer, subscriptions: new Set(), commerceMeter, sheet: terms.sheet.id, keys: new Map() };
      groups.set(groupNumber, group);
    }
    const { keys } = group;
    group.subscriptions.add(subscription);
    const key = registration * KEY_NUMBERS_MAX + keyNumber;
    const so = keys.get(key);
    if (so === undefined) keys.set(key, { registration, meter, factor, price, quantity: decimal(quantity), records });
    else [so.quantity, so.records] = [add(so.quantity, decimal(quantity)), so.records + records];
  }
  return [...payers]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([, groups]) =>
      [...groups.values()]
        .sort((a, b) => compareText(a.commerceMeter, b.commerceMeter) || compareText(a.sheet, b.sheet))
        .map(({ payer, subscriptions, commerceMeter, sheet, keys }) => {
          return { payer, subscriptions, commerceMeter, sheet, keys: [...keys.values()].sort(byStampAndMeter) };
        }),
    );
}

/** A group in the measure in which it is laid on bands. */
export interface MeasuredGroup {
  /**
   * Into how many parts the price's unit is divided: so finely that every factor comes to a whole number of them, and
   * nothing has to be rounded.
   */
  readonly common: bigint;
  /** The whole quantity of the period: to be asked for where something depends on it. */
  readonly total: () => Decimal;
  readonly layoutFor: (key: Pick<ChargeKey, "price">) => Layout;
}

/** Layouts of prices that do not depend on the period's quantity, by the measure: most groups share one. */
const layouts = new WeakMap<TermedPrice, Map<bigint, Layout>>();

function layoutIn(price: TermedPrice, common: bigint, total: () => Decimal): Layout {
  const measured = (quantity: Decimal): Decimal => scaledBy(quantity, ONE, common);
  if (price.model === "volume") return layoutOf(price, total(), measured);
  const known = layouts.get(price) ?? layouts.set(price, new Map()).get(price)!;
  return known.get(common) ?? known.set(common, layoutOf(price, ZERO, measured)).get(common)!;
}

export function measuredGroup({ keys }: Pick<ChargeGroup, "keys">): MeasuredGroup {
  const common = commonDenominator(keys.map(({ factor }) => factor));
  const total = (): Decimal => sum(keys.map(({ quantity, factor }) => scaledBy(quantity, factor, common)));
  const own = new Map<TermedPrice, Layout>();
  const layoutFor = ({ price }: Pick<ChargeKey, "price">): Layout =>
    own.get(price) ?? own.set(price, layoutIn(price, common, total)).get(price)!;
  return { common, total, layoutFor };
}

/** Whether this group can be rated only with its usage hour by hour. */
export function groupNeedsTimeOrder(group: ChargeGroup): boolean {
  const { keys } = group;
  if (keys.length <= 1) return false;
  const { total, layoutFor } = measuredGroup(group);
  const whole = total();
  return keys.some((key) => needsTimeOrder(keys.length, whole, layoutFor(key)));
}

export type KeyedQuantity = ChargeKey & { readonly quantity: Decimal };
/** The same, of one hour. */
export type HourlyQuantity = KeyedQuantity & { readonly hour: Hour };

/**
 * Hourly sums in usage-time order; of one hour by registration, by meter, then by local subscription: the stated tie rule.
 * The last one decides where subscriptions of one payer, a reseller's customers, have prices of their own.
 */
export function inTimeOrder<At extends Hour | null>(
  totals: readonly (UsageTotal & { readonly hour: At } & Pick<ChargeKey, "factor" | "price">)[],
): readonly (KeyedQuantity & { readonly hour: At })[] {
  return [...totals]
    .sort(
      (a, b) =>
        (a.hour ?? 0) - (b.hour ?? 0) ||
        a.registration - b.registration ||
        compareText(a.meter, b.meter) ||
        compareText(a.localSubscription, b.localSubscription),
    )
    .map(({ quantity, ...so }) => ({ ...so, quantity: decimal(quantity) }));
}

/**
 * The usage of a group in time order.
 * @param totals hourly sums of its subscriptions' usage; what is not billed, or climbs other tiers, is left out
 */
export function orderedUsage(
  { commerceMeter, sheet }: Pick<ChargeGroup, "commerceMeter" | "sheet">,
  totals: readonly UsageTotal[],
  facts: ClassifyingFacts,
): readonly HourlyQuantity[] {
  const own = totals.flatMap((total) => {
    const { hour } = total;
    assert(hour !== null, "a sum without an hour has no place in time order");
    const so = classify(total, hour, facts);
    if (so.kind !== "billed") return [];
    const { price, factor } = so;
    const isOwn = price.commerceMeter === commerceMeter && price.terms.sheet.id === sheet;
    return isOwn ? [{ ...total, hour, price, factor }] : [];
  });
  return inTimeOrder(own);
}

/** With more charges than this a table of them is quicker than looks through all. */
const CHARGES_LOOKED_THROUGH_MAX = 32;

const sameKey = (a: ChargeKey, b: ChargeKey): boolean =>
  a.price === b.price &&
  a.registration === b.registration &&
  a.meter === b.meter &&
  formatFraction(a.factor) === formatFraction(b.factor);

/** Records behind charges of one payer; those that several tiers share count once. */
export function recordsOf(charges: readonly Charge[]): number {
  const ofUsage = charges.filter(({ kind }) => kind === "usage");
  if (ofUsage.length <= CHARGES_LOOKED_THROUGH_MAX) {
    const first = ofUsage.filter((charge, i) => ofUsage.findIndex((so) => sameKey(so, charge)) === i);
    return first.reduce((all, { records }) => all + records, 0);
  }
  const numbers = new PriceNumbers();
  const keys = new Map<string, number>();
  for (const { registration, meter, factor, price, records } of ofUsage) {
    keys.set(`${registration} ${meter} ${formatFraction(factor)} ${numbers.of(price)}`, records);
  }
  return [...keys.values()].reduce((all, records) => all + records, 0);
}

export const amountOf = (charges: readonly Charge[]): Decimal =>
  charges.reduce((all, { amount }) => add(all, amount), ZERO);
