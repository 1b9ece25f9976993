import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tablesAsTold } from "../../scripts/dumpSchemas.ts";
import { openOn } from "../support/clickhousePlace.ts";
import { CLUSTER, startClickhouse } from "../support/clickhouseServer.ts";
import { ROOT } from "../support/sources.ts";
import { mustClose } from "../support/temporary.ts";

// Goal: a server has the tables of the embedded engine, and a shard the same ones under their local names. Method: what
// the servers tell of their tables against the dump that is checked in.

const embedded = readFileSync(join(ROOT, "src/storage/usage/schema.chdb.sql"), "utf8")
  .split("\n\n")
  .slice(1)
  .map((table) => table.trim());
const ROWS = /^CREATE TABLE usage_/;

test("one server has exactly the embedded engine's tables, and the one with its layout", async () => {
  const servers = mustClose(await startClickhouse(1));
  const store = mustClose(await openOn(servers, { database: "schema" }));
  const told = await tablesAsTold(store.engine);
  expect(told.filter((table) => !table.startsWith("CREATE TABLE layout"))).toEqual(embedded);
  expect(told).toHaveLength(embedded.length + 1);
  await store.close();
  await servers.close();
});

test("a shard has the same tables under their local names, and one over all shards for each", async () => {
  const servers = mustClose(await startClickhouse(2));
  const store = mustClose(await openOn(servers, { database: "schema", cluster: CLUSTER }));
  const told = await tablesAsTold(store.engine);
  const local = told.filter((table) => /^CREATE TABLE usage_\w+_local\n/.test(table));
  const rows = embedded.filter((table) => ROWS.test(table));
  expect(local.map((table) => table.replace("_local\n", "\n"))).toEqual(rows);
  const over = told.filter((table) => ROWS.test(table) && !local.includes(table));
  expect(over).toHaveLength(rows.length);
  for (const table of over)
    expect(table).toMatch(/ENGINE = Distributed\('pair', 'schema', 'usage_\w+_local', registration\)/);
  await store.close();
  await servers.close();
});
