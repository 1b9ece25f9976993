import { followsFrom, isSamePrice, type Says } from "../../domain/reconciliation/amounts.ts";
import { type ColumnMap, type Layout, layoutOf, type MeterGrain } from "../../domain/reconciliation/columns.ts";
import { dayOf, type ReconciliationRow, RowReader } from "../../domain/reconciliation/row.ts";
import { type Entry, type Follows, leastOf, type Part, placeKey, Side } from "../../domain/reconciliation/side.ts";
import { Fault, isFault } from "../../domain/faults/fault.ts";
import { hourOf } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { Period } from "../../domain/statement/period.ts";
import { compare, type Decimal, divide, isZero, multiply, ZERO } from "../../lib/decimal.ts";
import { type CsvCells, csvCells, csvRecords } from "../../lib/csvRecords.ts";
import type { ComparedScope, Names } from "./scope.ts";

/** What is wrong with a row; its fault's target is the file's own name of the column. */
export interface ReconciliationProblem {
  readonly position: number;
  readonly fault: Fault;
}

/** A file that was refused, and the rows that it was refused for: the first ones, and how many more there are. */
export class ReconciliationFileRefused extends Error {
  readonly problems: readonly ReconciliationProblem[];
  readonly problemsOmitted: number;

  constructor(problems: readonly ReconciliationProblem[], inAll: number) {
    super(`${inAll} rows are wrong`);
    this.problems = problems;
    this.problemsOmitted = inAll - problems.length;
  }
}

const unreadable = (reason: string): Fault => new Fault("ReconciliationFileUnreadable", { reason });

/** The bytes, as long as they can be text. @throws Fault ReconciliationFileUnreadable, RequestTooLarge */
async function* textBytes(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let [bytes, begin] = [0, Buffer.alloc(0)];
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > LIMITS.reconciliationFileBytesMax) {
      throw new Fault("RequestTooLarge", { bytesMax: LIMITS.reconciliationFileBytesMax });
    }
    if (begin.length < 4) {
      begin = Buffer.concat([begin, chunk]).subarray(0, 4);
      const mark = begin.toString("hex");
      if (mark.startsWith("fffe") || mark.startsWith("feff")) throw unreadable("it is no UTF-8; UTF-16, perhaps");
      if (mark === "504b0304") throw unreadable("it is a workbook, and no CSV");
    }
    if (chunk.includes(0)) throw unreadable("it is no text; UTF-16, perhaps");
    yield chunk;
  }
}

function headerOf(first: CsvCells): readonly string[] {
  if ("broken" in first) throw unreadable(`its header cannot be read: ${first.broken}`);
  const { cells } = first;
  if (cells.length === 1 && /[;\t]/.test(cells[0]!)) {
    throw unreadable("semicolons or tabs stand between its values, and commas are needed");
  }
  if (cells.length > LIMITS.reconciliationColumnsMax) {
    throw unreadable(`it has more than ${LIMITS.reconciliationColumnsMax} columns`);
  }
  return cells;
}

/** How a file is read, once its header is known; and what is needed of our side before its rows are. */
export interface OpenFile {
  readonly layout: Layout;
  readonly grain: MeterGrain;
  readonly says: Says;
  /**
   * Reads the rows, one by one.
   * @throws Fault ReconciliationTooLarge; ReconciliationFileRefused with what is wrong in which row
   */
  read(ours: Side, names: Names): Promise<{ readonly side: Side; readonly rows: number }>;
}

/**
 * Opens a file of the other side.
 * @throws Fault ReconciliationFileUnreadable, ReconciliationColumnMissing, RequestTooLarge
 */
