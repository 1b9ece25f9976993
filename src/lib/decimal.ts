import assert from "node:assert/strict";

/**
 * An exact decimal: 1.25 is { coefficient: 125n, scale: 2 }. The scale is never negative. JSON carries it as "1.25".
 * Why not a package: the common ones round silently at a default precision; see docs/decisions/0004.
 */
export interface Decimal {
  readonly coefficient: bigint;
  readonly scale: number;
}

/** How a result that needs more digits than it may have is brought down to them. */
export const ROUNDINGS = ["down", "half-even", "half-up"] as const;
export type Rounding = (typeof ROUNDINGS)[number];

export const ZERO: Decimal = { coefficient: 0n, scale: 0 };

/** Powers of ten are asked for with every sum: making one anew costs more than the sum. */
const POWERS: readonly bigint[] = Array.from({ length: 128 }, (_, exponent) => 10n ** BigInt(exponent));

const powerOfTen = (exponent: number): bigint => POWERS[exponent] ?? 10n ** BigInt(exponent);

const ZERO_DIGIT = "0".charCodeAt(0);
const POINT = ".".charCodeAt(0);
const MINUS = "-".charCodeAt(0);

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Reads plain (`12.5`) and exponent (`1.1444091796875E-05`) notation. Undefined when the text is no such number. */
export function parseDecimal(text: string): Decimal | undefined {
  return parsePlain(text) ?? parseAny(text);
}

/** So many characters hold no more digits than a number of the machine does exactly. */
const NUMBER_CHARS_MAX = 15;

/** Texts in plain notation are most of all, and are read several times faster so. Undefined for others. */
function parsePlain(text: string): Decimal | undefined {
  const { length } = text;
  const start = text.charCodeAt(0) === MINUS ? 1 : 0;
  let [digits, point] = [0, length];
  for (let at = start; at < length; at += 1) {
    const digit = text.charCodeAt(at) - ZERO_DIGIT;
    if (digit >= 0 && digit <= 9) digits = digits * 10 + digit;
    else if (digit === POINT - ZERO_DIGIT && point === length && at > start) point = at;
    else return undefined;
  }
  const scale = length - point - 1;
  if (start === length || scale === 0) return undefined;
  const isShort = length <= NUMBER_CHARS_MAX;
  const coefficient = isShort ? (start === 1 ? -digits : digits) : text.slice(0, point) + text.slice(point + 1);
  return { coefficient: BigInt(coefficient), scale: Math.max(scale, 0) };
}

function parseAny(text: string): Decimal | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, fraction = "", exponent = "0"] = match as unknown as [string, string, string, string?, string?];
  const digits = BigInt(whole + fraction);
  const scale = fraction.length - Number.parseInt(exponent, 10);
  const coefficient = sign === "-" ? -digits : digits;
  return scale >= 0 ? { coefficient, scale } : { coefficient: coefficient * powerOfTen(-scale), scale: 0 };
}

/** As `parseDecimal`, for text that our own code or storage wrote. Throws when it is no number. */
export function decimal(text: string): Decimal {
  const parsed = parseDecimal(text);
  assert(parsed !== undefined, `not a decimal: '${text}'`);
  return parsed;
}

/** Drops zeros at the end of the fraction: one value has one canonical form. */
export function canonical(value: Decimal): Decimal {
  let { coefficient, scale } = value;
  if (coefficient === 0n) return ZERO;
  if (scale === 0 || coefficient % 10n !== 0n) return value;
  while (scale > 0 && coefficient % 10n === 0n) {
    coefficient /= 10n;
    scale -= 1;
  }
  return { coefficient, scale };
}

/** Plain notation without exponent or needless zeros: `0.000011444091796875`. */
export function formatDecimal({ coefficient, scale }: Decimal): string {
  const text = withPoint(coefficient, scale);
  if (scale === 0) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === ZERO_DIGIT) end -= 1;
  return text.slice(0, text.charCodeAt(end - 1) === POINT ? end - 1 : end);
}

