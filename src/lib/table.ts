import stringWidth from "string-width";

export type Alignment = "left" | "right";

export interface Column<Row> {
  readonly title: string;
  readonly align?: Alignment;
  readonly value: (row: Row) => string;
}

/** Rows as text columns under titles; widths count terminal cells, so Chinese text lines up too. */
export function formatTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ value }) => shown(value(row)))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => stringWidth(line[i] ?? ""))));
  const lines = cells.map((line) =>
    line
      .map((cell, i) => pad(cell, widths[i] ?? 0, columns[i]?.align ?? "left"))
      .join("  ")
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => "─".repeat(width)).join("  "));
  return lines.join("\n");
}

/** Control characters would break the table, or play with the terminal. */
const shown = (cell: string): string => cell.replaceAll(/\p{C}/gu, "\uFFFD");

function pad(cell: string, width: number, align: Alignment): string {
  const space = " ".repeat(Math.max(0, width - stringWidth(cell)));
  return align === "right" ? space + cell : cell + space;
}