export async function openFile(
  body: AsyncIterable<Buffer>,
  { columns, period, scope }: { readonly columns: ColumnMap; readonly period: Period; readonly scope: ComparedScope },
): Promise<OpenFile> {
  const pieces = cellsOf(body);
  const first = await pieces.next();
  if (first.done === true) throw unreadable("it is empty");
  const [header, ...rest] = first.value;
  const layout = layoutOf(headerOf(header!), columns);
  const { at } = layout;
  const isLocal = at.localQuantity !== undefined;
  const says = {
    quantity: at.quantity !== undefined || isLocal,
    // The price is of the unit that is priced, which is not the meter's own.
    price: at.unitPrice !== undefined && !isLocal,
    amount: at.amount !== undefined,
  };
  return {
    layout,
    grain: layout.grain,
    says,
    async read(ours, names) {
      const reader = new RowReader(layout, scope.level);
      const into = new Collector(ours, { names, period, scope, hasDays: at.day !== undefined });
      into.take(rest, reader);
      for await (const cells of pieces) into.take(cells, reader);
      if (into.problemsInAll > 0) throw new ReconciliationFileRefused(into.problems, into.problemsInAll);
      return { side: into.side, rows: into.rows };
    },
  };
}

async function* cellsOf(body: AsyncIterable<Buffer>): AsyncGenerator<readonly CsvCells[]> {
  for await (const records of csvRecords(textBytes(body), LIMITS.reconciliationRowBytesMax)) yield csvCells(records);
}

/** Whether quantities of prices per month are months, as the last row told that could tell it. */
interface Counting {
  isMonths: boolean;
}

interface How {
  readonly names: Names;
  readonly period: Period;
  readonly scope: ComparedScope;
  readonly hasDays: boolean;
}

class Collector {
  readonly side = new Side();
  readonly problems: ReconciliationProblem[] = [];
  problemsInAll = 0;
  isMonths = false;
  rows = 0;
  readonly #ours: Side;
  readonly #how: How;

  constructor(ours: Side, how: How) {
    this.#ours = ours;
    this.#how = how;
  }

  take(all: readonly CsvCells[], reader: RowReader): void {
    for (const so of all) {
      try {
        if ("broken" in so) throw new Fault("ReconciliationRowUnreadable", { reason: so.broken });
        const row = reader.read(so.cells);
        if (row !== undefined) this.#add(row);
      } catch (fault) {
        if (!isFault(fault)) throw fault;
        this.problemsInAll += 1;
        if (this.problems.length < LIMITS.intakeProblemsMax) this.problems.push({ position: so.position, fault });
      }
    }
    if (this.side.cells <= LIMITS.reconciliationCellsMax) return;
    throw new Fault("ReconciliationTooLarge", { cellsMax: LIMITS.reconciliationCellsMax });
  }

  #add(row: ReconciliationRow): void {
    const { names, period, scope, hasDays } = this.#how;
    if (scope.payer !== undefined && row.payer !== scope.payer) return;
    this.rows += 1;
    const stamp = row.stamp === "" ? "" : names.stampOf(row.stamp);
    const meter = row.meter === undefined ? row.meterName.toLowerCase() : names.meterOf(row.meter);
    const place = { payer: row.payer, stamp, meter };
    let { day } = row;
    if (row.eventMs !== undefined) {
      const hour = hourOf(row.eventMs);
      const isOfPeriod = hour >= period.from && hour < period.to;
      const eventDay = dayOf(row.eventMs);
      if (!isOfPeriod || (hasDays && day !== "" && eventDay !== day)) {
        const quantity = row.quantity ?? ZERO;
        this.side.addShift({ ...place, meterName: row.meterName, eventDay, day, quantity, isOfPeriod });
      }
      // What belongs to another period is not laid beside this one.
      if (!isOfPeriod) return;
      if (hasDays && day !== "") day = eventDay;
    }
    // What is charged for the whole period, such as cores, has no days with us.
    const ours = this.#ours.entries.get(placeKey(place));
    if (ours?.days.has("") === true) day = "";
    const entry = this.side.at(place, { meterName: row.meterName, currency: row.currency });
    const part = partOf(row, ours, this);
    if (row.quantity !== undefined) this.side.addQuantity(entry, day, part.quantity);
    if (row.quantity !== undefined && part.quantity !== row.quantity) this.side.isConverted = true;
    this.side.addPart(entry, part);
  }
}

