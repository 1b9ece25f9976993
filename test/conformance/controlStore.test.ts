import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import type { ControlStore } from "../../src/domain/controlStore.ts";
import { type Hour, registrationId, type SubscriptionId, type TenantId } from "../../src/domain/ids.ts";
import type { CatalogueSubscription } from "../../src/domain/catalogue/subscription.ts";
import { openSqliteControlStore } from "../../src/storage/control/sqlite/controlStore.ts";
import { openDatabase } from "../../src/storage/control/sqlite/database.ts";
import { takeDataFolder } from "../../src/storage/dataFolder.ts";
import { readMigrations } from "../../src/storage/migrations.ts";
import { mustClose, temporaryFolder } from "../support/temporary.ts";

// Goal: control data is durable, transactions are all or nothing, and history only grows.

const open = (folder = temporaryFolder()): ControlStore =>
  mustClose(openSqliteControlStore(join(folder, "control.sqlite")));

const REGISTRATION = {
  subscription: "00000000-0000-4000-8000-000000000001" as SubscriptionId,
  resourceGroup: "Azurestack",
  name: "North",
  cloudId: "cloud",
  objectId: "",
  billingModel: "PayAsYouUse",
  tags: {},
  version: 1,
  tokenFacts: {},
  tokenDigest: "",
  remoteManagement: false,
  created: { atMs: 1, by: "test", byType: "User" },
  updated: { atMs: 1, by: "test", byType: "User" },
} as const;

test("registrations are found in any case of their names, by cloud id, and by name", async () => {
  const store = open();
  const { id } = await store.registrations.insert(REGISTRATION);
  const other = { ...REGISTRATION, resourceGroup: "AZURESTACK", name: "north" };
  expect((await store.registrations.find(other))?.id).toBe(id);
  expect((await store.registrations.findByCloudId("cloud"))?.name).toBe("North");
  expect((await store.registrations.findByName("NORTH")).map((so) => so.id)).toEqual([id]);
  await store.registrations.update({ ...REGISTRATION, id, billingModel: "Capacity", version: 2 });
  expect((await store.registrations.findById(id))?.billingModel).toBe("Capacity");
  await store.close();
});

test("names and cloud ids are found in any case of any letter", async () => {
  const store = open();
  const { id } = await store.registrations.insert({ ...REGISTRATION, name: "ÄÖ-Ünit", cloudId: "Čloud" });
  expect((await store.registrations.findByName("äö-üNIT")).map((so) => so.id)).toEqual([id]);
  expect((await store.registrations.findByCloudId("čLOUD"))?.id).toBe(id);
  await expect(store.registrations.insert({ ...REGISTRATION, name: "other", cloudId: "čloud" })).rejects.toThrow();
  const credential = { kind: "User", displayName: "", secretHash: "", redirectUris: [], createdBy: "test" } as const;
  const added = { ...credential, objectId: "1", clientId: "Änne", createdAtMs: 1, revokedAtMs: null };
  expect(await store.credentials.add(added)).toBe(true);
  expect((await store.credentials.find("äNNE"))?.clientId).toBe("Änne");
  expect(await store.credentials.add({ ...added, objectId: "2", clientId: "änne" })).toBe(false);
  await store.credentials.revoke("ÄNNE", 2);
  expect((await store.credentials.find("Änne"))?.revokedAtMs).toBe(2);
  await store.close();
});

test("what an older program stored is found in any case after the upgrade, and two that meet do not stop it", async () => {
  const file = join(temporaryFolder(), "control.sqlite");
  const old = openDatabase(file);
  old.exec("create table schema_migration (number integer primary key, name text not null) strict");
  for (const { number, name, sql } of readMigrations("src/storage/control/migrations").slice(0, 6)) {
    old.prepare("insert into schema_migration (number, name) values (?, ?)").run(number, name);
    old.exec(sql);
  }
  const insert = old.prepare(
    `insert into registration
      (subscription_id, resource_group, name, scope_key, cloud_id, object_id, billing_model, created_at_ms, updated_at_ms)
      values ('s', 'g', ?, ?, ?, '', 'Capacity', 1, 1)`,
  );
  insert.run("Äb", "a", "Ö1");
  insert.run("äB", "b", "ö1");
  old.close();
  const store = mustClose(openSqliteControlStore(file));
  expect((await store.registrations.findByName("äb")).map(({ name }) => name)).toEqual(["Äb", "äB"]);
  expect((await store.registrations.findByCloudId("ö1"))?.name).toBe("Äb");
  await store.close();
});

