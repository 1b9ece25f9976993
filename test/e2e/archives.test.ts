import { appendFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ArchiveFolder, ArchiveStore, UsageMonths } from "../../src/domain/usage/archive.ts";
import { archiveUsage } from "../../src/operations/usage/archive.ts";
import { MACHINE } from "../../src/operations/context.ts";
import { archiveFolder } from "../../src/storage/archiveFolder.ts";
import { rollUp } from "../../src/operations/usage/rollUp.ts";
import {
  asLines,
  hubRecord,
  ids,
  NORTH,
  openStampbook,
  registerNorth,
  type TestStampbook,
  windowAfter,
} from "../support/world.ts";
import { closeAnyway } from "../support/closing.ts";
import { temporaryFolder } from "../support/temporary.ts";

// Goal: usage that is old enough goes to an archive and is explained from there; what comes for it later waits and never
// counts. Method: a Stampbook whose clock goes on by a year, and one that is broken off after each step.

const JANUARY = "2024-01-10T10:00:00Z";
const FEBRUARY = "2024-02-10T10:00:00Z";
const LATER = "2025-03-02T00:00:00Z";

const january = [
  hubRecord({ hour: JANUARY, quantity: "1.000000000000000000000000000001", resource: "/r/1" }),
  hubRecord({ hour: JANUARY, quantity: "2", resource: "/r/2" }),
  hubRecord({ hour: JANUARY, quantity: "3", resource: "/r/3", localSubscription: ids.secondLocal }),
];
const windowed = windowAfter(JANUARY);

/** Two months of usage with statements, more than a year ago. */
async function filled(folder = temporaryFolder()): Promise<TestStampbook> {
  const stampbook = await openStampbook({ folder, now: "2024-03-05T12:00:00Z" });
  const { client, clock } = stampbook;
  await registerNorth(stampbook);
  await client.map(NORTH, ids.customer);
  await client.takeIn("north", asLines(january), windowed);
  const changed = hubRecord({ hour: JANUARY, quantity: "9", resource: "/r/1" });
  await client.takeIn("north", asLines([changed]), windowed);
  await client.takeIn("north", asLines([hubRecord({ hour: FEBRUARY, quantity: "5" })]), windowAfter(FEBRUARY));
  await closeAnyway(client, "2024-01");
  await closeAnyway(client, "2024-02");
  clock.set(LATER);
  await rollUp(stampbook.stampbook.context);
  return stampbook;
}

/** Everything that the statements of both months tell, down to the records. */
async function explained({ client }: Pick<TestStampbook, "client">): Promise<unknown> {
  const told: unknown[] = [];
  for (const period of ["2024-01", "2024-02"]) {
    for (const { number } of await client.statements(period)) {
      for (const { line } of (await client.statement(number)).lines) told.push(await client.explain(number, line));
    }
  }
  told.push(
    await client.totals.page({ from: "2024-01-01T00:00:00Z", to: "2024-03-01T00:00:00Z", groupBy: "payer,resource" }),
  );
  told.push((await client.totals.conservation("2024-01")).value);
  const { value, summary } = await client.completeness("north", {
    from: "2024-01-05T00:00:00Z",
    to: "2024-02-05T00:00:00Z",
  });
  told.push(value, summary);
  told.push(await client.parked({ month: "2024-01" }));
  const one = { registration: "north", localSubscription: ids.local, meter: "9cd92d4c-bafd-4492-b278-bedc2de8232a" };
  told.push((await client.explainUsage({ ...one, hour: JANUARY })).value);
  told.push((await client.explainUsage({ registration: "north", batch: 1, position: 2 })).value);
  return told;
}

