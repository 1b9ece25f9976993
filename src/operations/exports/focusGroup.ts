import assert from "node:assert/strict";
import { FOCUS_COLUMNS, type FocusName, type FocusPart, type FocusRow } from "../../domain/focus/columns.ts";
import { compare, type Decimal, decimal, digitsAt, formatFixed } from "../../lib/decimal.ts";
import type { ColumnRows, ParquetColumn } from "../../lib/parquet/columnChunk.ts";
import { DecimalRows } from "../../lib/parquet/decimalRows.ts";
import { madeGroup, type MadeGroup, type RowGroup } from "../../lib/parquet/parquet.ts";
import { PARQUET_DECIMALS } from "../../lib/parquet/values.ts";
import { focusNames, type ToldNames } from "./exportFacts.ts";
import { BilledSums, focusPieces, type FocusSource, type SomeDocuments } from "./focusRows.ts";

const COLUMNS = Object.keys(FOCUS_COLUMNS) as FocusName[];
export const FOCUS_PARQUET = COLUMNS.map((name): ParquetColumn => ({ name, ...FOCUS_COLUMNS[name] }));

/** What is paid must be there to the last digit; other figures of more decimals are rounded to what a column has. */
const EXACT: ReadonlySet<FocusName> = new Set(["BilledCost", "EffectiveCost"]);

/** A decimal as a column has it. */
function toldDigits(name: FocusName, value: Decimal): bigint {
  const digits = digitsAt(value, PARQUET_DECIMALS, "half-even");
  if (value.scale > PARQUET_DECIMALS && EXACT.has(name)) {
    const isWhole = compare({ coefficient: digits, scale: PARQUET_DECIMALS }, value) === 0;
    assert(isWhole, `${name} has more than ${PARQUET_DECIMALS} decimals`);
  }
  return digits;
}

type SharedPart = Exclude<FocusPart, "line">;
type Cells = Readonly<Record<string, string | null>>;

/** The parts of one kind that rows of a group have, and which of them a row has. */
class PartsOfRows {
  readonly #numbers = new Map<Cells, number>();
  readonly #of: Uint32Array;
  #last: { readonly part: Cells; readonly number: number } | undefined;

  constructor(rows: number) {
    this.#of = new Uint32Array(rows);
  }

  add(row: number, part: Cells): void {
    if (this.#last?.part !== part) {
      const number = this.#numbers.get(part) ?? this.#numbers.size;
      this.#numbers.set(part, number);
      this.#last = { part, number };
    }
    this.#of[row] = this.#last.number;
  }

  column(name: FocusName): ColumnRows {
    const isDecimal = FOCUS_COLUMNS[name].type === "decimal";
    const values = Array.from(this.#numbers.keys(), (part) => {
      const value = part[name]!;
      return value === null || !isDecimal
        ? value
        : formatFixed({ coefficient: toldDigits(name, decimal(value)), scale: PARQUET_DECIMALS }, PARQUET_DECIMALS);
    });
    return { values, of: this.#of };
  }
}

type Figures = FocusRow["line"];
type FigureName = keyof Figures;

/**
 * Figures that are one and the same on most lines, by the one that they follow: what is billed is what it costs. While they do
 * so on all rows of a group, they are one column of it.
 */
const FOLLOWS: Readonly<Record<FigureName, FigureName | undefined>> = {
  BilledCost: undefined,
  EffectiveCost: "BilledCost",
  PricingCurrencyEffectiveCost: "BilledCost",
  ContractedCost: undefined,
  ListCost: "ContractedCost",
  PricingQuantity: undefined,
  ConsumedQuantity: "PricingQuantity",
};
const FIGURES = Object.keys(FOLLOWS) as FigureName[];

interface FigureColumn {
  readonly name: FigureName;
  readonly rows: DecimalRows;
}
interface Following {
  readonly name: FigureName;
  readonly leader: FigureColumn;
}

class FiguresOfRows {
  readonly #columns: FigureColumn[];
  #following: readonly Following[];

  constructor(rows: number) {
    const leads = (name: FigureName) => FOLLOWS[name] === undefined;
    this.#columns = FIGURES.filter(leads).map((name) => ({ name, rows: new DecimalRows(rows) }));
    this.#following = FIGURES.filter((name) => !leads(name)).map((name) => ({
      name,
      leader: this.#columns.find((so) => so.name === FOLLOWS[name])!,
    }));
  }

  add(line: Figures): void {
    for (const { name, leader } of this.#following) if (line[name] !== line[leader.name]) this.#part(name, leader);
    for (const { name, rows } of this.#columns) {
      const value = line[name];
      rows.add(value === null ? null : toldDigits(name, value));
    }
  }

  /** A figure goes its own way from this row on. */
  #part(name: FigureName, leader: FigureColumn): void {
    this.#columns.push({ name, rows: leader.rows.copy() });
    this.#following = this.#following.filter((so) => so.name !== name);
  }

  column(name: FigureName): DecimalRows {
    const own = this.#columns.find((so) => so.name === name);
    return (own ?? this.#following.find((so) => so.name === name)!.leader).rows;
  }
}

class GroupOfRows {
  readonly #shared: Readonly<Record<SharedPart, PartsOfRows>>;
  readonly #figures: FiguresOfRows;
  readonly #rows: number;
  #added = 0;

  /** @param rows that it will have */
  constructor(rows: number) {
    this.#shared = { document: new PartsOfRows(rows), charge: new PartsOfRows(rows), stamp: new PartsOfRows(rows) };
    this.#figures = new FiguresOfRows(rows);
    this.#rows = rows;
  }

  add({ document, charge, stamp, line }: FocusRow): void {
    const row = this.#added++;
    this.#shared.document.add(row, document);
    this.#shared.charge.add(row, charge);
    this.#shared.stamp.add(row, stamp);
    this.#figures.add(line);
  }

  columns(): RowGroup {
    assert(this.#added === this.#rows, `documents of ${this.#rows} lines have ${this.#added}`);
    return COLUMNS.map((name): ColumnRows => {
      const { part } = FOCUS_COLUMNS[name];
      return part === "line" ? this.#figures.column(name as FigureName) : this.#shared[part].column(name);
    });
  }
}

/** What one group of rows is made of: whole documents, or a stretch of one that is larger. It goes to another thread. */
export interface GroupOfDocuments extends SomeDocuments {
  readonly names: ToldNames;
  /** How many lines that is. */
  readonly lines: number;
}

export interface FocusGroup extends MadeGroup {
  /** What the rows of each document come to. */
  readonly billed: ReturnType<BilledSums["entries"]>;
}

/** Rows of documents as a group of rows of Parquet, in their order. */
export async function makeFocusGroup(
  source: FocusSource,
  { names, lines, ...of }: GroupOfDocuments,
): Promise<FocusGroup> {
  const group = new GroupOfRows(lines);
  const billed = new BilledSums();
  for await (const { number, rows } of focusPieces(source, focusNames(names), of)) {
    billed.addRows(number, rows);
    for (const row of rows) group.add(row);
  }
  return { ...(await madeGroup(FOCUS_PARQUET, group.columns())), billed: billed.entries() };
}
