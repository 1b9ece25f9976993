/** An exact ratio of whole numbers; the lower one is above zero. Written for the oracle only: slow, and easy to check. */
export interface Rational {
  readonly upper: bigint;
  readonly lower: bigint;
}

export const rational = (upper: bigint, lower = 1n): Rational =>
  lower < 0n ? { upper: -upper, lower: -lower } : { upper, lower };

export const NOTHING = rational(0n);

/** Reads `12.5`, `-3` and `7/3`. */
export function read(text: string): Rational {
  const [above = "", below = "1"] = text.split("/");
  const [whole = "", decimals = ""] = above.split(".");
  return over(rational(BigInt(whole + decimals), 10n ** BigInt(decimals.length)), rational(BigInt(below)));
}

function lowest({ upper, lower }: Rational): Rational {
  let [a, b] = [upper < 0n ? -upper : upper, lower];
  while (b > 0n) [a, b] = [b, a % b];
  return a === 0n ? rational(0n) : rational(upper / a, lower / a);
}

export const plus = (a: Rational, b: Rational): Rational =>
  a.lower === b.lower
    ? rational(a.upper + b.upper, a.lower)
    : lowest(rational(a.upper * b.lower + b.upper * a.lower, a.lower * b.lower));
export const minus = (a: Rational, b: Rational): Rational => plus(a, rational(-b.upper, b.lower));
export const times = (a: Rational, b: Rational): Rational => lowest(rational(a.upper * b.upper, a.lower * b.lower));
export const over = (a: Rational, b: Rational): Rational => lowest(rational(a.upper * b.lower, a.lower * b.upper));
export const isLess = (a: Rational, b: Rational): boolean => a.upper * b.lower < b.upper * a.lower;
export const added = (all: readonly Rational[]): Rational => all.reduce(plus, NOTHING);

/** The nearest number of so many decimals by a rule: how many of the smallest steps it is is found by comparing with both neighbours. */
export function rounded(value: Rational, decimals: number, mode: string): Rational {
  const step = rational(1n, 10n ** BigInt(decimals));
  if (value.upper < 0n) {
    const mirrored = rounded(rational(-value.upper, value.lower), decimals, mode);
    return rational(-mirrored.upper, mirrored.lower);
  }
  const steps = over(value, step);
  const below = steps.upper / steps.lower;
  const [toBelow, toAbove] = [minus(steps, rational(below)), minus(rational(below + 1n), steps)];
  const isHalf = !isLess(toBelow, toAbove) && !isLess(toAbove, toBelow);
  const up = mode === "down" ? false : isHalf ? mode === "half-up" || below % 2n === 1n : isLess(toAbove, toBelow);
  return times(rational(up ? below + 1n : below), step);
}

/** Plain notation of a value that is a finite decimal, without needless zeros. */
export function written(value: Rational): string {
  let { upper, lower } = lowest(value);
  let decimals = 0;
  while (lower !== 1n) {
    if (decimals > 400) throw new Error(`${upper}/${lower} is no finite decimal`);
    ({ upper, lower } = lowest(rational(upper * 10n, lower)));
    decimals += 1;
  }
  const digits = String(upper < 0n ? -upper : upper).padStart(decimals + 1, "0");
  const cut = digits.length - decimals;
  return `${upper < 0n ? "-" : ""}${digits.slice(0, cut)}${decimals > 0 ? `.${digits.slice(cut)}` : ""}`;
}
