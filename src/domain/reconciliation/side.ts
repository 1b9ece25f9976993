import { add, type Decimal, formatDecimal, isZero, ZERO } from "../../lib/decimal.ts";
import type { Rounding } from "../../lib/decimal.ts";

/** What two sides are compared by. */
export interface Place {
  readonly payer: string;
  /** Empty where the other side names no stamps. */
  readonly stamp: string;
  readonly meter: string;
}

/** What was charged at one unit price. */
export interface Part {
  /** Null where no price is said, for example of what tops up to a minimum. */
  readonly price: Decimal | null;
  readonly quantity: Decimal;
  readonly amount: Decimal;
  /** How our line of it was rounded; undefined for the other side. */
  readonly rounding?: { readonly mode: Rounding; readonly scale: number };
  readonly hoursPerMonth: Decimal | null;
  /** What one unit of the price's currency is worth; null where nothing is converted. */
  readonly rate: Decimal | null;
  /** How its amounts follow from quantities and prices: the least of all its rows. */
  readonly follows: Follows;
}

/**
 * no: an amount is not its quantity × price. rounded: it is, as some rounding would write it. exactly: it is, and nothing was
 * rounded.
 */
export const FOLLOWS = ["no", "rounded", "exactly"] as const;
export type Follows = (typeof FOLLOWS)[number];

export const leastOf = (a: Follows, b: Follows): Follows => (FOLLOWS.indexOf(a) < FOLLOWS.indexOf(b) ? a : b);

/** What a side has for one place. */
export interface Entry extends Place {
  meterName: string;
  /** Empty where none is said. */
  currency: string;
  /** Quantities by day; under the empty day where the side has none. */
  readonly days: Map<string, Decimal>;
  /** By the text of the price; the empty text where none is said. */
  readonly parts: Map<string, Part>;
  /** Quantities that it had at earlier times, of the whole period: what was told before corrections. */
  readonly earlier: Decimal[];
}

/** Usage that the other side itself says it counts on another day than that of its hour. */
export interface ToldShift extends Place {
  readonly meterName: string;
  readonly eventDay: string;
  readonly day: string;
  readonly quantity: Decimal;
  readonly isOfPeriod: boolean;
}

export const placeKey = ({ payer, stamp, meter }: Place): string => `${payer}\n${stamp}\n${meter}`;

/** All that a side has, by place; how many quantities of a day it holds is counted, so that it can be bounded. */
export class Side {
  /** A quantity was divided on its way, so that its last digits are no one's. */
  isConverted = false;
  readonly entries = new Map<string, Entry>();
  readonly shifts = new Map<string, ToldShift>();
  #cells = 0;

  get cells(): number {
    return this.#cells + this.shifts.size;
  }

  at(place: Place, { meterName, currency }: { readonly meterName: string; readonly currency: string }): Entry {
    const key = placeKey(place);
    let entry = this.entries.get(key);
    if (entry === undefined) {
      const { payer, stamp, meter } = place;
      entry = { payer, stamp, meter, meterName, currency, days: new Map(), parts: new Map(), earlier: [] };
      this.entries.set(key, entry);
      this.#cells += 1;
    }
    if (entry.currency === "") entry.currency = currency;
    if (entry.meterName === "") entry.meterName = meterName;
    return entry;
  }

  addQuantity(entry: Entry, day: string, quantity: Decimal): void {
    const so = entry.days.get(day);
    if (so === undefined) this.#cells += 1;
    entry.days.set(day, so === undefined ? quantity : add(so, quantity));
  }

  addPart(entry: Entry, part: Part): void {
    const key = priceText(part.price);
    const so = entry.parts.get(key);
    if (so === undefined) this.#cells += 1;
    entry.parts.set(
      key,
      so === undefined
        ? part
        : {
            ...so,
            quantity: add(so.quantity, part.quantity),
            amount: add(so.amount, part.amount),
            follows: leastOf(so.follows, part.follows),
          },
    );
  }

  addShift(shift: ToldShift): void {
    const key = `${placeKey(shift)}\n${shift.eventDay}\n${shift.day}`;
    const so = this.shifts.get(key);
    this.shifts.set(key, so === undefined ? shift : { ...so, quantity: add(so.quantity, shift.quantity) });
  }
}

export const priceText = (price: Decimal | null): string => (price === null ? "" : formatDecimal(price));

export const totalQuantity = ({ days }: Pick<Entry, "days">): Decimal => [...days.values()].reduce(add, ZERO);
export const totalAmount = ({ parts }: Pick<Entry, "parts">): Decimal =>
  [...parts.values()].reduce((so, { amount }) => add(so, amount), ZERO);

/** Nothing is charged and nothing was used: the same as no entry. */
export const isNothing = (entry: Entry): boolean =>
  [...entry.days.values()].every(isZero) && [...entry.parts.values()].every(({ amount }) => isZero(amount));