test("a failed transaction leaves nothing behind", async () => {
  const store = open();
  const failing = store.transaction(async ({ registrations }) => {
    await registrations.insert(REGISTRATION);
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await store.registrations.list()).toEqual([]);
  await store.close();
});

describe("mappings", () => {
  test("a tenant has one current mapping, and every change stays", async () => {
    const store = open();
    const { id } = await store.registrations.insert(REGISTRATION);
    const change = (customer: string | null, recordedAtMs: number) =>
      store.transaction(({ tenancy }) =>
        tenancy.addChange({
          registration: id,
          tenant: "t" as TenantId,
          customer: customer as SubscriptionId | null,
          effectiveHour: recordedAtMs as Hour,
          recordedAtMs,
          recordedBy: "test",
        }),
      );
    await change("c1", 1);
    await change("c2", 2);
    expect(await store.tenancy.listCurrent(id, "", 10)).toMatchObject([{ tenant: "t", customer: "c2" }]);
    expect(await store.tenancy.findCurrent(id, "c1" as SubscriptionId)).toBeUndefined();
    await change(null, 3);
    expect(await store.tenancy.listCurrent(id, "", 10)).toEqual([]);
    expect((await store.tenancy.changes({ recordedUntilMs: 9 })).map(({ customer }) => customer)).toEqual([
      "c1",
      "c2",
      null,
    ]);
    expect((await store.tenancy.changes({ recordedUntilMs: 2 })).map(({ customer }) => customer)).toEqual(["c1", "c2"]);
    const [before, after] = [registrationId(id - 1), registrationId(id + 1)];
    expect(await store.tenancy.changes({ recordedUntilMs: 9, registrations: [before, id] })).toHaveLength(3);
    expect(await store.tenancy.changes({ recordedUntilMs: 9, registrations: [after, after] })).toEqual([]);
    const of = (tenants: readonly string[], registration = id) =>
      store.tenancy.changesOf(registration, tenants as readonly TenantId[]);
    expect((await of(["t", "nobody", "t"])).map(({ customer }) => customer)).toEqual(["c1", "c2", null]);
    expect([...(await of(["nobody"])), ...(await of(["t"], after))]).toEqual([]);
    await store.close();
  });
});

test("imports of any length replace what they name and keep the rest", async () => {
  const store = open();
  const row = (i: number, displayName: string): CatalogueSubscription => ({
    subscription: `s${String(i).padStart(5, "0")}` as SubscriptionId,
    displayName,
    offerType: "CSP",
    state: "Enabled",
    partner: "p",
    provider: null,
    reseller: null,
    customer: null,
    tenant: null,
  });
  await store.catalogue.put(
    Array.from({ length: 2_500 }, (_, i) => row(i, "old")),
    1,
    "test",
  );
  await store.catalogue.put([row(7, "new")], 2, "test");
  const list = await store.catalogue.list();
  expect([list.length, list.filter(({ displayName }) => displayName === "new").length]).toEqual([2_500, 1]);
  await store.close();
});

describe("the partner catalogue", () => {
  const entry = (id: string, change: Partial<CatalogueSubscription> = {}): CatalogueSubscription => ({
    subscription: id as SubscriptionId,
    displayName: "",
    offerType: "CSP",
    state: "Enabled",
    partner: "contoso",
    provider: null,
    reseller: null,
    customer: null,
    tenant: null,
    ...change,
  });

  test("each put and removal is in the history, also twice the same subscription in one put", async () => {
    const store = open();
    const id = "a1" as SubscriptionId;
    await store.catalogue.put([entry(id), entry(id, { partner: "northwind" })], 1, "ann");
    expect((await store.catalogue.find(id))?.partner).toBe("northwind");
    expect(await store.catalogue.remove(id, 2, "bob")).toBe(true);
    expect(await store.catalogue.remove(id, 3, "bob")).toBe(false);
    const changes = await store.catalogue.changes(id, { after: 0, limit: 10 });
    expect(changes).toMatchObject([
      { actor: "ann", recordedAtMs: 1, content: entry(id) },
      { actor: "ann", recordedAtMs: 1, content: entry(id, { partner: "northwind" }) },
      { actor: "bob", recordedAtMs: 2, content: null },
    ]);
    expect(await store.catalogue.changes(id, { after: changes[0]!.id, limit: 1 })).toEqual([changes[1]]);
    await store.close();
  });

  test("pages and look-ups of many keep the order and leave nothing out", async () => {
    const store = open();
    const ids = Array.from({ length: 2_500 }, (_, i) => `s${String(i).padStart(4, "0")}` as SubscriptionId);
    await store.catalogue.put(ids.map((id) => entry(id)).reverse(), 1, "test");
    const seen: string[] = [];
    for (let after = ""; ; after = seen.at(-1)!) {
      const page = await store.catalogue.page({ after, limit: 1_000 });
      if (page.length === 0) break;
      seen.push(...page.map(({ subscription }) => subscription));
    }
    expect(seen).toEqual(ids);
    expect((await store.catalogue.findMany([...ids, "none" as SubscriptionId])).length).toBe(2_500);
    expect(await store.catalogue.findMany([])).toEqual([]);
    await store.close();
  });

  test("ids that hold a piece: of one billing partner and reseller, CSP only, and only what can pay", async () => {
    const store = open();
    await store.catalogue.put(
      [
        entry("x-own"),
        entry("x-provided", { partner: "small", provider: "contoso" }),
        entry("x-elsewhere", { provider: "wide" }),
        entry("x-foreign", { partner: "northwind" }),
        entry("x-resold", { reseller: "r" }),
        entry("x-late", { state: "PastDue" }),
        entry("x-disabled", { state: "Disabled" }),
        entry("x-deleted", { state: "Deleted" }),
        entry("x-enterprise", { offerType: "EA" }),
        entry("y-other"),
      ],
      1,
      "test",
    );
    const holding = async (reseller: string | null, pieces: string[], limit = 10) =>
      (await store.catalogue.holdingPiece({ billingPartner: "contoso", reseller, pieces, limit })).map(
        ({ subscription }) => subscription,
      );
    expect(await holding(null, ["x-"])).toEqual(["x-late", "x-own", "x-provided", "x-resold"]);
    expect(await holding("r", ["x-"])).toEqual(["x-resold"]);
    expect(await holding(null, ["x-", "y-"], 2)).toEqual(["x-late", "x-own"]);
    expect(await holding(null, [])).toEqual([]);
    await store.close();
  });
});

test("approvals: the newest event of each; a registration that is deleted and made again has none, one that moves keeps it", async () => {
  const store = open();
  const first = await store.registrations.insert(REGISTRATION);
  const event = (action: "request" | "approve", recordedAtMs: number) =>
    store.tenancy.addApprovalEvent({ registration: first.id, action, actor: "ann", reason: "", recordedAtMs });
  await event("request", 1);
  await event("approve", 2);
  await store.registrations.update({ ...first, resourceGroup: "elsewhere", version: 2 });
  expect([...(await store.tenancy.latestApprovalEvents()).values()]).toMatchObject([
    { registration: first.id, action: "approve", actor: "ann", recordedAtMs: 2 },
  ]);
  await store.registrations.remove(first.id, 3);
  const again = await store.registrations.insert(REGISTRATION);
  expect(again.id).not.toBe(first.id);
  expect(await store.tenancy.approvalEvents(again.id)).toEqual([]);
  expect((await store.tenancy.latestApprovalEvents()).has(again.id)).toBe(false);
  await store.close();
});

test("kept answers come back byte for byte; old ones and those past a number go", async () => {
  const store = open();
  const { idempotentAnswers: answers } = store;
  const [one, two] = [
    (await store.registrations.insert(REGISTRATION)).id,
    (await store.registrations.insert({ ...REGISTRATION, name: "South", cloudId: "south" })).id,
  ];
  const answer = { status: 400, contentType: "x/y", contentLanguage: "en", body: Buffer.from([0, 255, 10, 195]) };
  const kept = (key: string, createdAtMs: number, registration = one) => ({
    registration,
    key,
    caller: "c",
    fingerprint: "f",
    createdAtMs,
    answer,
  });
  const bounds = { sinceMs: 5, perRegistrationMax: 3 };
  await answers.put(kept("old", 1), { ...bounds, sinceMs: 0 });
  for (const n of [10, 11, 12]) await answers.put(kept(`k${n}`, n), bounds);
  await answers.put(kept("k10", 20, two), bounds);
  expect(await answers.find(one, "old")).toBeUndefined();
  expect(await answers.find(one, "k10")).toEqual(kept("k10", 10));
  expect(new Set(await answers.registrationsOf("c", "k10", 0))).toEqual(new Set([one, two]));
  expect(await answers.registrationsOf("c", "k10", 15)).toEqual([two]);
  expect(await answers.registrationsOf("another", "k10", 0)).toEqual([]);
  await answers.put(kept("k13", 13), bounds);
  const left = await Promise.all(["k10", "k11", "k12", "k13"].map((key) => answers.find(one, key)));
  expect(left.map((so) => so?.key)).toEqual([undefined, "k11", "k12", "k13"]);
  await answers.put({ ...kept("k11", 14), fingerprint: "g" }, bounds);
  expect((await answers.find(one, "k11"))?.fingerprint).toBe("g");
  expect((await answers.find(two, "k10"))?.key).toBe("k10");
  await store.close();
});

test("notifications wait for their turn, and only those that are over are forgotten", async () => {
  const store = open();
  const { notifications } = store;
  for (const n of [1, 2, 3, 4]) await notifications.add({ kind: "approval", payload: { n }, createdAtMs: n });
  expect((await notifications.due(2, 10)).map(({ payload }) => payload["n"])).toEqual([1, 2]);
  expect((await notifications.due(9, 3)).length).toBe(3);
  const [first, second, third] = await notifications.due(9, 10);
  await notifications.update({ ...first!, attempts: 1, deliveredAtMs: 9 });
  await notifications.update({ ...second!, attempts: 12, givenUpAtMs: 9, lastError: "no" });
  await notifications.update({ ...third!, attempts: 1, nextAttemptAtMs: 20, lastError: "later" });
  expect((await notifications.due(9, 10)).map(({ payload }) => payload["n"])).toEqual([4]);
  await notifications.forgetOld(1);
  expect((await notifications.list(10)).map(({ payload }) => payload["n"])).toEqual([4, 3, 2]);
  await store.close();
});

test("what a failed transaction was to tell is not told", async () => {
  const store = open();
  const failing = store.transaction(async ({ notifications }) => {
    await notifications.add({ kind: "approval", payload: {}, createdAtMs: 1 });
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await store.notifications.list(10)).toEqual([]);
  await store.close();
});

test("a run counts only batches before the oldest one that is still going on", async () => {
  const store = open();
  const { id } = await store.registrations.insert(REGISTRATION);
  const counts = { accepted: 1, duplicate: 2, conflict: 3, parked: 4, rejected: 5 };
  expect(await store.batches.lastComplete()).toEqual({ lastBatch: 0, later: 0 });
  const [first, second, third] = [
    await store.batches.start({ registration: id, recordedBy: "north", atMs: 1 }),
    await store.batches.start({ registration: id, recordedBy: "north", atMs: 1 }),
    await store.batches.start({ registration: id, recordedBy: "north", atMs: 1 }),
  ];
  await store.batches.finish(first, counts, 2);
  await store.batches.finish(third, counts, 2, true);
  expect(await store.batches.lastSettled(9)).toBe(first);
  expect(await store.batches.lastComplete()).toEqual({ lastBatch: first, later: 2 });
  await store.batches.endAbandoned(3);
  expect([await store.batches.lastSettled(2), await store.batches.lastSettled(3)]).toEqual([first, third]);
  const listed = await store.batches.listFrom({ registration: id, first: second, last: third, limit: 1 });
  expect(listed.map((batch) => batch.id)).toEqual([second]);
  expect(await store.batches.lastComplete()).toEqual({ lastBatch: third, later: 0 });
  expect(await store.batches.find(first)).toMatchObject({ counts, finishedAtMs: 2 });
  expect((await store.batches.find(second))?.finishedAtMs).toBe(3);
  expect(await store.batches.lastComplete(1)).toEqual({ lastBatch: 0, later: 3 });
  expect(await store.batches.lastComplete(2)).toEqual({ lastBatch: first, later: 2 });
  expect(await store.batches.lastComplete(0)).toEqual({ lastBatch: 0, later: 0 });
  await store.close();
});

test("a decision that a process left behind stays to be done; a delivery that it left behind ends", async () => {
  const store = open();
  const { id } = await store.registrations.insert(REGISTRATION);
  const delivery = await store.batches.start({ registration: id, recordedBy: "north", atMs: 1 });
  const withdrawal = { kind: "withdrawal", delivery, reason: "sent twice" } as const;
  const decision = await store.batches.start({ registration: id, recordedBy: "ada", atMs: 2, decision: withdrawal });
  await store.batches.endAbandoned(3);
  const [left, ...others] = await store.batches.unfinishedDecisions();
  expect(others).toEqual([]);
  expect(left).toMatchObject({ id: decision, decision: withdrawal, recordedBy: "ada", finishedAtMs: null });
  expect(await store.batches.find(delivery)).toMatchObject({ withdrawnBy: decision, finishedAtMs: 3 });
  expect((await store.batches.list({ limit: 1 })).map((batch) => batch.id)).toEqual([decision]);
  expect((await store.batches.list({ registration: id, before: decision, limit: 9 })).map((so) => so.id)).toEqual([
    delivery,
  ]);
  await store.batches.finish(decision, { accepted: 1, duplicate: 0, conflict: 0, parked: 0, rejected: 0 }, 4);
  expect(await store.batches.unfinishedDecisions()).toEqual([]);
  await store.close();
});

test("commits are written through: write-ahead log, an fsync at each commit, foreign keys on", async () => {
  const folder = temporaryFolder();
  const store = open(folder);
  const database = new DatabaseSync(join(folder, "control.sqlite"), { readOnly: true });
  expect(database.prepare("pragma journal_mode").get()).toEqual({ journal_mode: "wal" });
  database.close();
  const { openDatabase } = await import("../../src/storage/control/sqlite/database.ts");
  const again = openDatabase(join(folder, "control.sqlite"));
  expect(again.prepare("pragma synchronous").get()).toEqual({ synchronous: 2 });
  expect(again.prepare("pragma foreign_keys").get()).toEqual({ foreign_keys: 1 });
  again.close();
  await store.close();
});

test("an older program refuses a schema that a newer one made", async () => {
  const folder = temporaryFolder();
  await open(folder).close();
  const database = new DatabaseSync(join(folder, "control.sqlite"));
  database.exec("insert into schema_migration values (999, 'from-the-future')");
  database.close();
  expect(() => openSqliteControlStore(join(folder, "control.sqlite"))).toThrow(/newer Stampbook \(schema 999\)/);
});

test("a data folder has one owner, who gives it up when killed", () => {
  const folder = temporaryFolder();
  const script = `import { takeDataFolder } from "${import.meta.dirname}/../../src/storage/dataFolder.ts";
    try { takeDataFolder(process.argv[1]); console.log("taken"); if (process.argv[2]) process.kill(process.pid, "SIGKILL"); }
    catch (error) { console.log(error.code, error.message); }`;
  const run = (...args: string[]): string =>
    spawnSync(process.execPath, ["--input-type=module", "-e", script, folder, ...args], {
      encoding: "utf8",
    }).stdout.trim();
  const mine = takeDataFolder(folder);
  expect(run()).toBe(`DataFolderInUse The data folder '${folder}' is in use by process ${process.pid}.`);
  mine.release();
  expect(run("die")).toBe("taken");
  expect(run()).toBe("taken");
});

test("a folder that cannot be made is said to be unusable", () => {
  expect(() => takeDataFolder("/proc/nothing/here")).toThrow(expect.objectContaining({ code: "DataFolderUnusable" }));
});
