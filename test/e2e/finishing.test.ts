import { afterEach, expect, test } from "vitest";
import { Refused } from "../../src/client/client.ts";
import type { ControlStore } from "../../src/domain/controlStore.ts";
import type { UsageStore } from "../../src/domain/usage/store.ts";
import { armFaultPoints, type FaultPoint } from "../../src/lib/faultPoint.ts";
import { asLines, hubRecord, openStampbook, registerNorth, windowAfter } from "../support/world.ts";

// Goal: a delivery or a decision that a store did not let finish holds nobody's usage back for longer than a few seconds,
// and is counted once. Method: a whole Stampbook whose control store, or engine, fails for a while at one step.

const HOUR = "2024-02-10T10:00:00Z";
const SOON = { timeout: 15_000, interval: 50 };

const at = (point: FaultPoint, run: () => void): void => armFaultPoints((reached) => reached === point && run());
afterEach(() => armFaultPoints(() => undefined));

async function begun() {
  const stampbook = await openStampbook();
  await registerNorth(stampbook);
  const { client } = stampbook;
  const send = (...resources: string[]) =>
    client.takeIn(
      "north",
      asLines(resources.map((resource) => hubRecord({ hour: HOUR, quantity: "1", resource }))),
      windowAfter(HOUR),
    );
  const counted = async () => {
    const { value, batchesNotCounted } = await client.totals.page({ period: "2024-02" });
    return { quantity: value[0]?.quantity ?? "0", batchesNotCounted };
  };
  return { stampbook, client, send, counted, ...stampbook.stampbook.context };
}

test("a delivery whose end was not written down is ended soon, with its counts and one audit record", async () => {
  const { stampbook, client, send, counted, control } = await begun();
  const store = control as { transaction: ControlStore["transaction"] };
  const transaction = store.transaction.bind(control);
  const down = (): void => {
    store.transaction = () => Promise.reject(new Error("database is locked"));
  };
  at("intake: batch stored", down);
  await expect(send("/a", "/b")).rejects.toBeInstanceOf(Refused);
  armFaultPoints(() => undefined);
  // What others deliver waits for it too.
  await expect(send("/c")).rejects.toBeInstanceOf(Refused);
  expect(await counted()).toEqual({ quantity: "0", batchesNotCounted: 2 });

  store.transaction = transaction;
  await expect.poll(counted, SOON).toEqual({ quantity: "3", batchesNotCounted: 0 });
  const [second, first] = await client.ledger.batches();
  expect([first?.counts?.accepted, second?.counts?.accepted]).toEqual([2, 1]);
  const written = (await client.audit()).filter(({ action }) => action === "Stampbook/usage/write");
  expect(written.filter(({ outcome }) => outcome === "done")).toHaveLength(2);
  // The sender got no answer and sends again.
  expect((await send("/a", "/b")).counts).toMatchObject({ accepted: 0, duplicate: 2 });
  expect(await counted()).toEqual({ quantity: "3", batchesNotCounted: 0 });
  await stampbook.close();
});

test("a withdrawal that the engine broke off is carried out soon, and what came after it counts", async () => {
  const { stampbook, client, send, counted, usage: engine } = await begun();
  const usage = engine as UsageStore & { withdraw: UsageStore["withdraw"] };
  const withdraw = usage.withdraw.bind(engine);
  const { batch } = await send("/a");
  usage.withdraw = () => Promise.reject(new Error("the engine went away"));
  await expect(client.ledger.withdraw(batch, "sent by mistake")).rejects.toBeInstanceOf(Refused);
  await send("/b", "/c");
  expect(await counted()).toEqual({ quantity: "1", batchesNotCounted: 2 });
  usage.withdraw = withdraw;
  await expect.poll(counted, SOON).toEqual({ quantity: "2", batchesNotCounted: 0 });
  expect((await client.ledger.batches()).map(({ kind, ended }) => [kind, ended])).toEqual([
    ["delivery", undefined],
    ["withdrawal", 1],
    ["delivery", undefined],
  ]);
  await stampbook.close();
});
