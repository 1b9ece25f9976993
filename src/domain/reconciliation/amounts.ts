import {
  add,
  compare,
  type Decimal,
  decimal,
  divide,
  formatDecimal,
  isNegative,
  isZero,
  multiply,
  subtract,
  ZERO,
} from "../../lib/decimal.ts";
import type { Difference, Measure, Situation } from "./cause.ts";
import { settled } from "./quantities.ts";
import {
  type Entry,
  type Follows,
  isNothing,
  leastOf,
  type Part,
  priceText,
  type Side,
  totalAmount,
  totalQuantity,
} from "./side.ts";

const ONE = decimal("1");

/** Which of the numbers the other side says. */
export interface Says {
  readonly quantity: boolean;
  readonly price: boolean;
  readonly amount: boolean;
}

const same = (a: Decimal, b: Decimal): boolean => compare(a, b) === 0;
const size = ({ coefficient, scale }: Decimal): Decimal => ({
  coefficient: coefficient < 0n ? -coefficient : coefficient,
  scale,
});
const unitOf = (scale: number): Decimal => ({ coefficient: 1n, scale });

/** No currency is rounded to so many decimals: what has them was cut where it never ends. */
const UNROUNDED_DECIMALS_MIN = 10;

interface Product {
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly hours?: Decimal | null;
  readonly rate?: Decimal | null;
}

/**
 * Whether an amount is `quantity × price ÷ hours × rate`: exactly; or as some rounding would write it with so many decimals,
 * which is one of the two neighbours of the exact value. A conversion rounds twice, as Microsoft's files do: the amount, and
 * what it comes to.
 * @param decimalsMin an amount with fewer was written without zeros at its end
 */
export function followsFrom(
  amount: Decimal,
  { quantity, price, hours = null, rate = null }: Product,
  decimalsMin: number,
): Follows {
  const scale = Math.max(amount.scale, decimalsMin);
  const exact = multiply(quantity, price);
  const isNear = (numerator: Decimal, divisor: Decimal): boolean =>
    compare(size(subtract(multiply(amount, divisor), numerator)), multiply(unitOf(scale), divisor)) < 0;
  const divisors = hours === null ? [ONE] : [ONE, hours];
  const converted = multiply(exact, rate ?? ONE);
  if (divisors.some((divisor) => same(multiply(amount, divisor), converted))) return "exactly";
  const isRounded = divisors.some((divisor) => isNear(converted, divisor));
  if (isRounded) return scale >= UNROUNDED_DECIMALS_MIN ? "exactly" : "rounded";
  if (rate === null) return "no";
  const isTwice = divisors.some((divisor) => {
    const down = divide(exact, divisor, scale, "down");
    const away = isNegative(exact) ? subtract(down, unitOf(scale)) : add(down, unitOf(scale));
    return [down, away].some((rounded) => isNear(multiply(rounded, rate), ONE));
  });
  return isTwice ? "rounded" : "no";
}

/** Of fewer digits nobody could say what they were rounded from. */
const HOURLY_DIGITS_MIN = 4;

/**
 * Whether two unit prices are one: the same number; or theirs is of an hour where ours is of a month, as it is written with
 * its own decimals and at least four digits (0.0000083333 for 0.006 a month of 720 hours).
 */
export function isSamePrice(theirs: Decimal, ours: Decimal, hours: Decimal | null): boolean {
  if (same(theirs, ours)) return true;
  if (hours === null || size(theirs).coefficient < 10n ** BigInt(HOURLY_DIGITS_MIN - 1)) return false;
  const apart = size(subtract(multiply(theirs, hours), ours));
  return compare(apart, multiply(unitOf(theirs.scale), hours)) < 0;
}

/** Rules `price`, `rounding`, `amount`, and `missing` and `extra` of what has no quantity; place by place. */
export function nameAmounts(ours: Side, theirs: Side, says: Says): readonly Difference[] {
  const differences: Difference[] = [];
  const isConverted = ours.isConverted || theirs.isConverted;
  const isSame: SameQuantity = (a, b) => isZero(settled(isConverted, subtract(a, b)));
  for (const key of new Set([...ours.entries.keys(), ...theirs.entries.keys()])) {
    const [own, other] = [ours.entries.get(key), theirs.entries.get(key)];
    differences.push(...amountsOf(own, other, says, isSame));
  }
  return differences;
}

