import { Fault } from "../../domain/faults/fault.ts";
import { FOCUS_COLUMNS, type FocusName, type FocusRow } from "../../domain/focus/columns.ts";
import { point } from "../../domain/focus/row.ts";
import type { Period } from "../../domain/statement/period.ts";
import type { FileFormat } from "../../domain/usage/files.ts";
import { csvLine, csvLineOf } from "../../lib/csvLine.ts";
import { type Decimal, formatFixed } from "../../lib/decimal.ts";
import { faultPoint } from "../../lib/faultPoint.ts";
import type { Context } from "../context.ts";
import { focusNames, loadExportFacts, piecesIssuedIn } from "./exportFacts.ts";
import { type FocusContext, focusParquet, type HeadPieces } from "./focusParquet.ts";
import { BilledSums, focusPieces } from "./focusRows.ts";

const COLUMNS = Object.keys(FOCUS_COLUMNS) as FocusName[];
const lineOf = csvLineOf(COLUMNS, (name) => FOCUS_COLUMNS[name].type === "decimal");

/**
 * Everything that a partner's payers were billed in a period, as FOCUS 1.2, document by document.
 * @throws Fault PeriodNotClosed when nothing was
 */
export async function exportFocus(
  context: Context,
  { period, partner, format }: { readonly period: Period; readonly partner: string; readonly format: FileFormat },
): Promise<AsyncIterable<Buffer>> {
  return FOCUS_FILES[format](context, await piecesIssuedIn(context, period, partner));
}

/**
 * One statement or correction in the same form, for whoever pays it.
 * @throws Fault StatementNotFound, PeriodNotClosed when it is a draft
 */
export async function exportDocumentFocus(
  context: Context,
  number: string,
  format: FileFormat,
): Promise<AsyncIterable<Buffer>> {
  const { control } = context;
  const document = await control.documents.body(number);
  if (document !== undefined) {
    const { issuedIn, corrects } =
      document.kind === "correction" ? document : { issuedIn: document.period, corrects: null };
    return FOCUS_FILES[format](context, [[{ ...document, issuedIn, corrects }]]);
  }
  const draft = await control.statements.find(number);
  if (draft === undefined) throw new Fault("StatementNotFound", { number });
  throw new Fault("PeriodNotClosed", { period: draft.period, partner: draft.partner });
}

export async function* focusCsv(
  context: Omit<FocusContext, "focusThreads">,
  heads: HeadPieces,
): AsyncGenerator<Buffer> {
  const names = focusNames(await loadExportFacts(context));
  yield Buffer.from(csvLine(COLUMNS));
  faultPoint("export: rows begun");
  for await (const some of heads) {
    const billed = new BilledSums();
    for await (const { number, rows } of focusPieces(context, names, { heads: some })) {
      billed.addRows(number, rows);
      yield Buffer.from(rows.map(csvOf).join(""));
    }
    for (const head of some) billed.check(head);
  }
}

const FOCUS_FILES: Readonly<Record<FileFormat, (context: Context, heads: HeadPieces) => AsyncIterable<Buffer>>> = {
  csv: focusCsv,
  parquet: focusParquet,
};

const figureText = (value: Decimal | null): string | null =>
  value === null ? null : point(formatFixed(value, value.scale));

const csvOf = ({ document, charge, stamp, line }: FocusRow): string =>
  lineOf({
    ...document,
    ...charge,
    ...stamp,
    BilledCost: figureText(line.BilledCost),
    ConsumedQuantity: figureText(line.ConsumedQuantity),
    ContractedCost: figureText(line.ContractedCost),
    EffectiveCost: figureText(line.EffectiveCost),
    ListCost: figureText(line.ListCost),
    PricingCurrencyEffectiveCost: figureText(line.PricingCurrencyEffectiveCost),
    PricingQuantity: figureText(line.PricingQuantity),
  });
