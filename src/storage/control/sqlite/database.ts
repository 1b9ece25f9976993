import { Fault } from "../../../domain/faults/fault.ts";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { SqliteDatabase, SqliteStatement } from "kysely";

/** Statements that are kept prepared; ours are few. */
const STATEMENTS_MAX = 500;
/**
 * Longer ones are prepared each time: they have a list in them, one more text for each length of it. A prepared list of 500 takes
 * 90 KB, and more and more of them were kept the more local subscriptions an import is of.
 */
const KEPT_CHARS_MAX = 600;

/** Node's own SQLite in the form that Kysely's SQLite dialect takes. */
export class KyselySqlite implements SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, SqliteStatement>();
  /** Statements that may have changed something; nobody else writes to the file while we have it. */
  writes = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  prepare(sql: string): SqliteStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear();
    if (sql === ROLLBACK) return this.#rollback();
    const countWrite = READS.test(sql) ? () => undefined : () => (this.writes += 1);
    const statement = kyselyStatement(this.#database.prepare(sql), countWrite);
    if (sql.length <= KEPT_CHARS_MAX) this.#statements.set(sql, statement);
    return statement;
  }

  /** A full disk ends a transaction by itself; to end it once more would be an error that hides the first one. */
  #rollback(): SqliteStatement {
    const run = (): unknown => (this.#database.isTransaction ? this.#database.exec(ROLLBACK) : undefined);
    return {
      reader: false,
      all: () => (run(), []),
      run: () => (run(), { changes: 0, lastInsertRowid: 0 }),
      iterate: () => (run(), [].values()),
    };
  }

  close(): void {
    this.#database.close();
  }
}

const ROLLBACK = "rollback";

const inputs = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];

const READS = /^\s*select\b/i;

/** @param executed called with each execution */
const kyselyStatement = (statement: StatementSync, executed: () => unknown): SqliteStatement => ({
  reader: statement.columns().length > 0,
  all: (parameters) => {
    executed();
    return orUnavailable(() => statement.all(...inputs(parameters)));
  },
  run: (parameters) => {
    executed();
    return orUnavailable(() => statement.run(...inputs(parameters)));
  },
  iterate: (parameters) => {
    executed();
    return statement.iterate(...inputs(parameters));
  },
});

/** Primary codes of SQLite: readonly, interrupted input and output, corrupt, full, cannot open, no database. */
const UNAVAILABLE: ReadonlySet<number> = new Set([8, 10, 11, 13, 14, 26]);
const PRIMARY_CODE = 0xff;

/** What the disk refuses is no defect of a statement. */
export function orUnavailable<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    const { errcode, errstr } = error as { errcode?: number; errstr?: string };
    if (errcode === undefined || !UNAVAILABLE.has(errcode & PRIMARY_CODE)) throw error;
    throw new Fault("ControlStoreUnavailable", { reason: errstr ?? "" }, { cause: error });
  }
}

/**
 * Opens a database file so that what is committed survives a power cut: write-ahead log, and an fsync at each commit
 * (contract/engines.md, control store).
 */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec(
    "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 5000;",
  );
  return database;
}

/** Opens a database file that is open elsewhere: readers of a write-ahead log wait for nobody. */
export const openToRead = (file: string): DatabaseSync =>
  orUnavailable(() => new DatabaseSync(file, { readOnly: true }));
