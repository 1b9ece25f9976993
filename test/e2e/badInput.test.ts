import { Agent, type IncomingMessage, request } from "node:http";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refused } from "../../src/client/client.ts";
import type { IntakeInfo } from "../../src/client/types.ts";
import { embed } from "../../src/cli/connect.ts";
import { readSettings } from "../../src/settings.ts";
import {
  asLines,
  asPage,
  hubPage,
  hubRecord,
  instant,
  registerNorth,
  type TestStampbook,
  windowAfter,
} from "../support/world.ts";
import { temporaryFolder } from "../support/temporary.ts";

// Goal: whatever arrives, the good records are kept, the answer says which and why, and the process lives.
// Method: one server for all; each test sends something wrong beside something good, and looks at what is stored.

let stampbook: TestStampbook;
const HOUR = "2024-02-10T10:00:00Z";
const WINDOW = windowAfter(HOUR);
let resources = 0;

/** A good record that no other test has. */
const good = (): string => hubRecord({ hour: HOUR, quantity: "1", resource: `/good/${resources++}` });

beforeAll(async () => {
  const clock = { now: () => instant("2024-03-05T12:00:00Z"), set: () => undefined };
  const folder = temporaryFolder();
  const connection = await embed(readSettings({ dataFolder: `${folder}/data`, logLevel: "silent" }, {}), "en", {
    clock,
  });
  stampbook = Object.assign(connection, { clock, folder });
  await registerNorth(stampbook);
});

afterAll(async () => {
  const parked = await stampbook.client.parked();
  expect(parked).toEqual([]);
  await stampbook.close();
});

type Stream = Parameters<TestStampbook["client"]["takeIn"]>[1];

interface Taken {
  readonly code?: string;
  readonly status?: number;
  readonly intake: IntakeInfo | undefined;
}

