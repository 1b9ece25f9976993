import assert from "node:assert/strict";
import { quoted } from "./tsv.ts";

// Bytes that separate fields and rows inside the literal; no value that is looked for may hold them.
const FIELD = "\x1f";
const ROW = "\x1e";

const UNESCAPED: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", b: "\b", f: "\f", "0": "\0" };

/**
 * A table expression over tab-separated lines, which stand in it as one literal. It needs no table function: those are
 * refused where everything but reading is, because some of them read files or ask other machines.
 * @param structure names and types of the fields, for example `k String, n UInt32`; types without parameters
 */
export function rowsLiteral(lines: string | Iterable<string>, structure: string): string {
  const text = (typeof lines === "string" ? lines : [...lines].join("")).replace(/\n$/, "");
  assert(!text.includes(FIELD) && !text.includes(ROW), "a separator of the literal stands in a value");
  const separated = text.replaceAll("\t", FIELD).replaceAll("\n", ROW);
  const plain = separated.includes("\\")
    ? separated.replace(/\\(.)/g, (_, char: string) => UNESCAPED[char] ?? char)
    : separated;
  // Not a constant to the engine's planner, which would take it along everywhere: that doubles the time of 10,000 keys.
  const rows = `arrayJoin(splitByChar('\\x1e', materialize(${quoted(plain)})))`;
  const none = text === "" ? " where 0" : "";
  const columns = structure.split(", ").map((column) => column.split(" ") as [string, string]);
  const [[name, type]] = columns as [[string, string]];
  if (columns.length === 1) return `(select cast(${rows}, '${type}') as ${name}${none})`;
  const fields = columns.map(([of, as], i) => `cast(fields[${i + 1}], '${as}') as ${of}`);
  return `(select ${fields.join(", ")} from (select splitByChar('\\x1f', ${rows}) as fields)${none})`;
}