test("a month is archived: it is explained as before, and other months are as they were", async () => {
  const stampbook = await filled();
  const { client, folder } = stampbook;
  const before = await explained(stampbook);
  expect(await client.ledger.archives.plan()).toMatchObject([{ month: "2024-01", entries: 4, kept: null }]);
  expect(await client.ledger.archives.plan("2024-02")).toMatchObject([
    { month: "2024-01", kept: null },
    { month: "2024-02", kept: "Retention" },
  ]);
  expect(await client.ledger.archives.list()).toMatchObject({ value: [], horizon: null, running: null });
  await expect(client.ledger.archives.archive("2024-02")).rejects.toMatchObject({ code: "MonthNotArchivable" });
  const [archive, ...more] = await client.ledger.archives.archive("2024-01");
  expect(more).toEqual([]);
  expect(archive).toMatchObject({ month: "2024-01", entries: 4, archivedBy: "local" });
  expect(archive?.sums).toContainEqual({
    meter: "9cd92d4c-bafd-4492-b278-bedc2de8232a",
    held: "no",
    sign: 1,
    entries: 3,
    quantity: "6.000000000000000000000000000001",
  });
  expect(readdirSync(join(folder, "data/archive"))).toEqual([archive!.file]);
  expect(await client.ledger.archives.list()).toMatchObject({
    value: [{ month: "2024-01", droppedAt: LATER }],
    horizon: "2024-02-01T00:00:00Z",
    retentionMonths: 13,
    correctableMonths: 12,
  });
  expect(await explained(stampbook)).toEqual(before);
  // The version that nobody chose is in the archive, with its age and what it would have cost.
  expect(await client.parked()).toEqual([]);
  expect(await client.parked({ month: "2024-02" })).toEqual([]);
  expect(await client.parked({ month: "2024-01" })).toMatchObject([
    { reason: "Conflict", quantity: "9", records: 1, oldestUsage: JANUARY, amountAtStake: "0.41", currency: "USD" },
  ]);
  await expect(client.parked({ month: "January" })).rejects.toMatchObject({ status: 400 });
  expect(await client.ledger.archives.verify("2024-01")).toMatchObject({ intact: true, entries: 4 });
  expect(await client.ledger.archives.archive("2024-01")).toEqual([]);
  expect(await client.ledger.archives.archive()).toEqual([]);
  await expect(client.ledger.archives.verify("2024-02")).rejects.toMatchObject({ code: "ArchiveNotFound" });
  await expect(client.runStatements("2024-01")).rejects.toMatchObject({ code: "PeriodArchived" });
  expect(await client.closing.verify({ period: "2024-01" })).toMatchObject({ intact: true, documents: 1 });
  expect((await client.closing.previewCorrections("2024-01", "contoso")).correctionsInAll).toBe(0);
  expect(await client.totals.conservation("2024-01")).toMatchObject({ conserved: true });
  expect(await client.totals.conservation("2024-02")).toMatchObject({ conserved: true });
  expect((await client.runStatements("2024-02")).conservation).toMatchObject({ stored: 1, billed: 1, difference: 0 });
  const actions = (await client.audit({ target: "2024-01" })).map(({ action, outcome }) => `${action} ${outcome}`);
  expect(actions).toEqual(
    expect.arrayContaining(["Stampbook/usage/archive/action done", "Stampbook/usage/drop/action done"]),
  );
  await stampbook.close();
});

test("what comes for an archived month waits, is compared among itself, and never counts", async () => {
  const stampbook = await filled();
  const { client } = stampbook;
  await client.ledger.archives.archive("2024-01");
  const old = january.slice(0, 1);
  const other = [hubRecord({ hour: JANUARY, quantity: "7", resource: "/r/1" })];
  const first = await client.takeIn("north", asLines(old), windowed);
  expect(first).toMatchObject({ counts: { parked: 1, accepted: 0 }, problems: [{ reason: "PeriodArchived" }] });
  expect(first.problems[0]?.remedy?.[0]).toContain("a period that is still open");
  expect((await client.takeIn("north", asLines(old), windowed)).counts).toMatchObject({ duplicate: 1, parked: 0 });
  expect((await client.takeIn("north", asLines(other), windowed)).counts).toMatchObject({ conflict: 1, accepted: 0 });
  expect((await client.takeIn("north", asLines([...other, ...old]), windowed)).counts).toMatchObject({ duplicate: 2 });
  const neverSeen = [hubRecord({ hour: "2023-06-01T00:00:00Z", quantity: "1", resource: "/new" })];
  const late = windowAfter("2023-06-01T00:00:00Z");
  expect((await client.takeIn("north", asLines(neverSeen), late)).counts).toMatchObject({ parked: 1 });
  expect(await client.parked()).toMatchObject([{ reason: "PeriodArchived", records: 3, quantity: expect.any(String) }]);
  expect((await client.parked())[0]?.remedy[0]).toContain("Compare it with the archive");
  expect(await client.ledger.conflicts()).toEqual([]);
  // A batch that came too late can be taken back; then its records may come again, and wait again.
  expect(await client.ledger.withdraw(first.batch, "sent by mistake")).toMatchObject({ ended: 1 });
  expect((await client.takeIn("north", asLines(old), windowed)).counts).toMatchObject({ conflict: 1 });
  expect(await client.ledger.archives.archive()).toEqual([]);
  await stampbook.close();
});

