import { expect, test } from "vitest";
import { Refused } from "../../src/client/client.ts";
import type { UsageStore } from "../../src/domain/usage/store.ts";
import { asLines, hubRecord, openStampbook, registerNorth, windowAfter } from "../support/world.ts";

// Goal: what was delivered can be taken back and versions can be chosen, with who and why, and nothing is lost or counted
// twice on the way. Method: a whole Stampbook on its real engines, driven through its API.

const HOUR = "2024-02-10T10:00:00Z";
const WINDOW = windowAfter(HOUR);
const record = (resource: string, quantity: string): string => hubRecord({ hour: HOUR, quantity, resource });

async function begun() {
  const stampbook = await openStampbook();
  await registerNorth(stampbook);
  const { client } = stampbook;
  const send = async (...lines: string[]) => await client.takeIn("north", asLines(lines), WINDOW);
  const stored = async () => (await client.runStatements("2024-02")).conservation;
  return { stampbook, client, send, stored };
}

test("a withdrawn delivery counts no more; its records may come again, also with other content", async () => {
  const { stampbook, client, send, stored } = await begun();
  const first = await send(record("/a", "1"), record("/b", "2"));
  const second = await send(record("/b", "2"), record("/c", "4"));
  expect(second.counts).toMatchObject({ accepted: 1, duplicate: 1 });

  const withdrawal = await client.ledger.withdraw(first.batch, "the stamp's clock was wrong");
  expect(withdrawal).toMatchObject({ kind: "withdrawal", delivery: first.batch, ended: 2, recordedBy: "local" });
  expect(await stored()).toMatchObject({ stored: 1, billed: 1, parked: 0, difference: 0, metersUnequal: 0 });
  expect((await client.ledger.withdraw(first.batch, "again")).batch).toBe(withdrawal.batch);
  expect(await client.ledger.batch(first.batch)).toMatchObject({ kind: "delivery", withdrawnBy: withdrawal.batch });

  const again = await send(record("/a", "9"), record("/b", "2"), record("/a", "9"), record("/a", "8"));
  expect(again.counts).toEqual({ accepted: 2, duplicate: 1, conflict: 1, parked: 0, rejected: 0 });
  expect(await stored()).toMatchObject({ stored: 4, billed: 3, parked: 1, difference: 0, metersUnequal: 0 });
  await client.ledger.withdraw(again.batch, "wrong again");
  expect(await stored()).toMatchObject({ stored: 1, billed: 1, difference: 0, metersUnequal: 0 });
  const batches = (await client.ledger.batches()).map(({ kind, ended }) => [kind, ended]);
  expect(batches).toEqual([
    ["withdrawal", 3],
    ["delivery", undefined],
    ["withdrawal", 2],
    ["delivery", undefined],
    ["delivery", undefined],
  ]);
  await stampbook.close();
});

test("of a conflict one version is chosen, and then nothing waits", async () => {
  const { stampbook, client, send, stored } = await begun();
  await send(record("/a", "1"));
  await send(record("/a", "2"), record("/a", "3"));
  const [conflict, ...others] = await client.ledger.conflicts({ registration: "north" });
  expect(others).toEqual([]);
  expect(conflict!.versions.map(({ quantity, counts }) => [quantity, counts])).toEqual([
    ["1", true],
    ["2", false],
    ["3", false],
  ]);
  const { content } = conflict!.versions.find(({ quantity }) => quantity === "3")!;
  const choice = await client.ledger.choose(conflict!.record, content, "the meter was read again");
  expect(choice).toMatchObject({ kind: "choice", record: conflict!.record, content, ended: 3 });
  expect(await client.ledger.conflicts()).toEqual([]);
  expect(await stored()).toMatchObject({ stored: 1, billed: 1, parked: 0, difference: 0, metersUnequal: 0 });
  const { meters } = await stored();
  expect(meters.find(({ stored: quantity }) => quantity !== "0")).toMatchObject({ stored: "3", billed: "3" });
  // Choosing it again changes nothing, and what was chosen against stays known.
  expect(await client.ledger.choose(conflict!.record, content, "once more")).not.toHaveProperty("batch");
  expect((await send(record("/a", "1"), record("/a", "2"))).counts.duplicate).toBe(2);
  expect((await send(record("/a", "4"))).counts.conflict).toBe(1);
  await stampbook.close();
});

