import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { serveMetrics, BridgeMetrics } from "../../src/bridge/metrics.ts";
import { HOUR_MS } from "../../src/lib/instant.ts";
import { stampbook } from "../support/cli.ts";
import {
  type BridgePlace,
  catchUp,
  makeBridgePlace,
  openHeardBridge,
  type ServedForBridge,
  serveForBridge,
} from "../support/bridgePlace.ts";
import {
  cut,
  type Mishap,
  type ScriptedStamp,
  startScriptedStamp,
  status,
  tooSlow,
  truncated,
} from "../support/scriptedStamp.ts";
import { hubRecord, ids, instant, registerNorth } from "../support/world.ts";

// Goal: what a stamp tells arrives at the server exactly once, whatever goes wrong on the way. Method: a stamp whose every
// answer is decided here, a real server over TLS, and the bridge with its folder on disk.

const START = instant("2026-03-01T00:00:00Z");
let server: ServedForBridge;
let stamp: ScriptedStamp;
let place: BridgePlace;
let hour = START;

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
  stamp = await startScriptedStamp(hour + 3 * HOUR_MS);
  stamp.subscriptions.push({ subscriptionId: ids.local, tenantId: ids.tenant });
  place = makePlace({});
  for (let nth = 0; nth < 2; nth += 1) {
    stamp.rows.set(hour + nth * HOUR_MS, [row(nth, "a"), row(nth, "b"), row(nth, "c", ids.secondLocal)]);
  }
  return () => stamp.close();
});

const makePlace = (more: Readonly<Record<string, unknown>>): BridgePlace =>
  makeBridgePlace(
    server,
    {
      name: "north",
      registration: "north",
      adminUrl: stamp.url,
      providerSubscription: ids.registration,
      startAt: new Date(hour).toISOString(),
      settleMinutes: 0,
      rereadHours: 4,
      ...more,
    },
    { clientId: "reader", clientSecret: "a-secret-of-the-stamp" },
  );

const row = (nth: number, resource: string, localSubscription: string = ids.local): string =>
  hubRecord({
    hour: new Date(hour + nth * HOUR_MS).toISOString(),
    quantity: "1.5",
    resource: `/vm/${resource}`,
    localSubscription,
  });

async function stored(): Promise<{ readonly records: number; readonly quantity: number }> {
  const [from, to] = [new Date(hour).toISOString(), new Date(hour + 90 * HOUR_MS).toISOString()];
  const { value } = await server.client.totals.page({ from, to, registration: "north", groupBy: "localSubscription" });
  return {
    records: value.reduce((sum, { records }) => sum + records, 0),
    quantity: value.reduce((sum, { quantity }) => sum + Number(quantity), 0),
  };
}

test("reads hour by hour by the stamp's clock, page by page, and delivers once", async () => {
  stamp.nowMs = hour + 2 * HOUR_MS;
  const { windows } = await catchUp(place);
  expect(windows.map(({ startMs, rows, by }) => [(startMs - hour) / HOUR_MS, rows, by])).toEqual([
    [0, 3, "stamp"],
    [1, 3, "stamp"],
  ]);
  expect(await stored()).toEqual({ records: 6, quantity: 9 });
  const [known] = await server.client.localSubscriptions("north");
  expect(known).toMatchObject({ localSubscription: ids.local, state: "Enabled" });
  // Again from the very beginning, as after the loss of its folder: nothing counts twice.
  await catchUp(makePlace({}));
  expect(await stored()).toEqual({ records: 6, quantity: 9 });
});

test("goes on through everything that passes, and never takes a part of an answer", async () => {
  stamp.tokenUses = 4;
  stamp.mishaps.push(
    status(503, { "retry-after": "0" }),
    status(503),
    truncated,
    cut,
    status(429, { "retry-after": "0" }),
  );
  stamp.mishaps.push(status(202, { "retry-after": "0" }), status(500), status(408));
  const { troubles } = await catchUp(place);
  expect(stamp.mishaps).toEqual([]);
  expect(new Set(troubles)).toEqual(new Set(["read throttled", "read broken-body", "read not-ready", "read failed"]));
  expect(await stored()).toEqual({ records: 6, quantity: 9 });
});

