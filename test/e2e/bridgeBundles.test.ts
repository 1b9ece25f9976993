import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importBundle, type ImportedBundle } from "../../src/bridge/bundle/importBundle.ts";
import { HOUR_MS } from "../../src/lib/instant.ts";
import { type BridgePlace, makeBridgePlace } from "../support/bridgePlace.ts";
import { stampbook } from "../support/cli.ts";
import { type ScriptedStamp, startScriptedStamp } from "../support/scriptedStamp.ts";
import { closeAtEnd, temporaryFolder } from "../support/temporary.ts";
import { hubRecord, ids, instant, openStampbook, registerNorth, type TestStampbook } from "../support/world.ts";

// Goal: usage crosses an air gap once and whole, and whatever is changed, lost, forged or repeated on the way is noticed.
// Method: the commands on both sides, with nothing between them but a folder; the stamp is a scripted one.

const START = instant("2026-03-01T00:00:00Z");
let server: TestStampbook;
let stamp: ScriptedStamp;
let sending: BridgePlace;
/** What is carried to and fro. */
let carried: string;
/** The folder of the side that imports. */
let receiving: string;

beforeAll(async () => {
  server = closeAtEnd(await openStampbook({ now: "2026-03-05T12:00:00Z" }));
  await registerNorth(server);
  stamp = await startScriptedStamp(START + 2 * HOUR_MS);
  stamp.subscriptions.push({ subscriptionId: ids.local, tenantId: ids.tenant });
  carried = temporaryFolder();
  receiving = join(temporaryFolder(), "place");
  for (const hour of [0, 1, 2, 3, 4]) {
    stamp.rows.set(START + hour * HOUR_MS, [row(hour, "a"), row(hour, "b")]);
  }
});
afterAll(async () => {
  await stamp.close();
});

const row = (hour: number, resource: string): string =>
  hubRecord({ hour: new Date(START + hour * HOUR_MS).toISOString(), quantity: "1.5", resource: `/vm/${resource}` });

const cli = async (...args: readonly string[]) => {
  const { status, stdout, stderr } = await stampbook(["bridge", ...args, "--json"], {
    cwd: carried,
    env: { STAMPBOOK_DATA_FOLDER: join(server.folder, "unused") },
  });
  return { status, said: stdout === "" ? {} : (JSON.parse(stdout) as Record<string, unknown>), stderr };
};

const send = (...more: readonly string[]) =>
  cli("export", "--config", sending.configFile, "--stamp", "north", "--to", carried, ...more);

/** Imports through the server's own socket, as its operator would. */
const take = async (...files: readonly string[]) => {
  const taken: ImportedBundle[] = [];
  for (const file of files) {
    taken.push(await importBundle(server.client, { place: receiving, file: join(carried, file) }, server.clock));
  }
  return taken;
};

const stored = async (): Promise<number> => {
  const { value } = await server.client.totals.page({
    from: "2026-03-01T00:00:00Z",
    to: "2026-03-02T00:00:00Z",
    registration: "north",
  });
  return value.reduce((sum, { records }) => sum + records, 0);
};

test("keys are compared, and bundles go out one after the other", async () => {
  const { said } = await cli("keys", "--place", receiving);
  sending = makeBridgePlace(
    { url: "", authorityFile: "", credential: { clientId: "none", clientSecret: "none" } },
    {
      name: "north",
      registration: "north",
      adminUrl: stamp.url,
      providerSubscription: ids.registration,
      startAt: new Date(START).toISOString(),
      settleMinutes: 0,
      rereadHours: 0,
      delivery: "bundles",
      bundleRecipient: said["key"],
    },
    { clientId: "reader", clientSecret: "x" },
  );
  for (const number of [1, 2, 3]) {
    expect(await send()).toMatchObject({ status: 0, said: { number, readings: number === 1 ? 2 : 1, caughtUp: true } });
    stamp.nowMs += HOUR_MS;
  }
  expect(readdirSync(carried).sort()).toEqual([1, 2, 3].map((number) => `north-00000${number}.bundle`));
  // Nobody can read it on the way.
  expect(readFileSync(join(carried, "north-000001.bundle"), "latin1")).not.toMatch(/resourceUri|quantity|meterId/);
});

