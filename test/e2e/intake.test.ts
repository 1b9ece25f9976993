import { connect as connectSocket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { LIMITS } from "../../src/domain/limits.ts";
import { Refused } from "../../src/client/client.ts";
import type { UsageStore } from "../../src/domain/usage/store.ts";
import { asLines, hubRecord, NORTH, openStampbook, registerNorth, tokenOf, windowAfter } from "../support/world.ts";

/** Records that are made durable together. */
const PIECE = LIMITS.intakePieceRecordsMax;

// Goal: what happens beside the straight way of a batch. Method: real engines; only the moment of a failure is arranged.

const HOUR = "2024-02-10T10:00:00Z";
const WINDOW = windowAfter(HOUR);
const records = (count: number, quantity: string): string[] =>
  Array.from({ length: count }, (_, i) => hubRecord({ hour: HOUR, quantity, resource: `/r/${i}` }));

test("after an insert of which nobody knows whether it happened, the next piece is looked up again", async () => {
  const stampbook = await openStampbook();
  const { client } = stampbook;
  await registerNorth(stampbook);
  const usage = stampbook.stampbook.context.usage as UsageStore & Record<"append", UsageStore["append"]>;
  const append = usage.append.bind(usage);
  let calls = 0;
  usage.append = async (rows) => {
    await append(rows);
    calls += 1;
    // The rows are stored, and the answer of the engine is lost.
    if (calls === 1) throw new Error("the connection broke");
  };
  // Two pieces: the second one has another version of every record of the first.
  const lines = [...records(PIECE, "1"), ...records(PIECE, "2")];
  await expect(client.takeIn("north", asLines(lines), WINDOW)).rejects.toBeInstanceOf(Refused);
  const { counts } = await client.takeIn("north", asLines(lines), WINDOW);
  expect(counts).toMatchObject({ accepted: 0, rejected: 0, duplicate: 2 * PIECE });
  const { conservation } = await client.runStatements("2024-02");
  expect(conservation).toMatchObject({ billed: PIECE, parked: PIECE, difference: 0, metersUnequal: 0 });
  await stampbook.close();
});

test("four senders of the same records at once: each is accepted once", async () => {
  const stampbook = await openStampbook();
  const { client } = stampbook;
  await registerNorth(stampbook);
  const lines = records(25_000, "1");
  const intakes = await Promise.all([1, 2, 3, 4].map(() => client.takeIn("north", asLines(lines), WINDOW)));
  expect(intakes.reduce((sum, { counts }) => sum + counts.accepted, 0)).toBe(25_000);
  expect(intakes.reduce((sum, { counts }) => sum + counts.duplicate, 0)).toBe(75_000);
  expect((await client.runStatements("2024-02")).conservation).toMatchObject({ stored: 25_000, difference: 0 });
  await stampbook.close();
});

test("records of unusual size come in pieces of bytes", async () => {
  const stampbook = await openStampbook();
  const { client } = stampbook;
  await registerNorth(stampbook);
  const tags = `{"note":"${"x".repeat(60_000)}"}`;
  const large = (i: number): string =>
    hubRecord({ hour: HOUR, quantity: "1", resource: `/large/${i}` }).replace(
      '\\"null\\"',
      JSON.stringify(JSON.stringify(tags)).slice(1, -1),
    );
  async function* body(): AsyncGenerator<Buffer> {
    for (let i = 0; i < 2_000; i += 1) yield Buffer.from(`${large(i)}\n`);
  }
  const { counts } = await client.takeIn("north", { bytes: body(), type: "application/x-ndjson" }, WINDOW);
  expect(counts).toMatchObject({ accepted: 2_000, rejected: 0 });
  await stampbook.close();
});

test("a sender that disconnects leaves no batch behind; one that is still sending is told on the run", async () => {
  const stampbook = await openStampbook();
  const { client } = stampbook;
  await registerNorth(stampbook);
  const path = stampbook.socketPath;
  const socket = connectSocket(path);
  const query = `registration=north&reportedStartTime=${WINDOW.start}&reportedEndTime=${WINDOW.end}`;
  socket.write(
    `POST /v1/usage?${query} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: 1000000\r\n\r\n`,
  );
  socket.write(`${records(1, "1")[0]}\n`);
  await sleep(200);
  await client.takeIn("north", asLines(records(3, "1").slice(1)), WINDOW);
  expect(await client.runStatements("2024-02")).toMatchObject({ batchesNotCounted: 2, conservation: { stored: 0 } });
  socket.destroy();
  await sleep(300);
  expect(await client.runStatements("2024-02")).toMatchObject({
    batchesNotCounted: 0,
    conservation: { difference: 0 },
  });
  const { counts } = await client.takeIn("north", asLines(records(3, "1")), WINDOW);
  expect(counts.accepted + counts.duplicate).toBe(3);
  expect((await client.runStatements("2024-02")).conservation).toMatchObject({ stored: 3 });
  await stampbook.close();
});

test("problems come in the order of the batch; usage of nothing has its line too", async () => {
  const stampbook = await openStampbook();
  const { client } = stampbook;
  await registerNorth(stampbook);
  const unknown = (i: number) =>
    hubRecord({ hour: HOUR, quantity: "1", meter: `11111111-2222-3333-4444-${String(i).padStart(12, "0")}` });
  const lines = Array.from({ length: 1_200 }, (_, i) => (i % 2 === 0 ? unknown(i) : "nonsense"));
  const { problems, problemsOmitted } = await client.takeIn("north", asLines(lines), WINDOW);
  expect(problems.map(({ position }) => position)).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));
  expect(problemsOmitted).toBe(200);
  await client.takeIn("north", asLines(records(1, "0")), WINDOW);
  const { conservation } = await client.runStatements("2024-02");
  expect(conservation).toMatchObject({ stored: 601, billed: 1, parked: 600, difference: 0 });
  const [statement] = await client.statements("2024-02");
  expect((await client.statement(statement!.number)).lines).toMatchObject([
    { quantity: "0", amount: "0.00", records: 1 },
  ]);
  await stampbook.close();
});

test("a name, a number and a cloud id that look alike are not mixed up", async () => {
  const stampbook = await openStampbook();
  const { client } = stampbook;
  await registerNorth(stampbook);
  await client.register({ ...NORTH, name: "evil" }, tokenOf("north"));
  await expect(client.registration("north")).rejects.toMatchObject({ code: "RegistrationAmbiguous" });
  expect((await client.registration("evil")).cloudId).toBe("north");
  await expect(client.register({ ...NORTH, name: "again" }, tokenOf("NORTH"))).rejects.toMatchObject({
    code: "CloudIdAlreadyRegistered",
  });
  await stampbook.close();
});

test("a mapping made after the clock was set back still wins", async () => {
  const stampbook = await openStampbook({ now: "2024-02-14T11:00:00.050Z" });
  const { client, clock } = stampbook;
  await registerNorth(stampbook);
  await client.map(NORTH, "20000000-0000-4000-8000-000000000002");
  clock.set("2024-02-14T10:59:59.990Z");
  await client.map(NORTH, "20000000-0000-4000-8000-000000000003");
  clock.set("2024-02-14T13:00:00Z");
  const hours = (await client.mappings("north")).map(({ effectiveFrom }) => effectiveFrom);
  expect(hours).toEqual(["2024-02-14T12:00:00Z", "2024-02-14T12:00:00Z"]);
  await stampbook.close();
});