test("entries in an archive change no more: no withdrawal, no choice", async () => {
  const stampbook = await filled();
  const { client } = stampbook;
  const [conflict] = await client.ledger.conflicts();
  await client.ledger.archives.archive("2024-01");
  await expect(client.ledger.withdraw(1, "wrong")).rejects.toMatchObject({ code: "UsageArchived" });
  expect(await client.ledger.conflicts()).toEqual([]);
  const choice = client.ledger.choose(conflict!.record, conflict!.versions[1]!.content, "better");
  await expect(choice).rejects.toMatchObject({ code: "ConflictNotFound" });
  expect(await client.ledger.withdraw(3, "February may be taken back")).toMatchObject({ ended: 1 });
  await stampbook.close();
});

test("a month that is not on statements, may be corrected or is being decided on stays", async () => {
  const stampbook = await filled();
  const { client, clock } = stampbook;
  clock.set("2025-02-01T00:00:00Z");
  expect(await client.ledger.archives.plan("2024-01")).toMatchObject([{ month: "2024-01", kept: "Retention" }]);
  clock.set(LATER);
  await client.takeIn("north", asLines([hubRecord({ hour: JANUARY, quantity: "1", resource: "/late" })]), windowed);
  expect(await client.ledger.archives.plan()).toMatchObject([{ month: "2024-01", kept: "PeriodOpen" }]);
  await client.runStatements("2024-01");
  expect(await client.ledger.archives.plan()).toMatchObject([{ month: "2024-01", kept: null }]);
  // The machine's own round leaves alone what was filled in only lately.
  const { context } = stampbook.stampbook;
  expect(await archiveUsage(context, MACHINE, { asked: false })).toEqual([]);
  clock.set("2025-04-02T00:00:00Z");
  expect((await archiveUsage(context, MACHINE, { asked: false })).map(({ month }) => month)).toEqual([
    "2024-01",
    "2024-02",
  ]);
  await stampbook.close();
});

test("a damaged or missing archive is told, and nothing is answered from it", async () => {
  const stampbook = await filled();
  const { client, folder } = stampbook;
  const [archive] = await client.ledger.archives.archive("2024-01");
  const path = join(folder, "data/archive", archive!.file);
  const [statement] = await client.statements("2024-01");
  appendFileSync(path, "x");
  for (const broken of [() => undefined, () => rmSync(path)]) {
    broken();
    await expect(client.explain(statement!.number, 1)).rejects.toMatchObject({ code: "ArchiveDamaged", status: 503 });
    await expect(client.ledger.archives.verify("2024-01")).rejects.toMatchObject({ code: "ArchiveDamaged" });
  }
  const [february] = await client.statements("2024-02");
  expect(await client.explain(february!.number, 1)).toMatchObject({ records: { recordsInAll: 1 } });
  await stampbook.close();
});

test("what was written and does not equal the ledger is not noted; a folder that cannot be used is told", async () => {
  const stampbook = await filled();
  const { client } = stampbook;
  const { months }: { readonly months: Writable<UsageMonths> } = stampbook.stampbook.context.usage;
  const factsOfFile = months.factsOfFile.bind(months);
  months.factsOfFile = async (path) => ({ ...(await factsOfFile(path)), fingerprint: "0".repeat(16) });
  await expect(client.ledger.archives.archive()).rejects.toMatchObject({ code: "ArchiveUnequal", status: 503 });
  expect(await client.ledger.archives.list()).toMatchObject({ value: [], horizon: null, running: null });
  months.factsOfFile = factsOfFile;
  const folder: Writable<ArchiveFolder> = stampbook.stampbook.context.archiveFolder;
  const elsewhere = archiveFolder(join(stampbook.folder, "data/control.sqlite/archive"));
  const temporary = folder.temporary.bind(folder);
  folder.temporary = elsewhere.temporary.bind(elsewhere);
  await expect(client.ledger.archives.archive()).rejects.toMatchObject({ code: "ArchiveFolderUnusable", status: 503 });
  folder.temporary = temporary;
  expect(await client.ledger.archives.archive()).toMatchObject([{ month: "2024-01", droppedAt: LATER }]);
  await stampbook.close();
});