test("nobody is believed before the key was trusted, and nothing that was changed is", async () => {
  await expect(take("north-000001.bundle")).rejects.toMatchObject({ code: "BundleSenderUnknown" });
  const { said } = await cli("keys", "--config", sending.configFile, "--stamp", "north");
  expect((await cli("trust", "--place", receiving, "--registration", "north", String(said["key"]))).status).toBe(0);
  expect((await cli("trust", "--place", receiving, "--registration", "north", "no-key")).stderr).toContain(
    "SettingInvalid",
  );

  const good = readFileSync(join(carried, "north-000001.bundle"));
  mkdirSync(join(carried, "bad"));
  const bad = async (bytes: Buffer): Promise<void> => {
    writeFileSync(join(carried, "bad/one.bundle"), bytes);
    await expect(take("bad/one.bundle")).rejects.toMatchObject({ code: "BundleInvalid" });
  };
  for (let at = 25; at < good.length; at += Math.ceil(good.length / 40)) {
    const changed = Buffer.from(good);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    writeFileSync(join(carried, "bad/one.bundle"), changed);
    // A change in the sender's own key makes it a stranger's.
    await expect(take("bad/one.bundle"), `byte ${at}`).rejects.toMatchObject({
      code: expect.stringMatching(/^Bundle/),
    });
  }
  await bad(good.subarray(0, good.length - 1));
  await bad(good.subarray(0, 100));
  await bad(Buffer.concat([good, Buffer.from("x")]));
  await bad(Buffer.from("PK, a zip file"));
  expect(await stored()).toBe(0);
});

test("a missing number is named, repeats change nothing, and receipts free the stamp's side", async () => {
  const [third] = await take("north-000003.bundle");
  expect(third).toMatchObject({ number: 3, missing: [1, 2], counts: { accepted: 2 } });
  const [first, again] = await take("north-000001.bundle", "north-000001.bundle");
  expect(first).toMatchObject({ number: 1, repeated: false, missing: [2], counts: { accepted: 4 } });
  expect(again).toMatchObject({ number: 1, repeated: true, missing: [2] });
  expect(await stored()).toBe(6);

  const receipt = (number: number, ...more: readonly string[]) =>
    cli("receipt", "--config", sending.configFile, `north-00000${number}.bundle.receipt.json`, ...more);
  expect((await receipt(1)).said).toEqual({ stamp: "north", number: 1, missing: [2], isNew: true });
  expect((await receipt(1)).said).toMatchObject({ isNew: false });
  const file = join(carried, "north-000003.bundle.receipt.json");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace('"number": 3', '"number": 2'));
  expect((await receipt(3)).stderr).toContain("ReceiptInvalid");
  writeFileSync(file, text);
  await receipt(3);
  const left = () => readdirSync(join(sending.stateFolder, "north")).filter((name) => name.endsWith(".gz"));
  expect(left()).toHaveLength(1);

  // The second was lost on the way: it is written once more, and brings the same.
  copyFileSync(join(carried, "north-000002.bundle"), join(carried, "bad/lost.bundle"));
  expect((await send("--again", "2")).said).toMatchObject({ number: 2, rows: 2 });
  expect((await send("--again", "1")).stderr).toContain("BridgeConfigInvalid");
  expect((await take("north-000002.bundle"))[0]).toMatchObject({ number: 2, missing: [] });
  // And the lost one is found again.
  expect((await take("bad/lost.bundle"))[0]).toMatchObject({ repeated: true });
  await receipt(2);
  expect(left()).toEqual([]);
  expect(await stored()).toBe(8);
});

test("a bundle that starts the numbers anew is not taken for another one", async () => {
  const fresh = makeBridgePlace(
    { url: "", authorityFile: "", credential: { clientId: "none", clientSecret: "none" } },
    {
      ...JSON.parse(readFileSync(sending.configFile, "utf8")).stamps[0],
      startAt: new Date(START + HOUR_MS).toISOString(),
    },
    { clientId: "reader", clientSecret: "x" },
  );
  mkdirSync(fresh.stateFolder);
  copyFileSync(join(sending.stateFolder, "north.keys.json"), join(fresh.stateFolder, "north.keys.json"));
  const to = join(carried, "fresh");
  mkdirSync(to);
  expect((await cli("export", "--config", fresh.configFile, "--stamp", "north", "--to", to)).status).toBe(0);
  await expect(take("fresh/north-000001.bundle")).rejects.toMatchObject({ code: "BundleInvalid" });
  expect(await stored()).toBe(8);
});
