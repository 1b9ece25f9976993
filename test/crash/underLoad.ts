import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { add, decimal, formatDecimal, ZERO } from "../../src/lib/decimal.ts";
import { hash32 } from "../../src/lib/prng.ts";
import { asLines, hubRecord, ids, NORTH, tokenOf } from "../support/hubUsage.ts";
import { StubbornCaller } from "./caller.ts";
import { engineOf } from "./plan.ts";

const SENDERS = 2;
const CONFLICTS_PER_BATCH = 10;

const HOURS = Array.from({ length: 48 }, (_, i) => new Date(Date.UTC(2024, 0, 31, 12) + i * 3_600_000).toISOString());
const WINDOW = '{"reportedStartTime":"2024-02-03T00:00:00Z","reportedEndTime":"2024-02-03T01:00:00Z",';

function record(batch: string, i: number, quantity: string): string {
  const text = hubRecord({ hour: HOURS[i % HOURS.length]!, quantity, resource: `/batch/${batch}/${i}` });
  return WINDOW + text.slice(1);
}

/** Distinct records, and at the end other versions of the first of them. */
const batchOf = (batch: string, records: number): readonly string[] => [
  ...Array.from({ length: records }, (_, i) => record(batch, i, "0.1")),
  ...Array.from({ length: CONFLICTS_PER_BATCH }, (_, i) => record(batch, i, "5")),
];

export interface LoadPlan {
  readonly seed: number;
  readonly kills: number;
  readonly recordsPerBatch: number;
}

export interface LoadReport {
  readonly kills: number;
  readonly acknowledged: number;
  readonly cutOff: number;
  readonly stored: number;
}

/**
 * Two senders share one registration and send batches of several pieces while kill -9 hits the server or its engine at
 * random moments. What is stored in the end is what was acknowledged, once.
 */
export async function killUnderLoad(
  dataFolder: string,
  { seed, kills, recordsPerBatch }: LoadPlan,
): Promise<LoadReport> {
  const caller = new StubbornCaller(dataFolder);
  await caller.until(async (client) => {
    await client.putCatalogue([{ subscription: NORTH.subscription, offerType: "APSS", partner: "contoso" }]);
    await client.register(NORTH, tokenOf("cloud"));
    await client.putLocalSubscriptions("north", [{ localSubscription: ids.local, tenant: ids.tenant }]);
  });
  const scene = { over: false, acknowledged: 0 };
  const send = async (sender: number): Promise<void> => {
    for (let number = 0; !scene.over; number += 1) {
      const lines = batchOf(`${sender}-${number}`, recordsPerBatch);
      const { counts } = await caller.until((client) => client.takeIn("north", asLines(lines)));
      // What was stored before it was cut off is a duplicate now, and all of it is there.
      assert.equal(counts.accepted + counts.conflict + counts.duplicate, lines.length, `batch ${sender}-${number}`);
      scene.acknowledged += 1;
    }
  };
  const finished = Promise.all(Array.from({ length: SENDERS }, (_, sender) => send(sender)));
  finished.catch(() => (scene.over = true));
  for (let kill = 0; kill < kills && !scene.over; kill += 1) {
    const server = await caller.server();
    // Every other time only after something was acknowledged, so that there is something to lose.
    const before = scene.acknowledged;
    const mayWait = (): boolean => scene.acknowledged === before && !scene.over && !server.hasEnded();
    if (kill % 4 >= 2) while (mayWait()) await sleep(20);
    await sleep(hash32(seed, kill) % 1_500);
    const engine = kill % 2 === 0 && !server.hasEnded() ? engineOf(server.pid) : undefined;
    if (engine === undefined) await server.kill("SIGKILL");
    else process.kill(engine, "SIGKILL");
  }
  scene.over = true;
  await finished;
  const stored = await check(caller, scene.acknowledged, recordsPerBatch);
  assert.equal(await caller.close(), 0, "the server ends in order");
  return { kills, acknowledged: scene.acknowledged, cutOff: caller.cutOff, stored };
}

async function check(caller: StubbornCaller, acknowledged: number, recordsPerBatch: number): Promise<number> {
  const runs = [
    await caller.until((client) => client.runStatements("2024-01")),
    await caller.until((client) => client.runStatements("2024-02")),
  ];
  const sum = (side: "stored" | "billed" | "parked"): string =>
    formatDecimal(
      runs
        .flatMap(({ conservation }) => conservation.meters)
        .reduce((so, meter) => add(so, decimal(meter[side])), ZERO),
    );
  const stored = runs.reduce((so, { conservation }) => so + conservation.stored, 0);
  assert.equal(stored, acknowledged * (recordsPerBatch + CONFLICTS_PER_BATCH), "records stored");
  const billed = formatDecimal({ coefficient: BigInt(acknowledged * recordsPerBatch), scale: 1 });
  assert.deepEqual([sum("billed"), sum("parked")], [billed, String(acknowledged * CONFLICTS_PER_BATCH * 5)]);
  const left = runs.map(({ batchesNotCounted }) => batchesNotCounted);
  assert.deepEqual(left, [0, 0], "batches that are not counted");
  return stored;
}
