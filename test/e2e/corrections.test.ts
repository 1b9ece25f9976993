import { join } from "node:path";
import { expect, test } from "vitest";
import { hourOf } from "../../src/domain/ids.ts";
import { DEFAULT_PRICE_SHEET } from "../../src/domain/rating/defaultPriceSheet.ts";
import { decimal } from "../../src/lib/decimal.ts";
import { stampbook as command } from "../support/cli.ts";
import { closeAnyway } from "../support/closing.ts";
import {
  asLines,
  hubRecord,
  ids,
  instant,
  NORTH,
  openStampbook,
  registerNorth,
  windowAfter,
} from "../support/world.ts";

// Goal: whatever comes up after a close is told by a correction on its own period, with its cause, and nothing closed is
// touched. Method: one closed month; each test brings something late and reads what was issued.

const HOUR = "2024-02-10T10:00:00Z";
const WINDOW = windowAfter(HOUR);
const PERIOD = "2024-02";

async function closedMonth() {
  const stampbook = await openStampbook({ now: "2024-02-01T00:00:00Z" });
  const { client, clock } = stampbook;
  await registerNorth(stampbook);
  await client.map(NORTH, ids.customer);
  clock.set("2024-03-05T12:00:00Z");
  const send = (...lines: string[]) => client.takeIn("north", asLines(lines), WINDOW);
  const delivery = await send(hubRecord({ hour: HOUR, quantity: "1000", resource: "/r/1" }));
  await closeAnyway(client, PERIOD);
  clock.set("2024-03-20T08:00:00Z");
  const issue = async (reason = "late usage") =>
    (await client.closing.issueCorrections(PERIOD, "contoso", reason)).value;
  return { stampbook, client, clock, send, delivery, issue };
}

test("late usage is a debit, its withdrawal a credit, and then nothing is left", async () => {
  const { stampbook, client, clock, send, issue } = await closedMonth();
  expect((await client.closing.previewCorrections(PERIOD, "contoso")).correctionsInAll).toBe(0);
  expect(await issue()).toEqual([]);

  const late = await send(hubRecord({ hour: HOUR, quantity: "500", resource: "/late" }));
  const preview = await client.closing.previewCorrections(PERIOD, "contoso");
  expect(preview).toMatchObject({ correctionsInAll: 1, value: [{ payer: ids.customer, total: "23.00" }] });
  const [debit] = await issue();
  expect(debit).toMatchObject({
    number: "CONTOSO-000002",
    kind: "correction",
    corrects: "CONTOSO-000001",
    period: PERIOD,
    issuedIn: "2024-03",
    total: "23.00",
  });
  const told = await client.closing.correction("CONTOSO-000002");
  expect(told.lines).toMatchObject([
    {
      registrationName: "north",
      old: { quantity: "1000", amount: "46.00" },
      new: { quantity: "1500", amount: "69.00" },
      quantityDifference: "500",
      amountDifference: "23.00",
      causes: ["LateUsage"],
    },
  ]);
  expect(told.causes).toMatchObject([{ kind: "LateUsage", id: late.batch, recordedBy: "local" }]);
  expect(told.reason).toBe("late usage");
  expect(await issue()).toEqual([]);

  clock.set("2024-04-02T08:00:00Z");
  await client.ledger.withdraw(late.batch, "sent twice");
  const [credit] = await issue("sent twice by the bridge");
  expect(credit).toMatchObject({
    number: "CONTOSO-000003",
    corrects: "CONTOSO-000002",
    issuedIn: "2024-04",
    total: "-23.00",
  });
  expect((await client.closing.correction("CONTOSO-000003")).causes).toMatchObject([
    { kind: "Withdrawal", reason: "sent twice" },
  ]);
  expect(await client.statements(PERIOD)).toMatchObject([
    { number: "CONTOSO-000001", state: "corrected", total: "46.00" },
  ]);
  expect((await client.closing.period(PERIOD)).partners).toMatchObject([{ state: "corrected", corrections: 2 }]);
  expect(await client.closing.verify({ period: PERIOD })).toMatchObject({ intact: true, documents: 3 });
  expect(await client.closing.verify({ number: "CONTOSO-000003" })).toMatchObject({ intact: true, documents: 1 });
  await stampbook.close();
});

test("a decision about the past moves what it was about: a credit for one, and a first document for the other", async () => {
  const { stampbook, client, issue } = await closedMonth();
  const from = "2024-02-01T00:00:00Z";
  const row = { localSubscription: ids.local, tenant: ids.secondTenant, validFrom: from };
  await client.putLocalSubscriptions("north", [row]);
  const issued = await issue("it belonged to the other tenant");
  expect(issued.map(({ payer, total, corrects }) => [payer, total, corrects])).toEqual([
    [ids.registration, "46.00", null],
    [ids.customer, "-46.00", "CONTOSO-000001"],
  ]);
  const [debit, credit] = await Promise.all(issued.map(({ number }) => client.closing.correction(number)));
  const causes = [{ kind: "LocalSubscription", recordedBy: "local" }];
  expect(credit).toMatchObject({ lines: [{ new: null, causes: ["LocalSubscription"] }], causes });
  expect(debit).toMatchObject({ lines: [{ old: null, causes: ["LocalSubscription"] }], causes });
  expect(await client.closing.verify({ period: PERIOD })).toMatchObject({ intact: true, documents: 3 });
  await stampbook.close();
});

