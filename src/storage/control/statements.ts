import type { Kysely, Selectable } from "kysely";
import type { Bounds, KnowledgeMark } from "../../domain/statement/bounds.ts";
import type { Level } from "../../domain/rating/priceTerms.ts";
import { type LineFacts, lineOf } from "../../domain/statement/lineFacts.ts";
import { factNumbersOf, type PackedLines, sharedLines } from "../../domain/statement/packedLines.ts";
import { type Statement, type StatementLine, type StatementSummary } from "../../domain/statement/statement.ts";
import type { DraftSummary, DraftWriter, StatementRun, StatementStore } from "../../domain/statement/store.ts";
import { isPacked, unpackedText } from "../../lib/packedText.ts";
import type { DocumentHead } from "../../domain/statement/document.ts";
import { documentStore } from "./documents.ts";
import { inPieces } from "./pieces.ts";
import type { Tables } from "./tables.ts";

type RunFacts = Pick<StatementRun, "batchesNotCounted" | "conservation" | "parked" | "unpriced" | "changes">;
/** Lines of older drafts do not say. */
type LaterFacts =
  | "factor"
  | "pricedQuantity"
  | "listPrice"
  | "effectiveUnitPrice"
  | "priceSheet"
  | "priceVersion"
  | "priceAssignment"
  | "mappingChanges";
type StoredLine = Omit<StatementLine, LaterFacts> & Partial<Pick<StatementLine, LaterFacts>>;

const runFromRow = (row: Selectable<Tables["statement_run"]>): StatementRun => ({
  id: row.id,
  period: row.period,
  priceSheet: row.price_sheet,
  knownUntilMs: row.known_until_ms,
  lastBatch: row.last_batch,
  mark: JSON.parse(row.mark) as KnowledgeMark,
  ...(JSON.parse(row.facts) as RunFacts),
});

type DraftRow = Omit<Selectable<Tables["statement"]>, "lines"> &
  Pick<Selectable<Tables["statement_run"]>, "period" | "price_sheet">;

const draftFromRow = (row: DraftRow): StatementSummary => ({
  number: row.number,
  state: "draft",
  hash: null,
  level: row.level as Level,
  payer: row.payer,
  issuer: row.issuer,
  partner: row.partner,
  period: row.period,
  currency: row.currency,
  priceSheet: row.price_sheet,
  total: row.total,
  lineCount: row.line_count,
});

/** How lines begin whose facts are kept apart; older ones are a list. */
const PACKED = "{";

async function linesOf(
  db: Kysely<Tables>,
  { lines: stored, run_id }: Pick<Selectable<Tables["statement"]>, "lines" | "run_id">,
): Promise<StatementLine[]> {
  const json = isPacked(stored) ? unpackedText(stored) : Buffer.from(stored).toString("utf8");
  if (!json.startsWith(PACKED)) return olderLines(json);
  const packed = JSON.parse(json) as PackedLines;
  const facts = new Map<number, LineFacts>();
  for (const numbers of inPieces(factNumbersOf(packed))) {
    const rows = await db
      .selectFrom("statement_fact")
      .select(["number", "facts"])
      .where("run_id", "=", run_id)
      .where("number", "in", numbers)
      .execute();
    for (const row of rows) facts.set(row.number, JSON.parse(row.facts) as LineFacts);
  }
  return sharedLines(packed, (number) => facts.get(number)!).map(({ facts, own }) => lineOf(facts, own));
}

/** Lines of drafts of before their facts were kept apart. */
function olderLines(json: string): StatementLine[] {
  return (JSON.parse(json) as StoredLine[]).map((line) => ({
    factor: "1",
    pricedQuantity: line.quantity,
    listPrice: line.unitPrice,
    effectiveUnitPrice: line.unitPrice,
    priceSheet: "default-2019-12",
    priceVersion: 1,
    priceAssignment: null,
    mappingChanges: [],
    ...line,
  }));
}

/** Those of closed documents never begin with a digit (`prefixOf`). */
const isDraftNumber = (number: string): boolean => /^\d/.test(number);

async function asSummaries(
  documents: ReturnType<typeof documentStore>,
  period: string,
  heads: readonly DocumentHead[],
): Promise<readonly StatementSummary[]> {
  const found = await documents.corrected(
    period,
    heads.map(({ payer }) => payer),
  );
  const corrected = new Set(found.map(({ level, payer }) => `${level} ${payer}`));
  return heads.map((head) => {
    const { kind: _, closing: __, sequence: ___, issuedIn: ____, corrects: _____, ...summary } = head;
    return { ...summary, state: corrected.has(`${head.level} ${head.payer}`) ? "corrected" : "closed" };
  });
}