type Writable<So> = { -readonly [Name in keyof So]: So[Name] };
type Step = "temporary" | "write" | "keep" | "factsOfFile" | "add" | "noted" | "drop" | "dropped";

/** Breaks an archive off right after one of its steps, as a process that dies would. */
function breakAfter(stampbook: TestStampbook, step: Step): void {
  const { context } = stampbook.stampbook;
  const folder: Writable<ArchiveFolder> = context.archiveFolder;
  const { months }: { readonly months: Writable<UsageMonths> } = context.usage;
  const died = new Error("the process died");
  const after =
    <Args extends readonly unknown[], Result>(run: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      await run(...args);
      throw died;
    };
  if (step === "temporary") folder.temporary = after(folder.temporary.bind(folder));
  if (step === "write") months.write = after(months.write.bind(months));
  if (step === "keep") folder.keep = after(folder.keep.bind(folder));
  if (step === "factsOfFile") months.factsOfFile = after(months.factsOfFile.bind(months));
  if (step === "noted") months.drop = () => Promise.reject(died);
  if (step === "drop") months.drop = after(months.drop.bind(months));
  if (step === "add" || step === "dropped") {
    const transaction = context.control.transaction.bind(context.control);
    context.control.transaction = (run) =>
      transaction(async (stores) => {
        const add = stores.archives.add.bind(stores.archives);
        const dropped = stores.archives.dropped.bind(stores.archives);
        const broken: Partial<ArchiveStore> = step === "add" ? { add: after(add) } : { dropped: after(dropped) };
        return await run({ ...stores, archives: { ...stores.archives, ...broken } });
      });
  }
}

test.each<Step>(["temporary", "write", "keep", "factsOfFile", "add", "noted", "drop", "dropped"])(
  "broken off after %s: the next start goes on, nothing is lost and nothing counts twice",
  async (step) => {
    const folder = temporaryFolder();
    const first = await filled(folder);
    const before = await explained(first);
    breakAfter(first, step);
    await expect(first.client.ledger.archives.archive("2024-01")).rejects.toThrow();
    // Also before anybody goes on.
    expect(await explained(first)).toEqual(before);
    await first.close();

    const second = await openStampbook({ folder, now: LATER });
    const { client } = second;
    expect(await explained(second)).toEqual(before);
    // Usage that comes in between stays, whichever step is next.
    const between = hubRecord({ hour: JANUARY, quantity: "4", resource: "/between" });
    const { counts } = await client.takeIn("north", asLines([between]), windowed);
    const isNoted = ["noted", "drop", "dropped"].includes(step);
    expect(counts).toMatchObject(isNoted ? { parked: 1, accepted: 0 } : { parked: 0, accepted: 1 });
    if (!isNoted) {
      await client.ledger.withdraw((await client.ledger.batches())[0]!.batch, "not meant");
      await client.runStatements("2024-01");
    }
    const unchanged = await explained(second);
    await client.ledger.archives.archive("2024-01");
    expect(await explained(second)).toEqual(unchanged);
    const { value } = await client.ledger.archives.list();
    expect(value).toMatchObject([{ month: "2024-01", droppedAt: LATER, entries: isNoted ? 4 : 6 }]);
    expect(readdirSync(join(folder, "data/archive"))).toEqual([value[0]!.file]);
    expect((await client.takeIn("north", asLines(january), windowed)).counts).toMatchObject({ parked: 3 });
    expect(await client.ledger.archives.verify("2024-01")).toMatchObject({ intact: true });
    await second.close();
  },
);
