import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BEGINNING } from "../../src/domain/history.ts";
import { hourOf } from "../../src/domain/ids.ts";
import { DEFAULT_PRICE_SHEET } from "../../src/domain/rating/defaultPriceSheet.ts";
import { ZERO } from "../../src/lib/decimal.ts";
import { askAs } from "../support/askAs.ts";
import { startServer, stampbook as command } from "../support/cli.ts";
import { closeAnyway } from "../support/closing.ts";
import { asLines, hubRecord, ids, NORTH, openStampbook, registerNorth, windowAfter } from "../support/world.ts";

// Goal: a period is closed once, for good and only after somebody has looked; what was closed can be rebuilt for ever.
// Method: a month of two payers on real engines, over HTTP and by commands.

const HOUR = "2024-02-10T10:00:00Z";
const WINDOW = windowAfter(HOUR);
const PERIOD = "2024-02";
const OTHER_METER = "b4438d5d-453b-4ee1-b42a-dc72e377f1e4";

/** Two payers: the customer's tenant is mapped, the second tenant's usage goes to the registration. */
async function month(options: Parameters<typeof openStampbook>[0] = {}) {
  const stampbook = await openStampbook({ now: "2024-02-01T00:00:00Z", ...options });
  const { client, clock } = stampbook;
  await registerNorth(stampbook);
  await client.map(NORTH, ids.customer);
  clock.set("2024-03-05T12:00:00Z");
  const send = (lines: readonly string[]) => client.takeIn("north", asLines(lines), WINDOW);
  await send([
    hubRecord({ hour: HOUR, quantity: "1000.0", resource: "/r/1" }),
    hubRecord({ hour: "2024-02-10T12:00:00Z", quantity: "10", resource: "/r/2", meter: OTHER_METER }),
    hubRecord({ hour: HOUR, quantity: "500", resource: "/r/3", localSubscription: ids.secondLocal }),
  ]);
  return { stampbook, client, clock, send, folder: stampbook.folder };
}