test("an hour that stays unready is a failure, unless it is the newest; what was read before is delivered all the same", async () => {
  const notReadyFrom = (nth: number): void => {
    const mishap: Mishap = (asked, response) => {
      const isIt = Date.parse(asked.searchParams.get("reportedStartTime") ?? "") === hour + nth * HOUR_MS;
      if (isIt && status(202)(asked, response)) stamp.mishaps.push(mishap);
      return isIt;
    };
    stamp.mishaps.push(mishap);
  };
  stamp.nowMs = hour + 2 * HOUR_MS;
  notReadyFrom(1);
  const newest = await catchUp(place);
  // Those that are due again do not wait for it.
  expect(newest.windows.map(({ startMs, again }) => [(startMs - hour) / HOUR_MS, again])).toEqual([[0, false]]);
  expect(await stored()).toEqual({ records: 3, quantity: 4.5 });

  stamp.rows.get(hour)!.push(row(0, "late"));
  stamp.nowMs += 2 * HOUR_MS;
  const bridge = await openHeardBridge(place);
  expect(await bridge.run(new AbortController().signal, true)).toBe(false);
  bridge.close();
  expect(bridge.heard.windows.map(({ startMs, again }) => [(startMs - hour) / HOUR_MS, again])).toEqual([[0, true]]);
  expect(await stored()).toEqual({ records: 4, quantity: 6 });

  stamp.mishaps.length = 0;
  await catchUp(place);
  expect(await stored()).toEqual({ records: 7, quantity: 10.5 });
});

test("falls back to a query for each subscription, and has the others by a later query for all", async () => {
  stamp.mishaps.push(tooSlow, tooSlow, tooSlow);
  const first = await catchUp(place);
  expect(first.windows.map(({ by }) => by)).toContain("subscription");
  const asked = stamp.asked.flatMap(({ searchParams }) => searchParams.get("subscriberId") ?? []);
  expect(asked).toContain(ids.local);
  // The other subscription was in no list. The hour is read again, and then its row is there.
  stamp.nowMs += 10 * HOUR_MS;
  await catchUp(place);
  expect(await stored()).toEqual({ records: 6, quantity: 9 });
});

test("reads recent hours again for rows that come late", async () => {
  await catchUp(place);
  stamp.rows.get(hour)!.push(row(0, "late"));
  stamp.nowMs += 2 * HOUR_MS;
  const { windows } = await catchUp(place);
  expect(windows.filter(({ again }) => again).length).toBeGreaterThan(0);
  expect(await stored()).toEqual({ records: 7, quantity: 10.5 });
  const state = JSON.parse(readFileSync(join(place.stateFolder, "north/state.json"), "utf8"));
  expect(state).toMatchObject({ spool: [], delivered: { accepted: 7 }, nextNumber: 4 });
});

test("a full spool stops the reading, warns before, and drops nothing", async () => {
  const small = makePlace({ spoolBytesMax: 700, spoolWarnPercent: 20, rereadHours: 0 });
  const away = makeBridgePlace(
    { ...server, url: "https://127.0.0.1:1" },
    JSON.parse(readFileSync(small.configFile, "utf8")).stamps[0],
    {
      clientId: "reader",
      clientSecret: "x",
    },
  );
  const bridge = await openHeardBridge(away);
  const stop = new AbortController();
  const run = bridge.run(stop.signal, false);
  await expect.poll(() => bridge.heard.rooms).toEqual(expect.arrayContaining(["nearly-full", "full"]));
  const metrics = new BridgeMetrics();
  const shown = await serveMetrics(metrics, bridge, { address: "127.0.0.1", port: 0 });
  const text = await (await fetch(`http://127.0.0.1:${shown.port}/metrics`)).text();
  expect(text).toMatch(/stampbook_bridge_deliveries_waiting\{stamp="north"\} 1\n/);
  expect(text).toMatch(/stampbook_bridge_stuck\{stamp="north",doing="deliver"\} 1\n/);
  shown.close();
  stop.abort();
  await run;
  bridge.close();
  // The same folder, and the server is back.
  const config = JSON.parse(readFileSync(away.configFile, "utf8"));
  writeFileSync(away.configFile, JSON.stringify({ ...config, serverUrl: server.url }));
  await catchUp(away);
  expect(await stored()).toEqual({ records: 6, quantity: 9 });
});

test("rows that the server rejects are set aside, told, and delivered again on demand", async () => {
  stamp.rows.get(hour)!.push('{"id":"no usage","subscriptionId":""}');
  await catchUp(place);
  const cli = (...args: readonly string[]) =>
    stampbook(["bridge", ...args, "--json", "--config", place.configFile], { cwd: place.stateFolder });
  const look = JSON.parse((await cli("status")).stdout) as { value: unknown[] };
  expect(look.value).toEqual([
    expect.objectContaining({
      deliveriesSetAside: 1,
      deliveriesWaiting: 0,
      delivered: expect.objectContaining({ accepted: 6, rejected: 1 }),
    }),
  ]);
  expect(JSON.parse((await cli("redeliver")).stdout)).toEqual({ deliveries: 1 });
  const again = await cli("run", "--once");
  expect([again.status, again.stdout]).toEqual([0, expect.stringContaining('"duplicate":3')]);
  expect(await stored()).toEqual({ records: 6, quantity: 9 });
});

