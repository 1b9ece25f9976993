import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openChdbUsageStore } from "../../src/storage/usage/chdb/open.ts";
import type { EngineUsageStore } from "../../src/storage/usage/usageStore.ts";
import { mustClose, temporaryFolder } from "../support/temporary.ts";
import { usageRow } from "../support/usageRows.ts";
import { type UsageEngine, usageStoreSuite } from "./usageStoreSuite.ts";

const MEMORY_BYTES_MAX = 1_073_741_824;

const chdb: UsageEngine = {
  name: "chdb",
  open: (folder) => openChdbUsageStore(join(folder, "usage"), join(folder, "spool"), MEMORY_BYTES_MAX),
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

usageStoreSuite(chdb, async () => mustClose(await chdb.open(temporaryFolder())));

test("chdb: what was stored is there when the folder is opened again", async () => {
  const folder = temporaryFolder();
  const first = mustClose(await chdb.open(folder));
  await first.append([usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1.5" })]);
  await first.close();
  const second = mustClose(await chdb.open(folder));
  const stored = await second.stored({ from: 0 as never, to: 1e6 as never, lastBatch: 9 });
  expect(stored.map(({ quantity }) => quantity)).toEqual(["1.5"]);
  await second.close();
});

test("chdb: the table is written through to the disk before an append returns", async () => {
  const store = mustClose((await chdb.open(temporaryFolder())) as EngineUsageStore);
  const [[definition]] = (await store.engine.query(
    "read",
    "select create_table_query from system.tables where name = 'usage_record'",
  )) as [[string]];
  for (const setting of [
    "fsync_after_insert = 1",
    "fsync_part_directory = 1",
    "min_compressed_bytes_to_fsync_after_merge = 1",
  ]) {
    expect(definition).toContain(setting);
  }
  await store.close();
});

test("chdb: a query that takes too much memory fails with a code and the engine lives", async () => {
  const store = mustClose((await chdb.open(temporaryFolder())) as EngineUsageStore);
  const greedy = store.engine.query(
    "read",
    "select groupArray(toString(number)) from numbers(200000000) settings max_threads = 1",
  );
  await expect(greedy).rejects.toMatchObject({
    code: "UsageEngineUnavailable",
    message: expect.stringMatching(/memory/i),
  });
  await store.ping();
  await store.close();
}, 120_000);
