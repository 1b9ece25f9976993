import assert from "node:assert/strict";
import { DAILY_RATED_COLUMNS, type DailyRatedName, type DailyRatedRow } from "../../domain/dailyRated/columns.ts";
import {
  correctionDailyRows,
  type DailyRatedContext,
  dailyRatedRows,
  dailyTotalOf,
} from "../../domain/dailyRated/rows.ts";
import type { FocusNames } from "../../domain/focus/row.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { Document, DocumentHead } from "../../domain/statement/document.ts";
import type { Period } from "../../domain/statement/period.ts";
import { csvLine, csvLineOf } from "../../lib/csvLine.ts";
import { compare, decimal } from "../../lib/decimal.ts";
import { periodOfClosing } from "../closing/close.ts";
import { ratedThen } from "../closing/verify.ts";
import { wholeDocuments } from "../closing/wholeDocuments.ts";
import type { Context } from "../context.ts";
import type { RatedPayer } from "../statements/ratedPayer.ts";
import { withArchives } from "../usage/archives.ts";
import { daysOfPayers } from "./daySums.ts";
import { entriesOfPayers, focusNames, headsIssuedIn, loadExportFacts } from "./exportFacts.ts";

const COLUMNS = Object.keys(DAILY_RATED_COLUMNS) as DailyRatedName[];
const lineOf = csvLineOf(COLUMNS, (name) => DAILY_RATED_COLUMNS[name] === "decimal");

/**
 * What a partner's payers were billed in a period, day by day, in the shape of Microsoft's daily rated usage, in CSV:
 * one row for each payer, day, stamp, meter, price and tier. Rows of a document come to its total.
 * @throws Fault PeriodNotClosed, ArchiveDamaged, UsageEngineUnavailable
 */
export async function exportDailyRated(
  context: Context,
  period: Period,
  partner: string,
): Promise<AsyncIterable<Buffer>> {
  return dailyRatedCsv(context, await headsIssuedIn(context, period, partner));
}

/** Closing by closing: each knew other things. */
export async function* dailyRatedCsv(context: Context, heads: readonly DocumentHead[]): AsyncGenerator<Buffer> {
  const facts = focusNames(await loadExportFacts(context));
  yield Buffer.from(csvLine(COLUMNS));
  for (const [closing, own] of Map.groupBy(heads, (head) => head.closing)) {
    const statements = own.filter(({ kind }) => kind === "statement");
    if (statements.length > 0) yield* statementsOf(context, facts, closing, statements);
    const corrections = own.filter(({ kind }) => kind === "correction");
    for await (const documents of wholeDocuments(context, corrections)) {
      const contextOf = await rowContexts(context, facts, documents);
      for (const document of documents) {
        assert(document.kind === "correction");
        yield linesOf(document, correctionDailyRows(document, contextOf(document)));
      }
    }
  }
}

async function* statementsOf(
  context: Context,
  facts: FocusNames,
  closingId: number,
  heads: readonly DocumentHead[],
): AsyncGenerator<Buffer> {
  const { control } = context;
  const closing = (await control.documents.findClosing(closingId))!;
  using rated = await ratedThen(context, closing);
  for (let at = 0; at < heads.length; at += LIMITS.dailyRatedPayersInPiece) {
    const piece = heads.slice(at, at + LIMITS.dailyRatedPayersInPiece);
    const own = piece.map((head): RatedPayer => {
      const found = rated.payer(head);
      assert(found !== undefined, `nobody pays ${head.number} any more`);
      return found;
    });
    const days = await withArchives(context, periodOfClosing(closing), (archives) =>
      daysOfPayers(context, rated, own, archives),
    );
    const documents = await control.documents.findMany(piece.map(({ number }) => number));
    const contextOf = await rowContexts(context, facts, documents);
    for (const [i, document] of documents.entries()) {
      assert(document.kind === "statement");
      yield linesOf(document, dailyRatedRows(document, days[i]!, contextOf(document)));
    }
  }
}

async function rowContexts(
  { control, periods }: Context,
  { stampName, focusOf }: FocusNames,
  documents: readonly Document[],
): Promise<(document: Document) => DailyRatedContext> {
  const entries = await entriesOfPayers(control, documents);
  return ({ payer, period }) => ({ period: periods.named(period), entry: entries.get(payer), stampName, focusOf });
}

function linesOf({ number, total }: Document, rows: readonly DailyRatedRow[]): Buffer {
  assert(compare(dailyTotalOf(rows), decimal(total)) === 0, `rows of ${number} do not come to its total`);
  return Buffer.from(rows.map(lineOf).join(""));
}
