import type { MeterId } from "../../domain/ids.ts";
import type { TermedPrice } from "../../domain/rating/priceTerms.ts";
import { formatFraction, type Fraction } from "../../lib/fraction.ts";

/** What is billed, and how. */
export interface BilledThing {
  readonly price: TermedPrice;
  readonly meter: MeterId;
  readonly factor: Fraction;
}

/** Numbers what is billed, so that very many rows can name it. */
export class BilledThings {
  readonly #numbers = new Map<TermedPrice, Map<MeterId, Map<string, number>>>();
  readonly #things: BilledThing[] = [];
  #anyShared = false;
  readonly #firsts = new Map<string, BilledThing>();

  numberOf(thing: BilledThing): number {
    const { price, meter, factor } = thing;
    const byMeter = this.#numbers.get(price) ?? this.#numbers.set(price, new Map()).get(price)!;
    const byFactor = byMeter.get(meter) ?? byMeter.set(meter, new Map()).get(meter)!;
    const text = formatFraction(factor);
    const known = byFactor.get(text);
    if (known !== undefined) return known;
    byFactor.set(text, this.#things.length);
    const name = sharedName(price);
    const first = this.#firsts.get(name) ?? this.#firsts.set(name, thing).get(name)!;
    if (first.meter !== meter || formatFraction(first.factor) !== text) this.#anyShared = true;
    return this.#things.push(thing) - 1;
  }

  thing(number: number): BilledThing {
    return this.#things[number]!;
  }

  /** Whether several things are billed as one commerce meter under a sheet's terms. */
  get anyShared(): boolean {
    return this.#anyShared;
  }
}

const sharedName = ({ commerceMeter, terms: { sheet } }: TermedPrice): string => `${commerceMeter} ${sheet.id}`;
