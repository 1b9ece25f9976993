const SPECIAL = /[\\\t\n\r\b\f\0]/;
const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  "\b": "\\b",
  "\f": "\\f",
  "\0": "\\0",
};

/** A value as one field of a tab-separated line, as ClickHouse reads it. */
export const tsvField = (text: string): string =>
  SPECIAL.test(text) ? text.replace(/[\\\t\n\r\b\f\0]/g, (char) => ESCAPES[char] ?? char) : text;

/** A text as a literal of ClickHouse's SQL. */
export const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
