import { Fault } from "../../domain/faults/fault.ts";
import { readMigrations } from "../migrations.ts";
import type { Engine, SchemaPlace } from "./engine.ts";

const MIGRATIONS = `${import.meta.dirname}/migrations`;
const LEDGER =
  "create table if not exists schema_migration (number UInt32, name String) engine = MergeTree order by number";

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
}

/** The migrations with their statements apart, without comments; each may be run again. */
export const usageMigrations = (): readonly Migration[] =>
  readMigrations(MIGRATIONS).map(({ number, name, sql }) => ({
    number,
    name,
    statements: sql
      .replace(/^--.*\n/gm, "")
      .split(/;\s*$/m)
      .map((statement) => statement.trim().replace(/^create table (?!if not exists )/, "create table if not exists "))
      .filter((statement) => statement !== ""),
  }));

/** Names of the tables that migrations make. */
export const tablesOf = (migrations: readonly Migration[]): readonly string[] =>
  migrations.flatMap(({ statements }) =>
    statements.flatMap((statement) => /^create table if not exists (\w+)/.exec(statement)?.[1] ?? []),
  );

/**
 * Brings the schema of every place up to date. A place that does not answer is passed over, as long as the others need
 * nothing: then it needs nothing either.
 * @throws Fault UsageEngineUnavailable, SchemaTooNew
 */
export async function migrateUsage(engine: Engine): Promise<void> {
  const known = usageMigrations();
  const tables = tablesOf(known);
  let silent: unknown;
  const behind: { place: SchemaPlace; found: number }[] = [];
  for (const place of engine.schemaPlaces) {
    try {
      const found = await lastMigration(place);
      if (found > known.length) throw new Fault("SchemaTooNew", { found, known: known.length });
      if (found < known.length) behind.push({ place, found });
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "UsageEngineUnavailable") throw error;
      silent = error;
    }
  }
  if (silent !== undefined && (behind.length > 0 || engine.schemaPlaces.length === 1)) throw silent;
  for (const { place, found } of behind) {
    for (const { number, name, statements } of known.slice(found)) {
      // The engine has no transactions: a migration that was cut off is run again, so each statement must bear it.
      for (const statement of statements) {
        for (const sql of engine.statementsOf(statement, tables)) await place.query(sql);
      }
      await place.query(`insert into schema_migration values (${number}, '${name}')`);
    }
  }
}

async function lastMigration(place: SchemaPlace): Promise<number> {
  await place.query(LEDGER);
  const [row] = await place.query<[number]>("select max(number) from schema_migration");
  return row?.[0] ?? 0;
}
