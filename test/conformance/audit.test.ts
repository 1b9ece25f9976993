import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { AuditRecord } from "../../src/domain/audit/store.ts";
import type { ControlStore } from "../../src/domain/controlStore.ts";
import { verifyAudit } from "../../src/operations/audit/verify.ts";
import { openSqliteControlStore } from "../../src/storage/control/sqlite/controlStore.ts";
import { mustClose, temporaryFolder } from "../support/temporary.ts";

// Goal: the audit only grows, and whoever changes it behind the program's back is found out.

const record = (target: string, outcome = "done"): AuditRecord => ({
  atMs: 1_000,
  actor: "ann",
  actorId: "a-1",
  address: "local",
  correlationId: "c",
  action: "test/write",
  target,
  outcome,
  detail: { after: target, before: null },
});

const open = (folder: string): ControlStore => mustClose(openSqliteControlStore(join(folder, "control.sqlite")));

async function written(count: number): Promise<string> {
  const folder = temporaryFolder();
  const store = open(folder);
  await store.transaction(async ({ audit }) => {
    for (let i = 1; i <= count; i++) await audit.add(record(`/t/${i}`));
  });
  await store.close();
  return folder;
}

/** Changes the file as somebody would who may write it. */
function tamper(folder: string, ...statements: string[]): void {
  const database = new DatabaseSync(join(folder, "control.sqlite"));
  database.exec("drop trigger audit_record_keeps_update; drop trigger audit_record_keeps_delete;");
  for (const statement of statements) database.exec(statement);
  database.close();
}

async function verified(folder: string, head?: string) {
  const store = open(folder);
  const result = await verifyAudit(store, head);
  await store.close();
  return result;
}

test("calls at the same time, in transactions and without, make one chain", async () => {
  const folder = temporaryFolder();
  const store = open(folder);
  const adding = Array.from({ length: 40 }, (_, i) =>
    i % 2 === 0
      ? store.audit.add(record(`/t/${i}`))
      : store.transaction(async ({ audit }) => {
          await audit.add(record(`/t/${i}/first`));
          await audit.add(record(`/t/${i}/second`));
        }),
  );
  const failing = store.transaction(async ({ audit }) => {
    await audit.add(record("/t/gone"));
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  await Promise.all(adding);
  expect(await verifyAudit(store)).toMatchObject({ records: 60, broken: undefined, head: { number: 60 } });
  expect(await store.audit.list({ target: "/t/gone" }, { limit: 9 })).toEqual([]);
  await store.close();
});

test("triggers refuse to change or delete a record", async () => {
  const folder = await written(2);
  const database = new DatabaseSync(join(folder, "control.sqlite"));
  expect(() => database.exec("update audit_record set actor = 'eve' where id = 1")).toThrow(/never changed/);
  expect(() => database.exec("delete from audit_record where id = 2")).toThrow(/never deleted/);
  database.close();
});

test.each([
  ["a changed actor", "update audit_record set actor = 'eve' where id = 3", 3, "altered"],
  ["a changed detail", `update audit_record set detail = '{"after":"x"}' where id = 3`, 3, "altered"],
  ["a detail that is no JSON", "update audit_record set detail = 'x' where id = 3", 3, "altered"],
  ["a changed time", "update audit_record set at_ms = 8640000000000001 where id = 3", 3, "altered"],
  ["a removed hash", "update audit_record set hash = '' where id = 3", 3, "unchained"],
  ["a record taken out of the middle", "delete from audit_record where id = 3", 3, "missing"],
  ["the first record taken out", "delete from audit_record where id = 1", 1, "missing"],
  [
    "two records swapped",
    "update audit_record set id = -1 where id = 2; update audit_record set id = 2 where id = 4; update audit_record set id = 4 where id = -1",
    2,
    "altered",
  ],
])("%s is found, with its number", async (_, statement, number, why) => {
  const folder = await written(6);
  expect((await verified(folder)).broken).toBeUndefined();
  tamper(folder, statement);
  expect((await verified(folder)).broken).toEqual({ number, why });
});

test("a tail that was cut off is found by a head that was noted earlier, and only by that", async () => {
  const folder = await written(6);
  const { head } = await verified(folder);
  expect(await verified(folder, head.hash)).toMatchObject({ broken: undefined, headFoundAt: 6 });
  tamper(folder, "delete from audit_record where id > 4");
  expect(await verified(folder)).toMatchObject({ broken: undefined, records: 4 });
  expect(await verified(folder, head.hash)).toMatchObject({ broken: undefined, headFoundAt: undefined });
});

test("more records than fit into one page are followed to the end", async () => {
  const folder = await written(2_105);
  expect(await verified(folder)).toMatchObject({ records: 2_105, head: { number: 2_105 } });
});

test("filters and pages go newest first", async () => {
  const folder = temporaryFolder();
  const store = open(folder);
  for (const [target, outcome] of [
    ["/Sub/A", "done"],
    ["/sub/a/child", "RegistrationNotFound"],
    ["/sub/b%", "done"],
  ] as const) {
    await store.audit.add(record(target, outcome));
  }
  await store.audit.add({ ...record("/other"), actor: "bob", actorId: "b-1", atMs: 5_000 });
  const numbers = async (...asked: Parameters<ControlStore["audit"]["list"]>) =>
    (await store.audit.list(...asked)).map(({ number }) => number);
  expect(await numbers({}, { limit: 3 })).toEqual([4, 3, 2]);
  expect(await numbers({}, { limit: 3, before: 2 })).toEqual([1]);
  expect(await numbers({ target: "/SUB/a" }, { limit: 9 })).toEqual([2, 1]);
  expect(await numbers({ target: "/sub/%" }, { limit: 9 })).toEqual([]);
  expect(await numbers({ outcome: "refused" }, { limit: 9 })).toEqual([2]);
  expect(await numbers({ outcome: "RegistrationNotFound" }, { limit: 9 })).toEqual([2]);
  expect(await numbers({ actor: "b-1", sinceMs: 5_000 }, { limit: 9 })).toEqual([4]);
  await store.close();
});
