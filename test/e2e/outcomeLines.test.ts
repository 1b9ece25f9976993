import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import { LIMITS } from "../../src/domain/limits.ts";
import { importFile } from "../../src/cli/usageImport.ts";
import type { IntakeOutcome } from "../../src/client/intakeLines.ts";
import type { UsageStore } from "../../src/domain/usage/store.ts";
import { closeAtEnd } from "../support/temporary.ts";
import { stampbook as command } from "../support/cli.ts";
import {
  asLines,
  asPage,
  hubPage,
  hubRecord,
  openStampbook,
  registerNorth,
  type TestStampbook,
  windowAfter,
} from "../support/world.ts";

/** Records that are made durable together. */
const PIECE = LIMITS.intakePieceRecordsMax;

// Goal: who asks for lines hears of each record in the order of the batch, as soon as it is durable and not before.
// Method: real engines; a body that is held open while its answer is read.

const HOUR = "2024-02-10T10:00:00Z";
const WINDOW = windowAfter(HOUR);
const QUERY = `/v1/usage?registration=north&reportedStartTime=${WINDOW.start}&reportedEndTime=${WINDOW.end}`;
let stampbook: TestStampbook;
let made = 0;
const good = (): string => hubRecord({ hour: HOUR, quantity: "1", resource: `/lines/${made++}` });

beforeAll(async () => {
  stampbook = closeAtEnd(await openStampbook());
  await registerNorth(stampbook);
});

type Stream = Parameters<TestStampbook["client"]["takeIn"]>[1];

async function take(stream: Stream, window: typeof WINDOW | undefined = WINDOW) {
  const outcomes: IntakeOutcome[] = [];
  const last = await stampbook.client.takeInByLines("north", stream, {
    ...(window === undefined ? {} : { window }),
    onLines: async (lines) => void outcomes.push(...lines.map((line) => JSON.parse(line) as IntakeOutcome)),
  });
  return { last, outcomes };
}

test("every outcome, in the order of the batch, and the counts at last", async () => {
  const first = good();
  const other = first.replace('"quantity":1', '"quantity":2');
  const unknown = hubRecord({ hour: HOUR, quantity: "1", meter: "11111111-2222-3333-4444-555555555555" });
  const { last, outcomes } = await take(asLines([first, "nonsense", first, other, unknown, good()]));
  expect(outcomes.map(({ position, outcome, reason, code }) => [position, outcome, reason ?? code])).toEqual([
    [1, "accepted", undefined],
    [2, "rejected", "RecordNotJson"],
    [3, "duplicate", undefined],
    [4, "conflict", undefined],
    [5, "parked", "UnknownMeter"],
    [6, "accepted", undefined],
  ]);
  expect(outcomes[1]!.remedy).toEqual(["Correct the record at this position and send it again."]);
  expect(last).toMatchObject({ counts: { accepted: 2, duplicate: 1, conflict: 1, parked: 1, rejected: 1 } });
  expect(last.batch).toBeGreaterThan(0);
  expect(last.error).toBeUndefined();
});

test("a body that breaks off: the last line says so; one without any record is refused as always", async () => {
  const page = hubPage([good(), good()]);
  const { last, outcomes } = await take(asPage(page.subarray(0, -10)));
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(["accepted", "rejected"]);
  expect(last).toMatchObject({ counts: { accepted: 1, rejected: 1 }, error: { code: "UsageBodyTruncated" } });
  await expect(take(asPage(Buffer.from("<html>")))).rejects.toMatchObject({ code: "UsageBodyIsHtml", status: 400 });
  expect((await take(asPage(hubPage([])))).last).toMatchObject({ counts: { accepted: 0 } });
  const audit = await stampbook.client.audit({ outcome: "UsageBodyTruncated" });
  expect(audit.length).toBe(1);
});

