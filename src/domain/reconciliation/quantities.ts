import {
  add,
  compare,
  type Decimal,
  decimal,
  divide,
  formatDecimal,
  isNegative,
  isZero,
  subtract,
  ZERO,
} from "../../lib/decimal.ts";
import type { Difference, Situation } from "./cause.ts";
import { type Entry, isNothing, type Place, placeKey, type Side, totalQuantity } from "./side.ts";

/** A quantity that the two sides have otherwise, and that no cause was found for yet. */
export interface OpenQuantity extends Place {
  readonly meterName: string;
  /** Empty where the other side has no days. */
  readonly day: string;
  readonly ours: Decimal | undefined;
  readonly theirs: Decimal | undefined;
  /** Theirs less ours. */
  readonly difference: Decimal;
}

/** What was found out about late usage and about whom usage that is not mapped goes to. */
export interface QuantityFacts {
  /** What theirs less ours would be on a day, by everything that came late; empty where nothing did. */
  readonly late: (place: Place, day: string) => readonly Decimal[];
  /** Payers of usage that is not mapped. */
  readonly unmappedPayers: ReadonlySet<string>;
  /** What waits with us on a day because nobody knows whose it is. */
  readonly waiting: (meter: string, day: string) => Decimal;
}

const ONE = decimal("1");
/**
 * A division that never ends is written with 30 decimals, and comes back with an error in the last ones. Where a side has
 * such quantities they are laid side by side to this many; elsewhere to the last digit.
 */
const CONVERTED_DECIMALS = 20;

/** How differences of two sides are told apart. */
export const settled = (isConverted: boolean, difference: Decimal): Decimal =>
  isConverted ? divide(difference, ONE, CONVERTED_DECIMALS, "half-even") : difference;

const same = (a: Decimal, b: Decimal): boolean => compare(a, b) === 0;
const negated = ({ coefficient, scale }: Decimal): Decimal => ({ coefficient: -coefficient, scale });
const byDay = (a: { readonly day: string }, b: { readonly day: string }): number => (a.day < b.day ? -1 : 1);

/** Every place and day on which the quantities differ. */
export function openQuantities(ours: Side, theirs: Side): OpenQuantity[] {
  const open: OpenQuantity[] = [];
  const isConverted = ours.isConverted || theirs.isConverted;
  for (const key of new Set([...ours.entries.keys(), ...theirs.entries.keys()])) {
    const [own, other] = [ours.entries.get(key), theirs.entries.get(key)];
    const { payer, stamp, meter, meterName } = (own ?? other)!;
    for (const day of new Set([...(own?.days.keys() ?? []), ...(other?.days.keys() ?? [])])) {
      const [ourQuantity, theirQuantity] = [own?.days.get(day), other?.days.get(day)];
      const difference = settled(isConverted, subtract(theirQuantity ?? ZERO, ourQuantity ?? ZERO));
      if (isZero(difference)) continue;
      open.push({ payer, stamp, meter, meterName, day, ours: ourQuantity, theirs: theirQuantity, difference });
    }
  }
  return open;
}

const told = (open: OpenQuantity, situation: Situation, other = ""): Difference => ({
  situation,
  measure: "quantity",
  payer: open.payer,
  stamp: open.stamp,
  meter: open.meter,
  meterName: open.meterName,
  day: open.day,
  ours: open.ours === undefined ? null : formatDecimal(open.ours),
  theirs: open.theirs === undefined ? null : formatDecimal(open.theirs),
  difference: formatDecimal(open.difference),
  other,
});

/** Rule `late`: the difference is exactly one of those that late usage makes on that day. */
export function nameLate(open: readonly OpenQuantity[], late: QuantityFacts["late"]): Named {
  const named = new Named(open);
  for (const so of open) {
    if (!late(so, so.day).some((quantity) => same(quantity, so.difference))) continue;
    named.take(so, told(so, isNegative(so.difference) ? "late-ours" : "late-theirs"));
  }
  return named;
}

/** Differences with a cause, and what is left of those without. */
export class Named {
  readonly differences: Difference[] = [];
  readonly #left: Set<OpenQuantity>;

  constructor(open: Iterable<OpenQuantity>) {
    this.#left = new Set(open);
  }

  take(open: OpenQuantity, difference?: Difference): void {
    this.#left.delete(open);
    if (difference !== undefined) this.differences.push(difference);
  }

