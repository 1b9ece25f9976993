import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { expect, test } from "vitest";
import { BIN, stampbook } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary.ts";

// Goal: the made-up stamp serves from the command line as told. Method: the command in a process of its own, asked over
// TLS by its own authority.

interface Told {
  readonly url: string;
  readonly caFile: string;
  readonly clientId: string;
  readonly now: string;
}

const askControl = ({ url, caFile }: Told): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const call = request(`${url}/control`, { ca: readFileSync(caFile), agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve(JSON.parse(text)));
    });
    call.on("error", reject);
    call.end();
  });

const serve = (folder: string, ...more: readonly string[]) => {
  const args = ["--json", "simulator", "serve", "--folder", folder, "--listen-port", "0", "--speed", "0", ...more];
  return spawn(process.execPath, [BIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
};

test("it tells where it listens, has the faults and the clock that were asked for, and counts when it ends", async () => {
  const faults = ["--faults", "all,slow=7", "--fault-shapes", "processingMinutes=3,clockSkewMs=-5000"];
  const child = serve(temporaryFolder(), "--seed", "3", "--now", "2024-02-03T00:00Z", ...faults);
  const errors: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  let text = "";
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.trimEnd().endsWith("}")) break;
  }
  const told = JSON.parse(text) as Told;
  expect(told).toMatchObject({ now: "2024-02-03T00:00:00Z", clientSecret: "simulated-north-3" });
  expect(await askControl(told)).toMatchObject({
    now: "2024-02-03T00:00:00Z",
    faults: { oneIn: { slow: 7, maintenance: 15 }, shapes: { processingMinutes: 3, clockSkewMs: -5_000 } },
  });
  child.kill("SIGTERM");
  const [status] = (await once(child, "close")) as [number | null];
  expect([status, errors.join("")]).toEqual([0, expect.stringMatching(/^0 requests; faults: \{"maintenance":0/)]);
});

test.each([
  [["--faults", "earthquake=2"], "there is no fault 'earthquake'"],
  [["--now", "soon"], "a time such as"],
])("%j is not understood", async (args, message) => {
  const { status, stderr } = await stampbook(["simulator", "serve", ...args], { cwd: temporaryFolder() });
  expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
});
