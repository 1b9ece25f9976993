import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Client } from "../../src/client/client.ts";
import { Unreachable } from "../../src/client/transport.ts";
import { hash32 } from "../../src/lib/prng.ts";
import { startServer, type ServerProcess } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { asLines, hubRecord, ids, NORTH, tokenOf } from "../support/world.ts";

// Goal: what was acknowledged is there once, whenever the server is killed; what was not can be sent again.
// Method: send batches while kill -9 comes at random moments; send a batch again until it is acknowledged; then compare
// what is stored with what was sent, record by record count and quantity. SEED and KILLS may be set from outside.

const SEED = Number(process.env["SEED"] ?? "1");
const KILLS = Number(process.env["KILLS"] ?? "8");
const RECORDS_PER_BATCH = 3_000;

const batchOf = (number: number): readonly string[] =>
  Array.from({ length: RECORDS_PER_BATCH }, (_, i) => {
    const hour = new Date(Date.UTC(2024, 0, 31, 12) + ((number * 7 + i) % 48) * 3_600_000).toISOString();
    const record = hubRecord({ hour, quantity: "0.1", resource: `/batch/${number}/${i}` });
    return `{"reportedStartTime":"2024-02-03T00:00:00Z","reportedEndTime":"2024-02-03T01:00:00Z",${record.slice(1)}`;
  });

async function prepare(server: ServerProcess): Promise<void> {
  const client = new Client({ url: server.url });
  await client.register(NORTH, tokenOf("cloud"));
  await client.putLocalSubscriptions("north", [{ localSubscription: ids.local, tenant: ids.tenant }]);
}

test(`${KILLS} kills of the server under load (SEED=${SEED})`, async () => {
  const dataFolder = join(temporaryFolder(), "data");
  let server = await startServer(dataFolder);
  await prepare(server);
  let [batch, kills, acknowledged, sentAgain] = [0, 0, 0, 0];
  while (kills < KILLS) {
    const doomed = server;
    const killed = sleep(100 + (hash32(SEED, kills) % 900)).then(() => doomed.kill("SIGKILL"));
    try {
      for (;;) {
        const { counts } = await new Client({ url: server.url }).takeIn("north", asLines(batchOf(batch)));
        // A batch that was cut off before may have been stored in part: accepted and duplicate together are all of it.
        expect(counts.accepted + counts.duplicate, `SEED=${SEED} batch=${batch}`).toBe(RECORDS_PER_BATCH);
        acknowledged += 1;
        batch += 1;
      }
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      sentAgain += 1;
    }
    await killed;
    kills += 1;
    server = await startServer(dataFolder);
  }
  const client = new Client({ url: server.url });
  await client.takeIn("north", asLines(batchOf(batch)));
  const months = [await client.runStatements("2024-01"), await client.runStatements("2024-02")];
  const stored = months.reduce((sum, { conservation }) => sum + conservation.stored, 0);
  const tenths = months
    .flatMap(({ conservation }) => conservation.meters.map((meter) => meter.stored))
    .reduce((sum, quantity) => sum + Math.round(Number(quantity) * 10), 0);
  console.log(
    `${kills} kills, ${acknowledged + 1} batches acknowledged, ${sentAgain} cut off, ${stored} records stored`,
  );
  expect(stored, `SEED=${SEED}`).toBe((batch + 1) * RECORDS_PER_BATCH);
  expect(tenths, `SEED=${SEED}`).toBe((batch + 1) * RECORDS_PER_BATCH);
  expect(await server.kill("SIGTERM")).toBe(0);
});
