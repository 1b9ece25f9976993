import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import type { IdempotentAnswerStore } from "../../src/domain/usage/idempotency.ts";
import { closeAtEnd, temporaryFolder } from "../support/temporary.ts";
import {
  asLines,
  hubPage,
  hubRecord,
  ids,
  openStampbook,
  registerNorth,
  type TestStampbook,
  tokenOf,
  windowAfter,
} from "../support/world.ts";

// Goal: a request with an Idempotency-Key that is sent again gets the same answer, byte for byte, and brings nothing new.
// Method: real engines; the same request again, changed in one place, at the same time, after a crash, after a day.

const HOUR = "2024-02-10T10:00:00Z";
const WINDOW = windowAfter(HOUR);
const JSON_PAGE = { "content-type": "application/json" };
const LINES = { "content-type": "application/x-ndjson", accept: "application/x-ndjson" };
let made = 0;
const good = (): string => hubRecord({ hour: HOUR, quantity: "1", resource: `/once/${made++}` });

interface Sent {
  readonly status: number;
  readonly replayed: string | undefined;
  readonly text: string;
  readonly retryAfter: string | undefined;
  readonly code: string | undefined;
}

function send(
  { socketPath }: { readonly socketPath: string },
  key: string,
  body: string | Buffer,
  {
    headers = JSON_PAGE,
    registration = "north",
    window = WINDOW,
  }: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly registration?: string;
    readonly window?: typeof WINDOW;
  } = {},
): Promise<Sent> {
  const path = `/v1/usage?registration=${registration}&reportedStartTime=${window.start}&reportedEndTime=${window.end}`;
  const call = request({
    socketPath,
    method: "POST",
    path,
    headers: { host: "x", "idempotency-key": key, ...headers },
  });
  return new Promise((resolve, reject) => {
    call.once("error", reject);
    call.once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const { "idempotency-replayed": replayed, "retry-after": retryAfter } = response.headers;
        const [, code] = /"code":"(\w+)"/.exec(text) ?? [];
        resolve({ status: response.statusCode!, replayed: replayed as string | undefined, text, retryAfter, code });
      });
    });
    call.end(body);
  });
}

let stampbook: TestStampbook;
let context: TestStampbook["stampbook"]["context"];

beforeAll(async () => {
  stampbook = closeAtEnd(await openStampbook());
  context = stampbook.stampbook.context;
  await registerNorth(stampbook);
  const south = { subscription: ids.registration, resourceGroup: "azurestack", name: "south" };
  await stampbook.client.register(south, tokenOf("cloud-south"));
});

const batches = async (): Promise<number> => (await context.control.batches.lastComplete()).lastBatch;

describe("the same request again", () => {
  test.each([
    ["as one answer", JSON_PAGE, () => hubPage([good(), "[]", good()])],
    ["as lines", LINES, () => Buffer.from(`${good()}\nnonsense\n${good()}\n`)],
  ])("%s: the same bytes, no new batch", async (name, headers, make) => {
    const body = make();
    const first = await send(stampbook, name.replaceAll(" ", "-"), body, { headers });
    expect([first.status, first.replayed]).toEqual([200, undefined]);
    const before = await batches();
    const again = await send(stampbook, name.replaceAll(" ", "-"), body, { headers });
    expect([again.status, again.replayed, again.text]).toEqual([200, "true", first.text]);
    // Quotes are no part of the key, and compression none of the body.
    const packed = { ...headers, "content-encoding": "gzip" };
    const quoted = await send(stampbook, `"${name.replaceAll(" ", "-")}"`, gzipSync(body), { headers: packed });
    expect([quoted.status, quoted.replayed, quoted.text]).toEqual([200, "true", first.text]);
    expect(await batches()).toBe(before);
    expect(first.text).toContain('"accepted":2');
  });

  test("a refusal is given again too; one of a body that cannot be read to its end is not kept", async () => {
    const page = hubPage([good(), good()]);
    const malformed = Buffer.concat([page, page]);
    const first = await send(stampbook, "malformed", malformed);
    expect([first.status, first.code]).toEqual([400, "UsageBodyMalformed"]);
    expect(await send(stampbook, "malformed", malformed)).toEqual({ ...first, replayed: "true" });
    // The end of it counts, although it was not read at first.
    expect((await send(stampbook, "malformed", Buffer.concat([malformed, page]))).status).toBe(422);
    const html = await send(stampbook, "html", "<html>", { headers: LINES });
    expect(await send(stampbook, "html", "<html>", { headers: LINES })).toEqual({ ...html, replayed: "true" });
    expect([html.status, html.code]).toEqual([400, "UsageBodyIsHtml"]);
    const packed = { ...JSON_PAGE, "content-encoding": "gzip" };
    for (const _ of [1, 2]) {
      const broken = await send(stampbook, "broken", gzipSync(page).subarray(0, -9), { headers: packed });
      expect([broken.code, broken.replayed]).toEqual(["UsageBodyEncodingBroken", undefined]);
    }
  });

  test("of more lines than are kept, the last one comes again", async () => {
    const body = "x\n".repeat(40_000);
    const first = await send(stampbook, "long", body, { headers: LINES });
    const last = first.text.trimEnd().split("\n").at(-1)!;
    expect(JSON.parse(last)).toMatchObject({ counts: { rejected: 40_000 }, kept: "last line" });
    const again = await send(stampbook, "long", body, { headers: LINES });
    expect([again.replayed, again.text]).toEqual(["true", `${last}\n`]);
  });
});