test("a period is looked at, closed with what was accepted, and stays as it is", async () => {
  const { stampbook, client, clock, send } = await month();
  await client.runStatements(PERIOD);
  const drafts = await client.statements(PERIOD);
  expect(drafts.map(({ state, level, issuer, hash }) => [state, level, issuer, hash])).toEqual([
    ["draft", "customer", "contoso", null],
    ["draft", "customer", "contoso", null],
  ]);
  expect(await client.closing.periods()).toMatchObject([
    { period: PERIOD, ended: true, partners: [{ partner: "contoso", state: "inReview", drafts: 2, statements: 0 }] },
  ]);

  const { checks, payers } = await client.closing.check(PERIOD, "contoso");
  expect(payers).toBe(2);
  expect(checks.map(({ check, passed }) => [check, passed])).toEqual([
    ["conservation", true],
    ["unpriced", true],
    ["parked", true],
    ["incomplete", false],
    ["unverified", expect.any(Boolean)],
    ["batches", true],
  ]);
  const incomplete = checks.find(({ check }) => check === "incomplete")!;
  // From the first hour that the stamp ever reported: 11:00, and all after 12:00 up to the end of the month.
  expect(incomplete.findings).toEqual([
    { registration: "north", from: "2024-02-10T11:00:00Z", to: "2024-02-10T12:00:00Z", hours: 1 },
    { registration: "north", from: "2024-02-10T13:00:00Z", to: "2024-03-01T00:00:00Z", hours: 19 * 24 + 11 },
  ]);
  expect(incomplete.remedy.length).toBeGreaterThan(0);
  await expect(client.closing.close(PERIOD, "contoso")).rejects.toMatchObject({ code: "CloseChecksFailed" });
  expect(await client.statements(PERIOD)).toEqual(drafts);

  const closed = await closeAnyway(client, PERIOD);
  expect(closed).toMatchObject({ closedNow: true, setAside: [] });
  expect(closed.statements.map(({ number, total }) => [number, total])).toEqual([
    ["CONTOSO-000001", "23.00"],
    ["CONTOSO-000002", expect.any(String)],
  ]);
  const statements = await client.statements(PERIOD);
  expect(statements.map(({ number, state }) => [number, state])).toEqual([
    ["CONTOSO-000001", "closed"],
    ["CONTOSO-000002", "closed"],
  ]);
  const second = await client.statement("CONTOSO-000002");
  expect(second.lines.map(({ mappingChanges, priceSheet }) => [mappingChanges.length, priceSheet])).toEqual([
    [1, DEFAULT_PRICE_SHEET.id],
    [1, DEFAULT_PRICE_SHEET.id],
  ]);
  expect(second.subtotals.byStamp).toEqual([{ registration: 1, amount: second.total, lines: 2 }]);
  expect(second.subtotals.byMeter).toHaveLength(2);
  expect((await client.explain("CONTOSO-000002", 1)).decisions[0]).toMatchObject({ by: "mapping" });

  // Again, and later, and with other usage: nothing of it changes.
  clock.set("2024-03-09T12:00:00Z");
  await send([hubRecord({ hour: HOUR, quantity: "7", resource: "/late" })]);
  expect(await closeAnyway(client, PERIOD)).toMatchObject({ closedNow: false, statements: closed.statements });
  const run = await client.runStatements(PERIOD);
  expect(run.conservation).toMatchObject({ stored: 4, billed: 4, difference: 0 });
  expect(await client.statements(PERIOD)).toEqual(statements);
  expect(await client.statement("CONTOSO-000002")).toEqual(second);
  expect(await client.closing.verify({ period: PERIOD })).toEqual({
    intact: true,
    documents: 2,
    differentInAll: 0,
    different: [],
  });
  expect(await client.closing.period(PERIOD)).toMatchObject({
    partners: [
      { partner: "contoso", state: "closed", statements: 2, closings: [{ closedBy: "local", kind: "close" }] },
    ],
  });
  const totals = await client.totals.page({ period: PERIOD, groupBy: "payer" });
  expect(totals.value.map(({ state }) => state)).toEqual(totals.value.map(() => "closed"));
  const audit = await client.audit({ target: PERIOD });
  expect(audit.map(({ action, outcome }) => `${action} ${outcome}`)).toContain(
    "Stampbook/statements/close/action done",
  );
  await stampbook.close();
});

test("a run tells what is other than at the run before", async () => {
  const { stampbook, client, send } = await month();
  expect((await client.runStatements(PERIOD)).changes).toBeUndefined();
  expect((await client.runStatements(PERIOD)).changes).toEqual({ added: 0, removed: 0, changed: 0, payers: [] });
  await send([hubRecord({ hour: HOUR, quantity: "1000", resource: "/r/9" })]);
  const { changes } = await client.runStatements(PERIOD);
  expect(changes).toMatchObject({ added: 0, removed: 0, changed: 1 });
  expect(changes?.payers).toMatchObject([
    { change: "changed", payer: ids.customer, lines: { added: 0, removed: 0, changed: 1 } },
  ]);
  await stampbook.close();
});

test("two closes at once: one closes, the other is told the same", async () => {
  const { stampbook, client } = await month();
  const [one, other] = await Promise.all([closeAnyway(client, PERIOD), closeAnyway(client, PERIOD)]);
  expect(new Set([one.closedNow, other.closedNow])).toEqual(new Set([false, true]));
  expect(one.statements).toEqual(other.statements);
  expect(one.closing.id).toBe(other.closing.id);
  await stampbook.close();
});

