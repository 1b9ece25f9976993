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
import { loadMeters } from "../meters/read.ts";

const COLUMNS = Object.keys(FOCUS_COLUMNS) as FocusName[];

const isNumber = (column: number): boolean => FOCUS_COLUMNS[COLUMNS[column]!].type === "decimal";
const lineOf = (row: FocusRow): string =>
  csvLine(
    COLUMNS.map((name) => row[name] ?? ""),
    isNumber,
  );

/** What a partner was billed in a period: its statements, and the corrections that were issued in it. */
async function documentsOf({ control }: Context, period: Period, partner: string): Promise<readonly DocumentHead[]> {
  const all = await control.documents.list({ partner });
  return all.filter(({ issuedIn }) => issuedIn === period.name);
}

/**
 * Everything that a partner's payers were billed in a period, as FOCUS 1.2 in CSV, document by document.
 * @throws Fault PeriodNotClosed when nothing was
 */
export async function exportFocus(context: Context, period: Period, partner: string): Promise<AsyncIterable<Buffer>> {
  const heads = await documentsOf(context, period, partner);
  if (heads.length === 0) throw new Fault("PeriodNotClosed", { period: period.name, partner });
  return focusCsv(context, period, heads);
}

/**
 * One statement or correction in the same form, for whoever pays it.
 * @throws Fault StatementNotFound, PeriodNotClosed when it is a draft
 */
export async function exportDocumentFocus(context: Context, number: string): Promise<AsyncIterable<Buffer>> {
  const { control, periods } = context;
  const document = await control.documents.find(number);
  if (document !== undefined) {
    const { issuedIn } = document.kind === "correction" ? document : { issuedIn: document.period };
    return focusCsv(context, periods.named(issuedIn), [document]);
  }
  const draft = await control.statements.find(number);
  if (draft === undefined) throw new Fault("StatementNotFound", { number });
  throw new Fault("PeriodNotClosed", { period: draft.period, partner: draft.partner });
}

async function* focusCsv(
  context: Context,
  period: Period,
  heads: readonly Pick<DocumentHead, "number" | "level" | "payer">[],
): AsyncGenerator<Buffer> {
  const { control, clock, periods } = context;
  const meters = await loadMeters(control, clock.now());
  const stamps = new Map(
    (await control.registrations.list({ withDeleted: true })).map(({ id, name }) => [id as number, name]),
  );
  yield Buffer.from(csvLine(COLUMNS));
  for (const { number, level, payer } of heads) {
    const document = (await control.documents.find(number))!;
    const known = level === "customer" ? await control.catalogue.find(payer as SubscriptionId) : undefined;
    const rows = focusRows(document, {
      billingPeriod: period,
      chargePeriod: periods.named(document.period),
      payerName: level === "customer" ? known?.displayName || undefined : payer,
      stampName: (registration) => stamps.get(registration) ?? String(registration),
      focusOf: (meter) => meters.factsOf(meter)?.focus,
    });
    // Whoever pays by the export must pay what the document says.
    assert(compare(billedOf(rows), decimal(document.total)) === 0, `rows of ${number} do not come to its total`);
    yield Buffer.from(rows.map(lineOf).join(""));
  }
}
