import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Client } from "../../src/client/client.ts";
import { startServer } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { hubRecord, registerNorth, windowAfter } from "../support/world.ts";

// Goal: kill -9 in the middle of an answer by lines: what a line told is stored, and the Idempotency-Key is free again.
// Method: a real server, killed while the body is held open; then the same request again, twice.

const HOUR = "2024-02-10T10:00:00Z";
const WINDOW = windowAfter(HOUR);
const PATH = `/v1/usage?registration=north&reportedStartTime=${WINDOW.start}&reportedEndTime=${WINDOW.end}`;
const HEADERS = {
  host: "x",
  accept: "application/x-ndjson",
  "content-type": "application/x-ndjson",
  "idempotency-key": '"killed"',
};
const lines = Array.from({ length: 25_000 }, (_, i) =>
  hubRecord({ hour: HOUR, quantity: "1", resource: `/killed/${i}` }),
);

interface Answered {
  readonly lines: string[];
  readonly replayed: unknown;
}

/** @param hold keeps the body open after so many lines, until the connection breaks */
async function send(socketPath: string, told: string[], hold?: number): Promise<Answered> {
  const call = request({ socketPath, method: "POST", path: PATH, headers: HEADERS });
  const answered = new Promise<Answered>((resolve, reject) => {
    call.once("error", reject);
    call.once("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        const whole = (text + chunk.toString("utf8")).split("\n");
        text = whole.pop()!;
        told.push(...whole);
      });
      response.once("error", reject);
      response.once("end", () => resolve({ lines: told, replayed: response.headers["idempotency-replayed"] }));
    });
  });
  call.write(`${lines.slice(0, hold ?? lines.length).join("\n")}\n`);
  if (hold === undefined) call.end();
  return await answered;
}

test("what a line told is stored, and the same request is taken in again", async () => {
  const dataFolder = join(temporaryFolder(), "data");
  let server = await startServer(dataFolder);
  await registerNorth({ client: new Client({ socketPath: server.socketPath }) });
  const told: string[] = [];
  const broken = send(server.socketPath, told, 24_000).catch(() => undefined);
  while (told.length < 10_000) await sleep(20);
  await server.kill("SIGKILL");
  await broken;
  expect(told.some((line) => line.includes('"batch"'))).toBe(false);
  server = await startServer(dataFolder);
  const again = await send(server.socketPath, []);
  expect(again.replayed).toBeUndefined();
  const outcomes = again.lines.map((line) => JSON.parse(line) as { outcome?: string; counts?: Record<string, number> });
  // Whatever was told before the kill is a duplicate now.
  expect(outcomes.slice(0, told.length).every(({ outcome }) => outcome === "duplicate")).toBe(true);
  const { accepted = 0, duplicate = 0 } = outcomes.at(-1)?.counts ?? {};
  expect(accepted + duplicate).toBe(25_000);
  expect(accepted).toBeGreaterThan(0);
  const third = await send(server.socketPath, []);
  expect([third.replayed, third.lines]).toEqual(["true", again.lines]);
  const { conservation } = await new Client({ socketPath: server.socketPath }).runStatements("2024-02");
  expect(conservation).toMatchObject({ stored: 25_000, difference: 0 });
  await server.kill("SIGTERM");
}, 300_000);
