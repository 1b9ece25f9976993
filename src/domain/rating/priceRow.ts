import { type Rounding, ROUNDINGS } from "../../lib/decimal.ts";
import { Fault } from "../faults/fault.ts";
import { type MeterId, meterId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { PRICE_MODELS, type PriceConfidence, type PriceModel } from "./priceSheet.ts";

/**
 * What the rows of a price file are about: the sheet as a whole, a tier of a price, a capacity package, or a local meter
 * that has another commerce meter than itself.
 */
export const ROW_KINDS = ["sheet", "price", "package", "mapping"] as const;
export type RowKind = (typeof ROW_KINDS)[number];

/** Columns of a price file, in the order in which they are written. */
export const PRICE_COLUMNS = [
  "kind",
  "meter",
  "region",
  "name",
  "unit",
  "currency",
  "model",
  "packageSize",
  "tierFrom",
  "tierTo",
  "unitPrice",
  "includedQuantity",
  "hoursPerMonth",
  "minimum",
  "free",
  "confidence",
  "commerceMeter",
  "rounding",
  "decimals",
  "note",
] as const;
export type PriceColumn = (typeof PRICE_COLUMNS)[number];

/** Without these a file says nothing of prices. */
export const NEEDED_PRICE_COLUMNS: readonly PriceColumn[] = ["meter", "unitPrice"];

/** Columns that say something of the whole price: they stand in its first row, and others repeat them or leave them out. */
export const WHOLE_PRICE_COLUMNS = [
  "name",
  "unit",
  "currency",
  "model",
  "packageSize",
  "includedQuantity",
  "hoursPerMonth",
  "minimum",
  "free",
  "confidence",
  "note",
] as const satisfies readonly PriceColumn[];

const columnByName = new Map(PRICE_COLUMNS.map((column) => [column.toLowerCase(), column]));

/** The column of a name in any case. @throws Fault PriceColumnUnknown */
export function priceColumn(name: string): PriceColumn {
  const column = columnByName.get(name.trim().toLowerCase());
  if (column !== undefined) return column;
  throw new Fault("PriceColumnUnknown", { column: name, columns: PRICE_COLUMNS.join(", ") });
}

/** Texts by column; what is empty counts as not given. */
export type PriceFields = Readonly<Partial<Record<PriceColumn, string>>>;

export interface PriceRow {
  /** Line of a CSV file, or place in a JSON list; counted from 1. */
  readonly position: number;
  readonly fields: PriceFields | Fault;
}

export function rowInvalid(column: PriceColumn, value: string, reason: string): Fault {
  return new Fault("PriceRowInvalid", { column, value, reason }, { target: column });
}

/** Empty where nothing is given. @throws Fault PriceRowInvalid */
export function textOf(fields: PriceFields, column: PriceColumn): string {
  const text = (fields[column] ?? "").trim();
  const max = column === "note" ? LIMITS.reasonCharsMax : LIMITS.catalogueTextCharsMax;
  if (text.length > max) throw rowInvalid(column, text, `it has more than ${max} characters`);
  if (/\p{Cc}/u.test(text)) throw rowInvalid(column, text, "it holds a control character");
  // A lone half of a character cannot be written as UTF-8.
  if (!text.isWellFormed()) throw rowInvalid(column, text, "it holds half a character");
  return text;
}

/** The text of a number, which bounds itself; empty where nothing is given. */
export const numberText = (fields: PriceFields, column: PriceColumn): string => (fields[column] ?? "").trim();

/** @throws Fault PriceRowInvalid */
export function neededNumber(fields: PriceFields, column: PriceColumn): string {
  const text = numberText(fields, column);
  if (text === "") throw rowInvalid(column, "", "it must not be empty");
  return text;
}

/** @throws Fault PriceRowInvalid */
export function neededText(fields: PriceFields, column: PriceColumn): string {
  const text = textOf(fields, column);
  if (text === "") throw rowInvalid(column, "", "it must not be empty");
  return text;
}

/** @throws Fault PriceRowInvalid */
export function meterIn(fields: PriceFields, column: "meter" | "commerceMeter"): MeterId {
  const text = neededText(fields, column);
  const id = meterId(text);
  if (id !== undefined) return id;
  throw rowInvalid(column, text, "a meter id of up to 64 letters, digits and hyphens is needed");
}

function oneOf<Value extends string>(fields: PriceFields, column: PriceColumn, values: readonly Value[]): Value {
  const text = textOf(fields, column);
  if (text === "") return values[0]!;
  const found = values.find((value) => value.toLowerCase() === text.toLowerCase());
  if (found === undefined) throw rowInvalid(column, text, `one of ${values.join(", ")} is needed`);
  return found;
}

const [YES, NO]: readonly [readonly string[], readonly string[]] = [
  ["true", "yes", "1"],
  ["false", "no", "0"],
];

/** @throws Fault PriceRowInvalid */
export function isFree(fields: PriceFields): boolean {
  const text = oneOf(fields, "free", ["false", ...YES, ...NO.slice(1)]);
  return YES.includes(text);
}

/** Of a confirmed price somebody has said so by name and with a reason, which a file does not tell. */
const GIVEN_CONFIDENCES = ["high", "medium", "unsure"] as const satisfies readonly PriceConfidence[];

/** A price that a file says nothing of is the operator's own. @throws Fault PriceRowInvalid */
export const confidenceIn = (fields: PriceFields): PriceConfidence => oneOf(fields, "confidence", GIVEN_CONFIDENCES);
/** @throws Fault PriceRowInvalid */
export const modelIn = (fields: PriceFields): PriceModel => oneOf(fields, "model", PRICE_MODELS);
/** @throws Fault PriceRowInvalid */
export const kindIn = (fields: PriceFields): RowKind => oneOf(fields, "kind", ["price", "sheet", "package", "mapping"]);
/** @throws Fault PriceRowInvalid */
export const roundingIn = (fields: PriceFields): Rounding => oneOf(fields, "rounding", ROUNDINGS);

/** Decimals of an amount; 2 unless said. @throws Fault PriceRowInvalid */
export function decimalsIn(fields: PriceFields): number {
  const text = textOf(fields, "decimals");
  if (text === "") return 2;
  if (/^\d$/.test(text)) return Number.parseInt(text, 10);
  throw rowInvalid("decimals", text, "a whole number from 0 to 9 is needed");
}
