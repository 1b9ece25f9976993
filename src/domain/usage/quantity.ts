import { canonical, formatDecimal, isNegative, isZero, parseDecimal } from "../../lib/decimal.ts";
import { Fault } from "../faults/fault.ts";
import { LIMITS } from "../limits.ts";
import { type Members, missing } from "./members.ts";

/** Inside a JSON string a quotation mark is escaped, so this finds only member names; two hits need a real parser. */
const QUANTITY = /"quantity"\s*:\s*(-?[\d.eE+-]+)/;

/** The number's own text: a JavaScript number would lose digits of 129 of 236 recorded quantities. */
function numberText(value: number, within: string, recordText: string): string {
  const match = QUANTITY.exec(recordText);
  // Only when it is the sole one and the very number that was parsed: a name may also be written with escapes.
  const isIt =
    match !== null &&
    +(match[1] ?? "") === value &&
    !recordText.includes('"quantity"', match.index + match[0].length) &&
    !recordText.includes("\\u");
  if (isIt) return match[1]!;
  const withSources = JSON.parse(recordText, (_name, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? { source: context?.source } : value,
  ) as Record<string, { quantity: { source: string } }>;
  return withSources[within]!.quantity.source;
}

/** How JSON writes a number; a text that looks like one is read as one where texts are taken. */
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

const tooManyDigits = (value: string, target: string): Fault => {
  const { quantityWholeDigitsMax: wholeMax, quantityDecimalsMax: decimalsMax } = LIMITS;
  return new Fault("QuantityTooManyDigits", { value, wholeMax, decimalsMax }, { target });
};

/**
 * The member `quantity`, exact and in plain notation. No digit of it passes through a JavaScript number.
 * @param within name of the record's member that `members` is
 * @param texts whether a decimal number in quotes is taken too
 * @throws Fault RecordPropertyMissing, QuantityNotANumber, QuantityNegative, QuantityTooManyDigits
 */
export function readQuantity(
  members: Members,
  recordText: string,
  { within, texts }: { readonly within: string; readonly texts: boolean },
): string {
  const target = `${within}.quantity`;
  const value = members["quantity"];
  if (value === undefined || value === null) throw missing(target);
  const isText = texts && typeof value === "string" && NUMBER.test(value);
  if (!isText && typeof value !== "number") {
    throw new Fault("QuantityNotANumber", { value: JSON.stringify(value) }, { target });
  }
  const text = typeof value === "number" ? numberText(value, within, recordText) : value;
  // Of thousands of digits each zero at the end would cost a division.
  if (text.length > LIMITS.quantityCharsMax) throw tooManyDigits(text, target);
  const parsed = parseDecimal(text);
  // What is a number in JSON and none to us has an exponent of five digits or more.
  if (parsed === undefined) throw tooManyDigits(text, target);
  if (isNegative(parsed)) throw new Fault("QuantityNegative", { value: text }, { target });
  const quantity = canonical(parsed);
  const wholeDigits = isZero(quantity) ? 0 : quantity.coefficient.toString().length - quantity.scale;
  if (quantity.scale > LIMITS.quantityDecimalsMax || wholeDigits > LIMITS.quantityWholeDigitsMax) {
    throw tooManyDigits(text, target);
  }
  return formatDecimal(quantity);
}