test("a payer with a fault is set aside while the others are closed, and is closed later", async () => {
  const { stampbook, client, clock } = await month();
  await client.runStatements(PERIOD);
  await client.removeCatalogueEntry(ids.customer);
  const first = await closeAnyway(client, PERIOD);
  expect(first.statements.map(({ payer }) => payer)).toEqual([ids.registration]);
  expect(first.setAside).toMatchObject([{ payer: ids.customer, reason: "PayerGone" }]);
  expect(await client.totals.page({ period: PERIOD })).toMatchObject({
    value: [{ state: "provisional" }, { state: "provisional" }],
  });
  expect((await client.statements(PERIOD)).map(({ state }) => state)).toEqual(["closed", "draft"]);
  expect(await closeAnyway(client, PERIOD)).toMatchObject({ closedNow: false, setAside: [{ payer: ids.customer }] });

  await client.putCatalogue([{ subscription: ids.customer, offerType: "CSP", partner: "contoso", tenant: ids.tenant }]);
  clock.set("2024-03-06T12:00:00Z");
  const second = await closeAnyway(client, PERIOD);
  expect(second).toMatchObject({ closedNow: true, setAside: [] });
  expect(second.statements.map(({ payer, number }) => [payer, number])).toEqual([[ids.customer, "CONTOSO-000002"]]);
  expect((await client.totals.page({ period: PERIOD })).value.map(({ state }) => state)).toEqual(["closed", "closed"]);
  expect(await client.closing.verify({ period: PERIOD })).toMatchObject({ intact: true, documents: 2 });
  await stampbook.close();
});

test("a payer whose usage cannot be rated is set aside with what is wrong", async () => {
  const prices = new Map(DEFAULT_PRICE_SHEET.prices);
  for (const [meter, price] of prices) {
    if (meter.startsWith("b4438d5d")) prices.set(meter, { ...price, tiers: [] });
  }
  const { stampbook, client } = await month({ priceSheet: { ...DEFAULT_PRICE_SHEET, prices } });
  const closed = await closeAnyway(client, PERIOD);
  expect(closed.setAside).toMatchObject([{ payer: ids.customer, reason: "RatingFailed" }]);
  expect(closed.statements.map(({ payer }) => payer)).toEqual([ids.registration]);
  await stampbook.close();
});

test("own boundaries: usage is billed in the period that it lies in, and what is closed keeps its hours", async () => {
  const settings = { periodBegins: "2024-02=10T11" };
  const { stampbook, client, clock, folder } = await month({ settings });
  expect(await client.closing.period(PERIOD)).toMatchObject({
    from: "2024-02-10T11:00:00Z",
    to: "2024-03-10T11:00:00Z",
  });
  await expect(closeAnyway(client, PERIOD)).rejects.toMatchObject({ code: "PeriodNotEnded" });
  // Usage of 10:00 is January's, whose end is the first hour of February.
  const january = await closeAnyway(client, "2024-01");
  expect(january.statements.map(({ payer }) => payer)).toEqual([ids.registration, ids.customer]);
  clock.set("2024-03-11T00:00:00Z");
  const february = await closeAnyway(client, PERIOD);
  expect(february.statements).toMatchObject([{ payer: ids.customer, lineCount: 1 }]);
  expect(await client.closing.verify({ period: "2024-01" })).toMatchObject({ intact: true, documents: 2 });
  await stampbook.close();
  const now = "2024-03-11T00:00:00Z";
  await expect(openStampbook({ folder, now })).rejects.toMatchObject({ code: "SettingInvalid" });
  const later = await openStampbook({ folder, now, settings: { periodBegins: "2024-02=10T11,2024-04=1T00" } });
  expect(await later.client.closing.period("2024-03")).toMatchObject({ to: "2024-04-01T00:00:00Z" });
  await later.close();
});