/** Plain notation with exactly `scale` digits after the point; money is shown so. The value must fit. */
export function formatFixed(value: Decimal, scale: number): string {
  if (value.scale <= scale) return withPoint(value.coefficient * powerOfTen(scale - value.scale), scale);
  const { coefficient, scale: needed } = canonical(value);
  assert(needed <= scale, `${formatDecimal(value)} does not fit in ${scale} decimals`);
  return withPoint(coefficient * powerOfTen(scale - needed), scale);
}

function withPoint(coefficient: bigint, scale: number): string {
  const sign = coefficient < 0n ? "-" : "";
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString().padStart(scale + 1, "0");
  const cut = digits.length - scale;
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, cut)}.${digits.slice(cut)}`;
}

/** Brings both to one scale: [left coefficient, right coefficient, scale]. */
function align(left: Decimal, right: Decimal): readonly [bigint, bigint, number] {
  const { coefficient: a, scale } = left;
  const { coefficient: b, scale: other } = right;
  if (scale === other) return [a, b, scale];
  return scale > other ? [a, b * powerOfTen(scale - other), scale] : [a * powerOfTen(other - scale), b, other];
}

export function add(left: Decimal, right: Decimal): Decimal {
  const [a, b, scale] = align(left, right);
  return { coefficient: a + b, scale };
}

export function subtract(left: Decimal, right: Decimal): Decimal {
  const [a, b, scale] = align(left, right);
  return { coefficient: a - b, scale };
}

export function multiply(left: Decimal, right: Decimal): Decimal {
  return { coefficient: left.coefficient * right.coefficient, scale: left.scale + right.scale };
}

/** Negative, zero or positive as `left` is smaller than, equal to or greater than `right`. */
export function compare(left: Decimal, right: Decimal): number {
  const [a, b] = align(left, right);
  return a < b ? -1 : a > b ? 1 : 0;
}

export const isZero = (value: Decimal): boolean => value.coefficient === 0n;
export const isNegative = (value: Decimal): boolean => value.coefficient < 0n;
export const sum = (values: Iterable<Decimal>): Decimal => [...values].reduce(add, ZERO);
export const smaller = (left: Decimal, right: Decimal): Decimal => (compare(left, right) <= 0 ? left : right);

/**
 * `dividend / divisor` with exactly `scale` digits after the point, rounded as named. There is no default: whoever
 * divides says how. Throws on a zero divisor.
 */
export function divide(dividend: Decimal, divisor: Decimal, scale: number, rounding: Rounding): Decimal {
  assert(divisor.coefficient !== 0n, "division by zero");
  // Both sides are brought to whole numbers by as little as that takes.
  const shift = divisor.scale + scale - dividend.scale;
  const numerator = shift > 0 ? dividend.coefficient * powerOfTen(shift) : dividend.coefficient;
  const denominator = shift < 0 ? divisor.coefficient * powerOfTen(-shift) : divisor.coefficient;
  return { coefficient: divideInteger(numerator, denominator, rounding), scale };
}

/** The value with exactly `scale` digits after the point, as a whole number of the last one; rounded as named. */
export const digitsAt = ({ coefficient, scale: own }: Decimal, scale: number, rounding: Rounding): bigint =>
  own <= scale ? coefficient * powerOfTen(scale - own) : divideInteger(coefficient, powerOfTen(own - scale), rounding);

function divideInteger(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  const quotient = numerator / denominator;
  const remainder = numerator - quotient * denominator;
  if (remainder === 0n || rounding === "down") return quotient;
  const away = numerator < 0n !== denominator < 0n ? -1n : 1n;
  const twice = 2n * (remainder < 0n ? -remainder : remainder);
  const size = denominator < 0n ? -denominator : denominator;
  const up = twice > size || (twice === size && (rounding === "half-up" || quotient % 2n !== 0n));
  return up ? quotient + away : quotient;
}