test("the key of another request is refused: another body, window, format, form of answer, registration", async () => {
  const page = hubPage([good()]);
  await send(stampbook, "k1", page);
  const refused = [
    await send(stampbook, "k1", hubPage([good()])),
    await send(stampbook, "k1", page, { window: windowAfter("2024-02-10T11:00:00Z") }),
    await send(stampbook, "k1", page, { headers: { "content-type": "application/x-ndjson" } }),
    await send(stampbook, "k1", page, { headers: { ...JSON_PAGE, accept: "application/x-ndjson" } }),
    await send(stampbook, "k1", page, { registration: "south" }),
  ];
  expect(refused.map(({ status, code }) => `${status} ${code}`)).toEqual(refused.map(() => "422 IdempotencyKeyReused"));
  expect((await send(stampbook, "k1", page)).replayed).toBe("true");
});

test.each(['""', " ", '"a', "a b", "ü", "x".repeat(256), `"${"x".repeat(256)}"`])("'%s' is no key", async (key) => {
  const encoded = Buffer.from(key).toString("latin1");
  const { status, code } = await send(stampbook, encoded, hubPage([good()]));
  expect([status, code]).toEqual([400, "IdempotencyKeyInvalid"]);
});

test("while the first is still being answered, the second is told to wait", async () => {
  const path = `/v1/usage?registration=north&reportedStartTime=${WINDOW.start}&reportedEndTime=${WINDOW.end}`;
  const headers = { host: "x", "idempotency-key": "slow", "content-type": "application/x-ndjson" };
  const call = request({ socketPath: stampbook.socketPath, method: "POST", path, headers });
  const answered = new Promise<number>((resolve) =>
    call.once("response", (response) => resolve(response.resume().statusCode!)),
  );
  const lines = `${good()}\n`;
  call.write(lines);
  while (context.answering.size === 0) await sleep(10);
  const second = await send(stampbook, "slow", lines, { headers: { "content-type": "application/x-ndjson" } });
  expect([second.status, second.code, second.retryAfter]).toEqual([409, "IdempotentRequestRunning", "5"]);
  call.end();
  expect(await answered).toBe(200);
  const third = await send(stampbook, "slow", lines, { headers: { "content-type": "application/x-ndjson" } });
  expect([third.status, third.replayed]).toEqual([200, "true"]);
});

test("a crash between storing the records and keeping the answer: the retry says what is true then", async () => {
  const folder = temporaryFolder();
  const first = await openStampbook({ folder });
  await registerNorth(first);
  const body = hubPage([good(), good()]);
  const control = first.stampbook.context.control as unknown as {
    transaction: (run: (stores: never) => Promise<unknown>) => Promise<unknown>;
  };
  const transaction = control.transaction.bind(control);
  // Everything is as it is when the process dies there: the records and their batch are stored, the answer is not.
  control.transaction = (run) =>
    transaction((stores: { idempotentAnswers: IdempotentAnswerStore }) =>
      run({
        ...stores,
        idempotentAnswers: { ...stores.idempotentAnswers, put: () => Promise.reject(new Error("died")) },
      } as never),
    );
  expect((await send(first, "crash", body)).status).toBe(500);
  await first.close();
  const second = await openStampbook({ folder });
  const retried = await send(second, "crash", body);
  expect([retried.status, retried.replayed]).toEqual([200, undefined]);
  expect(JSON.parse(retried.text)).toMatchObject({ counts: { accepted: 0, duplicate: 2 } });
  await second.close();
  // What was answered then is the answer from then on, also after a restart.
  const third = await openStampbook({ folder });
  expect(await send(third, "crash", body)).toEqual({ ...retried, replayed: "true" });
  third.clock.set("2024-03-06T12:00:01Z");
  const late = await send(third, "crash", body);
  expect([late.status, late.replayed]).toEqual([200, undefined]);
  await third.close();
}, 120_000);

test("a sender that went away has no answer, and may send the same again", async () => {
  const path = `/v1/usage?registration=north&reportedStartTime=${WINDOW.start}&reportedEndTime=${WINDOW.end}`;
  const headers = { host: "x", "idempotency-key": "gone", "content-type": "application/x-ndjson" };
  const call = request({ socketPath: stampbook.socketPath, method: "POST", path, headers });
  call.on("error", () => undefined);
  const record = good();
  call.write(`${record}\n`);
  while (context.answering.size === 0) await sleep(10);
  call.destroy();
  while (context.answering.size > 0) await sleep(10);
  const sent = await send(stampbook, "gone", record, { headers: { "content-type": "application/x-ndjson" } });
  expect([sent.status, sent.replayed]).toEqual([200, undefined]);
  expect((await stampbook.client.takeIn("north", asLines([record]), WINDOW)).counts.duplicate).toBe(1);
});
