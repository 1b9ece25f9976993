import assert from "node:assert/strict";
import { Fault } from "../../domain/faults/fault.ts";
import { FOCUS_COLUMNS, type FocusName, type FocusRow } from "../../domain/focus/columns.ts";
import { billedOf, focusRows } from "../../domain/focus/row.ts";
import type { DocumentHead } from "../../domain/statement/document.ts";
import type { Period } from "../../domain/statement/period.ts";
import { type FileFormat, ROW_DECIMALS, type RowColumn } from "../../domain/usage/files.ts";
import { compare, decimal, divide, formatDecimal } from "../../lib/decimal.ts";
import { csvLine, csvLineOf } from "../../lib/csvLine.ts";
import { rememberLast } from "../../lib/remember.ts";
import { faultPoint } from "../../lib/faultPoint.ts";
import type { Context } from "../context.ts";
import { documentsOf, entriesOfPayers, headsIssuedIn, loadExportFacts } from "./exportFacts.ts";
import { throughFile } from "./throughFile.ts";

const ONE = decimal("1");
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
  return await focusOf(context, await headsIssuedIn(context, period, partner), format);
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
  if (document !== undefined) return await focusOf(context, [document], format);
  const draft = await control.statements.find(number);
  if (draft === undefined) throw new Fault("StatementNotFound", { number });
  throw new Fault("PeriodNotClosed", { period: draft.period, partner: draft.partner });
}

type Head = Pick<DocumentHead, "number" | "lineCount">;

const focusOf = async (context: Context, heads: readonly Head[], format: FileFormat): Promise<AsyncIterable<Buffer>> =>
  format === "csv"
    ? focusCsv(context, heads)
    : await throughFile(context, (path) => writeFocusParquet(context, heads, path));

export async function* focusCsv(context: Context, heads: readonly Head[]): AsyncGenerator<Buffer> {
  yield Buffer.from(csvLine(COLUMNS));
  faultPoint("export: rows begun");
  for await (const rows of rowsOfDocuments(context, heads)) yield Buffer.from(rows.map(lineOf).join(""));
}

const PARQUET_COLUMNS = COLUMNS.map((name): RowColumn => ({ name, ...FOCUS_COLUMNS[name] }));

/** What is paid must be there to the last digit; other figures of more decimals are rounded to what a column has. */
const EXACT: ReadonlySet<FocusName> = new Set(["BilledCost", "EffectiveCost"]);

function parquetValue(name: FocusName, value: string | null): string | null {
  if (value === null || FOCUS_COLUMNS[name].type !== "decimal") return value;
  const decimals = value.length - value.indexOf(".") - 1;
  if (decimals <= ROW_DECIMALS) return value;
  const rounded = divide(decimal(value), ONE, ROW_DECIMALS, "half-even");
  assert(!EXACT.has(name) || compare(rounded, decimal(value)) === 0, `${name} has more than ${ROW_DECIMALS} decimals`);
  return formatDecimal(rounded);
}

/**
 * The same rows as Parquet, into a file that is not there yet. @throws Fault UsageEngineUnavailable
 */
export async function writeFocusParquet(context: Context, heads: readonly Head[], path: string): Promise<void> {
  const cells = COLUMNS.map((name) => rememberLast((value: string | null) => parquetValue(name, value)));
  async function* pieces() {
    for await (const rows of rowsOfDocuments(context, heads)) {
      yield rows.map((row) => COLUMNS.map((name, i) => cells[i]!(row[name])));
    }
  }
  await context.usage.files.writeRows(PARQUET_COLUMNS, pieces(), path);
}

/** The rows of documents, one document after the other. */
async function* rowsOfDocuments(context: Context, heads: readonly Head[]): AsyncGenerator<readonly FocusRow[]> {
  const { control, periods } = context;
  const rowsOf = focusRows(await loadExportFacts(context));
  for await (const documents of documentsOf(context, heads)) {
    const entries = await entriesOfPayers(control, documents);
    for (const document of documents) {
      const { number, level, payer, period } = document;
      const rows = rowsOf(document, {
        billingPeriod: periods.named(document.kind === "correction" ? document.issuedIn : period),
        chargePeriod: periods.named(period),
        payerName: level === "customer" ? entries.get(payer)?.displayName || undefined : payer,
      });
      // Whoever pays by the export must pay what the document says.
      assert(compare(billedOf(rows), decimal(document.total)) === 0, `rows of ${number} do not come to its total`);
      yield rows;
    }
  }
}
