import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DocumentStore, IssuedHead } from "../../src/domain/statement/document.ts";
import { lineOf } from "../../src/domain/statement/lineFacts.ts";
import { contentHash } from "../../src/domain/statement/statement.ts";
import { openSqliteControlStore } from "../../src/storage/control/sqlite/controlStore.ts";
import { readMigrations } from "../../src/storage/migrations.ts";
import { CLOSING, correctionOf, PERIOD, statementOf } from "../support/closedDocuments.ts";
import { temporaryFolder } from "../support/temporary.ts";

// Goal: however lines of closed documents are kept, they are told as they were hashed, to the byte and in their order, all at
// once and in pieces. Method: documents of one line and of many pieces; the same in a database of before lines were packed.

const FOLDER = join(import.meta.dirname, "../../src/storage/control/migrations");
/** Migrations there were when each line was a row. */
const ROWS = 24;
const LINES = 1_203;
const PAYERS = [statementOf("one", 1), statementOf("many", LINES), statementOf("none", 0), statementOf("some", 499)];

async function collected<Piece>(pieces: AsyncIterable<Piece>): Promise<readonly Piece[]> {
  const all: Piece[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

/** Compared as text: members have an order, too. */
const asText = (lines: readonly object[]): readonly string[] => lines.map((line) => JSON.stringify(line));

async function checkAll(documents: DocumentStore): Promise<void> {
  const heads = await documents.list({ period: PERIOD });
  expect(heads.map(({ payer, lineCount }) => [payer, lineCount])).toEqual([
    ["many", LINES],
    ["many", 700],
    ["none", 0],
    ["one", 1],
    ["some", 499],
  ]);
  const statementOfPayer = new Map(PAYERS.map((statement) => [statement.payer, statement]));
  const all = await documents.findMany(heads.map(({ number }) => number));
  const shared = await collected(documents.shared(heads));
  for (const [i, { number, payer, kind, hash, corrects }] of heads.entries()) {
    const content = kind === "statement" ? statementOfPayer.get(payer)! : correctionOf(payer, corrects!);
    const document = (await documents.find(number))!;
    expect(asText(document.lines), payer).toEqual(asText(content.lines));
    expect(all[i]).toEqual(document);
    expect(contentHash({ number, ...content })).toBe(hash);
    const pieces = await collected(documents.pieces(number));
    expect(asText(pieces.flat())).toEqual(asText(content.lines));
    expect(Math.max(0, ...pieces.map(({ length }) => length))).toBeLessThanOrEqual(500);
    const own = shared.filter((piece) => piece.number === number).flatMap(({ lines }) => lines);
    expect(asText(own.map((line) => ("key" in line ? line : lineOf(line.facts, line.own))))).toEqual(
      asText(content.lines),
    );
  }
  expect([...new Set(shared.map(({ number }) => number))]).toEqual(
    heads.filter(({ lineCount }) => lineCount > 0).map(({ number }) => number),
  );
  const [many] = heads;
  const chain = await documents.chain({ period: PERIOD, level: "customer", payer: "many" });
  expect(chain.map(({ number }) => number)).toEqual([many!.number, heads[1]!.number]);
}

test("documents tell their lines as they were closed; what statements share is kept and told once", async () => {
  const file = join(temporaryFolder(), "control.sqlite");
  const store = openSqliteControlStore(file);
  await store.transaction(async ({ documents }) => {
    const writer = await documents.addClosing(CLOSING);
    const numbers = [];
    for (const statement of PAYERS) numbers.push(await writer.add(statement));
    await writer.finish();
    const corrections = await documents.addClosing({ ...CLOSING, kind: "correction" });
    await corrections.add(correctionOf("many", numbers[1]!));
    await corrections.finish();
  });
  await checkAll(store.documents);
  const [one, many] = await store.documents.list({ period: PERIOD, kind: "statement" });
  const facts = new Set<object>();
  for (const { lines } of await collected(store.documents.shared([one!, many!]))) {
    for (const line of lines) if (!("key" in line)) facts.add(line.facts);
  }
  await store.close();
  const database = new DatabaseSync(file);
  const { kept } = database.prepare("select count(*) as kept from document_fact").get() as { kept: number };
  database.close();
  expect(facts.size).toBe(kept);
  expect(kept).toBeLessThan(60);
});

test("what was issued comes in pieces, in the order of the list, and without what is issued meanwhile", async () => {
  const store = openSqliteControlStore(join(temporaryFolder(), "control.sqlite"));
  const add = (payers: readonly string[]) =>
    store.transaction(async ({ documents }) => {
      const writer = await documents.addClosing(CLOSING);
      for (const payer of payers) await writer.add({ ...statementOf(payer, 1), partner: payer.slice(0, 1) });
      await writer.finish();
    });
  const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i * 7}`);
  await add(numbered("a", 1_000));
  await add(numbered("b", 500));
  const of = (partner: string) => ({ issuedIn: PERIOD, partner });
  const listed = await store.documents.list(of("a"));
  const pieces = store.documents.issued(of("a"))[Symbol.asyncIterator]();
  const told = [...((await pieces.next()).value as readonly IssuedHead[])];
  await add(numbered("az", 3));
  for (let piece = await pieces.next(); piece.done !== true; piece = await pieces.next()) {
    expect(piece.value.length).toBeLessThanOrEqual(500);
    told.push(...piece.value);
  }
  expect(told.length).toBe(listed.length);
  expect(listed).toMatchObject(told);
  expect((await collected(store.documents.issued(of("a")))).flat().length).toBe(1_003);
  expect((await collected(store.documents.issued(of("b")))).map(({ length }) => length)).toEqual([500]);
  expect(await collected(store.documents.issued(of("c")))).toEqual([]);
  await store.close();
});

test("documents of when each line was a row keep them, and keep their hashes", async () => {
  const file = join(temporaryFolder(), "control.sqlite");
  const database = new DatabaseSync(file);
  database.exec("create table schema_migration (number integer primary key, name text not null) strict");
  database.function("fold_case", { deterministic: true }, (text) => String(text).toLowerCase());
  for (const { number, name, sql } of readMigrations(FOLDER).slice(0, ROWS)) {
    database.exec(sql);
    database.prepare("insert into schema_migration (number, name) values (?, ?)").run(number, name);
  }
  database.exec("insert into document_issuer values ('Contoso', 'CONTOSO', 5)");
  for (const [id, kind] of ["close", "correction"].entries()) {
    const rest = `'${PERIOD}', 0, 1, 'contoso', 1, 1, '{}', 1, 'test', '{}'`;
    database.exec(`insert into closing values (${id + 1}, '${kind}', ${rest})`);
  }
  const addDocument = database.prepare(`insert into document values
    (?, ?, ?, 'Contoso', ?, 'customer', ?, 'contoso', '${PERIOD}', ?, ?, 'EUR', '1.00', ?, ?, ?)`);
  const addLine = database.prepare("insert into document_line values (?, ?, ?)");
  const contents = [...PAYERS, correctionOf("many", "CONTOSO-000002")];
  database.exec("begin");
  for (const [i, content] of contents.entries()) {
    const { kind, payer, lines } = content;
    const number = `CONTOSO-00000${i + 1}`;
    const own = kind === "statement" ? { priceSheet: content.priceSheet } : { causes: [], reason: content.reason };
    const [issuedIn, corrects] = kind === "statement" ? [PERIOD, null] : [content.issuedIn, content.corrects];
    const hash = contentHash({ number, ...content });
    addDocument.run(
      number,
      kind,
      kind === "statement" ? 1 : 2,
      i + 1,
      payer,
      issuedIn,
      corrects,
      lines.length,
      hash,
      JSON.stringify(own),
    );
    for (const line of lines) addLine.run(number, line.line, JSON.stringify(line));
  }
  database.exec("commit");
  database.close();
  const store = openSqliteControlStore(file);
  await checkAll(store.documents);
  await store.close();
});
