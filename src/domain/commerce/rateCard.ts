import { ONE } from "../../lib/fraction.ts";
import type { Decimal } from "../../lib/decimal.ts";
import type { Hour, MeterId } from "../ids.ts";
import type { PriceBook } from "../rating/priceBook.ts";
import type { SheetTerms, TermedPrice } from "../rating/priceTerms.ts";
import { pricingOf } from "../rating/pricing.ts";
import type { Meters } from "../usage/meters.ts";

/** A meter with its price, as a rate card tells it. */
export interface RatedMeter {
  readonly meter: MeterId;
  readonly price: TermedPrice;
}

/**
 * Every commerce meter of a sheet, and every local meter that is one unit by unit under another id: clients look up the
 * meter ids of usage records in it. By meter.
 */
export function ratedMeters(
  { book, meters }: { readonly book: PriceBook; readonly meters: Meters },
  terms: SheetTerms,
  hour: Hour,
): readonly RatedMeter[] {
  const rated = new Map<MeterId, TermedPrice>();
  for (const { commerceMeter } of terms.sheet.prices.values()) {
    const price = book.priceOf(terms, commerceMeter);
    if (price !== undefined) rated.set(commerceMeter, price);
  }
  for (const { meter } of meters.knownIn(hour, (hour + 1) as Hour)) {
    const { price, factor } = pricingOf({ book, meters }, terms, meter, hour);
    if (price !== undefined && factor.numerator === ONE.numerator && factor.denominator === ONE.denominator) {
      rated.set(meter, price);
    }
  }
  return [...rated].map(([meter, price]) => ({ meter, price })).sort((a, b) => (a.meter < b.meter ? -1 : 1));
}

/** What a rate card cannot say in its tiers, which are graduated: in words, for its tags. */
export function modelTags({ model, packageSize }: TermedPrice, text: (value: Decimal) => string): readonly string[] {
  if (model === "volume") return ["Volume"];
  return model === "package" && packageSize !== null ? [`Package of ${text(packageSize)}`] : [];
}
