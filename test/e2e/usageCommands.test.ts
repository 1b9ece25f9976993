import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { EXIT_CODES } from "../../src/cli/exitCodes.ts";
import type { UsageTotalsInfo } from "../../src/client/totalTypes.ts";
import type { UsageStore } from "../../src/domain/usage/store.ts";
import { type CliResult, stampbook as command } from "../support/cli.ts";
import { closeAnyway } from "../support/closing.ts";
import { asLines, hubRecord, ids, NORTH, openStampbook, registerNorth, windowAfter } from "../support/world.ts";
import type { TestStampbook } from "../support/world.ts";
import { closeAtEnd } from "../support/temporary.ts";

// Goal: what `stampbook usage totals`, `conservation`, `roll-up`, `archive` and `archives` show a person, give a script,
// and end with. Method: the real commands, each in its own process, on a Stampbook of this process whose clock is the
// test's. The tests go on from each other: a month of usage is added up, rolled up, archived, and then damaged.

const JANUARY = "2024-01-10T10:00:00Z";
const LATER = "2025-03-02T00:00:00Z";
let stampbook: TestStampbook;

beforeAll(async () => {
  // Nothing is rolled up by itself, so that the command has something to do.
  vi.useFakeTimers({ toFake: ["setInterval"] });
  stampbook = closeAtEnd(await openStampbook({ now: "2024-03-05T12:00:00Z" }));
  vi.useRealTimers();
  const { client, clock, folder, socketPath } = stampbook;
  // As a server that listens tells it, so that commands find this one.
  writeFileSync(join(folder, "data/server.json"), JSON.stringify({ socketPath, url: "", directory: "" }));
  await registerNorth(stampbook);
  await client.map(NORTH, ids.customer);
  const window = windowAfter(JANUARY);
  const record = (resource: string, quantity: string, localSubscription?: string): string =>
    hubRecord({ hour: JANUARY, quantity, resource, ...(localSubscription ? { localSubscription } : {}) });
  await client.takeIn("north", asLines([record("/1", "1.000000000000000000000000000001"), record("/2", "2")]), window);
  await client.takeIn("north", asLines([record("/3", "3", ids.secondLocal), record("/1", "9")]), window);
  await closeAnyway(client, "2024-01");
  clock.set(LATER);
});

const usage = (...args: string[]): Promise<CliResult> =>
  command(["usage", ...args, "--data-folder", join(stampbook.folder, "data")], { cwd: stampbook.folder });

/** The cells of each line of a table, without the line below its titles. */
const table = (text: string): readonly (readonly string[])[] =>
  text
    .trimEnd()
    .split("\n")
    .filter((line) => !line.startsWith("─"))
    .map((line) => line.trim().split(/ {2,}/));

const done = (result: CliResult): CliResult => {
  expect(result).toMatchObject({ status: EXIT_CODES.done.status });
  return result;
};

test("changes: entry by entry, and where to go on", async () => {
  const first = done(await usage("changes", "--limit", "2"));
  expect(table(first.stdout).map((cells) => cells.slice(0, 3))).toEqual([
    ["entry", "by", "does"],
    ["1.1.1.add", "delivery", "adds"],
    ["1.1.2.add", "delivery", "adds"],
  ]);
  expect(first.stderr).toBe("There is more: --cursor 1.1.2.add\n");
  const rest = done(await usage("changes", "--cursor", "1.1.2.add", "--registration", "north", "--json"));
  expect(JSON.parse(rest.stdout)).toMatchObject({
    value: [{ entry: "2.2.1.add" }, { entry: "2.2.2.add" }],
    more: false,
  });
  const { cursor } = JSON.parse(rest.stdout) as { cursor: string };
  const none = done(await usage("changes", "--cursor", cursor));
  expect([none.stdout, none.stderr]).toEqual([
    "Nothing is new.\n",
    `That is all for now; go on with: --cursor ${cursor}\n`,
  ]);
});

test("totals: a table with the columns that were asked for, every digit, and how far the stamp has reported", async () => {
  const asked = ["totals", "--period", "2024-01", "--group-by", "localSubscription", "--by", "day"];
  const { stdout, stderr } = done(await usage(...asked));
  expect(table(stdout)).toMatchObject([
    ["from", "to", "local subscription", "meter", "quantity", "unit", "records", "state"],
    [/^2024-01-10/, /^2024-01-11/, ids.local, {}, "3.000000000000000000000000000001", {}, "2", "closed"].map(like),
    [/^2024-01-10/, /^2024-01-11/, ids.secondLocal, {}, "3", {}, "1", "closed"].map(like),
  ]);
  expect(stderr).toBe("north has reported until 2024-01-10T12:00:00Z.\n");
  const told = JSON.parse(done(await usage(...asked, "--json")).stdout) as UsageTotalsInfo;
  expect(told).toEqual(
    await stampbook.client.totals.page({ period: "2024-01", groupBy: "localSubscription", by: "day" }),
  );
});

const like = (cell: string | RegExp | object): unknown =>
  typeof cell === "string" ? cell : cell instanceof RegExp ? expect.stringMatching(cell) : expect.any(String);

