import type { MeterId, RegistrationId } from "../../domain/ids.ts";
import type { SheetTerms, TermedPrice } from "../../domain/rating/priceTerms.ts";
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
  /** Commerce meters under a sheet's terms that several things are billed as. */
  readonly #shared = new Set<string>();
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
    if (first.meter !== meter || formatFraction(first.factor) !== text) this.#shared.add(name);
    return this.#things.push(thing) - 1;
  }

  thing(number: number): BilledThing {
    return this.#things[number]!;
  }

  /** Whether something else is billed as the same commerce meter of the same sheet, by whomever. */
  isShared(number: number): boolean {
    return this.#shared.has(sharedName(this.thing(number).price));
  }

  get anyShared(): boolean {
    return this.#shared.size > 0;
  }
}

const sharedName = ({ commerceMeter, terms: { sheet } }: TermedPrice): string => `${commerceMeter} ${sheet.id}`;

/**
 * Whose usage is all of one stamp and under the same terms. As long as no two things are billed as one commerce meter, each
 * of such a payer's groups has one key, and the order of its usage decides nothing.
 */
export class SingleKeys {
  readonly #registrations: RegistrationId[] = [];
  readonly #terms: SheetTerms[] = [];
  readonly #several = new Set<number>();

  /** @param payer its number */
  add(payer: number, registration: RegistrationId, terms: SheetTerms): void {
    const known = this.#registrations[payer];
    if (known === undefined) {
      this.#registrations[payer] = registration;
      this.#terms[payer] = terms;
    } else if (known !== registration || this.#terms[payer] !== terms) this.#several.add(payer);
  }

  has(payer: number): boolean {
    return !this.#several.has(payer);
  }

  /** Whether that is so of everybody. */
  get all(): boolean {
    return this.#several.size === 0;
  }
}
