import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { privateTls } from "../../src/identity/certificates.ts";
import { systemClock } from "../../src/lib/instant.ts";
import type { SettingName } from "../../src/settings.ts";
import { CLUSTER, type ClickhouseServers, PROTECTED_USER, startClickhouse } from "../support/clickhouseServer.ts";
import { mustClose, temporaryFolder } from "../support/temporary.ts";
import { asPage, hubPage, hubRecord, openStampbook, registerNorth, windowAfter } from "../support/world.ts";

// Goal: who opens a server by settings gets in with the right password, over TLS and into the right database, and is told
// why not otherwise, never with the password. Method: the whole product on real servers; TLS ends in a proxy in front.

let servers: ClickhouseServers;
beforeAll(async () => {
  servers = await startClickhouse(2);
});
afterAll(() => servers.close());

function fileWith(text: string): string {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, text);
  return file;
}

async function opens(settings: Partial<Record<SettingName, string>>, folder = temporaryFolder()): Promise<string> {
  try {
    const stampbook = await openStampbook({ settings, folder });
    await stampbook.client.registrations();
    await stampbook.close();
    return "opened";
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`;
  }
}

const first = (): string => servers.nodes[0]!.url;

test("a user who may do no more than is documented gets in with the password in the file; a wrong one is refused without being told", async () => {
  const { name, password } = PROTECTED_USER;
  const cluster = { usageEngineUrl: servers.urls, usageCluster: CLUSTER };
  const signIn = { ...cluster, usageEngineDatabase: "signed_in", usageEngineUser: name };
  const settings = { ...signIn, usageEnginePasswordFile: fileWith(`${password}\n`) };
  const stampbook = await openStampbook({ settings });
  await registerNorth(stampbook);
  const hour = "2024-02-10T10:00:00Z";
  for (const counts of [{ accepted: 1 }, { duplicate: 1 }]) {
    const page = asPage(hubPage([hubRecord({ hour, quantity: "3" })]));
    expect((await stampbook.client.takeIn("north", page, windowAfter(hour))).counts).toMatchObject(counts);
  }
  const { conservation } = await stampbook.client.runStatements("2024-02");
  expect(conservation).toMatchObject({ stored: 1, billed: 1, difference: 0 });
  await stampbook.close();
  const elsewhere = { ...signIn, usageEngineDatabase: "not_granted", usageEnginePasswordFile: fileWith(password) };
  expect(await opens(elsewhere)).toMatch(/^UsageEngineUnavailable: .*Not enough privileges/);
  const refused = await opens({ ...signIn, usageEnginePasswordFile: fileWith("not-this-one") });
  expect(refused).toMatch(/^UsageEngineUnavailable: .*Authentication failed/);
  expect(refused).not.toContain("not-this-one");
  expect(await opens({ ...signIn, usageEnginePasswordFile: "/nowhere/password" })).toMatch(
    /^SettingInvalid: .*usageEnginePasswordFile: the file cannot be read \(ENOENT\)/,
  );
});

test("over TLS the server's certificate is checked against the authority that is named", async () => {
  const { cert, key, authorityFile } = await privateTls(join(temporaryFolder(), "tls"), {
    names: ["127.0.0.1", "localhost"],
    hostName: "localhost",
    clock: systemClock,
  });
  const target = new URL(first());
  const proxy = createServer({ cert, key }, (from, to) => {
    const { hostname, port } = target;
    const onward = request({ hostname, port, path: from.url, method: from.method, headers: from.headers }, (answer) => {
      to.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(to);
    });
    onward.on("error", () => to.destroy());
    from.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const closing = mustClose({
    close: () => new Promise<void>((resolve) => (proxy.close(() => resolve()), proxy.closeAllConnections())),
  });
  const usageEngineUrl = `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const over = { usageEngineUrl, usageEngineDatabase: "over_tls" };
  expect(await opens({ ...over, usageEngineCaFile: authorityFile! })).toBe("opened");
  expect(await opens(over)).toMatch(/^UsageEngineUnavailable: .*(certificate|issuer)/i);
  await closing.close();
});

test("a server or a cluster that is not there is told as such", async () => {
  expect(await opens({ usageEngineUrl: "http://127.0.0.1:9" })).toMatch(/^UsageEngineUnavailable: .*ECONNREFUSED/);
  expect(await opens({ usageEngineUrl: first(), usageCluster: "unknown" })).toMatch(
    /^UsageEngineUnavailable: .*its cluster unknown has 0 servers and 1 are named/,
  );
});

test("a cluster is opened with all of its servers, and never laid out in another way afterwards", async () => {
  const database = { usageEngineDatabase: "laid_out" };
  expect(await opens({ ...database, usageEngineUrl: first(), usageCluster: CLUSTER })).toMatch(
    /its cluster pair has 2 servers and 1 are named; each one must be/,
  );
  const cluster = { ...database, usageEngineUrl: servers.urls, usageCluster: CLUSTER };
  expect(await opens(cluster)).toBe("opened");
  expect(await opens(cluster)).toBe("opened");
  // As one server it would see a part of the usage, and would take known records for new ones.
  expect(await opens({ ...database, usageEngineUrl: first() })).toMatch(
    /was laid out for shard 1 of weight 1, shard 2 of weight 1 of pair, and the settings want one server/,
  );
});

test("usage that is still in the folder is not left behind in silence", async () => {
  const folder = temporaryFolder();
  expect(await opens({}, folder)).toBe("opened");
  const refused = await opens({ usageEngineUrl: first(), usageEngineDatabase: "moved" }, folder);
  expect(refused).toMatch(/^SettingInvalid: .*the embedded engine has usage in .*data\/usage/);
  const other = temporaryFolder();
  mkdirSync(join(other, "data"), { recursive: true });
  expect(await opens({ usageEngineUrl: first(), usageEngineDatabase: "moved" }, other)).toBe("opened");
});
