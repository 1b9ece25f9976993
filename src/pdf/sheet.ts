import { type Canvas, PAPER } from "./canvas.ts";
import { linesOf, shownText, type Weight } from "./text.ts";

export const COLOURS = { ink: "#1b2430", quiet: "#5b6675", rule: "#c9d0d9", shade: "#eef1f5", accent: "#1f4e79" };

export interface Column {
  readonly title: string;
  /** In points. */
  readonly width: number;
  readonly align?: "left" | "right";
}

export interface Cell {
  readonly text: string;
  /** Below it, smaller. */
  readonly notes?: readonly string[];
}

export interface RowStyle {
  readonly weight?: Weight;
  readonly shaded?: boolean;
  /** A line above it, as over a sum. */
  readonly ruled?: boolean;
}

const SIZE = 7.5;
const NOTE_SIZE = 6.5;
const LEADING = 1.35;
const PADDING = { x: 4, y: 2.5 };
const FOOT = 30;

interface LaidLine {
  readonly text: string;
  readonly size: number;
  readonly isNote: boolean;
}

/**
 * Pages with a running head and foot, and tables that go on over them. It draws on any canvas, so the same run counts the
 * pages and makes them.
 */
export class Sheet {
  readonly canvas: Canvas;
  readonly #furniture: (page: number, sheet: Sheet) => void;
  #columns: readonly Column[] = [];
  #y = 0;
  #page = 0;

  /** @param furniture draws what every page has, and says from where on there is room with `moveTo` */
  constructor(canvas: Canvas, furniture: (page: number, sheet: Sheet) => void) {
    this.canvas = canvas;
    this.#furniture = furniture;
    this.newPage();
  }

  get y(): number {
    return this.#y;
  }

  moveTo(y: number): void {
    this.#y = y;
  }

  newPage(): void {
    this.canvas.addPage();
    this.#page += 1;
    this.#furniture(this.#page, this);
    if (this.#columns.length > 0) this.#heading();
  }

  /** Begins a new page where the rest of this one is smaller. */
  need(height: number): void {
    if (this.#y + height > PAPER.height - PAPER.margin - FOOT) this.newPage();
  }

  /** Begins a table; its heading is said again on every page. */
  table(columns: readonly Column[]): void {
    this.#columns = [];
    this.need(60);
    this.#columns = columns;
    this.#heading();
  }

  endTable(): void {
    this.#columns = [];
  }

  #heading(): void {
    const laid = this.#columns.map(({ title, width }) =>
      linesOf(shownText(title), "bold", SIZE, width - 2 * PADDING.x),
    );
    const height = Math.max(...laid.map(({ length }) => length)) * SIZE * LEADING + 2 * PADDING.y + 2;
    const width = this.#columns.reduce((all, column) => all + column.width, 0);
    this.canvas.box(PAPER.margin, this.#y, { width, height }, COLOURS.accent);
    let x = PAPER.margin;
    for (const [i, column] of this.#columns.entries()) {
      for (const [n, text] of laid[i]!.entries()) {
        const y = this.#y + PADDING.y + 1 + n * SIZE * LEADING;
        this.#text(column, x, y, { text, weight: "bold", size: SIZE, colour: "#ffffff" });
      }
      x += column.width;
    }
    this.#y += height;
  }

  #text(
    { width, align }: Column,
    x: number,
    y: number,
    {
      text,
      ...style
    }: { readonly text: string; readonly weight: Weight; readonly size: number; readonly colour: string },
  ): void {
    if (align === "right") this.canvas.text(text, x + width - PADDING.x, y, { ...style, align });
    else this.canvas.text(text, x + PADDING.x, y, style);
  }

  /** A row of the table; it is never cut by the end of a page. */
  row(cells: readonly (Cell | string)[], { weight = "regular", shaded = false, ruled = false }: RowStyle = {}): void {
    const laid = cells.map((cell, i) => laidOut(cell, weight, this.#columns[i]!.width - 2 * PADDING.x));
    const height = Math.max(...laid.map(heightOf)) + 2 * PADDING.y;
    this.need(height);
    const width = this.#columns.reduce((all, column) => all + column.width, 0);
    if (shaded) this.canvas.box(PAPER.margin, this.#y, { width, height }, COLOURS.shade);
    if (ruled) this.canvas.box(PAPER.margin, this.#y, { width, height: 0.8 }, COLOURS.quiet);
    let x = PAPER.margin;
    for (const [i, lines] of laid.entries()) {
      let y = this.#y + PADDING.y;
      for (const { text, size, isNote } of lines) {
        const style = isNote ? { weight: "regular" as const, colour: COLOURS.quiet } : { weight, colour: COLOURS.ink };
        this.#text(this.#columns[i]!, x, y, { text, size, ...style });
        y += size * LEADING;
      }
      x += this.#columns[i]!.width;
    }
    this.#y += height;
    this.canvas.box(PAPER.margin, this.#y, { width, height: 0.4 }, COLOURS.rule);
  }

  /** A text over the whole width that goes on in as many lines as it needs. */
  paragraph(text: string, { size, colour }: { readonly size: number; readonly colour: string }): void {
    const weight = "regular";
    for (const line of linesOf(shownText(text), weight, size, PAPER.width - 2 * PAPER.margin)) {
      this.need(size * LEADING);
      this.canvas.text(line, PAPER.margin, this.#y, { size, weight, colour });
      this.#y += size * LEADING;
    }
  }

  gap(height: number): void {
    this.#y += height;
  }
}

function laidOut(cell: Cell | string, weight: Weight, width: number): readonly LaidLine[] {
  const { text, notes = [] } = typeof cell === "string" ? { text: cell } : cell;
  const lines = linesOf(shownText(text), weight, SIZE, width);
  const below = notes.flatMap((note) => linesOf(shownText(note), "regular", NOTE_SIZE, width));
  return [
    ...lines.map((line) => ({ text: line, size: SIZE, isNote: false })),
    ...below.map((line) => ({ text: line, size: NOTE_SIZE, isNote: true })),
  ];
}

const heightOf = (lines: readonly LaidLine[]): number => lines.reduce((all, { size }) => all + size * LEADING, 0);
