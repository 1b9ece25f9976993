import assert from "node:assert/strict";
import type { Insertable, Kysely } from "kysely";
import type { CorrectionLine } from "../../domain/statement/correction.ts";
import { type DocumentHead, LINES_IN_PIECE, type LineStretch } from "../../domain/statement/document.ts";
import { StatementPacker } from "../../domain/statement/documentLines.ts";
import { headPieces } from "../../domain/statement/headPieces.ts";
import { type LineFacts, lineOf } from "../../domain/statement/lineFacts.ts";
import { factNumbersOf, type PackedLines, type SharedLine, sharedLines } from "../../domain/statement/packedLines.ts";
import type { StatementLine } from "../../domain/statement/statement.ts";
import { inPieces } from "./pieces.ts";
import type { Tables } from "./tables.ts";

/** How lines begin whose facts are kept apart; those of corrections, and older ones, are a list. */
const PACKED = "{";

interface KeptPiece {
  readonly number: string;
  readonly closing: number;
  readonly first: number;
  readonly lines: string;
}

const pieceQuery = (db: Kysely<Tables>) =>
  db
    .selectFrom("document_piece")
    .innerJoin("document", "document.number", "document_piece.document_number")
    .select([
      "document_piece.document_number as number",
      "document.closing_id as closing",
      "first_line as first",
      "document_piece.lines",
    ]);

async function piecesOf(db: Kysely<Tables>, numbers: readonly string[]): Promise<readonly KeptPiece[]> {
  const found: KeptPiece[] = [];
  for (const some of inPieces(numbers)) {
    const query = pieceQuery(db).where("document_number", "in", some);
    found.push(...(await query.orderBy("document_number").orderBy("first_line").execute()));
  }
  return found;
}

const WHOLE: LineStretch = { from: 1, to: Number.MAX_SAFE_INTEGER };

/** Pieces of a document, one after the other. */
async function* eachPiece(
  db: Kysely<Tables>,
  number: string,
  { from, to }: LineStretch = WHOLE,
): AsyncGenerator<KeptPiece> {
  for (let first = from; ; ) {
    const query = pieceQuery(db).where("document_number", "=", number).where("first_line", ">=", first);
    const piece = await query.orderBy("first_line").limit(1).executeTakeFirst();
    if (piece === undefined || piece.first > to) return;
    yield piece;
    first = piece.first + 1;
  }
}

/** Facts that are remembered: those of a few megabytes. */
const FACTS_REMEMBERED_MAX = 10_000;

/** Lines as they were put away. Whoever reads many of them keeps one of these: facts are read once. */
class Unpacker {
  readonly #db: Kysely<Tables>;
  /** By closing, and by their number in it. */
  readonly #facts = new Map<number, Map<number, LineFacts>>();
  #remembered = 0;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async shared({ closing, first, lines }: KeptPiece): Promise<readonly (SharedLine | CorrectionLine)[]> {
    if (!lines.startsWith(PACKED)) {
      const told = JSON.parse(lines) as readonly (StatementLine | CorrectionLine)[];
      return told.map((line) => ("key" in line ? line : { facts: line, own: line }));
    }
    const packed = JSON.parse(lines) as PackedLines;
    const facts = await this.#factsOf(closing, packed);
    return sharedLines(packed, (number) => facts.get(number)!, first);
  }

  async full(piece: KeptPiece): Promise<readonly (StatementLine | CorrectionLine)[]> {
    if (!piece.lines.startsWith(PACKED)) return JSON.parse(piece.lines) as readonly (StatementLine | CorrectionLine)[];
    return (await this.shared(piece)).map((line) => ("key" in line ? line : lineOf(line.facts, line.own)));
  }

  /** Those that lines name, and others. */
  async #factsOf(closing: number, packed: PackedLines): Promise<ReadonlyMap<number, LineFacts>> {
    if (this.#remembered > FACTS_REMEMBERED_MAX) {
      this.#facts.clear();
      this.#remembered = 0;
    }
    const own = this.#facts.get(closing) ?? new Map<number, LineFacts>();
    this.#facts.set(closing, own);
    const missing = factNumbersOf(packed, own);
    for (const some of inPieces(missing)) {
      const rows = await this.#db
        .selectFrom("document_fact")
        .select(["number", "facts"])
        .where("closing_id", "=", closing)
        .where("number", "in", some)
        .execute();
      for (const row of rows) own.set(row.number, JSON.parse(row.facts) as LineFacts);
    }
    this.#remembered += missing.length;
    return own;
  }
}

