import { type Decimal, decimal, divide, multiply } from "../../lib/decimal.ts";
import { LIMITS } from "../limits.ts";
import type { PriceSheet } from "./priceSheet.ts";

const ONE = decimal("1");

/** An exact quantity of a price's unit: `quantity / common`, which may be no finite decimal. */
export interface FineQuantity {
  readonly quantity: Decimal;
  readonly common: bigint;
}

const whole = (coefficient: bigint): Decimal => ({ coefficient, scale: 0 });

/**
 * The amount of one statement line, in the sheet's currency. The only place where rating rounds, and the sheet names
 * how (contract/usage.md §7). A price per month for a meter that counts hours is divided here too, and so is a quantity
 * that was converted, so that nothing is rounded twice.
 */
export const lineAmount = (
  { quantity, common }: FineQuantity,
  unitPrice: Decimal,
  hoursPerMonth: Decimal | null,
  rounding: PriceSheet["rounding"],
): Decimal =>
  divide(multiply(quantity, unitPrice), multiply(hoursPerMonth ?? ONE, whole(common)), rounding.scale, rounding.mode);

/**
 * A line's amount in another currency: the amount, as it was rounded in the price sheet's own, is converted and rounded once
 * more in the same way, as Microsoft's reconciliation does (contract/usage.md §7).
 * @param rate units of the other currency for one of the sheet's; exact decimal text
 */
export const convertedAmount = (amount: Decimal, rate: string, rounding: PriceSheet["rounding"]): Decimal =>
  divide(multiply(amount, decimal(rate)), ONE, rounding.scale, rounding.mode);

/**
 * What a part of a line comes to before the line is rounded. Not every quotient is a finite decimal, so it has as many
 * decimals as a quantity may have.
 */
export const unroundedAmount = (
  { quantity, common }: FineQuantity,
  unitPrice: Decimal,
  hoursPerMonth: Decimal | null,
): Decimal =>
  divide(
    multiply(quantity, unitPrice),
    multiply(hoursPerMonth ?? ONE, whole(common)),
    LIMITS.quantityDecimalsMax,
    "half-even",
  );

/** The quantity as it is shown beside the amount, which is not made from it. */
export const pricedQuantity = ({ quantity, common }: FineQuantity): Decimal =>
  common === 1n && quantity.scale <= LIMITS.quantityDecimalsMax
    ? quantity
    : divide(quantity, whole(common), LIMITS.quantityDecimalsMax, "half-even");
