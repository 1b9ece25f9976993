import type { Kysely, Selectable } from "kysely";
import { type MeterId, registrationId, type SubscriptionId } from "../../domain/ids.ts";
import type { Statement, StatementLine, StatementSummary } from "../../domain/statement/statement.ts";
import type { StatementRun, StatementStore } from "../../domain/statement/store.ts";
import { inPieces } from "./pieces.ts";
import type { Tables } from "./tables.ts";

type RunFacts = Pick<StatementRun, "batchesNotCounted" | "conservation" | "parked" | "unpriced">;
type LineFacts = Omit<StatementLine, "line" | "registration" | "meter" | "quantity" | "amount">;
/** Lines of older drafts do not say: nothing was converted then, and there was one sheet without mark-ups. */
type LaterFacts =
  | "factor"
  | "pricedQuantity"
  | "listPrice"
  | "effectiveUnitPrice"
  | "priceSheet"
  | "priceVersion"
  | "priceAssignment";
type StoredFacts = Omit<LineFacts, LaterFacts> & Partial<Pick<LineFacts, LaterFacts>>;

const runFromRow = (row: Selectable<Tables["statement_run"]>): StatementRun => ({
  id: row.id,
  period: row.period,
  priceSheet: row.price_sheet,
  knownUntilMs: row.known_until_ms,
  lastBatch: row.last_batch,
  ...(JSON.parse(row.facts) as RunFacts),
});

type SummaryRow = Selectable<Tables["statement"]> & Pick<Selectable<Tables["statement_run"]>, "period" | "price_sheet">;

const summaryFromRow = (row: SummaryRow): StatementSummary => ({
  number: row.number,
  period: row.period,
  payer: row.payer as SubscriptionId,
  currency: row.currency,
  priceSheet: row.price_sheet,
  state: "draft",
  total: row.total,
  lineCount: row.line_count,
});

function lineFromRow(row: Selectable<Tables["statement_line"]>): StatementLine {
  const facts = JSON.parse(row.facts) as StoredFacts;
  return {
    line: row.line,
    registration: registrationId(row.registration_id),
    meter: row.meter as MeterId,
    quantity: row.quantity,
    amount: row.amount,
    factor: "1",
    pricedQuantity: row.quantity,
    listPrice: facts.unitPrice,
    effectiveUnitPrice: facts.unitPrice,
    priceSheet: "default-2019-12",
    priceVersion: 1,
    priceAssignment: null,
    ...facts,
  };
}

function lineToRow(number: string, statementLine: StatementLine) {
  const { line, registration, meter, quantity, amount, ...facts } = statementLine;
  return {
    statement_number: number,
    line,
    registration_id: registration,
    meter,
    quantity,
    amount,
    facts: JSON.stringify(facts),
  };
}

export function statementStore(db: Kysely<Tables>): StatementStore {
  const summaries = () =>
    db
      .selectFrom("statement")
      .innerJoin("statement_run", "statement_run.id", "statement.run_id")
      .selectAll("statement")
      .select(["statement_run.period", "statement_run.price_sheet"]);
  return {
    save: (run, statements) => save(db, run, statements),
    async findRun(period) {
      const row = await db.selectFrom("statement_run").selectAll().where("period", "=", period).executeTakeFirst();
      return row && runFromRow(row);
    },
    async list(period) {
      return (await summaries().where("period", "=", period).orderBy("number").execute()).map(summaryFromRow);
    },
    async find(number) {
      const row = await summaries().where("number", "=", number).executeTakeFirst();
      if (row === undefined) return undefined;
      const lines = await db
        .selectFrom("statement_line")
        .selectAll()
        .where("statement_number", "=", number)
        .orderBy("line")
        .execute();
      const { lineCount: _, ...summary } = summaryFromRow(row);
      return { ...summary, lines: lines.map(lineFromRow) };
    },
  };
}

async function save(
  db: Kysely<Tables>,
  run: Omit<StatementRun, "id">,
  statements: readonly Statement[],
): Promise<StatementRun> {
  const { batchesNotCounted, conservation, parked, unpriced } = run;
  await db.deleteFrom("statement_run").where("period", "=", run.period).execute();
  const saved = await db
    .insertInto("statement_run")
    .values({
      period: run.period,
      price_sheet: run.priceSheet,
      known_until_ms: run.knownUntilMs,
      last_batch: run.lastBatch,
      facts: JSON.stringify({ batchesNotCounted, conservation, parked, unpriced } satisfies RunFacts),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  for (const piece of inPieces(statements)) {
    const rows = piece.map(({ number, payer, currency, total, lines }) => {
      return { number, run_id: saved.id, payer, currency, total, line_count: lines.length };
    });
    await db.insertInto("statement").values(rows).execute();
    for (const lines of inPieces(piece.flatMap(({ number, lines }) => lines.map((line) => lineToRow(number, line))))) {
      await db.insertInto("statement_line").values(lines).execute();
    }
  }
  return runFromRow(saved);
}