/** All lines of some documents, by their numbers. */
export async function linesOfMany(
  db: Kysely<Tables>,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, readonly (StatementLine | CorrectionLine)[]>> {
  const unpacker = new Unpacker(db);
  const found = new Map<string, (StatementLine | CorrectionLine)[]>();
  for (const piece of await piecesOf(db, numbers)) {
    const lines = found.get(piece.number) ?? found.set(piece.number, []).get(piece.number)!;
    for (const line of await unpacker.full(piece)) lines.push(line);
  }
  return found;
}

/** Lines of a document in their order: no more is held than one piece of them. */
export async function* linePieces(
  db: Kysely<Tables>,
  number: string,
): AsyncGenerator<readonly (StatementLine | CorrectionLine)[]> {
  const unpacker = new Unpacker(db);
  for await (const piece of eachPiece(db, number)) yield await unpacker.full(piece);
}

/** So many lines are read at once, of many small documents or of one that is larger. */
const AT_ONCE = { linesMax: 4_000 };

/** Lines of documents in their order, in pieces; a document of no lines has none. */
export async function* sharedPieces(
  db: Kysely<Tables>,
  heads: readonly Pick<DocumentHead, "number" | "lineCount">[],
  stretch?: LineStretch,
): AsyncGenerator<{ readonly number: string; readonly lines: readonly (SharedLine | CorrectionLine)[] }> {
  assert(stretch === undefined || heads.length === 1, "a stretch is of one document");
  const unpacker = new Unpacker(db);
  for (const some of headPieces(heads, AT_ONCE)) {
    const numbers = some.map(({ number }) => number);
    if (some.length === 1) {
      for await (const piece of eachPiece(db, numbers[0]!, stretch)) {
        yield { number: piece.number, lines: await unpacker.shared(piece) };
      }
      continue;
    }
    const found = Map.groupBy(await piecesOf(db, numbers), ({ number }) => number);
    for (const number of numbers) {
      for (const piece of found.get(number) ?? []) yield { number, lines: await unpacker.shared(piece) };
    }
  }
}

/** Lines of the documents of one closing, on their way into the store. */
export class LineWriter {
  readonly #db: Kysely<Tables>;
  readonly #closing: number;
  readonly #packer = new StatementPacker();
  #pieces: Insertable<Tables["document_piece"]>[] = [];
  /** Lines that wait to be written. */
  waiting = 0;

  constructor(db: Kysely<Tables>, closing: number) {
    this.#db = db;
    this.#closing = closing;
  }

  add(
    number: string,
    {
      kind,
      lines,
    }:
      | { readonly kind: "statement"; readonly lines: readonly StatementLine[] }
      | { readonly kind: "correction"; readonly lines: readonly CorrectionLine[] },
  ): void {
    for (let at = 0; at < lines.length; at += LINES_IN_PIECE) {
      const some = lines.slice(at, at + LINES_IN_PIECE);
      const told = kind === "statement" ? this.#packer.pack(some as readonly StatementLine[]) : some;
      this.#pieces.push({
        document_number: number,
        first_line: at + 1,
        line_count: some.length,
        lines: JSON.stringify(told),
      });
      this.waiting += some.length;
    }
  }

  /** Their documents must be there. */
  async write(): Promise<void> {
    const facts = this.#packer.takeAdded();
    for (const some of inPieces(facts)) {
      const rows = some.map(({ number, json }) => ({ closing_id: this.#closing, number, facts: json }));
      await this.#db.insertInto("document_fact").values(rows).execute();
    }
    for (const rows of inPieces(this.#pieces)) await this.#db.insertInto("document_piece").values(rows).execute();
    this.#pieces = [];
    this.waiting = 0;
  }
}
