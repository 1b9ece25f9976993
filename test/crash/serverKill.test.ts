import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Client, Refused } from "../../src/client/client.ts";
import { Unreachable } from "../../src/client/transport.ts";
import { add, decimal, formatDecimal, ZERO } from "../../src/lib/decimal.ts";
import { hash32 } from "../../src/lib/prng.ts";
import { startServer, type ServerProcess } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { asLines, hubRecord, ids, NORTH, tokenOf } from "../support/world.ts";

// Goal: what was acknowledged is there once, whoever is killed and whenever; what was not can be sent again.
// Method: two senders share one registration and send batches of several pieces, each with a conflict that lies pieces
// apart from its first version; kill -9 hits the server or only its engine at random moments; a batch is sent again until
// it is acknowledged; then what is stored is compared with what was sent. SEED and KILLS may be set from outside.

const SEED = Number(process.env["SEED"] ?? "1");
const KILLS = Number(process.env["KILLS"] ?? "8");
const SENDERS = 2;
const RECORDS_PER_BATCH = 25_000;
const CONFLICTS_PER_BATCH = 10;

const HOURS = Array.from({ length: 48 }, (_, i) => new Date(Date.UTC(2024, 0, 31, 12) + i * 3_600_000).toISOString());
const WINDOW = '{"reportedStartTime":"2024-02-03T00:00:00Z","reportedEndTime":"2024-02-03T01:00:00Z",';

function record(batch: string, i: number, quantity: string): string {
  const text = hubRecord({ hour: HOURS[i % HOURS.length]!, quantity, resource: `/batch/${batch}/${i}` });
  return WINDOW + text.slice(1);
}

/** Distinct records, and at the end other versions of the first of them. */
const batchOf = (batch: string): readonly string[] => [
  ...Array.from({ length: RECORDS_PER_BATCH }, (_, i) => record(batch, i, "0.1")),
  ...Array.from({ length: CONFLICTS_PER_BATCH }, (_, i) => record(batch, i, "5")),
];

function engineOf({ pid }: ServerProcess): number | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return children === "" ? undefined : Number(children.split(" ")[0]);
}

interface Scene {
  server: ServerProcess;
  over: boolean;
  acknowledged: number;
  cutOff: number;
}

/** Sends one batch after the other, each until it is acknowledged; ends with an acknowledged batch. */
async function sendAll(sender: number, scene: Scene): Promise<void> {
  for (let number = 0; !scene.over; number += 1) {
    const batch = `${sender}-${number}`;
    const lines = batchOf(batch);
    for (let done = false; !done; ) {
      try {
        const { counts } = await new Client({ socketPath: scene.server.socketPath }).takeIn("north", asLines(lines));
        // What was stored before it was cut off is a duplicate now, and all of it is there.
        expect(counts.accepted + counts.conflict + counts.duplicate, `SEED=${SEED} ${batch}`).toBe(lines.length);
        scene.acknowledged += 1;
        done = true;
      } catch (error) {
        const isExpected =
          error instanceof Unreachable || (error instanceof Refused && error.code === "UsageEngineUnavailable");
        if (!isExpected) throw error;
        scene.cutOff += 1;
        await sleep(50);
      }
    }
  }
}

test(`${KILLS} kills of the server or its engine under load (SEED=${SEED})`, async () => {
  const dataFolder = join(temporaryFolder(), "data");
  const scene: Scene = { server: await startServer(dataFolder), over: false, acknowledged: 0, cutOff: 0 };
  const setUp = new Client({ socketPath: scene.server.socketPath });
  await setUp.putCatalogue([{ subscription: NORTH.subscription, offerType: "APSS", partner: "contoso" }]);
  await setUp.register(NORTH, tokenOf("cloud"));
  await setUp.putLocalSubscriptions("north", [{ localSubscription: ids.local, tenant: ids.tenant }]);

  const senders = Array.from({ length: SENDERS }, (_, sender) => sendAll(sender, scene));
  const finished = Promise.all(senders);
  finished.catch(() => (scene.over = true));
  for (let kill = 0; kill < KILLS && !scene.over; kill += 1) {
    await sleep(300 + (hash32(SEED, kill) % 1_500));
    const engine = engineOf(scene.server);
    if (kill % 2 === 0 && engine !== undefined) process.kill(engine, "SIGKILL");
    else {
      await scene.server.kill("SIGKILL");
      scene.server = await startServer(dataFolder);
    }
  }
  scene.over = true;
  await finished;

  const client = new Client({ socketPath: scene.server.socketPath });
  const runs = [await client.runStatements("2024-01"), await client.runStatements("2024-02")];
  const sum = (side: "stored" | "billed" | "parked"): string =>
    formatDecimal(
      runs
        .flatMap(({ conservation }) => conservation.meters)
        .reduce((so, meter) => add(so, decimal(meter[side])), ZERO),
    );
  const { acknowledged, cutOff } = scene;
  const stored = runs.reduce((so, { conservation }) => so + conservation.stored, 0);
  console.log(
    `${KILLS} kills: ${acknowledged} batches acknowledged, ${cutOff} attempts cut off, ${stored} records stored`,
  );
  expect(stored, `SEED=${SEED}`).toBe(acknowledged * (RECORDS_PER_BATCH + CONFLICTS_PER_BATCH));
  expect(sum("billed"), `SEED=${SEED}`).toBe(String(acknowledged * 2_500));
  expect(sum("parked"), `SEED=${SEED}`).toBe(String(acknowledged * CONFLICTS_PER_BATCH * 5));
  expect(runs.map(({ batchesNotCounted }) => batchesNotCounted)).toEqual([0, 0]);
  expect(await scene.server.kill("SIGTERM")).toBe(0);
});
