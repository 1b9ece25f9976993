import type { Insertable, Kysely, Selectable } from "kysely";
import type { Hour } from "../../domain/ids.ts";
import type { CorrectionLine } from "../../domain/statement/correction.ts";
import {
  type Closing,
  type Correction,
  type CorrectionBody,
  type Document,
  type DocumentHead,
  documentNumber,
  type DocumentsOf,
  type DocumentStore,
  type DocumentWriter,
  type IssuedHead,
  prefixOf,
  type StatementBody,
} from "../../domain/statement/document.ts";
import type { Level } from "../../domain/rating/priceTerms.ts";
import { contentHash, type StatementLine } from "../../domain/statement/statement.ts";
import { linePieces, linesOfMany, LineWriter, sharedPieces } from "./documentLines.ts";
import { inPieces } from "./pieces.ts";
import type { Tables } from "./tables.ts";

type ClosingFacts = Pick<Closing, "conservation" | "checks" | "accepted" | "setAside" | "remaining" | "reason">;
type DocumentFacts = { readonly priceSheet: string } | Pick<Correction, "causes" | "reason">;

const closingFromRow = (row: Selectable<Tables["closing"]>): Closing => ({
  id: row.id,
  kind: row.kind as Closing["kind"],
  period: row.period,
  from: row.from_hour as Hour,
  to: row.to_hour as Hour,
  partner: row.partner,
  knownUntilMs: row.known_until_ms,
  lastBatch: row.last_batch,
  mark: JSON.parse(row.mark) as Closing["mark"],
  closedAtMs: row.closed_at_ms,
  closedBy: row.closed_by,
  ...(JSON.parse(row.facts) as ClosingFacts),
});

const headFromRow = (row: Selectable<Tables["document"]>): DocumentHead => ({
  ...issuedFromRow(row),
  closing: row.closing_id,
  sequence: row.sequence,
  hash: row.hash,
  partner: row.partner,
  priceSheet: (JSON.parse(row.facts) as { readonly priceSheet?: string }).priceSheet ?? "",
});

function bodyFromRow(row: Selectable<Tables["document"]>): StatementBody | CorrectionBody {
  const { lineCount: _, priceSheet, kind, issuedIn, corrects, ...head } = headFromRow(row);
  return kind === "statement"
    ? { ...head, kind, priceSheet }
    : { ...head, kind, issuedIn, corrects, ...(JSON.parse(row.facts) as Pick<Correction, "causes" | "reason">) };
}

const documentFromRow = (
  row: Selectable<Tables["document"]>,
  lines: readonly (StatementLine | CorrectionLine)[] = [],
): Document => ({ ...bodyFromRow(row), lines }) as Document;

export function documentStore(db: Kysely<Tables>): DocumentStore {
  return {
    addClosing: (closing) => addClosing(db, closing),
    async closings({ period, partner }) {
      const rows = await db
        .selectFrom("closing")
        .selectAll()
        .$if(period !== undefined, (query) => query.where("period", "=", period!))
        .$if(partner !== undefined, (query) => query.where("partner", "=", partner!))
        .orderBy("id")
        .execute();
      return rows.map(closingFromRow);
    },
    async findClosing(id) {
      const row = await db.selectFrom("closing").selectAll().where("id", "=", id).executeTakeFirst();
      return row && closingFromRow(row);
    },
    async closedPayers(period) {
      const rows = await db
        .selectFrom("document")
        .select(["level", "payer", "partner"])
        .distinct()
        .where("period", "=", period)
        .execute();
      return rows.map(({ level, ...row }) => ({ ...row, level: level as Level }));
    },
    async list({ period, issuedIn, partner, kind, closing }) {
      const rows = await db
        .selectFrom("document")
        .selectAll()
        .$if(period !== undefined, (query) => query.where("period", "=", period!))
        .$if(issuedIn !== undefined, (query) => query.where("issued_in", "=", issuedIn!))
        .$if(partner !== undefined, (query) => query.where("partner", "=", partner!))
        .$if(kind !== undefined, (query) => query.where("kind", "=", kind!))
        .$if(closing !== undefined, (query) => query.where("closing_id", "=", closing!))
        .orderBy("period")
        .orderBy("level")
        .orderBy("payer")
        .orderBy("closing_id")
        .execute();
      return rows.map(headFromRow);
    },
    issued: (of) => issuedPieces(db, of),
    page: (of) => headPage(db, of),
    count: (of) => countOf(db, of),
    corrected: (period, payers) => correctedOf(db, period, payers),
    chain: (of) => chainOf(db, of),
    async find(number) {
      const row = await db.selectFrom("document").selectAll().where("number", "=", number).executeTakeFirst();
      return row && documentFromRow(row, (await linesOfMany(db, [number])).get(number));
    },
    findMany: (numbers) => manyOf(db, numbers),
    async body(number) {
      const row = await db.selectFrom("document").selectAll().where("number", "=", number).executeTakeFirst();
      return row && { ...bodyFromRow(row), lineCount: row.line_count };
    },
    pieces: (number) => linePieces(db, number),
    shared: (heads, stretch) => sharedPieces(db, heads, stretch),
  };
}

