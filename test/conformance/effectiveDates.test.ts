import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ControlStore } from "../../src/domain/controlStore.ts";
import type { Hour, LocalSubscriptionId, MeterId, SubscriptionId, TenantId } from "../../src/domain/ids.ts";
import { registrationId } from "../../src/domain/ids.ts";
import { parseFraction } from "../../src/lib/fraction.ts";
import { openSqliteControlStore } from "../../src/storage/control/sqlite/controlStore.ts";
import { openDatabase } from "../../src/storage/control/sqlite/database.ts";
import { ROOT } from "../support/sources.ts";
import { mustClose, temporaryFolder } from "../support/temporary.ts";

// Goal: what is effective-dated is read as it counts in an hour and as it was known at a moment, page by page.

const open = (file = join(temporaryFolder(), "control.sqlite")): ControlStore =>
  mustClose(openSqliteControlStore(file));

const REGISTRATION = {
  subscription: "00000000-0000-4000-8000-000000000001" as SubscriptionId,
  resourceGroup: "azurestack",
  name: "north",
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

const LATEST = { recordedUntilMs: 99, hour: 99 as Hour };

async function withNorth() {
  const store = open();
  const { id: registration } = await store.registrations.insert(REGISTRATION);
  const change = (localSubscription: string, effectiveHour: number, recordedAtMs: number, tenant: string) => ({
    registration,
    localSubscription: localSubscription as LocalSubscriptionId,
    tenant: tenant as TenantId,
    owner: "owner@contoso",
    offer: "basic",
    displayName: "",
    state: "Enabled",
    effectiveHour: effectiveHour as Hour,
    recordedAtMs,
    recordedBy: "bridge",
  });
  return { store, registration, change };
}

test("a local subscription is told as it counts in an hour, and as it was known", async () => {
  const { store, registration, change } = await withNorth();
  const l = "l" as LocalSubscriptionId;
  await store.localSubscriptions.add([change("l", 2, 1, "A"), change("l", 20, 2, "B")]);
  await store.localSubscriptions.add([change("l", 10, 3, "C"), change("l", 10, 4, "D")]);

  const tenant = async (hour: number, recordedUntilMs: number) => {
    const of = { registration, recordedUntilMs, hour: hour as Hour };
    return (await store.localSubscriptions.page(of, { after: "", limit: 9 })).map((so) => so.tenant).join();
  };
  expect(await tenant(1, 9)).toBe("");
  expect(await tenant(2, 9)).toBe("A");
  expect(await tenant(10, 9)).toBe("D");
  expect(await tenant(10, 3)).toBe("C");
  expect(await tenant(10, 2)).toBe("A");
  expect(await tenant(20, 9)).toBe("B");
  expect(await tenant(20, 0)).toBe("");

  const history = { registration, localSubscription: l, recordedUntilMs: 3 };
  const [first, ...others] = await store.localSubscriptions.history(history, { after: 0, limit: 9 });
  expect(first).toEqual({ ...change("l", 2, 1, "A"), id: first?.id });
  expect(others.map((so) => so.tenant)).toEqual(["B", "C"]);
  expect(await store.localSubscriptions.history(history, { after: first!.id, limit: 1 })).toMatchObject([
    { tenant: "B" },
  ]);
  const unknown = "x" as LocalSubscriptionId;
  expect([...(await store.localSubscriptions.firstHours(registration, [l, l, unknown]))]).toEqual([["l", 2]]);
  expect(await store.localSubscriptions.changesOf(registration, [unknown])).toEqual([]);
  expect((await store.localSubscriptions.changesOf(registration, [l])).length).toBe(4);
  expect(
    await store.localSubscriptions.changes({
      recordedUntilMs: 9,
      registrations: [registrationId(99), registrationId(99)],
    }),
  ).toEqual([]);
  await store.close();
});

test("pages of local subscriptions follow each other without gap or overlap", async () => {
  const { store, registration, change } = await withNorth();
  const ids = Array.from({ length: 2_345 }, (_, i) => `l${String(i).padStart(5, "0")}`);
  await store.localSubscriptions.add(ids.flatMap((id) => [change(id, 0, 1, "A"), change(id, 5, 2, "B")]));
  const seen: string[] = [];
  for (let after = ""; ; ) {
    const page = await store.localSubscriptions.page({ registration, ...LATEST }, { after, limit: 1_000 });
    seen.push(...page.map((so) => `${so.localSubscription} ${so.tenant}`));
    if (page.length < 1_000) break;
    after = page.at(-1)!.localSubscription;
  }
  expect(seen).toEqual(ids.map((id) => `${id} B`));
  await store.close();
});

test("the history of mappings and of billing models is told as it was known", async () => {
  const { store, registration } = await withNorth();
  const [a, b] = ["a", "b"] as TenantId[];
  const recordedBy = "test";
  const map = (tenant: TenantId, customer: string, recordedAtMs: number) =>
    store.tenancy.addChange({
      registration,
      tenant,
      customer: customer as SubscriptionId,
      effectiveHour: 1 as Hour,
      recordedAtMs,
      recordedBy,
    });
  for (const [i, tenant] of [a!, b!, a!].entries()) await map(tenant, `c${i}`, i);
  const history = async (of: { tenant?: TenantId; recordedUntilMs?: number }, page: { after: number; limit: number }) =>
    (await store.tenancy.history({ registration, recordedUntilMs: 9, ...of }, page)).map(({ customer }) => customer);
  expect(await history({}, { after: 0, limit: 2 })).toEqual(["c0", "c1"]);
  expect(await history({}, { after: 2, limit: 2 })).toEqual(["c2"]);
  expect(await history({ tenant: a! }, { after: 0, limit: 9 })).toEqual(["c0", "c2"]);
  expect(await history({ tenant: a!, recordedUntilMs: 1 }, { after: 0, limit: 9 })).toEqual(["c0"]);

  const change = { registration, effectiveHour: 7 as Hour, recordedAtMs: 5, recordedBy };
  await store.registrations.addBillingModel({ ...change, billingModel: "Capacity", cores: 64 });
  expect(await store.registrations.billingModelChanges({ recordedUntilMs: 4 })).toEqual([]);
  expect(await store.registrations.billingModelChanges({ recordedUntilMs: 5, registration })).toEqual([
    { ...change, id: 1, billingModel: "Capacity", cores: 64 },
  ]);
  await store.close();
});

test("what operators say of meters is kept in the order of recording, factors to the last digit", async () => {
  const store = open();
  const meter = "tier" as MeterId;
  const recorded = { effectiveHour: 5 as Hour, recordedAtMs: 1, recordedBy: "test", reason: "why" };
  const facts = {
    name: "Tier",
    unit: "hour",
    resourceProvider: "Microsoft.Web",
    focus: { serviceCategory: "Web", serviceSubcategory: "s", serviceName: "n", consumedUnit: "Hours" },
  };
  const mapping = { commerceMeter: "c" as MeterId, factor: parseFraction(`1/${10n ** 39n + 1n}`)! };
  await store.meters.addMeter({ meter, ...facts, ...recorded });
  expect(await store.meters.changes()).toEqual({ meters: [{ id: 1, meter, ...facts, ...recorded }], mappings: [] });
  await store.transaction(async ({ meters }) => {
    await meters.addMapping({ meter, mapping, ...recorded });
    await meters.addMapping({ meter, mapping: null, ...recorded });
  });
  expect((await store.meters.changes()).mappings).toEqual([
    { id: 1, meter, mapping, ...recorded },
    { id: 2, meter, mapping: null, ...recorded },
  ]);
  await store.close();
});

const MIGRATIONS = "src/storage/control/migrations";

test("what an older Stampbook knew of local subscriptions and billing models is carried over", async () => {
  const file = join(temporaryFolder(), "control.sqlite");
  const database = openDatabase(file);
  database.function("fold_case", { deterministic: true }, (text) => String(text).toLowerCase());
  database.exec("create table schema_migration (number integer primary key, name text not null) strict");
  for (const name of readdirSync(join(ROOT, MIGRATIONS)).sort()) {
    if (name.includes("effective-dates")) break;
    database.exec(readFileSync(join(ROOT, MIGRATIONS, name), "utf8"));
    database.exec(`insert into schema_migration values (${Number(name.slice(0, 6))}, '${name}')`);
  }
  database.exec(`
    insert into registration (subscription_id, resource_group, name, scope_key, cloud_id, object_id, billing_model,
      created_at_ms, updated_at_ms) values ('s', 'g', 'n', 's/g/n', 'c', '', 'Capacity', 1, 2);
    insert into local_subscription_change (registration_id, local_subscription_id, tenant_id, display_name, state,
      recorded_at_ms) values (1, 'l', 'A', '', 'Enabled', 3600000), (1, 'l', 'B', '', 'Enabled', 7200001);`);
  database.close();

  const store = open(file);
  const locals = await store.localSubscriptions.changes({ recordedUntilMs: 9_999_999 });
  expect(locals.map((so) => [so.tenant, so.effectiveHour])).toEqual([
    ["A", 0],
    ["B", 3],
  ]);
  expect(await store.registrations.billingModelChanges({ recordedUntilMs: 1 })).toMatchObject([
    { billingModel: "Capacity", effectiveHour: 0 },
  ]);
  await store.close();
});