test("nothing secret is told, and what is wrong with the place is", async () => {
  const cli = () =>
    stampbook(["bridge", "run", "--once", "--config", place.configFile], { cwd: dirname(place.stateFolder) });
  const good = await cli();
  expect([good.status, good.stderr]).toEqual([0, expect.stringContaining("delivered")]);
  for (const secret of ["a-secret-of-the-stamp", server.credential.clientSecret, "token-"]) {
    expect(good.stdout + good.stderr).not.toContain(secret);
  }
  const folder = join(place.stateFolder, "north");
  expect(readdirSync(folder)).toEqual(["state.json"]);

  const bridge = await openHeardBridge(place);
  expect((await cli()).stderr).toContain("BridgeFolderInUse");
  bridge.close();

  const state = JSON.parse(readFileSync(join(folder, "state.json"), "utf8"));
  writeFileSync(
    join(folder, "state.json"),
    JSON.stringify({ ...state, spool: [{ file: "gone.ndjson.gz", bytes: 1 }] }),
  );
  expect((await cli()).stderr).toContain("BridgeStateDamaged");
  rmSync(folder, { recursive: true });

  const credential = join(place.stateFolder, "../stamp.json");
  chmodSync(credential, 0o644);
  const open = await cli();
  expect([open.status, open.stderr]).toEqual([1, expect.stringContaining("CredentialFileExposed")]);
  chmodSync(credential, 0o600);
  const config = JSON.parse(readFileSync(place.configFile, "utf8"));
  const changed = async (more: object): Promise<string> => {
    writeFileSync(place.configFile, JSON.stringify({ ...config, ...more }));
    return (await cli()).stderr;
  };
  expect(await changed({ stamps: [] })).toMatch(/BridgeConfigInvalid[^]*stamps/);
  expect(await changed({ colour: "red" })).toMatch(/BridgeConfigInvalid[^]*colour/);
  expect(await changed({ stateFolder: join(credential, "below") })).toContain("BridgeFolderUnusable");
  expect(existsSync(join(folder, "state.json"))).toBe(false);
});

test("a stamp whose certificate nobody vouches for is not read", async () => {
  // The server's own address: its authority is private, and this stamp has no caFile.
  const stranger = makePlace({ adminUrl: server.url, tokenUrl: `${server.url}/adfs/oauth2/token`, audience: "x" });
  const { status: code, stderr } = await stampbook(["bridge", "run", "--once", "--config", stranger.configFile], {
    cwd: dirname(stranger.stateFolder),
  });
  expect(code).toBe(4);
  expect(stderr).toMatch(/cannot read[^]*certificate/);
});

test("the doctor tells what is wrong with a bridge and with what the server holds", async () => {
  await catchUp(place);
  const doctor = (...args: readonly string[]) =>
    stampbook(["doctor", "--json", ...args], { cwd: dirname(place.stateFolder) });
  const ofBridge = await doctor("--config", place.configFile, "--now", new Date(stamp.nowMs).toISOString());
  const { value } = JSON.parse(ofBridge.stdout) as { value: { kind: string }[] };
  expect(ofBridge.status).toBe(1);
  expect(value.map(({ kind }) => kind)).toContain("ClockSkewed");
  const unreadable = await doctor("--config", place.configFile, "--now", "yesterday");
  expect([unreadable.status, unreadable.stdout, unreadable.stderr]).toEqual([
    2,
    "",
    expect.stringContaining("a time such as"),
  ]);
  const now = new Date(hour + 30 * HOUR_MS).toISOString();
  const ofServer = await stampbook(["doctor", "--json", "--now", now, "--server", server.url], {
    cwd: dirname(place.stateFolder),
    env: {
      STAMPBOOK_CA_FILE: server.authorityFile,
      STAMPBOOK_CLIENT_ID: server.credential.clientId,
      STAMPBOOK_CLIENT_SECRET: server.credential.clientSecret,
    },
  });
  const found = (JSON.parse(ofServer.stdout) as { value: { of: string; kind: string }[] }).value;
  expect(found).toContainEqual(
    expect.objectContaining({ of: "north", kind: "CursorStuck", remedy: expect.any(Array) }),
  );
  expect(found).toContainEqual(expect.objectContaining({ of: "north", kind: "TenantUnmapped" }));
});