test("lines come while the body is still being sent, and tell only what is durable", async () => {
  const usage = stampbook.stampbook.context.usage as UsageStore & Record<"append", UsageStore["append"]>;
  const append = usage.append.bind(usage);
  let isStored = false;
  usage.append = async (rows) => {
    await sleep(300);
    await append(rows);
    isStored = true;
  };
  const call = request({
    socketPath: stampbook.socketPath,
    method: "POST",
    path: QUERY,
    headers: { host: "x", accept: "application/x-ndjson", "content-type": "application/x-ndjson" },
  });
  // One record more than two pieces: what is behind it stays in the server until the body goes on.
  call.write(`${Array.from({ length: 2 * PIECE + 1 }, good).join("\n")}\n`);
  let text = "";
  const ended = new Promise<void>((resolve, reject) => {
    call.once("error", reject);
    call.once("response", (response) => {
      expect([response.statusCode, response.headers["content-type"]]).toEqual([200, "application/x-ndjson"]);
      response.on("data", (chunk: Buffer) => {
        expect(isStored).toBe(true);
        text += chunk.toString();
      });
      response.once("end", resolve);
    });
  });
  while (text.split("\n").length < 10_001) await sleep(20);
  expect(text).not.toContain('"batch"');
  call.end(`${good()}\n`);
  await ended;
  usage.append = append;
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.length).toBe(10_003);
  expect(lines.slice(0, -1).map(({ position }) => position)).toEqual(Array.from({ length: 10_002 }, (_, i) => i + 1));
  expect(lines.at(-1)).toMatchObject({ counts: { accepted: 10_002 } });
});

test("an engine that fails in the middle: what was told is stored, and the last line says what happened", async () => {
  const usage = stampbook.stampbook.context.usage as UsageStore & Record<"append", UsageStore["append"]>;
  const append = usage.append.bind(usage);
  let pieces = 0;
  usage.append = async (rows) => {
    pieces += 1;
    if (pieces > 1) throw new Error("the disk is gone");
    await append(rows);
  };
  const records = Array.from({ length: PIECE + 1 }, good);
  const { last, outcomes } = await take(asLines(records));
  usage.append = append;
  expect(outcomes.length).toBe(PIECE);
  expect(last).toMatchObject({ batch: null, counts: { accepted: PIECE }, error: { code: "InternalServerError" } });
  const again = await take(asLines(records));
  expect(again.last.counts).toMatchObject({ duplicate: PIECE, accepted: 1 });
});

test("who reads no lines holds nobody else up", async () => {
  const call = request({
    socketPath: stampbook.socketPath,
    method: "POST",
    path: QUERY,
    headers: { host: "x", accept: "application/x-ndjson", "content-type": "application/x-ndjson" },
  });
  call.on("error", () => undefined);
  // Each rejected line is answered with some hundred bytes that nobody reads.
  for (let i = 0; i < 40; i += 1) call.write("x\n".repeat(2_000));
  await sleep(500);
  expect((await stampbook.client.takeIn("north", asLines([good()]), WINDOW)).counts.accepted).toBe(1);
  call.destroy();
});

test("the command writes the outcomes of all files, by the lines of each", async () => {
  const [one, two] = [join(stampbook.folder, "one.ndjson"), join(stampbook.folder, "two.ndjson")];
  const outcomes: IntakeOutcome[] = [];
  writeFileSync(one, `${good()}\n\n${good()}\n`);
  const result = await importFile(stampbook.client, "north", one, {
    window: WINDOW,
    progress: false,
    heard: async (some) => void outcomes.push(...some),
  });
  expect(outcomes).toEqual([
    { position: 1, outcome: "accepted" },
    { position: 3, outcome: "accepted" },
  ]);
  expect(result.counts.accepted).toBe(2);
  writeFileSync(two, "nonsense\n");
  const args = ["usage", "import", "--registration", "north", "--outcomes", "out.ndjson", "one.ndjson", "two.ndjson"];
  const window = ["--reported-start", WINDOW.start, "--reported-end", WINDOW.end];
  await stampbook.close();
  const ran = await command([...args, ...window, "--data-folder", join(stampbook.folder, "data")], {
    cwd: stampbook.folder,
  });
  expect(ran.status).toBe(5);
  const lines = readFileSync(join(stampbook.folder, "out.ndjson"), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { file: "one.ndjson", position: 1, outcome: "duplicate" },
    { file: "one.ndjson", position: 3, outcome: "duplicate" },
    { file: "two.ndjson", position: 1, outcome: "rejected", code: "RecordNotJson" },
  ]);
}, 120_000);
