import { canonical, compare, type Decimal, isNegative, parseDecimal, ZERO } from "../../lib/decimal.ts";
import { Fault } from "../faults/fault.ts";
import { LIMITS } from "../limits.ts";

const [WHOLE_MAX, DECIMALS_MAX] = [LIMITS.quantityWholeDigitsMax, LIMITS.quantityDecimalsMax];

/**
 * A number as people write it into a price file or a call: exact, and bounded before it is computed with.
 * @throws Fault PriceNumberInvalid, PriceTooManyDigits; the target is the column
 */
export function signedPriceNumber(column: string, text: string): Decimal {
  const given = text.trim();
  const tooMany = (): Fault =>
    new Fault(
      "PriceTooManyDigits",
      { column, value: given, wholeMax: WHOLE_MAX, decimalsMax: DECIMALS_MAX },
      { target: column },
    );
  if (given.length > LIMITS.quantityCharsMax) throw tooMany();
  const value = parseDecimal(given);
  if (value === undefined) throw new Fault("PriceNumberInvalid", { column, value: given }, { target: column });
  const { coefficient, scale } = canonical(value);
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString().length;
  if (scale > DECIMALS_MAX || digits - scale > WHOLE_MAX) throw tooMany();
  return { coefficient, scale };
}

/** As `signedPriceNumber`, and not below 0. @throws Fault PriceNegative, PriceNumberInvalid, PriceTooManyDigits */
export function priceNumber(column: string, text: string): Decimal {
  const value = signedPriceNumber(column, text);
  if (isNegative(value)) throw new Fault("PriceNegative", { column, value: text.trim() }, { target: column });
  return value;
}

/** As `priceNumber`, and not 0: something is divided by it. @throws Fault PriceNumberInvalid, PriceTooManyDigits */
export function positiveNumber(column: string, text: string): Decimal {
  const value = signedPriceNumber(column, text);
  if (compare(value, ZERO) > 0) return value;
  throw new Fault("PriceNumberInvalid", { column, value: text.trim() }, { target: column });
}
