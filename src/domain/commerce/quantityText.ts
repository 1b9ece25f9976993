import { canonical, isNegative, isZero, parseDecimal } from "../../lib/decimal.ts";

/** From these powers of ten on .NET writes an exponent. */
const EXPONENT_MIN = -5;
const EXPONENT_MAX = 15;

/**
 * A quantity as a Hub writes it: every digit, with `.0` after whole numbers, and with an exponent of two digits where it
 * is very small or very large (contract/usage.md §3). `1` is `1.0`, `0.000011444091796875` is `1.1444091796875E-05`.
 * @param quantity exact, in plain notation
 */
export function hubQuantity(quantity: string): string {
  const parsed = parseDecimal(quantity);
  if (parsed === undefined) throw new Error(`a quantity that is no decimal: ${quantity}`);
  const value = canonical(parsed);
  if (isZero(value)) return "0.0";
  const sign = isNegative(value) ? "-" : "";
  const digits = value.coefficient.toString().replace("-", "");
  const exponent = digits.length - 1 - value.scale;
  if (exponent > EXPONENT_MIN && exponent < EXPONENT_MAX) {
    if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
    const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
    return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
  }
  const significant = digits.replace(/0+$/, "");
  const fraction = significant.length > 1 ? `.${significant.slice(1)}` : "";
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${sign}${significant[0]}${fraction}E${exponent < 0 ? "-" : "+"}${power}`;
}
