import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { HOUR_MS } from "../../src/lib/instant.ts";
import { BridgeProcess } from "../support/bridgeHub.ts";
import { catchUp, openHeardBridge, type ServedForBridge, serveForBridge } from "../support/bridgePlace.ts";
import { stampbook } from "../support/cli.ts";
import { type ScriptedFeed, startScriptedFeed } from "../support/scriptedFeed.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { hubRecord, instant, registerNorth, usageEvent } from "../support/world.ts";

// Goal: what lies in a folder and what an HTTP source answers arrives at the server exactly once, as it is, and what cannot be
// taken is named. Method: files and a source that are decided here, a real server, and the bridge with its folder on disk.

let server: ServedForBridge;
let feed: ScriptedFeed;
let hour = instant("2026-03-01T00:00:00Z");
let folder: string;
let place: { readonly configFile: string; readonly stateFolder: string };

beforeAll(async () => {
  server = await serveForBridge();
  await registerNorth(server);
});
afterAll(async () => {
  await server.close();
});

/** Each test has hours of its own in the one registration. */
beforeEach(async () => {
  hour += 100 * HOUR_MS;
  feed = await startScriptedFeed();
  folder = temporaryFolder();
  return () => feed.close();
});

const PACE = { registration: "north", retryDelayMsMin: 1, retryDelayMsMax: 20, pollSeconds: 1 };

function makePlace(sources: {
  readonly folder?: Readonly<Record<string, unknown>>;
  readonly http?: Readonly<Record<string, unknown>>;
}): void {
  const at = join(temporaryFolder(), "bridge");
  mkdirSync(at);
  const write = (name: string, text: string): void => writeFileSync(join(at, name), text, { mode: 0o600 });
  write("server.json", JSON.stringify(server.credential));
  write("token", "a-secret-of-the-source\n");
  const config = {
    stateFolder: "state",
    serverUrl: server.url,
    serverCaFile: server.authorityFile,
    serverCredentialFile: "server.json",
    folders: sources.folder === undefined ? [] : [{ name: "files", folder, ...PACE, ...sources.folder }],
    httpSources: sources.http === undefined ? [] : [{ name: "feed", url: feed.url, ...PACE, ...sources.http }],
  };
  write("bridge.json", JSON.stringify(config));
  place = { configFile: join(at, "bridge.json"), stateFolder: join(at, "state") };
}

const event = (nth: number, id: string): string =>
  usageEvent({ id: `${hour}-${id}`, hour: new Date(hour + nth * HOUR_MS).toISOString(), quantity: "1.5" });

const put = (name: string, content: string | Buffer): void => writeFileSync(join(folder, name), content);

async function stored(): Promise<number> {
  const [from, to] = [new Date(hour).toISOString(), new Date(hour + 90 * HOUR_MS).toISOString()];
  const { value } = await server.client.totals.page({ from, to, registration: "north" });
  return value.reduce((sum, { records }) => sum + records, 0);
}

const cli = (...args: readonly string[]) =>
  stampbook([...args, "--json", "--config", place.configFile], { cwd: dirname(place.stateFolder) });

interface Look {
  readonly kind: string;
  readonly deliveriesSetAside: number;
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
  readonly delivered: Readonly<Record<string, number>>;
}

const look = async (): Promise<Look> =>
  (JSON.parse((await cli("bridge", "status")).stdout) as { value: readonly Look[] }).value[0]!;

test("files are taken in the order of their names once they have one, and moved away", async () => {
  makePlace({ folder: { doneFolder: join(folder, "done") } });
  put("b.ndjson.gz", gzipSync(`${event(2, "c")}\n`));
  put("a.json", `[${event(0, "a")},${event(1, "b")}]`);
  put("c.json.part", `[${event(3, "d")}`);
  put(".hidden.json", "no usage");
  await catchUp(place);
  expect(await stored()).toBe(3);
  expect(readdirSync(join(folder, "done"))).toEqual(["a.json", "b.ndjson.gz"]);
  expect(readdirSync(folder).sort()).toEqual([".hidden.json", "c.json.part", "done"]);
  // Complete now, under the name of one that was there before: it is another file.
  put("c.json.part", `[${event(3, "d")}]`);
  renameSync(join(folder, "c.json.part"), join(folder, "a.json"));
  await catchUp(place);
  expect(await stored()).toBe(4);
  expect(readdirSync(join(folder, "done"))).toEqual(["a.json", "a.json.2", "b.ndjson.gz"]);
  expect(await look()).toMatchObject({ kind: "folder", delivered: { accepted: 4 } });
});

test("answers of a stamp belong to the reported hour that their name says", async () => {
  makePlace({ folder: { jsonFiles: "page" } });
  const start = new Date(hour).toISOString();
  const reported = new Date(hour + HOUR_MS).toISOString().slice(0, 19).replaceAll(":", "");
  put(`000001.${reported}Z.json`, `{"value":[${hubRecord({ hour: start, quantity: "2" })}]}`);
  await catchUp(place);
  expect(await stored()).toBe(1);
});