/** What a draft says apart from its lines. */
const HEAD_COLUMNS = [
  "number",
  "run_id",
  "level",
  "payer",
  "issuer",
  "partner",
  "currency",
  "total",
  "content",
  "line_count",
  "statement_run.period",
  "statement_run.price_sheet",
] as const;

export function statementStore(db: Kysely<Tables>): StatementStore {
  const documents = documentStore(db);
  const drafts = () =>
    db.selectFrom("statement").innerJoin("statement_run", "statement_run.id", "statement.run_id").select(HEAD_COLUMNS);
  return {
    replaceDrafts: (period, bounds) => replaceDrafts(db, period, bounds),
    async drafts(period) {
      const rows = await drafts().where("period", "=", period).orderBy("number").execute();
      return rows.map((row): DraftSummary => ({ ...draftFromRow(row), content: row.content }));
    },
    async removeDrafts(closing) {
      const closed = db
        .selectFrom("document")
        .innerJoin("statement_run", "statement_run.period", "document.period")
        .innerJoin("statement", (join) =>
          join
            .onRef("statement.run_id", "=", "statement_run.id")
            .onRef("statement.level", "=", "document.level")
            .onRef("statement.payer", "=", "document.payer"),
        )
        .select("statement.number")
        .where("document.closing_id", "=", closing);
      await db.deleteFrom("statement").where("number", "in", closed).execute();
    },
    async findRun(period) {
      const row = await db.selectFrom("statement_run").selectAll().where("period", "=", period).executeTakeFirst();
      return row && runFromRow(row);
    },
    async runs() {
      return (await db.selectFrom("statement_run").select("period").orderBy("period").execute()).map(
        (row) => row.period,
      );
    },
    async list(period) {
      const statements = await asSummaries(documents, period, await documents.list({ period, kind: "statement" }));
      const rows = await drafts().where("period", "=", period).orderBy("number").execute();
      return [...statements, ...rows.map(draftFromRow)];
    },
    async page(period, { after, limit }) {
      const closed = isDraftNumber(after) ? [] : await documents.page({ kind: "statement", period, after, limit });
      const statements = await asSummaries(documents, period, closed);
      if (statements.length === limit) return statements;
      const run = await db.selectFrom("statement_run").select("id").where("period", "=", period).executeTakeFirst();
      if (run === undefined) return statements;
      const rows = await drafts()
        .where("run_id", "=", run.id)
        .where("number", ">", isDraftNumber(after) ? after : "")
        .orderBy("number")
        .limit(limit - statements.length)
        .execute();
      return [...statements, ...rows.map(draftFromRow)];
    },
    async find(number) {
      const row = await drafts().select("lines").where("number", "=", number).executeTakeFirst();
      if (row === undefined) return await findClosed(documents, number);
      const { lineCount: _, ...summary } = draftFromRow(row);
      return { ...summary, lines: await linesOf(db, row) };
    },
  };
}

async function findClosed(documents: ReturnType<typeof documentStore>, number: string): Promise<Statement | undefined> {
  const document = await documents.find(number);
  if (document?.kind !== "statement") return undefined;
  const { kind: _, closing: __, sequence: ___, ...statement } = document;
  const chain = await documents.chain(document);
  return { ...statement, state: chain.length > 1 ? "corrected" : "closed" };
}

async function replaceDrafts(db: Kysely<Tables>, period: string, bounds: Bounds): Promise<DraftWriter> {
  await db.deleteFrom("statement_run").where("period", "=", period).execute();
  const { id } = await db
    .insertInto("statement_run")
    .values({
      period,
      price_sheet: "",
      known_until_ms: bounds.knownUntilMs,
      last_batch: bounds.lastBatch,
      mark: JSON.stringify(bounds.mark),
      facts: "{}",
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return {
    async add(added, facts) {
      for (const piece of inPieces(facts)) {
        const rows = piece.map(({ number, json }) => ({ run_id: id, number, facts: json }));
        await db.insertInto("statement_fact").values(rows).execute();
      }
      const rows = added.map(
        ({ number, level, payer, issuer, partner, currency, total, content, lineCount, packedLines }) => ({
          number,
          run_id: id,
          level,
          payer,
          issuer,
          partner,
          currency,
          total,
          content,
          line_count: lineCount,
          lines: Buffer.from(packedLines),
        }),
      );
      for (const piece of inPieces(rows)) await db.insertInto("statement").values(piece).execute();
    },
    async finish({ priceSheet, ...facts }) {
      const row = await db
        .updateTable("statement_run")
        .set({ price_sheet: priceSheet, facts: JSON.stringify(facts satisfies RunFacts) })
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirstOrThrow();
      return runFromRow(row);
    },
  };
}