async function chainOf(
  db: Kysely<Tables>,
  { period, level, payer }: Parameters<DocumentStore["chain"]>[0],
): Promise<readonly Document[]> {
  const rows = await db
    .selectFrom("document")
    .selectAll()
    .where("payer", "=", payer)
    .where("period", "=", period)
    .where("level", "=", level)
    .orderBy("closing_id")
    .execute();
  const lines = await linesOfMany(
    db,
    rows.map(({ number }) => number),
  );
  return rows.map((row) => documentFromRow(row, lines.get(row.number)));
}

const documentsOf = (db: Kysely<Tables>, { kind, period, partner, closing }: DocumentsOf) =>
  db
    .selectFrom("document")
    .where("kind", "=", kind)
    .$if(period !== undefined, (query) => query.where("period", "=", period!))
    .$if(partner !== undefined, (query) => query.where("partner", "=", partner!))
    .$if(closing !== undefined, (query) => query.where("closing_id", "=", closing!));

async function countOf(db: Kysely<Tables>, of: DocumentsOf): Promise<number> {
  const { count } = await documentsOf(db, of)
    .select((is) => is.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

async function headPage(
  db: Kysely<Tables>,
  { after, limit, ...of }: Parameters<DocumentStore["page"]>[0],
): Promise<readonly DocumentHead[]> {
  const rows = await documentsOf(db, of)
    .selectAll()
    .where("number", ">", after)
    .orderBy("number")
    .limit(limit)
    .execute();
  return rows.map(headFromRow);
}

/** Heads that are read at once. */
const HEADS_READ = 500;

const ISSUED = [
  "number",
  "kind",
  "closing_id",
  "level",
  "payer",
  "issuer",
  "period",
  "issued_in",
  "corrects",
  "currency",
  "total",
  "line_count",
] as const;
type IssuedRow = Pick<Selectable<Tables["document"]>, (typeof ISSUED)[number]>;

const issuedFromRow = (row: IssuedRow): IssuedHead => ({
  number: row.number,
  kind: row.kind as Document["kind"],
  level: row.level as Level,
  payer: row.payer,
  issuer: row.issuer,
  period: row.period,
  issuedIn: row.issued_in,
  corrects: row.corrects,
  currency: row.currency,
  total: row.total,
  lineCount: row.line_count,
});

async function* issuedPieces(
  db: Kysely<Tables>,
  { issuedIn, partner }: Parameters<DocumentStore["issued"]>[0],
): AsyncGenerator<readonly IssuedHead[]> {
  // What is closed meanwhile would be told in part.
  const newest = await db
    .selectFrom("closing")
    .select((is) => is.fn.max("id").as("id"))
    .executeTakeFirst();
  for (let last: IssuedRow | undefined; ; ) {
    const rows: IssuedRow[] = await db
      .selectFrom("document")
      .select(ISSUED)
      .where("issued_in", "=", issuedIn)
      .where("partner", "=", partner)
      .where("closing_id", "<=", newest?.id ?? 0)
      .$if(last !== undefined, (query) =>
        query.where((is) =>
          is(
            is.refTuple("period", "level", "payer", "closing_id"),
            ">",
            is.tuple(last!.period, last!.level, last!.payer, last!.closing_id),
          ),
        ),
      )
      .orderBy("period")
      .orderBy("level")
      .orderBy("payer")
      .orderBy("closing_id")
      .limit(HEADS_READ)
      .execute();
    if (rows.length > 0) yield rows.map(issuedFromRow);
    if (rows.length < HEADS_READ) return;
    last = rows.at(-1);
  }
}

async function correctedOf(
  db: Kysely<Tables>,
  period: string,
  payers: readonly string[],
): Promise<readonly Pick<DocumentHead, "level" | "payer">[]> {
  const found: Pick<DocumentHead, "level" | "payer">[] = [];
  for (const piece of inPieces(payers)) {
    const rows = await db
      .selectFrom("document")
      .select(["level", "payer"])
      .distinct()
      .where("payer", "in", piece)
      .where("period", "=", period)
      .where("kind", "=", "correction")
      .execute();
    found.push(...rows.map(({ level, payer }) => ({ level: level as Level, payer })));
  }
  return found;
}

async function manyOf(db: Kysely<Tables>, numbers: readonly string[]): Promise<readonly Document[]> {
  const rows = new Map<string, Selectable<Tables["document"]>>();
  for (const piece of inPieces(numbers)) {
    const found = await db.selectFrom("document").selectAll().where("number", "in", piece).execute();
    for (const row of found) rows.set(row.number, row);
  }
  const lines = await linesOfMany(db, numbers);
  return numbers.flatMap((number) => {
    const row = rows.get(number);
    return row === undefined ? [] : [documentFromRow(row, lines.get(number))];
  });
}

async function addClosing(db: Kysely<Tables>, closing: Omit<Closing, "id">): Promise<DocumentWriter> {
  const { conservation, checks, accepted, setAside, remaining, reason } = closing;
  const { id } = await db
    .insertInto("closing")
    .values({
      kind: closing.kind,
      period: closing.period,
      from_hour: closing.from,
      to_hour: closing.to,
      partner: closing.partner,
      known_until_ms: closing.knownUntilMs,
      last_batch: closing.lastBatch,
      mark: JSON.stringify(closing.mark),
      closed_at_ms: closing.closedAtMs,
      closed_by: closing.closedBy,
      facts: JSON.stringify({ conservation, checks, accepted, setAside, remaining, reason } satisfies ClosingFacts),
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return new PieceWriter(db, id);
}

/** Lines that are written at once. */
const LINES_WRITTEN = 2_000;

class PieceWriter implements DocumentWriter {
  readonly closing: number;
  readonly #db: Kysely<Tables>;
  readonly #issuers = new Map<string, { prefix: string; sequence: number }>();
  #documents: Insertable<Tables["document"]>[] = [];
  readonly #lines: LineWriter;

  constructor(db: Kysely<Tables>, closing: number) {
    this.#db = db;
    this.closing = closing;
    this.#lines = new LineWriter(db, closing);
  }

  async add(document: Parameters<DocumentWriter["add"]>[0]): Promise<string> {
    const issuer = await this.#issuer(document.issuer);
    issuer.sequence += 1;
    const number = documentNumber(issuer.prefix, issuer.sequence);
    const { kind, level, payer, partner, period, currency, total, lines } = document;
    const facts: DocumentFacts =
      document.kind === "statement"
        ? { priceSheet: document.priceSheet }
        : { causes: document.causes, reason: document.reason };
    const { issuedIn, corrects } = document.kind === "statement" ? { issuedIn: period, corrects: null } : document;
    this.#documents.push({
      number,
      kind,
      closing_id: this.closing,
      issuer: document.issuer,
      sequence: issuer.sequence,
      level,
      payer,
      partner,
      period,
      issued_in: issuedIn,
      corrects,
      currency,
      total,
      line_count: lines.length,
      hash: contentHash({ number, ...document }),
      facts: JSON.stringify(facts),
    });
    this.#lines.add(number, document);
    if (this.#lines.waiting >= LINES_WRITTEN) await this.#write();
    return number;
  }

  async #issuer(name: string): Promise<{ prefix: string; sequence: number }> {
    const known = this.#issuers.get(name);
    if (known !== undefined) return known;
    const all = await this.#db.selectFrom("document_issuer").selectAll().execute();
    const own = all.find((so) => so.name === name);
    const prefix = own?.prefix ?? prefixOf(name, new Set(all.map((so) => so.prefix)));
    if (own === undefined) {
      await this.#db.insertInto("document_issuer").values({ name, prefix, last_sequence: 0 }).execute();
    }
    const issuer = { prefix, sequence: own?.last_sequence ?? 0 };
    this.#issuers.set(name, issuer);
    return issuer;
  }

  async #write(): Promise<void> {
    for (const rows of inPieces(this.#documents)) await this.#db.insertInto("document").values(rows).execute();
    await this.#lines.write();
    this.#documents = [];
  }

  async finish(): Promise<void> {
    await this.#write();
    for (const [name, { sequence }] of this.#issuers) {
      await this.#db.updateTable("document_issuer").set({ last_sequence: sequence }).where("name", "=", name).execute();
    }
  }
}
