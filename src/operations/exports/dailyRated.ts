import assert from "node:assert/strict";
import { DAILY_RATED_COLUMNS, type DailyRatedName, type DailyRatedRow } from "../../domain/dailyRated/columns.ts";
import {
  correctionDailyRows,
  type DailyRatedContext,
  dailyRatedRows,
  dailyTotalOf,
} from "../../domain/dailyRated/rows.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { Document, DocumentHead } from "../../domain/statement/document.ts";
import type { Period } from "../../domain/statement/period.ts";
import { csvLine, csvLineOf } from "../../lib/csvLine.ts";
import { compare, decimal } from "../../lib/decimal.ts";
import { periodOfClosing } from "../closing/close.ts";
import { payerKey, payersByKey } from "../closing/openPayers.ts";
import { ratedThen } from "../closing/verify.ts";
import type { Context } from "../context.ts";
import type { RatedPayer } from "../statements/ratedLevel.ts";
import { withArchives } from "../usage/archives.ts";
import { daysOfPayers } from "./daySums.ts";
import { entryOfPayer, type ExportFacts, headsIssuedIn, loadExportFacts } from "./exportFacts.ts";

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
  const facts = await loadExportFacts(context);
  yield Buffer.from(csvLine(COLUMNS));
  for (const [closing, own] of Map.groupBy(heads, (head) => head.closing)) {
    const statements = own.filter(({ kind }) => kind === "statement");
    if (statements.length > 0) yield* statementsOf(context, facts, closing, statements);
    for (const { number, kind } of own) {
      if (kind !== "correction") continue;
      const document = (await context.control.documents.find(number))!;
      assert(document.kind === "correction");
      yield linesOf(document, correctionDailyRows(document, await rowContext(context, facts, document)));
    }
  }
}

async function* statementsOf(
  context: Context,
  facts: ExportFacts,
  closingId: number,
  heads: readonly DocumentHead[],
): AsyncGenerator<Buffer> {
  const { control } = context;
  const closing = (await control.documents.findClosing(closingId))!;
  const rated = await ratedThen(context, closing);
  const payers = payersByKey(rated.payers);
  for (let at = 0; at < heads.length; at += LIMITS.dailyRatedPayersInPiece) {
    const piece = heads.slice(at, at + LIMITS.dailyRatedPayersInPiece);
    const own = piece.map((head): RatedPayer => {
      const found = payers.get(payerKey(head));
      assert(found !== undefined, `nobody pays ${head.number} any more`);
      return found;
    });
    const days = await withArchives(context, periodOfClosing(closing), (archives) =>
      daysOfPayers(context, rated, own, archives),
    );
    for (const [i, { number }] of piece.entries()) {
      const document = (await control.documents.find(number))!;
      assert(document.kind === "statement");
      yield linesOf(document, dailyRatedRows(document, days[i]!, await rowContext(context, facts, document)));
    }
  }
}

async function rowContext(
  { control, periods }: Context,
  { stampName, focusOf }: ExportFacts,
  { level, payer, period }: Document,
): Promise<DailyRatedContext> {
  return { period: periods.named(period), entry: await entryOfPayer(control, { level, payer }), stampName, focusOf };
}

function linesOf({ number, total }: Document, rows: readonly DailyRatedRow[]): Buffer {
  assert(compare(dailyTotalOf(rows), decimal(total)) === 0, `rows of ${number} do not come to its total`);
  return Buffer.from(rows.map(lineOf).join(""));
}