test("a payer without a rate for its currency, and stamps whose capacity has no price, are set aside by name", async () => {
  const { stampbook, client, clock } = await month({
    priceSheet: { ...DEFAULT_PRICE_SHEET, capacityPackages: [] },
  });
  const { prices, registrations } = stampbook.stampbook.context.control;
  const terms = {
    sheet: DEFAULT_PRICE_SHEET.id,
    region: null,
    markups: [],
    creditPercent: ZERO,
    billingCurrency: "EUR",
  };
  const party = { kind: "customer", id: ids.customer } as const;
  const recorded = {
    effectiveHour: BEGINNING,
    recordedAtMs: clock.now(),
    recordedBy: "test",
    reason: "billed in euro",
  };
  await prices.assign({ level: "customer", party, terms, ...recorded });
  // Nobody knows how many cores the stamp had before it listed its hosts.
  const [north] = await registrations.list();
  const capacity = { registration: north!.id, billingModel: "Capacity", cores: null } as const;
  await registrations.addBillingModel({ ...capacity, ...recorded, effectiveHour: hourOf(Date.UTC(2024, 1, 20)) });
  const asideOf = async () => (await client.closing.check(PERIOD, "contoso")).setAside.map(({ detail }) => detail);
  expect(await asideOf()).toEqual([
    expect.stringContaining("CapacityCoresUnknown: "),
    expect.stringContaining("FxRateMissing: "),
  ]);
  await registrations.addBillingModel({
    ...capacity,
    cores: 64,
    ...recorded,
    effectiveHour: hourOf(Date.UTC(2024, 1, 20)),
  });
  await prices.addFxRate({ period: PERIOD, from: "USD", to: "EUR", rate: "0.9", ...recorded });
  expect(await asideOf()).toEqual([expect.stringContaining("CapacityPackageMissing: ")]);
  await closeAnyway(client, PERIOD);
  const [statement] = await client.statements(PERIOD);
  expect(statement).toMatchObject({ payer: ids.customer, currency: "EUR" });
  await stampbook.close();
});

test("what cannot be closed is refused, with what to do", async () => {
  const { stampbook, client, clock } = await month();
  clock.set("2024-02-29T23:59:59Z");
  await expect(closeAnyway(client, PERIOD)).rejects.toMatchObject({ code: "PeriodNotEnded" });
  clock.set("2024-03-05T12:00:00Z");
  await expect(closeAnyway(client, PERIOD, "fabrikam")).rejects.toMatchObject({ code: "PeriodPartnerUnknown" });
  const accept = (check: string, reason: string) => client.closing.close(PERIOD, "contoso", [{ check, reason }]);
  await expect(accept("luck", "x")).rejects.toMatchObject({ code: "CheckUnknown" });
  await expect(accept("conservation", "x")).rejects.toMatchObject({ code: "CheckNotAcceptable" });
  await expect(accept("parked", " ")).rejects.toMatchObject({ code: "AcceptanceReasonMissing" });
  await expect(client.closing.verify({ period: PERIOD })).rejects.toMatchObject({ code: "PeriodNotClosed" });
  await expect(client.closing.verify({ number: "X-1" })).rejects.toMatchObject({ code: "StatementNotFound" });
  await stampbook.close();
});

test("the store refuses to change what is closed, and verify finds what was changed past it", async () => {
  const { stampbook, client, folder } = await month();
  await closeAnyway(client, PERIOD);
  await stampbook.close();
  const file = join(folder, "data", "control.sqlite");
  const database = new DatabaseSync(file);
  for (const sql of [
    "update document set total = '1'",
    "delete from document",
    "update document_piece set lines = '[]'",
    "delete from document_piece",
    // After the last line, and in place of a line that is there.
    "insert into document_piece values ('CONTOSO-000001', 99, 1, '[]')",
    "insert into document_piece values ('CONTOSO-000001', 2, 1, '[]')",
    "insert into document_piece values ('CONTOSO-000001', 0, 1, '[]')",
    "insert into document_piece values ('CONTOSO-000001', 1, 0, '[]')",
    "update document_fact set facts = '{}'",
    "delete from document_fact",
    "update closing set partner = 'x'",
    "delete from closing",
    "update document_issuer set last_sequence = 0",
    "delete from document_issuer",
  ]) {
    expect(() => database.exec(sql), sql).toThrow(/never|keeps|only go on/);
  }
  database.exec("drop trigger document_keeps_update");
  database.exec("update document set total = '45.00' where number = 'CONTOSO-000001'");
  database.close();
  const again = await openStampbook({ folder, now: "2024-03-05T12:00:00Z" });
  const found = await again.client.closing.verify({ period: PERIOD });
  expect(found).toMatchObject({ intact: false, documents: 2, differentInAll: 1 });
  expect(found.different).toMatchObject([
    {
      number: "CONTOSO-000001",
      isKept: false,
      differences: [{ member: "total", kept: '"45.00"', rebuilt: '"23.00"' }],
    },
  ]);
  await again.close();
});