test("files that stay are taken once; what changed, is damaged or holds no usage is refused by name", async () => {
  makePlace({ folder: {} });
  put("a.ndjson", `${event(0, "a")}\n`);
  put("b.json", `[${event(1, "b")},${event(2, "c")}`);
  put("c.ndjson.gz", gzipSync(`${event(3, "d")}\n`).subarray(0, 40));
  put("d.json", "");
  await catchUp(place);
  await catchUp(place);
  // What was whole of a file that breaks off is kept, as with every delivery.
  expect(await stored()).toBe(3);
  expect(await look()).toMatchObject({
    deliveriesSetAside: 2,
    refused: [{ name: "c.ndjson.gz", reason: "FileUnreadable" }],
    delivered: { accepted: 3 },
  });
  put("a.ndjson", `${event(0, "a")}\n${event(4, "e")}\n`);
  put("c.ndjson.gz", gzipSync(`${event(3, "d")}\n`));
  await catchUp(place);
  expect(await stored()).toBe(4);
  expect((await look()).refused).toEqual([{ name: "a.ndjson", reason: "FileChanged" }]);
  const { status, stdout } = await cli("doctor");
  expect(status).toBe(1);
  const found = (JSON.parse(stdout) as { value: readonly { kind: string; what: string }[] }).value;
  expect(found.map(({ kind, what }) => `${kind}: ${what}`)).toEqual([
    expect.stringMatching(/^PiecesSetAside: .*b\.json \(UsageBodyTruncated\), d\.json \(UsageBodyEmpty\)/),
    expect.stringMatching(/^FilesRefused: .*a\.ndjson \(FileChanged\)/),
  ]);
  expect(JSON.parse((await cli("bridge", "redeliver")).stdout)).toEqual({ deliveries: 2 });
});

test("an HTTP source is read page by page, through everything that passes, and asked with its ETag at the end", async () => {
  makePlace({ http: { tokenFile: "token" } });
  feed.pages.push(`[${event(0, "a")}]`, "[]", `[${event(1, "b")},${event(2, "c")}]`);
  feed.mishaps.push(
    (response) => response.writeHead(429, { "retry-after": "1" }).end(),
    (response) => response.end(`[${event(0, "a")},{"specv`),
    (response) => {
      response.writeHead(200, { "content-length": "1000" }).write("[");
      setImmediate(() => response.destroy());
    },
    (response) => response.writeHead(503).end(),
  );
  const began = performance.now();
  const { troubles } = await catchUp(place);
  expect(performance.now() - began).toBeGreaterThan(1_000);
  expect(troubles).toEqual(["read throttled", "read broken-body", "read broken-body", "read throttled"]);
  expect(await stored()).toBe(3);
  expect(new Set(feed.asked.map(({ authorization }) => authorization))).toEqual(
    new Set(["Bearer a-secret-of-the-source"]),
  );
  // The place is kept: only the last page is asked for, and nothing is new there.
  feed.asked.length = 0;
  await catchUp(place);
  expect(feed.asked).toEqual([
    expect.objectContaining({ path: "/usage?page=2", etag: `"2-3-${feed.pages[2]!.length}"` }),
  ]);
  // The last page has grown, and has a page after it.
  feed.pages[2] = `[${event(1, "b")},${event(2, "c")},${event(3, "d")}]`;
  feed.pages.push(`[${event(4, "e")}]`);
  await catchUp(place);
  expect(await stored()).toBe(5);
  expect(await look()).toMatchObject({ kind: "httpSource", delivered: { accepted: 5, duplicate: 2 } });
  expect(readFileSync(join(place.stateFolder, "feed/state.json"), "utf8")).not.toContain("a-secret");
});

test("a link that leads elsewhere is not followed: the token would go with it", async () => {
  makePlace({ http: { tokenFile: "token" } });
  feed.pages.push(`[${event(0, "a")}]`);
  feed.strayLink = "http://127.0.0.2:1/usage";
  const bridge = await openHeardBridge(place);
  expect(await bridge.run(new AbortController().signal, true)).toBe(false);
  bridge.close();
  expect(new Set(bridge.heard.troubles)).toEqual(new Set(["read refused"]));
  expect(await stored()).toBe(0);
});

test("a full spool stops the taking, and drops nothing", async () => {
  makePlace({ folder: { spoolBytesMax: 700 }, http: { spoolBytesMax: 10 } });
  feed.pages.push(`[${event(9, "x")}]`);
  for (const nth of [0, 1, 2, 3, 4]) put(`${nth}.ndjson`, `${event(nth, String(nth))}\n`);
  const config = JSON.parse(readFileSync(place.configFile, "utf8"));
  writeFileSync(place.configFile, JSON.stringify({ ...config, serverUrl: "https://127.0.0.1:1", httpSources: [] }));
  const away = await openHeardBridge(place);
  const stop = new AbortController();
  const run = away.run(stop.signal, false);
  await expect.poll(() => away.heard.rooms).toContain("full");
  stop.abort();
  await run;
  away.close();
  writeFileSync(place.configFile, JSON.stringify(config));
  const back = await openHeardBridge(place);
  expect(await back.run(new AbortController().signal, true)).toBe(false);
  back.close();
  // What is larger than the spool may be is never taken, and told.
  expect(new Set(back.heard.troubles)).toEqual(new Set(["read refused"]));
  expect(await stored()).toBe(5);
});

test("killed at random moments, all of it arrives once", async () => {
  makePlace({ folder: { doneFolder: join(folder, "done") }, http: {} });
  for (let nth = 0; nth < 30; nth += 1) put(`${String(nth).padStart(2, "0")}.ndjson`, `${event(nth, `file ${nth}`)}\n`);
  for (let nth = 0; nth < 30; nth += 1) feed.pages.push(`[${event(30 + nth, `page ${nth}`)}]`);
  const bridge = new BridgeProcess(place.configFile);
  for (const [heard, ms] of [
    ["taken", 0],
    ["taken", 40],
    ["pieceDelivered", 0],
    ["pieceDelivered", 90],
  ] as const) {
    await bridge.runAndKill(heard, ms);
  }
  await bridge.catchUp();
  expect(await stored()).toBe(60);
  expect(readdirSync(folder)).toEqual(["done"]);
  expect(readdirSync(join(folder, "done"))).toHaveLength(30);
  for (const source of ["files", "feed"]) expect(readdirSync(join(place.stateFolder, source))).toEqual(["state.json"]);
});