type SameQuantity = (a: Decimal, b: Decimal) => boolean;

function amountsOf(
  ours: Entry | undefined,
  theirs: Entry | undefined,
  says: Says,
  isSame: SameQuantity,
): readonly Difference[] {
  const isOurs = ours !== undefined && !isNothing(ours);
  const isTheirs = theirs !== undefined && !isNothing(theirs);
  if (!isOurs || !isTheirs) {
    const [only, situation] = isOurs ? ([ours, "missing"] as const) : ([theirs, "extra"] as const);
    // With a quantity it was told already.
    if (only === undefined || (!isOurs && !isTheirs)) return [];
    const isTold = says.quantity && [...only.days.values()].some((quantity) => !isZero(quantity));
    if (isTold || !says.amount || isZero(totalAmount(only))) return [];
    const amount = totalAmount(only);
    return [numbers(only, { situation, measure: "amount" }, isOurs ? amount : null, isOurs ? null : amount)];
  }
  if (theirs.currency !== "" && theirs.currency !== ours.currency) {
    return [texts(ours, { situation: "other-currency", measure: "currency" }, ours.currency, theirs.currency)];
  }
  const isSameQuantity = !says.quantity || isSame(totalQuantity(ours), totalQuantity(theirs));
  const priced = says.price
    ? pricesOf(ours, theirs, { isSameQuantity, isSame })
    : { pairs: [merged(ours, theirs)], told: [] };
  if (priced.told.length > 0 || !says.amount) return priced.told;
  if (isSameQuantity && theirs.parts.size > 1 && theirs.parts.has("")) return adjustedAmount(ours, theirs);
  return priced.pairs.flatMap(([own, other]) => amountOf(ours, [own, other], { isSameQuantity }));
}

/**
 * The other side tells apart what rounding makes of its rows, or another adjustment that has no quantity: only all amounts of
 * the place together can be compared then.
 */
function adjustedAmount(ours: Entry, theirs: Entry): readonly Difference[] {
  const [own, other] = [totalAmount(ours), totalAmount(theirs)];
  if (same(own, other)) return [];
  const follow = [...theirs.parts].filter(([price]) => price !== "").every(([, part]) => part.follows !== "no");
  const situation = follow && !ours.parts.has("") ? "rounded" : "amount";
  return [numbers(ours, { situation, measure: "amount" }, own, other)];
}

type Pair = readonly [ours: Part | undefined, theirs: Part | undefined];

/** What a side has at all prices, as one. */
function all({ parts }: Entry): Part | undefined {
  const [first, ...rest] = parts.values();
  if (first === undefined || rest.length === 0) return first;
  const quantity = rest.reduce((so, part) => add(so, part.quantity), first.quantity);
  const amount = rest.reduce((so, part) => add(so, part.amount), first.amount);
  return {
    ...first,
    price: null,
    quantity,
    amount,
    follows: [first, ...rest].map((part) => part.follows).reduce(leastOf),
  };
}

const merged = (ours: Entry, theirs: Entry): Pair => [all(ours), all(theirs)];

