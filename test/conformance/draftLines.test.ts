import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readMigrations } from "../../src/storage/migrations.ts";
import { openSqliteControlStore } from "../../src/storage/control/sqlite/controlStore.ts";
import { temporaryFolder } from "../support/temporary.ts";

// Goal: drafts of before their lines became one value are told as they were. Method: a database of that time, with a
// draft of two lines of which the first has no facts that came later; opened by today's store.

const FOLDER = join(import.meta.dirname, "../../src/storage/control/migrations");
const ROWS = 18;

test("drafts whose lines were rows keep their lines, in order", async () => {
  const file = join(temporaryFolder(), "control.sqlite");
  const database = new DatabaseSync(file);
  database.exec("create table schema_migration (number integer primary key, name text not null) strict");
  database.function("fold_case", { deterministic: true }, (text) => String(text).toLowerCase());
  for (const { number, name, sql } of readMigrations(FOLDER).slice(0, ROWS)) {
    database.exec(sql);
    database.prepare("insert into schema_migration (number, name) values (?, ?)").run(number, name);
  }
  database.exec("pragma foreign_keys = off");
  database.exec(`
    insert into statement_run (id, period, price_sheet, known_until_ms, last_batch, facts) values (7, '2024-02', 's', 1, 1, '{}');
    insert into statement (number, run_id, payer, currency, total, line_count) values ('2024-02-000001', 7, 'p', 'EUR', '3.50', 2);
    insert into statement_line values ('2024-02-000001', 2, 5, 'b', '2', '2.00', '{"unitPrice":"1","hoursPerMonth":null,"factor":"1/3"}');
    insert into statement_line values ('2024-02-000001', 1, 4, 'a', '1.5', '1.50', '{"unitPrice":"1","hoursPerMonth":"720"}');
  `);
  database.close();
  const store = openSqliteControlStore(file);
  const { lines } = (await store.statements.find("2024-02-000001"))!;
  await store.close();
  expect(lines).toMatchObject([
    {
      line: 1,
      registration: 4,
      meter: "a",
      quantity: "1.5",
      amount: "1.50",
      hoursPerMonth: "720",
      factor: "1",
      listPrice: "1",
    },
    { line: 2, registration: 5, meter: "b", quantity: "2", amount: "2.00", hoursPerMonth: null, factor: "1/3" },
  ]);
});
