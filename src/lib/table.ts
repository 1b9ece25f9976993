import stringWidth from "string-width";

export type Alignment = "left" | "right";

export interface Column<Row> {
  readonly title: string;
  readonly align?: Alignment;
  readonly value: (row: Row) => string;
  /** Where a cell may be cut when the table is too wide: its end, or its start where the end tells more. */
  readonly cut?: "start" | "end";
}

/** What a terminal and a page of documentation hold. */
export const TABLE_CELLS_MAX = 120;
const GAP = 2;

/**
 * Rows as text columns under titles; widths count terminal cells, so Chinese text lines up too.
 * @param cellsMax the width that columns are cut for, as far as they may be cut
 */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  cellsMax = TABLE_CELLS_MAX,
): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ value }) => shown(value(row)))),
  ];
  const natural = columns.map((_, i) => Math.max(...cells.map((line) => stringWidth(line[i] ?? ""))));
  const widths = fitted(natural, columns, cellsMax);
  const lines = cells.map((line) =>
    line
      .map((cell, i) => pad(cutTo(widths[i] ?? 0, cell, columns[i]?.cut), widths[i] ?? 0, columns[i]?.align ?? "left"))
      .join(" ".repeat(GAP))
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => "─".repeat(width)).join(" ".repeat(GAP)));
  return lines.join("\n");
}

/** The widest of the columns that may be cut gives way first, but none to less than its title. */
function fitted<Row>(
  natural: readonly number[],
  columns: readonly Pick<Column<Row>, "cut" | "title">[],
  cellsMax: number,
): readonly number[] {
  const widths = [...natural];
  let over = widths.reduce((sum, width) => sum + width, GAP * (columns.length - 1)) - cellsMax;
  for (; over > 0; over -= 1) {
    const spare = widths.map((width, i) =>
      columns[i]?.cut !== undefined && width > stringWidth(columns[i].title) ? width : 0,
    );
    const widest = Math.max(...spare);
    if (widest === 0) break;
    widths[spare.indexOf(widest)]! -= 1;
  }
  return widths;
}

const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });

function cutTo(width: number, cell: string, cut: Column<never>["cut"]): string {
  if (cut === undefined || stringWidth(cell) <= width) return cell;
  const characters = [...GRAPHEMES.segment(cell)].map(({ segment }) => segment);
  while (characters.length > 0 && stringWidth(characters.join("")) >= width) {
    if (cut === "end") characters.pop();
    else characters.shift();
  }
  return cut === "end" ? `${characters.join("")}…` : `…${characters.join("")}`;
}

/** Control characters would break the table, or play with the terminal. */
const shown = (cell: string): string => cell.replaceAll(/\p{C}/gu, "\uFFFD");

function pad(cell: string, width: number, align: Alignment): string {
  const space = " ".repeat(Math.max(0, width - stringWidth(cell)));
  return align === "right" ? space + cell : cell + space;
}
