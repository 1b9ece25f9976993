import type { CorrectionLine } from "../domain/statement/correction.ts";
import type { StatementLine } from "../domain/statement/statement.ts";
import type { Cell, Column } from "./sheet.ts";
import { groupedDigits } from "./groupedDigits.ts";
import type { DocumentWords } from "./words.ts";

/** A table of lines: its columns, and what they say of a line. */
export interface LineTable<Line> {
  readonly columns: (words: DocumentWords) => readonly Column[];
  readonly cells: (line: Line, words: DocumentWords, currency: string) => readonly (Cell | string)[];
  /** What the line is told of: the one there is, or there was. */
  readonly side: (line: Line) => StatementLine;
  /** What the line adds to the document's total. */
  readonly amount: (line: Line) => string;
}

const right = (title: string, width: number): Column => ({ title, width, align: "right" });
const left = (title: string, width: number): Column => ({ title, width });

const mappings = ({ mappingChanges }: StatementLine): string => mappingChanges.map((id) => `#${id}`).join(", ");

const version = ({ priceSheet, priceVersion, priceVerified }: StatementLine): string =>
  `${priceSheet} v${priceVersion}${priceVerified ? "" : " *"}`;

function tier({ tier: band, tierFrom, tierTo }: StatementLine, words: DocumentWords): Cell {
  const [from, to] = [groupedDigits(tierFrom), tierTo === null ? "" : groupedDigits(tierTo)];
  // A price without tiers has one, from 0 on.
  const notes = band <= 1 && tierFrom === "0" && tierTo === null ? [] : [to === "" ? `> ${from}` : `${from} – ${to}`];
  return { text: band === 0 ? words.included : String(band), notes };
}

const named = ({ meterName, kind }: StatementLine, words: DocumentWords, notes: readonly string[] = []): Cell => ({
  text: meterName,
  notes: [...(kind === "usage" ? [] : [words.kinds[kind]]), ...notes],
});

function statementCells(line: StatementLine, words: DocumentWords, currency: string): readonly (Cell | string)[] {
  const { listPrice, effectiveUnitPrice, pricingCurrency, fxRate, hoursPerMonth } = line;
  const foreign = pricingCurrency === currency ? "" : ` ${pricingCurrency}`;
  const converted = line.factor === "1" ? [] : [`= ${groupedDigits(line.pricedQuantity)} ${line.priceUnit}`];
  const fx = fxRate === null ? [] : [`${groupedDigits(line.pricedAmount)} ${pricingCurrency} × ${fxRate}`];
  return [
    String(line.line),
    named(line, words),
    { text: groupedDigits(line.quantity), notes: converted },
    line.unit,
    {
      text: `${effectiveUnitPrice}${foreign}`,
      notes: listPrice === effectiveUnitPrice ? [] : [words.listPrice(listPrice)],
    },
    { text: line.priceUnit, notes: hoursPerMonth === null ? [] : [words.hoursPerMonth(hoursPerMonth)] },
    tier(line, words),
    { text: groupedDigits(line.amount), notes: fx },
    version(line),
    mappings(line) || words.none,
  ];
}

export const STATEMENT_TABLE: LineTable<StatementLine> = {
  columns: ({ columns }) => [
    right(columns.line, 30),
    left(columns.meter, 140),
    right(columns.quantity, 108),
    left(columns.unit, 64),
    right(columns.unitPrice, 84),
    left(columns.per, 70),
    left(columns.tier, 64),
    right(columns.amount, 80),
    left(columns.priceVersion, 86),
    left(columns.mapping, 43.89),
  ],
  cells: statementCells,
  side: (line) => line,
  amount: ({ amount }) => amount,
};

/** One of a line's sides, or nothing where there was or is no such line. */
const sided = (line: StatementLine | null, of: (line: StatementLine) => Cell | string): Cell | string =>
  line === null ? "–" : of(line);

function correctionCells(line: CorrectionLine, words: DocumentWords): readonly (Cell | string)[] {
  const { old, new: now } = line;
  const known = (now ?? old)!;
  const byWhat = (side: StatementLine): string =>
    `${version(side)}, ${mappings(side) === "" ? words.noMapping : words.mappings(mappings(side))}`;
  const ways = [...new Set([old, now].filter((side) => side !== null).map(byWhat))];
  const amount = (side: StatementLine): Cell => ({
    text: groupedDigits(side.amount),
    notes: [words.at(side.effectiveUnitPrice)],
  });
  return [
    String(line.line),
    named(known, words, [ways.join(" → ")]),
    known.unit,
    tier(known, words),
    sided(old, ({ quantity }) => groupedDigits(quantity)),
    sided(now, ({ quantity }) => groupedDigits(quantity)),
    sided(old, amount),
    sided(now, amount),
    groupedDigits(line.amountDifference),
    line.causes.map((cause) => words.causes[cause]).join(", "),
  ];
}

export const CORRECTION_TABLE: LineTable<CorrectionLine> = {
  columns: ({ columns }) => [
    right(columns.line, 30),
    left(columns.meter, 166),
    left(columns.unit, 56),
    left(columns.tier, 56),
    right(columns.quantityWas, 92),
    right(columns.quantityIs, 92),
    right(columns.amountWas, 66),
    right(columns.amountIs, 66),
    right(columns.difference, 66),
    left(columns.because, 79.89),
  ],
  cells: correctionCells,
  side: (line) => (line.new ?? line.old)!,
  amount: ({ amountDifference }) => amountDifference,
};