const DECIMALS_MIN = 2;

/** A row as a part of its place; whether its amount follows from its numbers is only seen here. */
function partOf(row: ReconciliationRow, ours: Entry | undefined, file: Counting): Part {
  const { amount } = row;
  // What has no quantity has no price: an adjustment, or what tops up to a minimum.
  const isUsed = row.quantity !== undefined && !isZero(row.quantity);
  const price = isUsed ? (row.price ?? null) : null;
  const own = ours && ownPart(ours, price);
  const hours = own?.hoursPerMonth ?? null;
  const quantity = isUsed && hours !== null ? inHours(row, { own, hours, file }) : row.quantity;
  return {
    price,
    quantity: quantity ?? ZERO,
    amount: amount ?? ZERO,
    hoursPerMonth: null,
    rate: null,
    follows: howFollows(row, own),
  };
}

/**
 * Whether a row counts months where our price is one of a month: then its amount is quantity × price without the hours.
 * Undefined where both would fit, as with a price of 0, or where the row does not say enough.
 */
function countsMonths({ quantity, price, amount }: ReconciliationRow, own: Part | undefined): boolean | undefined {
  const [hours, ours] = [own?.hoursPerMonth ?? null, own?.price ?? null];
  if (quantity === undefined || price === undefined || amount === undefined) return undefined;
  if (hours === null || ours === null) return undefined;
  // A price of an hour is one for hours.
  if (compare(price, ours) !== 0 && isSamePrice(price, ours, hours)) return false;
  const rate = own?.rate ?? null;
  const byMonth = followsFrom(amount, { quantity, price, rate }, DECIMALS_MIN);
  const used = divide(quantity, hours, LIMITS.quantityDecimalsMax, "half-even");
  const byHour = followsFrom(amount, { quantity: used, price, rate }, DECIMALS_MIN);
  return byMonth === byHour ? undefined : leastOf(byMonth, byHour) === byHour;
}

/** A quantity in the unit that is counted, as we have it. */
function inHours(
  row: ReconciliationRow,
  { own, hours, file }: { readonly own: Part | undefined; readonly hours: Decimal; readonly file: Counting },
): Decimal {
  const told = countsMonths(row, own);
  if (told !== undefined) file.isMonths = told;
  return file.isMonths ? multiply(row.quantity!, hours) : row.quantity!;
}

/** From our price where theirs is the same, and else from the price that the row itself says. */
function howFollows({ price, quantity, amount }: ReconciliationRow, own: Part | undefined): Follows {
  if (amount === undefined) return "exactly";
  if (quantity === undefined) return "no";
  const said = price ?? null;
  const [hours, rate] = [own?.hoursPerMonth ?? null, own?.rate ?? null];
  const decimalsMin = own?.rounding?.scale ?? DECIMALS_MIN;
  const from = (unit: Decimal): Follows => followsFrom(amount, { quantity, price: unit, hours, rate }, decimalsMin);
  const ours = own?.price ?? null;
  const isOwn = ours !== null && (said === null || isSamePrice(said, ours, hours));
  const byOurs = isOwn ? from(ours) : "no";
  if (byOurs !== "no" || said === null) return byOurs;
  const byTheirs = from(said);
  // Where theirs is our price in fewer digits, the price was rounded.
  return isOwn ? leastOf(byTheirs, "rounded") : byTheirs;
}

function ownPart({ parts }: Entry, price: Part["price"]): Part | undefined {
  const [first] = parts.values();
  if (parts.size < 2 || price === null) return parts.size === 1 ? first : undefined;
  return (
    [...parts.values()].find((own) => own.price !== null && isSamePrice(price, own.price, own.hoursPerMonth)) ?? first
  );
}