test("totals: what does not fit says how to go on, and nothing says that there is nothing", async () => {
  const asked = ["totals", "--period", "2024-01", "--group-by", "localSubscription"];
  const first = done(await usage(...asked, "--limit", "1"));
  const [, after, asOf] = /^There is more: --after (\d+) --as-of (\S+)$/m.exec(first.stderr) ?? [];
  const second = done(await usage(...asked, "--limit", "1", "--after", after!, "--as-of", asOf!));
  const seen = [first, second].map(({ stdout }) => table(stdout)[1]?.[2]);
  expect(new Set(seen)).toEqual(new Set([ids.local, ids.secondLocal]));
  expect(second.stderr).not.toContain("There is more");
  expect(done(await usage("totals", "--period", "2023-12")).stdout).toBe("There is no such usage.\n");
});

test.each([
  [["totals", "--period", "nonsense"], "refused"],
  [["totals", "--period", "2024-01", "--registration", "nobody"], "notFound"],
  [["totals", "--period", "2024-01", "--limit", "many"], "usage"],
  [["conservation"], "usage"],
  [["archives", "verify", "2024-02"], "notFound"],
] as const)("%j ends with the status of what is wrong", async (asked, exit) => {
  const { status, stdout, stderr } = await usage(...asked);
  expect([status, stdout]).toEqual([EXIT_CODES[exit].status, ""]);
  expect(stderr).not.toBe("");
});

test("conservation: each meter's sides, and a status that a script can watch when usage is missing", async () => {
  const { stdout } = done(await usage("conservation", "2024-01"));
  const [titles, row, words] = table(stdout);
  expect(titles).toEqual(["registration", "meter", "unit", "stored", "attributed", "parked", "difference"]);
  expect(row?.slice(-4)).toEqual(["15.000000000000000000000000000001", "6.000000000000000000000000000001", "9", "0"]);
  expect(words).toEqual(["Nothing is lost."]);
  expect(JSON.parse(done(await usage("conservation", "2024-01", "--json")).stdout)).toMatchObject({ conserved: true });
  expect(done(await usage("conservation", "2023-12")).stdout).toBe("The period has no usage.\nNothing is lost.\n");

  const store = stampbook.stampbook.context.usage as UsageStore & { stored: UsageStore["stored"] };
  const stored = store.stored.bind(store);
  store.stored = async (scope) => (await stored(scope)).map((total) => ({ ...total, quantity: "16" }));
  const missing = await usage("conservation", "2024-01");
  store.stored = stored;
  expect(missing.status).toBe(EXIT_CODES.incomplete.status);
  expect(missing.stdout).toContain("USAGE IS MISSING: a defect\n");
});

test("roll-up tells how many days it rolled up", async () => {
  expect(done(await usage("roll-up")).stdout).toBe("Rolled up: 1 days of registrations.\n");
  expect(JSON.parse(done(await usage("roll-up", "--json")).stdout)).toEqual({ days: 0 });
});

test("archive: what would go, what holds it, and what went", async () => {
  expect(done(await usage("archives", "list")).stdout).toBe("Nothing is archived.\n");
  expect(done(await usage("archives", "verify")).stdout).toBe("Nothing is archived.\n");
  const [titles, ...months] = table(done(await usage("archive", "--dry-run")).stdout);
  expect(titles).toEqual(["month", "entries", "newest", "what happens"]);
  expect(months.map(([month, entries, , what]) => [month, entries, what])).toEqual([["2024-01", "4", "archived"]]);
  const [archived] = table(done(await usage("archive")).stdout).slice(1);
  expect(archived?.slice(0, 2)).toEqual(["2024-01", "4"]);
  expect(done(await usage("archive")).stdout).toBe("Nothing was left to archive.\n");
  const listed = done(await usage("archives", "list"));
  expect(table(listed.stdout)[1]).toEqual(archived);
  const { folder } = await stampbook.client.ledger.archives.list();
  expect(listed.stderr).toBe(`Folder: ${folder}\nUsage before 2024-02-01T00:00:00Z is kept and never counted.\n`);
  expect(JSON.parse(done(await usage("archives", "list", "--json")).stdout)).toMatchObject({
    value: [{ month: "2024-01", entries: 4 }],
  });
  expect(done(await usage("archives", "verify")).stdout).toBe("intact   2024-01: 4 entries\n");
  const [, parked] = table(done(await usage("parked", "--month", "2024-01")).stdout);
  expect(parked?.[0]).toBe("Conflict");
});

test("archives verify: a damaged file ends it, and the answer does not tell where the server keeps it", async () => {
  const { folder, value } = await stampbook.client.ledger.archives.list();
  appendFileSync(join(folder, value[0]!.file), "x");
  const { status, stdout, stderr } = await usage("archives", "verify", "2024-01");
  expect([status, stdout]).toEqual([EXIT_CODES.unavailable.status, ""]);
  expect(stderr).toMatch(/^ArchiveDamaged: /);
  expect(stderr).toContain(value[0]!.file);
  expect(stderr).not.toContain(folder);
});
