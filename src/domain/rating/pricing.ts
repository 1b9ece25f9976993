import { type Fraction, ONE } from "../../lib/fraction.ts";
import type { Hour, MeterId } from "../ids.ts";
import type { MeterMappingChange } from "../usage/operatorMeter.ts";
import type { PriceBook } from "./priceBook.ts";
import { commerceMeterOf } from "./priceSheet.ts";
import type { SheetTerms, TermedPrice } from "./priceTerms.ts";

/** How usage of a meter is priced in one hour. */
export interface Pricing {
  readonly commerceMeter: MeterId;
  /** How many units of the commerce meter one unit of the meter is. */
  readonly factor: Fraction;
  /** Undefined where the sheet has none: the usage waits. */
  readonly price: TermedPrice | undefined;
  /** The operator's decision; undefined where the price sheet's own mapping counts. */
  readonly change: MeterMappingChange | undefined;
}

/** Operators' mappings of meters, hour by hour. */
export interface MeterMappings {
  mappingAt(meter: MeterId, hour: Hour): MeterMappingChange | undefined;
}

/** The operator's mapping of the hour decides; without one the price sheet's, unit by unit. */
export function pricingOf(
  { book, meters }: { readonly book: Pick<PriceBook, "priceOf">; readonly meters: MeterMappings },
  terms: SheetTerms,
  meter: MeterId,
  hour: Hour,
): Pricing {
  const change = meters.mappingAt(meter, hour);
  const own = { commerceMeter: commerceMeterOf(terms.sheet, meter), factor: ONE };
  const { commerceMeter, factor } = change?.mapping ?? own;
  return { commerceMeter, factor, price: book.priceOf(terms, commerceMeter), change };
}
