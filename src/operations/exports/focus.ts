import assert from "node:assert/strict";
import { Fault } from "../../domain/faults/fault.ts";
import { FOCUS_COLUMNS, type FocusName, type FocusRow } from "../../domain/focus/columns.ts";
import { billedOf, focusRows } from "../../domain/focus/row.ts";
import type { SubscriptionId } from "../../domain/ids.ts";
import type { DocumentHead } from "../../domain/statement/document.ts";
import type { Period } from "../../domain/statement/period.ts";
import { compare, decimal } from "../../lib/decimal.ts";
import { csvLine } from "../../lib/csvLine.ts";
import type { Context } from "../context.ts";
import { loadExportFacts } from "./exportFacts.ts";

const COLUMNS = Object.keys(FOCUS_COLUMNS) as FocusName[];

const isNumber = (column: number): boolean => FOCUS_COLUMNS[COLUMNS[column]!].type === "decimal";
const lineOf = (row: FocusRow): string =>
  csvLine(
    COLUMNS.map((name) => row[name] ?? ""),
    isNumber,
  );

/**
 * Everything that a partner's payers were billed in a period, as FOCUS 1.2 in CSV, document by document.
 * @throws Fault PeriodNotClosed when nothing was
 */
export async function exportFocus(context: Context, period: Period, partner: string): Promise<AsyncIterable<Buffer>> {
  const heads = await context.control.documents.list({ issuedIn: period.name, partner });
  if (heads.length === 0) throw new Fault("PeriodNotClosed", { period: period.name, partner });
  return focusCsv(context, heads);
}

/**
 * One statement or correction in the same form, for whoever pays it.
 * @throws Fault StatementNotFound, PeriodNotClosed when it is a draft
 */
export async function exportDocumentFocus(context: Context, number: string): Promise<AsyncIterable<Buffer>> {
  const { control } = context;
  const document = await control.documents.find(number);
  if (document !== undefined) return focusCsv(context, [document]);
  const draft = await control.statements.find(number);
  if (draft === undefined) throw new Fault("StatementNotFound", { number });
  throw new Fault("PeriodNotClosed", { period: draft.period, partner: draft.partner });
}

async function* focusCsv(context: Context, heads: readonly Pick<DocumentHead, "number">[]): AsyncGenerator<Buffer> {
  yield Buffer.from(csvLine(COLUMNS));
  for await (const rows of rowsOfDocuments(context, heads)) yield Buffer.from(rows.map(lineOf).join(""));
}

/** The rows of documents, one document after the other. */
async function* rowsOfDocuments(
  context: Context,
  heads: readonly Pick<DocumentHead, "number">[],
): AsyncGenerator<readonly FocusRow[]> {
  const { control, periods } = context;
  const { stampName, focusOf } = await loadExportFacts(context);
  for (const { number } of heads) {
    const document = (await control.documents.find(number))!;
    const { level, payer, period } = document;
    const known = level === "customer" ? await control.catalogue.find(payer as SubscriptionId) : undefined;
    const rows = focusRows(document, {
      billingPeriod: periods.named(document.kind === "correction" ? document.issuedIn : period),
      chargePeriod: periods.named(period),
      payerName: level === "customer" ? known?.displayName || undefined : payer,
      stampName,
      focusOf,
    });
    // Whoever pays by the export must pay what the document says.
    assert(compare(billedOf(rows), decimal(document.total)) === 0, `rows of ${number} do not come to its total`);
    yield rows;
  }
}
