/** Decimal digits that every double keeps; with 17 every double can be told apart. */
const DIGITS_SHORT = 15;
const EXPONENT_MIN = -4;

/**
 * Prints a double as a Hub does (contract/usage.md §3): "R" format of .NET Framework, then ".0" where a reader could
 * take the text for an integer. Fifteen digits if they read back as the same double, else seventeen. JavaScript prints
 * the shortest digits instead, so its text has at most fifteen digits in exactly the cases where .NET prints fifteen.
 */
export function dotNetDouble(value: number): string {
  if (Number.isInteger(value) && value < 1e15 && value > -1e15) return `${value}.0`;
  const shortest = String(value);
  if (shortest.length <= DIGITS_SHORT && Math.abs(value) >= 1e-4 && !shortest.includes("e")) return shortest;
  const short = value.toExponential(DIGITS_SHORT - 1);
  const [mantissa, exponent] = (+short === value ? short : value.toExponential(16)).split("e") as [string, string];
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace("-", "").replace(".", "").replace(/0+$/, "");
  return sign + placePoint(digits, Number.parseInt(exponent, 10));
}

function placePoint(digits: string, exponent: number): string {
  if (exponent < EXPONENT_MIN || exponent >= DIGITS_SHORT) {
    const power = String(Math.abs(exponent)).padStart(2, "0");
    const fraction = digits.slice(1);
    return `${digits[0]}${fraction === "" ? "" : `.${fraction}`}E${exponent < 0 ? "-" : "+"}${power}`;
  }
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${whole}.${digits.slice(exponent + 1) || "0"}`;
}
