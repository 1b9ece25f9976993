import { Fault } from "../faults/fault.ts";

/** A JSON object as it was parsed. */
export type Members = Readonly<Record<string, unknown>>;

export const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @param path where it should stand, as a JSON path from the record */
export const missing = (path: string): Fault =>
  new Fault("RecordPropertyMissing", { property: path }, { target: path });

export const invalid = (path: string, value: unknown, expected: string): Fault => {
  const shown = typeof value === "string" ? value : JSON.stringify(value);
  return new Fault("RecordPropertyInvalid", { property: path, value: shown, expected }, { target: path });
};

/** @throws Fault RecordNotJson */
export function parseObject(text: string): Members {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Fault("RecordNotJson", { reason: (error as Error).message });
  }
  if (!isMembers(parsed)) throw new Fault("RecordNotJson", { reason: "it is no object" });
  return parsed;
}

/**
 * A text that has to be there and not be empty.
 * @param within path of `members`
 * @throws Fault RecordPropertyMissing, RecordPropertyInvalid
 */
export function textOf(members: Members, within: string, name: string): string {
  const value = members[name];
  if (value === undefined || value === null || value === "") throw missing(`${within}.${name}`);
  if (typeof value !== "string") throw invalid(`${within}.${name}`, value, "a text");
  return value;
}

/** @throws Fault RecordPropertyMissing, RecordPropertyInvalid */
export function idOf<Id>(
  members: Members,
  { within, name, expected }: { readonly within: string; readonly name: string; readonly expected: string },
  parse: (text: string) => Id | undefined,
): Id {
  const text = textOf(members, within, name);
  const id = parse(text);
  if (id === undefined) throw invalid(`${within}.${name}`, text, expected);
  return id;
}

/** Hubs send `""`, `"null"` or JSON text, Azure sends objects, and the documentation shows null: always a text. */
export function jsonTextOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The text without the difference between two spellings of nothing. */
export const foldedJsonText = (text: string): string => (text === "null" ? "" : text);