  get left(): readonly OpenQuantity[] {
    return [...this.#left];
  }
}

/**
 * Rule `arrived-day`: what theirs has less on a day it has more on a later one. First where all that is left of a place adds
 * up to nothing and never runs ahead: then all of it moved to later days. Else day by day, where one later day has exactly
 * the quantity that is less on an earlier one.
 */
export function nameShifts(open: readonly OpenQuantity[]): Named {
  const named = new Named(open);
  for (const own of Map.groupBy(open, placeKey).values()) {
    const days = own.filter(({ day }) => day !== "").sort(byDay);
    if (days.length < 2) continue;
    const pairs = movedLater(days) ?? pairsOf(days);
    for (const { from, to, quantity } of pairs) {
      named.take(from, { ...told(from, "arrived-later", to.day), difference: formatDecimal(negated(quantity)) });
      named.take(to);
    }
  }
  return named;
}

interface Move {
  readonly from: OpenQuantity;
  readonly to: OpenQuantity;
  readonly quantity: Decimal;
}

/** All differences of a place as moves to later days, the oldest first; undefined where they are not only that. */
function movedLater(days: readonly OpenQuantity[]): readonly Move[] | undefined {
  const waiting: { from: OpenQuantity; quantity: Decimal }[] = [];
  const moves: Move[] = [];
  for (const to of days) {
    let { difference } = to;
    if (isNegative(difference)) {
      waiting.push({ from: to, quantity: negated(difference) });
      continue;
    }
    while (!isZero(difference)) {
      const first = waiting[0];
      if (first === undefined) return undefined;
      const quantity = compare(first.quantity, difference) <= 0 ? first.quantity : difference;
      moves.push({ from: first.from, to, quantity });
      difference = subtract(difference, quantity);
      first.quantity = subtract(first.quantity, quantity);
      if (isZero(first.quantity)) waiting.shift();
    }
  }
  return waiting.length === 0 ? moves : undefined;
}

function pairsOf(days: readonly OpenQuantity[]): readonly Move[] {
  const taken = new Set<OpenQuantity>();
  const moves: Move[] = [];
  for (const [i, from] of days.entries()) {
    if (!isNegative(from.difference)) continue;
    const quantity = negated(from.difference);
    const to = days.slice(i + 1).find((later) => !taken.has(later) && same(later.difference, quantity));
    if (to === undefined) continue;
    taken.add(to);
    moves.push({ from, to, quantity });
  }
  return moves;
}

/**
 * Rule `unmapped`: of one stamp, meter and day, a payer of what is not mapped has on one side exactly what somebody else
 * has on the other; or one has what all others together lack. Or the other side charges exactly what waits with us.
 */
export function nameUnmapped(
  open: readonly OpenQuantity[],
  { unmappedPayers, waiting }: Pick<QuantityFacts, "unmappedPayers" | "waiting">,
): Named {
  const named = new Named(open);
  for (const group of Map.groupBy(open, ({ stamp, meter, day }) => `${stamp}\n${meter}\n${day}`).values()) {
    const others = new Set(group.filter(({ payer }) => !unmappedPayers.has(payer)));
    for (const base of group.filter(({ payer }) => unmappedPayers.has(payer))) {
      const exact = [...others].filter(({ difference }) => same(difference, negated(base.difference))).slice(0, 1);
      const opposite = [...others].filter((so) => isNegative(so.difference) !== isNegative(base.difference));
      const all = same(sumOf(opposite), negated(base.difference)) ? opposite : [];
      const found = exact.length > 0 ? exact : all;
      if (found.length === 0) continue;
      // Theirs has more on whoever pays for what is not mapped: there it was not mapped.
      const situation = isNegative(base.difference) ? "unmapped-ours" : "unmapped-theirs";
      named.take(base, told(base, situation, found.map(({ payer }) => payer).join(", ")));
      for (const so of found) {
        others.delete(so);
        named.take(so, told(so, situation, base.payer));
      }
    }
  }
  for (const so of named.left) {
    const quantity = waiting(so.meter, so.day);
    if (!isZero(quantity) && same(quantity, so.difference)) named.take(so, told(so, "waiting-ours"));
  }
  return named;
}

const sumOf = (open: readonly OpenQuantity[]): Decimal =>
  open.reduce((so, { difference }) => add(so, difference), ZERO);

/** Theirs is ours as some rounding would write it with its own decimals. */
function isRounded({ theirs, difference }: OpenQuantity): boolean {
  if (theirs === undefined || theirs.scale === 0) return false;
  const unit = { coefficient: 1n, scale: theirs.scale };
  return compare(isNegative(difference) ? negated(difference) : difference, unit) < 0;
}

const restOf = (open: OpenQuantity): Situation => {
  const has = (quantity: Decimal | undefined): boolean => quantity !== undefined && !isZero(quantity);
  if (!has(open.theirs)) return "missing";
  if (!has(open.ours)) return "extra";
  return isRounded(open) ? "rounded-quantity" : "quantity";
};

/** Rules `rounding` of quantities, `missing`, `extra` and `quantity`: a place that one side has nothing of is told once, whatever its days. */
export function nameRest(open: readonly OpenQuantity[], ours: Side, theirs: Side): readonly Difference[] {
  const differences: Difference[] = [];
  for (const [key, own] of Map.groupBy(open, placeKey)) {
    const [mine, other] = [ours.entries.get(key), theirs.entries.get(key)];
    const whole = wholePlace(own, mine, other);
    for (const so of whole === undefined ? own : [whole]) differences.push(told(so, restOf(so)));
  }
  return differences;
}

/** The whole of a place of which one side has nothing and everything is still without a cause. */
function wholePlace(
  open: readonly OpenQuantity[],
  ours: Entry | undefined,
  theirs: Entry | undefined,
): OpenQuantity | undefined {
  const [only, other] = ours === undefined || isNothing(ours) ? [theirs, ours] : [ours, theirs];
  const isAlone = only !== undefined && (other === undefined || isNothing(other));
  if (!isAlone || open.length < 2 || open.length < only.days.size) return undefined;
  const quantity = totalQuantity(only);
  const isOurs = only === ours;
  return {
    ...open[0]!,
    day: "",
    ours: isOurs ? quantity : undefined,
    theirs: isOurs ? undefined : quantity,
    difference: isOurs ? negated(quantity) : quantity,
  };
}
