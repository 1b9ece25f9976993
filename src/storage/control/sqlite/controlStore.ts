import { Kysely, SqliteDialect } from "kysely";
import type { ControlStore, ControlStores } from "../../../domain/controlStore.ts";
import { controlStores } from "../stores.ts";
import type { Tables } from "../tables.ts";
import { KyselySqlite, openDatabase, openToRead } from "./database.ts";
import { migrateSqlite } from "./migrate.ts";

const kyselyOf = (database: KyselySqlite): Kysely<Tables> =>
  new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });

/** Reads a SQLite file that is open and up to date elsewhere; nothing can be written through it. */
export const openSqliteReader = (file: string): ControlStores =>
  controlStores(kyselyOf(new KyselySqlite(openToRead(file))));

/** Opens the control store in a SQLite file and brings its schema up to date. */
export function openSqliteControlStore(file: string): ControlStore {
  const database = openDatabase(file);
  try {
    migrateSqlite(database);
  } catch (error) {
    database.close();
    throw error;
  }
  const counted = new KyselySqlite(database);
  const db = kyselyOf(counted);
  return {
    ...controlStores(db),
    transaction: (run) => db.transaction().execute((transaction) => run(controlStores(transaction))),
    writes: () => counted.writes,
    async ping() {
      // Of a table, so that a file that is broken or gone shows.
      await db.selectFrom("registration").select("id").limit(1).execute();
    },
    async close() {
      await db.destroy();
      // Kysely closes the database only when it has run a query.
      if (database.isOpen) database.close();
    },
  };
}