test("a statement is rebuilt although everything that it was made from has changed in the same millisecond", async () => {
  const { stampbook, client } = await month();
  await closeAnyway(client, PERIOD);
  const from = "2024-02-01T00:00:00Z";
  const row = { localSubscription: ids.secondLocal, tenant: ids.tenant, validFrom: from };
  await client.putLocalSubscriptions("north", [row]);
  await client.map(NORTH, ids.secondCustomer);
  await client.putCatalogue([{ subscription: ids.registration, offerType: "APSS", partner: "northwind" }]);
  expect(await client.closing.verify({ period: PERIOD })).toMatchObject({ intact: true, documents: 2 });
  await stampbook.close();
});

test("a customer sees its own closed statement and nobody else's, and may not close", async () => {
  const { stampbook, client } = await month();
  await closeAnyway(client, PERIOD);
  const ask = await askAs(stampbook.stampbook);
  await ask.grant("customer", "Tenant Reader", `/subscriptions/${ids.customer}`);
  await ask.grant("reader", "Billing Reader", "/");
  const list = await ask("customer", "GET", `/v1/statements?period=${PERIOD}`);
  expect((list.body as { value: { payer: string }[] }).value.map(({ payer }) => payer)).toEqual([ids.customer]);
  const status = async (name: string, method: string, path: string, json?: unknown) =>
    (await ask(name, method, path, json)).status;
  expect(await status("customer", "GET", "/v1/statements/CONTOSO-000002")).toBe(200);
  expect(await status("customer", "GET", "/v1/statements/CONTOSO-000001")).toBe(403);
  expect(await status("customer", "GET", `/v1/periods/${PERIOD}`)).toBe(403);
  expect(await status("reader", "GET", `/v1/periods/${PERIOD}`)).toBe(200);
  for (const name of ["customer", "reader"]) {
    expect(await status(name, "POST", `/v1/periods/${PERIOD}/partners/contoso/close`, {})).toBe(403);
    expect(await status(name, "POST", `/v1/periods/${PERIOD}/partners/contoso/corrections`, { reason: "x" })).toBe(403);
  }
  await ask.close();
  await stampbook.close();
});

test("the commands show, check, close and verify a period", async () => {
  const { stampbook, client, folder } = await month();
  await client.runStatements(PERIOD);
  await stampbook.close();
  const server = await startServer(join(folder, "data"));
  const run = (...args: readonly string[]) =>
    command([...args, "--data-folder", join(folder, "data")], { cwd: folder });
  expect((await run("periods", "list")).stdout).toContain("inReview");
  const check = await run("periods", "check", PERIOD, "contoso");
  expect(check.stdout).toContain("failed  incomplete (2)");
  expect(check.stdout).toContain("→ ");
  const refused = await run("periods", "close", PERIOD, "contoso");
  expect(refused).toMatchObject({ status: 1 });
  expect(refused.stderr).toContain("CloseChecksFailed");
  const noReason = await run("periods", "close", PERIOD, "contoso", "--accept", "incomplete");
  expect(noReason.stderr).toContain("AcceptanceReasonMissing");
  const accept = ["--accept", "incomplete", "--accept", "unverified", "--reason", "the stamp was idle"];
  const closed = await run("periods", "close", PERIOD, "contoso", ...accept);
  expect(closed.stdout).toContain("CONTOSO-000002");
  expect((await run("periods", "show", PERIOD)).stdout).toContain("closed");
  expect((await run("statements", "verify")).stdout).toContain("intact   2024-02: 2 documents");
  expect(JSON.parse((await run("statements", "verify", "CONTOSO-000001", "--json")).stdout)).toMatchObject([
    { of: "CONTOSO-000001", intact: true, documents: 1 },
  ]);
  await server.kill("SIGTERM");
});