test("what cannot be decided is refused with its code, and changes nothing", async () => {
  const { stampbook, client, send } = await begun();
  const { batch } = await send(record("/a", "1"));
  await send(record("/a", "2"));
  const [conflict] = await client.ledger.conflicts();
  const codes = await Promise.all(
    [
      () => client.ledger.batch(999),
      () => client.ledger.withdraw(batch, "  "),
      () => client.ledger.choose(conflict!.record, "0".repeat(16), "why not"),
      () => client.ledger.choose("1.2.3.0123456789abcdef", "0".repeat(16), "why not"),
      () => client.ledger.choose("nonsense", "0".repeat(16), "why not"),
    ].map((call) =>
      call().then(
        () => "done",
        (error: Refused) => `${error.status} ${error.code}`,
      ),
    ),
  );
  expect(codes).toEqual([
    "404 UsageBatchNotFound",
    "400 UsageReasonMissing",
    "400 VersionNotFound",
    "404 ConflictNotFound",
    "400 InvalidParameter",
  ]);
  const { batch: withdrawal } = await client.ledger.withdraw(batch, "wrong");
  await expect(client.ledger.withdraw(withdrawal, "undo")).rejects.toMatchObject({ code: "UsageBatchNotWithdrawable" });
  await stampbook.close();
});

test("a decision that broke off is finished by the same call, by any later decision, or at the next start", async () => {
  const { stampbook, client, send, stored } = await begun();
  const usage = stampbook.stampbook.context.usage as UsageStore & Record<"withdraw", UsageStore["withdraw"]>;
  const withdraw = usage.withdraw.bind(usage);
  const broken = (when: "before" | "after") => {
    usage.withdraw = async (decision) => {
      if (when === "after") await withdraw(decision);
      throw new Error("the engine went away");
    };
  };
  for (const when of ["before", "after"] as const) {
    const { batch } = await send(record(`/${when}`, "1"));
    broken(when);
    await expect(client.ledger.withdraw(batch, "wrong")).rejects.toBeInstanceOf(Refused);
    usage.withdraw = withdraw;
    expect(await client.ledger.withdraw(batch, "wrong")).toMatchObject({ ended: 1, delivery: batch });
    expect(await stored()).toMatchObject({ stored: 0, difference: 0 });
  }
  const { batch } = await send(record("/restart", "1"));
  broken("before");
  await expect(client.ledger.withdraw(batch, "wrong")).rejects.toBeInstanceOf(Refused);
  const { folder } = stampbook;
  await stampbook.close();
  const again = await openStampbook({ folder });
  expect((await again.client.runStatements("2024-02")).conservation).toMatchObject({ stored: 0, difference: 0 });
  expect((await again.client.ledger.batches({ limit: 1 }))[0]).toMatchObject({ kind: "withdrawal", ended: 1 });
  await again.close();
});

test("deliveries that run while another is withdrawn are judged by what is there then", async () => {
  const { stampbook, client, send, stored } = await begun();
  const lines = Array.from({ length: 25_000 }, (_, i) => record(`/r/${i}`, "1"));
  const { batch } = await send(...lines);
  const [again, withdrawal] = await Promise.all([send(...lines), client.ledger.withdraw(batch, "sent by mistake")]);
  // What was judged before the withdrawal is a duplicate of what is then taken back; the rest counts.
  expect(again.counts.accepted + again.counts.duplicate).toBe(25_000);
  expect(withdrawal.ended).toBe(25_000);
  expect(await stored()).toMatchObject({ stored: again.counts.accepted, difference: 0, metersUnequal: 0 });
  await stampbook.close();
});
