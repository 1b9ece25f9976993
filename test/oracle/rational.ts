// Exact fractions of integers, apart from everything that the product calculates with.

export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b));

export function ratio(n: bigint, d: bigint): Rational {
  const by = gcd(n, d) || 1n;
  return d < 0n ? { n: -n / by, d: -d / by } : { n: n / by, d: d / by };
}

/** Of plain decimal text. */
export function rational(text: string): Rational {
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
  const n = BigInt(whole + fraction);
  return ratio(text.startsWith("-") ? -n : n, 10n ** BigInt(fraction.length));
}

export const NOTHING = ratio(0n, 1n);
export const plus = (a: Rational, b: Rational): Rational => ratio(a.n * b.d + b.n * a.d, a.d * b.d);
export const minus = (a: Rational, b: Rational): Rational => ratio(a.n * b.d - b.n * a.d, a.d * b.d);
export const times = (a: Rational, b: Rational): Rational => ratio(a.n * b.n, a.d * b.d);
export const over = (a: Rational, b: Rational): Rational => ratio(a.n * b.d, a.d * b.n);
export const isLess = (a: Rational, b: Rational): boolean => a.n * b.d < b.n * a.d;
export const least = (a: Rational, b: Rational): Rational => (isLess(a, b) ? a : b);

/** The smallest whole number that is not less. */
export const ceiling = ({ n, d }: Rational): bigint => (n <= 0n ? -(-n / d) : (n + d - 1n) / d);

/** Rounded to so many decimals, as text. */
export function roundedText(value: Rational, mode: string, scale: number): string {
  const size = 10n ** BigInt(scale);
  const isNegative = value.n < 0n;
  const top = (isNegative ? -value.n : value.n) * size;
  let whole = top / value.d;
  const twice = (top % value.d) * 2n;
  if (mode === "half-up" && twice >= value.d) whole += 1n;
  if (mode === "half-even" && (twice > value.d || (twice === value.d && whole % 2n === 1n))) whole += 1n;
  const digits = whole.toString().padStart(scale + 1, "0");
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return isNegative && whole !== 0n ? `-${text}` : text;
}