/** Parts of the same price, side by side; and rule `price` where there is no such part, or its quantity is another. */
function pricesOf(
  ours: Entry,
  theirs: Entry,
  { isSameQuantity, isSame }: { readonly isSameQuantity: boolean; readonly isSame: SameQuantity },
): { readonly pairs: readonly Pair[]; readonly told: readonly Difference[] } {
  const left = new Map(ours.parts);
  const pairs: [Part | undefined, Part | undefined][] = [];
  const strangers: Part[] = [];
  for (const part of theirs.parts.values()) {
    const { price } = part;
    if (isZero(part.quantity) && isZero(part.amount)) continue;
    const found = [...ours.parts.values()].find((own) =>
      price === null || own.price === null ? price === own.price : isSamePrice(price, own.price, own.hoursPerMonth),
    );
    const before = pairs.find(([own]) => own !== undefined && own === found);
    if (found === undefined && price !== null) strangers.push(part);
    // An hourly price may be written with more and with fewer decimals: both are of one of our parts.
    else if (before !== undefined) before[1] = joined(before[1]!, part);
    else pairs.push([found, part]);
    if (found !== undefined) left.delete(priceText(found.price));
  }
  if (strangers.length > 0) {
    const own = left.size > 0 ? [...left.values()] : [...ours.parts.values()];
    const ourText = own.map(({ price }) => priceText(price) || "-").join(", ");
    const isOne = own.length === 1 && own[0]!.price !== null;
    return {
      pairs,
      told: strangers.map(({ price }) => {
        const told = texts(ours, { situation: "other-price", measure: "unitPrice" }, ourText, priceText(price));
        return isOne ? { ...told, difference: formatDecimal(subtract(price!, own[0]!.price!)) } : told;
      }),
    };
  }
  for (const part of left.values()) pairs.push([part, undefined]);
  if (!isSameQuantity || ours.parts.size < 2) return { pairs, told: [] };
  const moved = pairs.filter(([own, other]) => !isSame(own?.quantity ?? ZERO, other?.quantity ?? ZERO));
  const told = moved.map(([own, other]) => ({
    ...numbers(ours, { situation: "other-tier", measure: "quantity" }, own?.quantity ?? null, other?.quantity ?? null),
    other: priceText((own ?? other)!.price),
  }));
  return { pairs, told };
}

const joined = (a: Part, b: Part): Part => ({
  ...a,
  quantity: add(a.quantity, b.quantity),
  amount: add(a.amount, b.amount),
  follows: leastOf(a.follows, b.follows),
});

/**
 * Rules `rounding` and `amount` for one price. Amounts are the same where theirs is ours, or comes to ours once it is rounded
 * as our line is: their rows are a line's details, which need not be rounded. And where nothing of theirs was rounded: it
 * says the same then, with all digits of what our lines, one for each stamp, are rounded from.
 */
function amountOf(
  entry: Entry,
  [ours, theirs]: Pair,
  { isSameQuantity }: { readonly isSameQuantity: boolean },
): readonly Difference[] {
  if (ours === undefined || theirs === undefined) {
    // A part without a price has no quantity that could have been told: what tops up to a minimum.
    const only = (ours ?? theirs)!;
    if (!isSameQuantity || only.price !== null || isZero(only.amount)) return [];
    const situation = ours === undefined ? "extra" : "missing";
    return [numbers(entry, { situation, measure: "amount" }, ours?.amount ?? null, theirs?.amount ?? null)];
  }
  if (!isSameQuantity) {
    if (theirs.follows !== "no") return [];
    return [numbers(entry, { situation: "amount", measure: "amount" }, ours.amount, theirs.amount)];
  }
  const { mode, scale } = ours.rounding ?? { mode: "down", scale: 0 };
  const isEqual = same(ours.amount, theirs.amount);
  const isRounded = ours.rounding !== undefined && same(divide(theirs.amount, ONE, scale, mode), ours.amount);
  if (isEqual || isRounded || theirs.follows === "exactly") return [];
  const situation = theirs.follows === "rounded" ? "rounded" : "amount";
  return [numbers(entry, { situation, measure: "amount" }, ours.amount, theirs.amount)];
}

interface What {
  readonly situation: Situation;
  readonly measure: Measure;
}

const texts = (
  { payer, stamp, meter, meterName }: Entry,
  what: What,
  ours: string | null,
  theirs: string | null,
): Difference => ({ ...what, payer, stamp, meter, meterName, day: "", ours, theirs, difference: null, other: "" });

const numbers = (entry: Entry, what: What, ours: Decimal | null, theirs: Decimal | null): Difference => ({
  ...texts(entry, what, ours && formatDecimal(ours), theirs && formatDecimal(theirs)),
  difference: formatDecimal(subtract(theirs ?? ZERO, ours ?? ZERO)),
});
