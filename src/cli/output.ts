import { styleText } from "node:util";
import { type Column, formatTable, TABLE_CELLS_MAX } from "../lib/table.ts";

type Style = Parameters<typeof styleText>[0];

/** Where a command writes: results to standard output, everything else to standard error. */
export interface Output {
  readonly json: boolean;
  readonly language: string;
}

/** Coloured where the stream is a terminal that takes it; NO_COLOR and FORCE_COLOR are honoured. */
export const styled = (style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string =>
  styleText(style, text, { stream });

export const printLine = (text = ""): void => console.log(text);
export const printNote = (text: string): void => console.error(text);
export const printJson = (value: unknown): void => console.log(JSON.stringify(value, undefined, 2));

/** A wide terminal shows more. */
const terminalCells = (): number => Math.max(TABLE_CELLS_MAX, process.stdout.columns ?? 0);

/** One object for machines, or a table for people with a word for when there are no rows. */
export function printRows<Row>(
  { json }: Pick<Output, "json">,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  none: string,
): void {
  if (json) printJson({ value: rows });
  else printLine(rows.length === 0 ? none : formatTable(rows, columns, terminalCells()));
}

/** 1234567 as 1,234,567. */
export const grouped = (count: number): string => count.toLocaleString("en-US");