test("usage that waited is corrected once somebody resolves it; a chosen version too", async () => {
  const { stampbook, client, send, issue } = await closedMonth();
  const unknown = "40000000-0000-4000-8000-0000000000aa";
  await send(
    hubRecord({ hour: HOUR, quantity: "100", resource: "/w", localSubscription: unknown }),
    hubRecord({ hour: HOUR, quantity: "2000", resource: "/r/1" }),
  );
  expect(await issue()).toEqual([]);
  await client.putLocalSubscriptions("north", [{ localSubscription: unknown, tenant: ids.tenant }]);
  const [conflict] = await client.ledger.conflicts();
  const version = conflict!.versions.find(({ quantity }) => quantity === "2000")!;
  await client.ledger.choose(conflict!.record, version.content, "the first one was a test");
  const [correction] = await issue("resolved");
  expect(correction).toMatchObject({ payer: ids.customer, total: "50.60" });
  const told = await client.closing.correction(correction!.number);
  expect(told.causes.map(({ kind }) => kind)).toEqual(["LateUsage", "Choice", "LocalSubscription"]);
  expect(told.causes[1]).toMatchObject({ reason: "the first one was a test" });
  await stampbook.close();
});

test("a price that was wrong is corrected line by line, and the correction says who changed it and why", async () => {
  const { stampbook, client, clock, issue } = await closedMonth();
  const { control } = stampbook.stampbook.context;
  const terms = { sheet: DEFAULT_PRICE_SHEET.id, region: null, markups: [], billingCurrency: null };
  await control.prices.assign({
    level: "customer",
    party: { kind: "customer", id: ids.customer },
    terms: { ...terms, creditPercent: decimal("10") },
    reason: "the contract says 10 percent",
    effectiveHour: hourOf(instant("2024-02-01T00:00:00Z")),
    recordedAtMs: clock.now(),
    recordedBy: "ann",
  });
  const [credit] = await issue("the credit was forgotten");
  expect(credit).toMatchObject({ payer: ids.customer, total: "-4.60", corrects: "CONTOSO-000001" });
  const told = await client.closing.correction(credit!.number);
  expect(told.lines).toMatchObject([{ old: { amount: "46.00" }, new: { amount: "41.40" }, causes: ["Price"] }]);
  expect(told.causes).toMatchObject([{ kind: "Price", recordedBy: "ann", reason: "the contract says 10 percent" }]);
  expect(await client.closing.verify({ period: PERIOD })).toMatchObject({ intact: true, documents: 2 });
  await stampbook.close();
});

test("what is not closed, or has no reason, is not corrected", async () => {
  const { stampbook, client, issue } = await closedMonth();
  await expect(client.closing.previewCorrections("2024-01", "contoso")).rejects.toMatchObject({
    code: "PeriodNotClosed",
  });
  await expect(issue(" ")).rejects.toMatchObject({ code: "CorrectionReasonMissing" });
  await expect(client.closing.correction("CONTOSO-000001")).rejects.toMatchObject({ code: "CorrectionNotFound" });
  await stampbook.close();
});

test("two issues at once give one set of corrections", async () => {
  const { stampbook, client, send, issue } = await closedMonth();
  await send(hubRecord({ hour: HOUR, quantity: "500", resource: "/late" }));
  const both = await Promise.all([issue(), issue()]);
  expect(new Set(both.map(({ length }) => length))).toEqual(new Set([0, 1]));
  expect(await client.closing.corrections(PERIOD)).toHaveLength(1);
  await stampbook.close();
});

test("the commands preview, issue, list and show", async () => {
  const { stampbook, folder, send } = await closedMonth().then((so) => ({ ...so, folder: so.stampbook.folder }));
  await send(hubRecord({ hour: HOUR, quantity: "500", resource: "/late" }));
  await stampbook.close();
  const run = (...args: readonly string[]) =>
    command([...args, "--data-folder", join(folder, "data")], { cwd: folder });
  expect((await run("corrections", "preview", PERIOD, "contoso")).stdout).toContain("Debit 23.00 USD");
  expect((await run("corrections", "issue", PERIOD, "contoso", "--reason", "late")).stdout).toContain("CONTOSO-000002");
  expect((await run("corrections", "list")).stdout).toContain("CONTOSO-000002");
  expect((await run("corrections", "show", "CONTOSO-000002")).stdout).toContain("LateUsage");
  expect((await run("corrections", "preview", PERIOD, "contoso")).stdout).toContain("Nothing is to be corrected.");
});
