import { type Decimal, decimal, divide, multiply } from "../../lib/decimal.ts";
import type { PriceSheet } from "./priceSheet.ts";

const ONE = decimal("1");

/**
 * The amount of one statement line, in the sheet's currency. The only place where rating rounds, and the sheet names
 * how (contract/usage.md §7). A price per month for a meter that counts hours is divided here too, so that nothing is
 * rounded twice.
 */
export const lineAmount = (
  quantity: Decimal,
  unitPrice: Decimal,
  hoursPerMonth: Decimal | null,
  rounding: PriceSheet["rounding"],
): Decimal => divide(multiply(quantity, unitPrice), hoursPerMonth ?? ONE, rounding.scale, rounding.mode);
