type Reviver = (this: unknown, name: string, value: unknown, context: { readonly source?: string }) => unknown;
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown;

/**
 * JSON with its numbers as the texts that they were written in: no digit is lost on the way.
 * @throws SyntaxError
 */
export const parseExact = (text: string): unknown =>
  parse(text, (_, value, { source }) => (typeof value === "number" ? (source ?? String(value)) : value));

/** A number of so many digits, which JSON.stringify writes as it is. */
export const exactNumber = (digits: string): unknown =>
  (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(digits);
