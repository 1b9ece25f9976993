import { type Decimal, divide, multiply, type Rounding } from "./decimal.ts";

/** An exact positive ratio in lowest terms: 1/3 is as exact as 1/2. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export const ONE: Fraction = { numerator: 1n, denominator: 1n };

const FRACTION = /^(\d{1,40})(?:\.(\d{1,40}))?(?:\/(\d{1,40}))?$/;

/** Reads `2`, `0.5`, `1/1073741824` and `0.5/3`. Undefined when the text is no such number, or not above zero. */
export function parseFraction(text: string): Fraction | undefined {
  const [match, whole = "", decimals = "", divisor = "1"] = FRACTION.exec(text) ?? [];
  if (match === undefined) return undefined;
  const numerator = BigInt(whole + decimals);
  const denominator = BigInt(divisor) * 10n ** BigInt(decimals.length);
  return numerator === 0n || denominator === 0n ? undefined : reduced(numerator, denominator);
}

function reduced(numerator: bigint, denominator: bigint): Fraction {
  const common = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / common, denominator: denominator / common };
}

/** `1/1073741824`, or `2` where the denominator is 1: one value has one text. */
export const formatFraction = (fraction: Fraction): string => {
  const { numerator, denominator } = fraction;
  if (fraction === ONE) return "1";
  return denominator === 1n ? String(numerator) : `${numerator}/${denominator}`;
};

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** The smallest whole number that every denominator divides. */
export const commonDenominator = (fractions: Iterable<Fraction>): bigint =>
  [...fractions].reduce(
    (so, { denominator }) => (denominator === 1n ? so : (so / greatestCommonDivisor(so, denominator)) * denominator),
    1n,
  );

const whole = (coefficient: bigint): Decimal => ({ coefficient, scale: 0 });

/** `value × fraction × common`, exactly; `common` is a multiple of the denominator. */
export const scaledBy = (value: Decimal, { numerator, denominator }: Fraction, common: bigint): Decimal =>
  numerator === denominator && common === 1n ? value : multiply(value, whole((numerator * common) / denominator));

/** `value ÷ (fraction × common)`, with at most `scale` digits after the point, rounded as named. */
export const unscaledBy = (
  value: Decimal,
  { numerator, denominator }: Fraction,
  { common, scale, rounding }: { readonly common: bigint; readonly scale: number; readonly rounding: Rounding },
): Decimal =>
  numerator === denominator && common === 1n && value.scale <= scale
    ? value
    : divide(value, whole((numerator * common) / denominator), scale, rounding);
