import assert from "node:assert/strict";
import { FOCUS_COLUMNS, type FocusName, type FocusPart, type FocusRow } from "../../domain/focus/columns.ts";
import { compare, type Decimal, decimal, digitsAt, formatFixed } from "../../lib/decimal.ts";
import type { ColumnRows, ParquetColumn } from "../../lib/parquet/columnChunk.ts";
import { DecimalRows } from "../../lib/parquet/decimalRows.ts";
import { parquetFile, type RowGroup } from "../../lib/parquet/parquet.ts";
import { PARQUET_DECIMALS } from "../../lib/parquet/values.ts";

const COLUMNS = Object.keys(FOCUS_COLUMNS) as FocusName[];
const PARQUET_COLUMNS = COLUMNS.map((name): ParquetColumn => ({ name, ...FOCUS_COLUMNS[name] }));

/** Rows of one group: they are held until it is full. */
const ROWS_IN_GROUP = 50_000;

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
  readonly #of = new Uint32Array(ROWS_IN_GROUP);
  #last: { readonly part: Cells; readonly number: number } | undefined;

  add(row: number, part: Cells): void {
    if (this.#last?.part !== part) {
      const number = this.#numbers.get(part) ?? this.#numbers.size;
      this.#numbers.set(part, number);
      this.#last = { part, number };
    }
    this.#of[row] = this.#last.number;
  }

  column(name: FocusName, rows: number): ColumnRows {
    const isDecimal = FOCUS_COLUMNS[name].type === "decimal";
    const values = Array.from(this.#numbers.keys(), (part) => {
      const value = part[name]!;
      return value === null || !isDecimal
        ? value
        : formatFixed({ coefficient: toldDigits(name, decimal(value)), scale: PARQUET_DECIMALS }, PARQUET_DECIMALS);
    });
    return { values, of: this.#of.subarray(0, rows) };
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

class FiguresOfRows {
  readonly #columns = new Map<FigureName, DecimalRows>();
  readonly #following = new Map<FigureName, FigureName>();

  constructor() {
    for (const name of FIGURES) {
      const leader = FOLLOWS[name];
      if (leader === undefined) this.#columns.set(name, new DecimalRows(ROWS_IN_GROUP));
      else this.#following.set(name, leader);
    }
  }

  add(line: Figures): void {
    for (const [name, leader] of this.#following) {
      if (line[name] === line[leader]) continue;
      this.#columns.set(name, this.#columns.get(leader)!.copy());
      this.#following.delete(name);
    }
    for (const [name, column] of this.#columns) {
      const value = line[name];
      column.add(value === null ? null : toldDigits(name, value));
    }
  }

  column(name: FigureName): DecimalRows {
    return this.#columns.get(this.#following.get(name) ?? name)!;
  }
}

class GroupOfRows {
  readonly #shared: Readonly<Record<SharedPart, PartsOfRows>> = {
    document: new PartsOfRows(),
    charge: new PartsOfRows(),
    stamp: new PartsOfRows(),
  };
  readonly #figures = new FiguresOfRows();
  rows = 0;

  add({ document, charge, stamp, line }: FocusRow): void {
    const row = this.rows++;
    this.#shared.document.add(row, document);
    this.#shared.charge.add(row, charge);
    this.#shared.stamp.add(row, stamp);
    this.#figures.add(line);
  }

  columns(): RowGroup {
    return COLUMNS.map((name): ColumnRows => {
      const { part } = FOCUS_COLUMNS[name];
      return part === "line" ? this.#figures.column(name as FigureName) : this.#shared[part].column(name, this.rows);
    });
  }
}

async function* groupsOf(pieces: AsyncIterable<readonly FocusRow[]>): AsyncGenerator<RowGroup> {
  let group = new GroupOfRows();
  for await (const rows of pieces) {
    for (const row of rows) {
      group.add(row);
      if (group.rows < ROWS_IN_GROUP) continue;
      yield group.columns();
      group = new GroupOfRows();
    }
  }
  if (group.rows > 0) yield group.columns();
}

/** Rows as Parquet, in their order. */
export const focusParquetOf = (pieces: AsyncIterable<readonly FocusRow[]>): AsyncGenerator<Buffer> =>
  parquetFile(PARQUET_COLUMNS, groupsOf(pieces));
