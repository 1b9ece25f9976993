import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { send } from "../../src/client/transport.ts";
import { readSettings } from "../../src/settings.ts";
import { embed } from "../../src/cli/connect.ts";
import { stampbook as run } from "../support/cli.ts";
import { mustClose, temporaryFolder } from "../support/temporary.ts";
import { NORTH, openStampbook, registerNorth, registerStamp, tokenOf } from "../support/world.ts";

// Goal: an activation key is what contract/registration.md §4.3 says, verifies without the server, and an altered or
// foreign one does not.

const decoded = (part: string): string => Buffer.from(part, "base64url").toString("utf8");

test("a key says what was registered; rotation retires the old key, which still verifies", async () => {
  const stampbook = await openStampbook();
  const { client } = stampbook;
  await registerNorth(stampbook);
  expect(await client.verificationKeys()).toEqual({ keys: [] });
  // At the same time: still only one key is made.
  const [first, again] = await Promise.all([client.activationKey("north"), client.activationKey("north")]);
  expect(first).toBe(again);
  const { keys } = await client.verificationKeys();
  expect(keys).toHaveLength(1);
  const { kid } = keys[0] as { kid: string };
  expect(Object.keys(keys[0]!)).toEqual(["kid", "kty", "alg", "use", "n", "e"]);
  expect(decoded(first.split(".")[0]!)).toBe(`{"kid":"${kid}","alg":"RS256"}`);
  expect(JSON.parse(decoded(first.split(".")[1]!))).toMatchObject({
    registrationName: "north",
    cloudId: "cloud-north",
    usageEndpoint: "https://127.0.0.1:30080",
    expires: "9999-12-30T23:59:59.9999999Z",
  });

  const capacity = { ...NORTH, name: "edge" };
  await client.register(capacity, tokenOf("cloud-edge", "Capacity"));
  const yearly = await client.activationKey("edge");
  expect(JSON.parse(decoded(yearly.split(".")[1]!))).toMatchObject({ expires: "2025-03-05T12:00:00Z" });

  const rotated = await client.rotateActivationKey();
  expect(rotated.retired).toEqual([kid]);
  const after = await client.activationKey("north");
  expect(decoded(after.split(".")[0]!)).toContain(rotated.kid);
  expect((await client.verificationKeys()).keys.map((so) => so["kid"])).toEqual(
    expect.arrayContaining([kid, rotated.kid]),
  );
  expect(await client.audit({ target: "/activationKeys/" })).toMatchObject([
    { actor: "local", detail: { before: [kid], after: rotated.kid } },
    { actor: "stampbook", detail: { before: null, after: kid } },
  ]);
  await expect(client.activationKey("nowhere")).rejects.toMatchObject({ code: "RegistrationNotFound" });
  await stampbook.close();
});

test("the public URL of the settings goes into the key, and over TCP the call needs a sign-in", async () => {
  const dataFolder = join(temporaryFolder(), "data");
  const given = { dataFolder, logLevel: "silent", publicUrl: "https://stampbook.example/", listenPort: "0" };
  const opened = mustClose(await embed(readSettings(given, {}), "en"));
  await registerStamp(opened.client, NORTH, tokenOf("cloud-north"));
  const payload = JSON.parse(decoded((await opened.client.activationKey("north")).split(".")[1]!)) as object;
  expect(payload).toMatchObject({ usageEndpoint: "https://stampbook.example" });
  const url = await opened.stampbook.server.listen({ host: "127.0.0.1", port: 0 });
  const path = "/v1/registrations/north/activation-key";
  expect((await send({ url }, { method: "POST", path })).status).toBe(401);
  expect((await send({ url }, { method: "GET", path: "/.well-known/stampbook/activation-keys" })).status).toBe(200);
  await opened.close();
});

test("the command gets a key, verifies it offline and refuses altered, foreign and broken ones", async () => {
  const stampbook = await openStampbook();
  await registerNorth(stampbook);
  const jwks = await stampbook.client.activationKey("north").then(() => stampbook.client.verificationKeys());
  await stampbook.close();
  const cwd = stampbook.folder;
  writeFileSync(join(cwd, "jwks.json"), JSON.stringify(jwks));

  const got = await run(["activation-key", "get", "north", "--out", "key", "--data-folder", "data"], { cwd });
  expect(got).toMatchObject({ status: 0, stderr: "" });
  expect(statSync(join(cwd, "key")).mode & 0o777).toBe(0o600);
  const key = readFileSync(join(cwd, "key"), "utf8").trim();
  const unwritable = await run(["activation-key", "get", "north", "--out", "no/key", "--data-folder", "data"], { cwd });
  expect([unwritable.status, unwritable.stderr]).toEqual([1, expect.stringContaining("FileUnwritable")]);

  const verify = async (content: string, ...more: string[]) => {
    writeFileSync(join(cwd, "candidate"), content);
    return await run(["activation-key", "verify", "candidate", ...more], { cwd });
  };
  const online = await verify(`\uFEFF${key}\r\n`, "--data-folder", "data");
  expect([online.status, JSON.parse(online.stdout)]).toEqual([0, expect.objectContaining({ cloudId: "cloud-north" })]);
  const offline = await verify(key, "--jwks", "jwks.json", "--json");
  expect(JSON.parse(offline.stdout)).toMatchObject({
    kid: jwks.keys[0]!["kid"],
    payload: { registrationName: "north" },
  });

  const [header, payload, signature] = key.split(".") as [string, string, string];
  const altered = Buffer.from(decoded(payload).replace("PayAsYouUse", "Development")).toString("base64url");
  const foreign = Buffer.from(JSON.stringify({ kid: "f".repeat(32), alg: "RS256" })).toString("base64url");
  for (const [content, code] of [
    [`${header}.${altered}.${signature}`, "ActivationKeySignatureWrong"],
    [`${header}.${payload}.${payload}`, "ActivationKeySignatureWrong"],
    [`${foreign}.${payload}.${signature}`, "ActivationKeyUnknown"],
    [tokenOf("cloud-north"), "ActivationKeyUnreadable"],
  ] as const) {
    const refused = await verify(content, "--jwks", "jwks.json");
    expect([refused.status, refused.stdout, refused.stderr]).toEqual([1, "", expect.stringMatching(`^${code}: `)]);
  }
});
