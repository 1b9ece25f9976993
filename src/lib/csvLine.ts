import { withoutFormula } from "./csvFormula.ts";

const quoted = (text: string): string => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/**
 * A line of CSV (RFC 4180); no cell is one that a spreadsheet would compute.
 * @param isNumber the cells that are numbers, and may begin with a minus
 */
export const csvLine = (cells: readonly string[], isNumber: (column: number) => boolean = () => false): string =>
  `${cells.map((cell, i) => (isNumber(i) ? cell : quoted(withoutFormula(cell)))).join(",")}\r\n`;

/**
 * Makes lines of rows that are told by column; what a row does not have is empty.
 * @param isNumber the columns that are numbers
 */
export const csvLineOf =
  <Name extends string>(columns: readonly Name[], isNumber: (name: Name) => boolean) =>
  (row: Readonly<Partial<Record<Name, string | null>>>): string =>
    csvLine(
      columns.map((name) => row[name] ?? ""),
      (column) => isNumber(columns[column]!),
    );
