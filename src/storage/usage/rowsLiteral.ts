import { quoted } from "./tsv.ts";

// Bytes that separate fields and rows inside the literal. A value that holds one of them has it masked.
const FIELD = "\x1f";
const ROW = "\x1e";
const MASK = "\x1d";
const MASKED: Readonly<Record<string, string>> = { [MASK]: `${MASK}0`, [ROW]: `${MASK}1`, [FIELD]: `${MASK}2` };
const SEPARATOR = new RegExp(`[${MASK}${ROW}${FIELD}]`);
const SEPARATORS = new RegExp(SEPARATOR, "g");

const UNESCAPED: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", b: "\b", f: "\f", "0": "\0" };

/** The last step is the mask itself, so that nothing is unmasked twice. */
const unmasked = (text: string): string =>
  `replaceAll(replaceAll(replaceAll(${text}, '\\x1d2', '\\x1f'), '\\x1d1', '\\x1e'), '\\x1d0', '\\x1d')`;

/**
 * A table expression over tab-separated lines, which stand in it as one literal. It needs no table function: those are
 * refused where everything but reading is, because some of them read files or ask other machines.
 * @param structure names and types of the fields, for example `k String, n UInt32`; types without parameters
 */
export function rowsLiteral(lines: string | Iterable<string>, structure: string): string {
  const text = (typeof lines === "string" ? lines : [...lines].join("")).replace(/\n$/, "");
  const isMasked = SEPARATOR.test(text);
  const masked = isMasked ? text.replace(SEPARATORS, (char) => MASKED[char]!) : text;
  const separated = masked.replaceAll("\t", FIELD).replaceAll("\n", ROW);
  const plain = separated.includes("\\")
    ? separated.replace(/\\(.)/g, (_, char: string) => UNESCAPED[char] ?? char)
    : separated;
  // Not a constant to the engine's planner, which would take it along everywhere: that doubles the time of 10,000 keys.
  const rows = `arrayJoin(splitByChar('\\x1e', materialize(${quoted(plain)})))`;
  const none = text === "" ? " where 0" : "";
  const columns = structure.split(", ").map((column) => column.split(" ") as [string, string]);
  const cast = (field: string, [name, type]: [string, string]): string =>
    `cast(${isMasked ? unmasked(field) : field}, '${type}') as ${name}`;
  if (columns.length === 1) return `(select ${cast(rows, columns[0]!)}${none})`;
  const fields = columns.map((column, i) => cast(`fields[${i + 1}]`, column));
  return `(select ${fields.join(", ")} from (select splitByChar('\\x1f', ${rows}) as fields)${none})`;
}