/** What the server makes of a body, refused or not. */
async function take(stream: Stream, window: typeof WINDOW | null = WINDOW): Promise<Taken> {
  try {
    return { intake: await stampbook.client.takeIn("north", stream, window ?? undefined) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    expect(error.explanation.cause).not.toBe("");
    expect(error.explanation.remedy.length).toBeGreaterThan(0);
    return { code: error.code, status: error.status, intake: error.intake };
  }
}

const problemsOf = ({ intake }: Taken): string[] =>
  (intake?.problems ?? []).map(({ position, outcome, code }) => `${position} ${outcome} ${code ?? ""}`.trim());

describe("wrong records among good ones", () => {
  test.each<[string, string, string]>([
    ["negative", hubRecord({ hour: HOUR, quantity: "-0.5" }), "QuantityNegative"],
    ["missing", hubRecord({ hour: HOUR, quantity: "null" }), "RecordPropertyMissing"],
    ["textual", hubRecord({ hour: HOUR, quantity: '"24,10"' }), "QuantityNotANumber"],
    ["40-digit", hubRecord({ hour: HOUR, quantity: "1".repeat(40) }), "QuantityTooManyDigits"],
    ["40-decimal", hubRecord({ hour: HOUR, quantity: `0.${"1".repeat(40)}` }), "QuantityTooManyDigits"],
    ["NaN", hubRecord({ hour: HOUR, quantity: "NaN" }), "RecordNotJson"],
    ["end before start", hubRecord({ hour: HOUR, quantity: "1", hours: -1 }), "UsageTimeReversed"],
    ["a whole day", hubRecord({ hour: HOUR, quantity: "1", hours: 24 }), "UsageTimeNotOneHour"],
    ["unaligned", hubRecord({ hour: "2024-02-10T10:20:00Z", quantity: "1" }), "UsageTimeNotAligned"],
    ["in the future", hubRecord({ hour: "2024-03-05T12:00:00Z", quantity: "1" }), "UsageTimeInFuture"],
    ["a 10 MB string", hubRecord({ hour: HOUR, quantity: "1", resource: "x".repeat(10_000_000) }), "RecordTooLarge"],
    ["no object", "[]", "RecordNotJson"],
  ])("%s", async (_, wrong, code) => {
    for (const stream of [asPage(hubPage([good(), wrong, good()])), asLines([good(), wrong, good()])]) {
      const taken = await take(stream);
      expect(taken.intake?.counts).toEqual({ accepted: 2, duplicate: 0, conflict: 0, parked: 0, rejected: 1 });
      expect(problemsOf(taken)).toEqual([`2 rejected ${code}`]);
      const [problem] = taken.intake!.problems;
      expect(problem!.message).not.toBe("");
      expect(problem!.message!.length).toBeLessThan(1_000);
      expect(problem!.remedy!.length).toBeGreaterThan(0);
    }
  });

  test("a million-deep array", async () => {
    const page = Buffer.from(`{"value":[${good()},${"[".repeat(1_000_000)}${"]".repeat(1_000_000)},${good()}]}`);
    const taken = await take(asPage(page));
    expect(problemsOf(taken)).toEqual(["2 rejected RecordTooDeep"]);
    expect(taken.intake?.counts.accepted).toBe(2);
    const lines = await take(asLines([good(), "[".repeat(100_000), good()]));
    expect(problemsOf(lines)).toEqual(["2 rejected RecordTooDeep"]);
  });

  test("one record in another encoding", async () => {
    const latin1 = Buffer.from(good().replace("/good/", "/gräßlich/"), "latin1");
    const bytes = Buffer.concat([Buffer.from(`${good()}\n`), latin1, Buffer.from(`\n${good()}\n`)]);
    const taken = await take({ bytes: [bytes], type: "application/x-ndjson" });
    expect(problemsOf(taken)).toEqual(["2 rejected RecordNotUtf8"]);
    expect(taken.intake?.counts.accepted).toBe(2);
  });
});

describe("wrong bodies", () => {
  test("a page that breaks off keeps the records before the break; the whole page completes it", async () => {
    const records = [good(), good(), good()];
    const page = hubPage(records);
    const taken = await take(asPage(page.subarray(0, page.length - 100)));
    expect([taken.code, taken.status]).toEqual(["UsageBodyTruncated", 400]);
    expect(taken.intake?.counts).toMatchObject({ accepted: 2, rejected: 1 });
    expect(problemsOf(taken)).toEqual(["3 rejected RecordTruncated"]);
    const whole = await take(asPage(page));
    expect(whole.intake?.counts).toMatchObject({ accepted: 1, duplicate: 2, rejected: 0 });
  });

  test.each<[string, Stream, string, number]>([
    ["HTML", asPage(Buffer.from("<!DOCTYPE html><html><body>Sign in</body></html>")), "UsageBodyIsHtml", 400],
    [
      "a 504 body",
      asPage(Buffer.from('{"error":{"code":"GatewayTimeout","message":"too slow"}}')),
      "UsageBodyIsError",
      400,
    ],
    ["a flat error body", asPage(Buffer.from('{"code":"InvalidProperty","message":"x"}')), "UsageBodyIsError", 400],
    ["another document", asPage(Buffer.from("[1,2,3]")), "UsageBodyNotPage", 400],
    ["nothing", asPage(Buffer.from("")), "UsageBodyEmpty", 400],
    ["UTF-16", asPage(Buffer.from(`\uFEFF{"value":[]}`, "utf16le")), "UsageBodyNotUtf8", 400],
    ["plain text called gzip", { ...asLines(["{}"]), encoding: "gzip" }, "UsageBodyEncodingBroken", 400],
    ["an unknown encoding", { ...asLines(["{}"]), encoding: "br" }, "UnsupportedMediaType", 415],
    [
      "an event as a batch",
      { bytes: [Buffer.from("{}")], type: "application/cloudevents-batch+json" },
      "UsageBodyNotArray",
      400,
    ],
    ["two pages", asPage(Buffer.from('{"value":[]}{"value":[]}')), "UsageBodyMalformed", 400],
    ["an unknown type", { bytes: [Buffer.from("a,b")], type: "text/csv" }, "UnsupportedMediaType", 415],
  ])("%s", async (_, stream, code, status) => {
    const taken = await take(stream);
    expect([taken.code, taken.status]).toEqual([code, status]);
    expect(taken.intake?.counts.accepted ?? 0).toBe(0);
  });

  test("gzip that breaks off keeps what could be read", async () => {
    const records = Array.from({ length: 2_000 }, good);
    const compressed = gzipSync(Buffer.from(records.join("\n")));
    const taken = await take({
      bytes: [compressed.subarray(0, compressed.length - 50)],
      type: "application/x-ndjson",
      encoding: "gzip",
    });
    expect(taken.code).toBe("UsageBodyEncodingBroken");
    expect(taken.intake!.counts.accepted).toBeGreaterThan(0);
  });

  test("a gzip bomb is stopped at the limit, the record before it is kept", async () => {
    // Made once: a server that hears nothing for some seconds closes a connection that it kept open.
    const zeros = gzipSync(Buffer.alloc(64 * 1_048_576));
    const bomb = [gzipSync(Buffer.from(`${good()}\n`)), ...Array.from({ length: 20 }, () => zeros)];
    const taken = await take({ bytes: bomb, type: "application/x-ndjson", encoding: "gzip" });
    expect([taken.code, taken.status]).toEqual(["UsageBodyTooLarge", 413]);
    expect(taken.intake?.counts.accepted).toBe(1);
  }, 60_000);

  test("a connection stays open for a client that is busy for a while, as compressing such a bomb makes it", async () => {
    const { headers } = await new Promise<IncomingMessage>((resolve, reject) => {
      const call = request({
        socketPath: stampbook.socketPath,
        path: "/healthz",
        agent: new Agent({ keepAlive: true }),
      });
      call.once("response", (response) => resolve(response.resume())).once("error", reject);
      call.end();
    });
    expect(headers["keep-alive"]).toBe("timeout=72");
  });

  test("gzip and zstd are read", async () => {
    for (const [encoding, compress] of [
      ["gzip", gzipSync],
      ["zstd", zstdCompressSync],
    ] as const) {
      const taken = await take({ bytes: [compress(hubPage([good()]))], type: "application/json", encoding });
      expect(taken.intake?.counts.accepted).toBe(1);
    }
  });

  test("every frame of zstd and every member of gzip is read; what is neither is told", async () => {
    for (const [encoding, compress] of [
      ["gzip", gzipSync],
      ["zstd", zstdCompressSync],
    ] as const) {
      const frames = Array.from({ length: 3 }, () => compress(Buffer.from(`${good()}\n`)));
      const type = "application/x-ndjson";
      const whole = await take({ bytes: [Buffer.concat(frames)], type, encoding });
      expect([whole.code, whole.intake?.counts.accepted]).toEqual([undefined, 3]);
      const tail = await take({ bytes: [Buffer.concat([...frames, Buffer.from("tail")])], type, encoding });
      expect(tail.code).toBe("UsageBodyEncodingBroken");
      const cut = await take({ bytes: [Buffer.concat(frames).subarray(0, -frames[0]!.length + 9)], type, encoding });
      expect([cut.code, cut.intake?.counts.duplicate]).toEqual(["UsageBodyEncodingBroken", 2]);
    }
  });

  test("a page that stops being JSON is refused there, and what is before it is kept", async () => {
    const records = [good(), good(), good()];
    const page = Buffer.from(`{"value":[${records[0]},${records[1]}${records[2]}]}`);
    const taken = await take(asPage(page));
    expect([taken.code, taken.status, taken.intake?.counts.accepted]).toEqual(["UsageBodyMalformed", 400, 2]);
    const whole = await take(asPage(hubPage(records)));
    expect(whole.intake?.counts).toMatchObject({ accepted: 1, duplicate: 2 });
  });

  test("lines that break off in the last one keep the others", async () => {
    const taken = await take({
      bytes: [Buffer.from(`${good()}\n${good().slice(0, 300)}`)],
      type: "application/x-ndjson",
    });
    expect([taken.code, taken.intake?.counts.accepted]).toEqual(["UsageBodyTruncated", 1]);
    expect(problemsOf(taken)).toEqual(["2 rejected RecordTruncated"]);
  });

  test("a page without its reported window, and with a window that is none", async () => {
    const taken = await take(asPage(hubPage([good()])), null);
    expect(problemsOf(taken)).toEqual(["1 rejected ReportedWindowMissing"]);
    const wrong = await take(asPage(hubPage([good()])), { start: HOUR, end: HOUR });
    expect([wrong.code, wrong.status]).toEqual(["ReportedWindowInvalid", 400]);
  });
});

test("more problems than an answer lists are counted", async () => {
  const taken = await take(asLines(Array.from({ length: 1_500 }, () => "nonsense")));
  expect(taken.intake?.counts.rejected).toBe(1_500);
  expect([taken.intake?.problems.length, taken.intake?.problemsOmitted]).toEqual([1_000, 500]);
});

test("the process lives, and nothing of the wrong records is stored", async () => {
  const reply = await stampbook.client.send({ method: "GET", path: "/readyz" });
  expect(reply).toEqual({
    status: 200,
    body: { ready: true, control: "ok", usage: "ok", details: { resolver: { upstream: false } } },
  });
  const { conservation } = await stampbook.client.runStatements("2024-02");
  expect(conservation).toMatchObject({ difference: 0, metersUnequal: 0, parked: 0 });
  // Every stored record is one of the good ones, each of quantity 1.
  expect(conservation.meters.map(({ stored }) => stored)).toEqual([String(conservation.stored)]);
});
