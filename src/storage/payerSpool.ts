import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { OpenPayerSpool, PayerSpool, PayerTexts, SpooledText } from "../domain/statement/payerSpool.ts";
import { orUnavailable } from "./control/sqlite/database.ts";
import { FOLDER_MODE } from "./exportSpool.ts";

/** Nothing of it outlives the process: what is torn when a machine fails is of no use to anybody. */
const SCHEMA = `
  pragma journal_mode = off; pragma synchronous = off; pragma locking_mode = exclusive; pragma cache_size = -4096;
  create table text (payer text not null, is_used integer not null, common text, text text not null) strict;
  create index text_payer on text (payer);
  create table found (payer text primary key, text text not null) strict, without rowid;
`;

interface Row {
  readonly payer: string;
  readonly is_used: number;
  readonly text: string;
}

/** @param folder is emptied when a process begins; what is in it is as private as the rest of the data folder */
export function payerSpools(folder: string): OpenPayerSpool {
  return () => {
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    return orUnavailable(() => new SqlitePayerSpool(join(folder, randomUUID())));
  };
}

/** Whose texts have not one thing in common. */
const SEVERAL = `select payer from text where is_used
  group by payer having count(distinct common) > 1 or min(common) = '' order by payer`;

class SqlitePayerSpool implements PayerSpool {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(path: string) {
    this.#path = path;
    this.#database = new DatabaseSync(path);
    this.#database.exec(SCHEMA);
  }

  #prepare(sql: string): StatementSync {
    return this.#prepared.get(sql) ?? this.#prepared.set(sql, this.#database.prepare(sql)).get(sql)!;
  }

  add(texts: readonly SpooledText[]): void {
    orUnavailable(() => {
      this.#database.exec("begin");
      const insert = this.#prepare("insert into text values (?, ?, ?, ?)");
      for (const { payer, isUsed, common, text } of texts) insert.run(payer, isUsed ? 1 : 0, common, text);
      this.#database.exec("commit");
    });
  }

  addFound(payer: string, text: string): void {
    orUnavailable(() => this.#prepare("insert or replace into found values (?, ?)").run(payer, text));
  }

  *payers(): Generator<PayerTexts> {
    // A statement of its own: several may go through the payers at once.
    const rows = this.#database.prepare("select payer, is_used, text from text order by payer, rowid").iterate();
    let own: { readonly payer: string; readonly texts: string[]; isUsed: boolean } | undefined;
    for (const { payer, is_used, text } of rows as Iterable<unknown> as Iterable<Row>) {
      if (own?.payer !== payer) {
        if (own?.isUsed) yield own;
        own = { payer, texts: [], isUsed: false };
      }
      own.texts.push(text);
      own.isUsed ||= is_used === 1;
    }
    if (own?.isUsed) yield own;
  }

  payersOfSeveral(): readonly string[] {
    return this.#column(SEVERAL);
  }

  payer(payer: string): PayerTexts | undefined {
    const texts = this.#column("select text from text where payer = ? order by rowid", payer);
    return texts.length === 0 ? undefined : { payer, texts };
  }

  hasUsage(payer: string): boolean {
    return this.#column("select payer from text where payer = ? and is_used limit 1", payer).length > 0;
  }

  found(payer: string): string | undefined {
    return this.#column("select text from found where payer = ?", payer)[0];
  }

  #column(sql: string, ...values: readonly string[]): string[] {
    return orUnavailable(() => this.#prepare(sql).all(...values)).map((row) => Object.values(row)[0] as string);
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
    rmSync(this.#path, { force: true });
  }
}
