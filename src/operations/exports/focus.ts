import assert from "node:assert/strict";
import { Fault } from "../../domain/faults/fault.ts";
import { FOCUS_COLUMNS, type FocusName, type FocusRow } from "../../domain/focus/columns.ts";
import { billedOf, focusRows, point } from "../../domain/focus/row.ts";
import type { DocumentHead } from "../../domain/statement/document.ts";
import type { Period } from "../../domain/statement/period.ts";
import type { FileFormat } from "../../domain/usage/files.ts";
import { csvLine, csvLineOf } from "../../lib/csvLine.ts";
import { add, compare, type Decimal, decimal, formatFixed, ZERO } from "../../lib/decimal.ts";
import { faultPoint } from "../../lib/faultPoint.ts";
import { rememberLast } from "../../lib/remember.ts";
import type { Context } from "../context.ts";
import { entriesOfPayers, loadExportFacts, piecesIssuedIn } from "./exportFacts.ts";
import { focusParquetOf } from "./focusParquet.ts";

const COLUMNS = Object.keys(FOCUS_COLUMNS) as FocusName[];
const lineOf = csvLineOf(COLUMNS, (name) => FOCUS_COLUMNS[name].type === "decimal");

/** What is exported of a document, beside its lines. */
type Head = Pick<
  DocumentHead,
  | "number"
  | "kind"
  | "level"
  | "payer"
  | "issuer"
  | "period"
  | "issuedIn"
  | "corrects"
  | "currency"
  | "total"
  | "lineCount"
>;

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

/** Documents in their order, a few hundred at a time. */
type HeadPieces = AsyncIterable<readonly Head[]> | Iterable<readonly Head[]>;

export async function* focusCsv(context: Context, heads: HeadPieces): AsyncGenerator<Buffer> {
  yield Buffer.from(csvLine(COLUMNS));
  faultPoint("export: rows begun");
  for await (const rows of rowPieces(context, heads)) yield Buffer.from(rows.map(csvOf).join(""));
}

/** The same rows as Parquet. */
export const focusParquet = (context: Context, heads: HeadPieces): AsyncIterable<Buffer> =>
  focusParquetOf(rowPieces(context, heads));

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

/** So many lines take a few hundredths of a second, in which nobody else is served. */
const LINES_WITHOUT_PAUSE = 4_000;

/** The rows of documents in pieces, one document after the other; no more is held than a few thousand lines. */
async function* rowPieces(context: Context, heads: HeadPieces): AsyncGenerator<readonly FocusRow[]> {
  const { control, periods } = context;
  const rowsOf = focusRows(await loadExportFacts(context));
  const named = (name: string): Period => periods.named(name);
  const [issuedIn, of] = [rememberLast(named), rememberLast(named)];
  let since = 0;
  for await (const some of heads) {
    const entries = await entriesOfPayers(control, some);
    const open = new Map(
      some.map((head) => {
        const { level, payer, period } = head;
        const payerName = level === "customer" ? entries.get(payer)?.displayName || undefined : payer;
        const own = { billingPeriod: issuedIn(head.issuedIn), chargePeriod: of(period), payerName };
        return [head.number, { head, rowOf: rowsOf(head, own), billed: ZERO }];
      }),
    );
    for await (const { number, lines } of control.documents.shared(some)) {
      const document = open.get(number)!;
      const rows = lines.map(document.rowOf);
      document.billed = add(document.billed, billedOf(rows));
      yield rows;
      since += rows.length;
      if (since < LINES_WITHOUT_PAUSE) continue;
      since = 0;
      await new Promise((resolve) => void setImmediate(resolve));
    }
    for (const { head, billed } of open.values()) {
      // Whoever pays by the export must pay what the document says.
      assert(compare(billed, decimal(head.total)) === 0, `rows of ${head.number} do not come to its total`);
    }
  }
}
