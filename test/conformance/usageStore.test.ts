import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { registrationId } from "../../src/domain/ids.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import { readMigrations } from "../../src/storage/migrations.ts";
import { ChdbEngine } from "../../src/storage/usage/chdb/engine.ts";
import { openChdbUsageStore } from "../../src/storage/usage/chdb/open.ts";
import type { EngineUsageStore } from "../../src/storage/usage/usageStore.ts";
import { mustClose, temporaryFolder } from "../support/temporary.ts";
import { withDaysIn } from "../support/usageDays.ts";
import { usageRow } from "../support/usageRows.ts";
import { usageDaysSuite } from "./usageDaysSuite.ts";
import { usageListSuite } from "./usageListSuite.ts";
import { usageLookupsSuite } from "./usageLookupsSuite.ts";
import { type UsageEngine, usageStoreSuite } from "./usageStoreSuite.ts";

const USAGE_MIGRATIONS = `${import.meta.dirname}/../../src/storage/usage/migrations`;
const MEMORY_BYTES_MAX = 1_073_741_824;

const chdb: UsageEngine = {
  name: "chdb",
  open: (folder) =>
    withDaysIn(folder, (days) =>
      openChdbUsageStore({
        folder: join(folder, "usage"),
        spoolFolder: join(folder, "spool"),
        memoryBytesMax: MEMORY_BYTES_MAX,
        days,
      }),
    ),
  async crash(store) {
    const pid = await (store as EngineUsageStore).engine.pid;
    process.kill(pid!, "SIGKILL");
    // What is asked before we have heard of the end goes to the dead process, and is refused: that is no restart.
    while (isAlive(pid!)) await sleep(10);
    // The kernel takes a moment to close the dead process's files.
    await sleep(50);
  },
};

/** Also true of a process that is dead and that its parent, which is us, has not yet heard of. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const openEmpty = async () => mustClose(await chdb.open(temporaryFolder()));
usageStoreSuite(chdb, openEmpty);
usageDaysSuite(chdb, openEmpty);
usageLookupsSuite(chdb.name, openEmpty);
usageListSuite(chdb.name, openEmpty);

async function quantitiesIn(folder: string): Promise<readonly string[]> {
  const store = mustClose(await chdb.open(folder));
  const stored = await store.stored({ from: 0 as never, to: 1e6 as never, lastBatch: 9 });
  await store.close();
  return stored.map(({ quantity }) => quantity);
}

test("chdb: an engine that does not end when it is asked to is killed, and what was stored is there", async () => {
  const folder = temporaryFolder();
  const first = mustClose(await chdb.open(folder));
  await first.append([usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1.5" })]);
  const pid = (await (first as EngineUsageStore).engine.pid)!;
  process.kill(pid, "SIGSTOP");
  const began = performance.now();
  await first.close();
  expect(performance.now() - began).toBeGreaterThanOrEqual(LIMITS.engineEndMsMax - 10);
  expect(isAlive(pid)).toBe(false);
  expect(await quantitiesIn(folder)).toEqual(["1.5"]);
});

test("chdb: what was stored is there when the folder is opened again", async () => {
  const folder = temporaryFolder();
  const first = mustClose(await chdb.open(folder));
  await first.append([usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1.5" })]);
  await first.close();
  expect(await quantitiesIn(folder)).toEqual(["1.5"]);
});

test("chdb: days of usage that was stored before days were marked are marked when it is opened", async () => {
  const folder = temporaryFolder();
  const scope = { from: 0 as never, to: 1e6 as never, lastBatch: 9 };
  const first = mustClose(await chdb.open(folder));
  await first.append([usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1.5", batch: 4 })]);
  await first.append([usageRow({ hour: "2024-02-01T11:00:00Z", quantity: "1", batch: 6 })]);
  await first.close();
  rmSync(join(folder, "control.db"));
  for (let time = 0; time < 2; time += 1) {
    const store = mustClose(await chdb.open(folder));
    expect(await store.rollUp({ touchedUpTo: 5, limit: 9 })).toBe(0);
    expect(await store.rollUp({ touchedUpTo: 6, limit: 9 })).toBe(1 - time);
    expect((await store.totals(scope, [])).map(({ quantity }) => quantity)).toEqual(["2.5"]);
    await store.close();
  }
});

// Goal: nothing that an older version stored is lost on the way to the ledger, and it is still known as what it was.
// Method: a folder with the first migration alone and rows as that version wrote them; then the store is opened on it.
test("chdb: usage of the first version is carried over, and is known there as the same records", async () => {
  const folder = temporaryFolder();
  const engine = new ChdbEngine(join(folder, "usage"), join(folder, "spool"), {
    memoryBytesMax: MEMORY_BYTES_MAX,
    querySecondsMax: 600,
  });
  await engine.start();
  const [first] = readMigrations(USAGE_MIGRATIONS);
  await engine.query("write", first!.sql);
  await engine.query(
    "write",
    "create table schema_migration (number UInt32, name String) engine = MergeTree order by number",
  );
  await engine.query("write", "insert into schema_migration values (1, 'usage-record')");
  const row = usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1.5", resource: "/Some/Resource" });
  const { record, identity } = row;
  const old = (quantity: string, content: string, conflict: boolean, batch: number): string =>
    `(1, ${record.window.startMs / 1000}, ${record.window.endMs / 1000}, '${record.localSubscription}', ${record.usageStartMs / 1000},
      '${record.meter}', '${record.meterAsSent}', '/Some/Resource', 'north', '', '', ${quantity}, unhex('${"0".repeat(32)}'),
      unhex('${content}'), ${conflict}, ${batch}, 1, ${row.acceptedAtMs})`;
  const values = [old("1.5", identity.content, false, 3), old("7", "00112233445566ff", true, 4)];
  await engine.query("write", `insert into usage_record values ${values.join(", ")}`);
  await engine.close();

  const store = mustClose(await chdb.open(folder));
  const known = { registration: registrationId(1), reportedStartMs: { min: 0, max: 2e12 }, events: [] };
  const entries = await store.knownEntries({ ...known, series: [identity.series] });
  expect(entries.map(({ key, content, held, sign }) => ({ key, content, held, sign }))).toEqual([
    { key: identity.key, content: "00112233445566ff", held: "conflict", sign: 1 },
    { key: identity.key, content: identity.content, held: "no", sign: 1 },
  ]);
  const stored = await store.stored({ from: 0 as never, to: 1e6 as never, lastBatch: 9 });
  expect(stored.map(({ quantity, records }) => [quantity, records])).toEqual([["8.5", 2]]);
  await store.close();
});
