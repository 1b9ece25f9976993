import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportSPKI, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../domain/access/caller.ts";
import type { Fault } from "../domain/faults/fault.ts";
import { LIMITS } from "../domain/limits.ts";
import type { TokenCheck } from "../http/identify.ts";
import { KeyedMutex } from "../lib/mutex.ts";
import type { Context } from "../operations/context.ts";
import { createCredential } from "../operations/credentials/create.ts";
import { revokeCredential } from "../operations/credentials/revoke.ts";
import { openSqliteControlStore } from "../storage/control/sqlite/controlStore.ts";
import { mintAccessToken, mintIdToken } from "./issuer/mint.ts";
import { currentKey, rotateKey } from "../operations/keys/signingKeys.ts";
import { verificationKey } from "./keys.ts";
import { openSignIn } from "./open.ts";
import { checkTokens } from "./tokenCheck.ts";

// Goal: no token passes but a good one. Method: an issuer outside over HTTP and the built-in one over a real store; each
// test changes one thing about a token that would pass, and moves the clock by hand.

const START_MS = 1_700_000_000_000;
const TENANT = "30000000-0000-4000-8000-000000000001";
const OID = "50000000-0000-4000-8000-000000000001";
const URL_OF_OURS = "https://stampbook.example";
const caller = { ...LOCAL_ADMINISTRATOR, address: "local", correlationId: "c" };

let nowMs = START_MS;
const clock = { now: () => nowMs };

/** An issuer outside: what it publishes and how it answers can be changed. */
const outside = { url: "", keys: [] as unknown[], status: 200, asked: 0, name: "" };
let provider: Server;

const newPair = () => generateKeyPairSync("rsa", { modulusLength: 2_048 });
const first = newPair();
const second = newPair();
const publish = (pair: { publicKey: KeyObject }, kid: string): unknown => ({
  ...pair.publicKey.export({ format: "jwk" }),
  kid,
  alg: "RS256",
  use: "sig",
});

beforeAll(async () => {
  provider = createServer((request, response) => {
    outside.asked += 1;
    const keysUrl = `${outside.url}/keys`;
    const body = request.url === "/keys" ? { keys: outside.keys } : { issuer: outside.name, jwks_uri: keysUrl };
    response.writeHead(outside.status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  outside.url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
});
afterAll(() => void provider.close());

interface World {
  readonly context: Context;
  readonly check: TokenCheck;
}

async function open(tenant: string | undefined = TENANT): Promise<World> {
  const control = openSqliteControlStore(":memory:");
  const oidcIssuers = JSON.stringify([{ issuer: outside.url, audiences: ["api://stampbook"], tenant }]);
  const settings = { builtInIssuer: true, passwordGrant: false, audiences: "", oidcIssuers };
  const signIn = await openSignIn(settings, control, clock);
  signIn.urls.set([URL_OF_OURS]);
  const context = { control, clock, signIn, locks: new KeyedMutex() } as unknown as Context;
  return { context, check: checkTokens(context) };
}

let world: World;
beforeEach(async () => {
  nowMs = START_MS;
  Object.assign(outside, { keys: [publish(first, "one")], status: 200, asked: 0, name: outside.url });
  world = await open();
});

interface Made {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: KeyObject;
}

const token = ({ claims = {}, header = {}, key = first.privateKey }: Made = {}): Promise<string> => {
  const nowS = nowMs / 1_000;
  const good = {
    iss: outside.url,
    aud: "api://stampbook",
    tid: TENANT,
    oid: OID,
    sub: "s",
    upn: "ann@x",
    exp: nowS + 600,
  };
  const all = Object.entries({ ...good, ...claims }).filter(([, value]) => value !== undefined);
  return new SignJWT(Object.fromEntries(all)).setProtectedHeader({ alg: "RS256", kid: "one", ...header }).sign(key);
};

const codeOf = async (authorization: string | undefined, check = world.check): Promise<string> => {
  try {
    await check(authorization);
    return "passed";
  } catch (error) {
    const { code, message } = error as Fault;
    return `${code}: ${message}`;
  }
};
const outcome = async (made: Made): Promise<string> => await codeOf(`Bearer ${await token(made)}`);

describe("a token of an issuer outside", () => {
  test("says who somebody is", async () => {
    expect((await world.check(`Bearer ${await token()}`)).principal).toEqual({
      name: "ann@x",
      objectId: OID,
      issuer: outside.url,
      kind: "User",
      tenant: TENANT,
    });
    const { principal: application } = await world.check(
      `bearer ${await token({ claims: { upn: undefined, appid: "app-1", oid: undefined } })}`,
    );
    expect(application).toMatchObject({ name: "app-1", kind: "Application" });
    expect(application.objectId).toMatch(/^[0-9a-f-]{36}$/);
    expect(application.objectId).not.toBe(OID);
  });

  test.each<[string, Made, RegExp]>([
    ["signed by another key", { key: second.privateKey }, /InvalidAuthenticationToken: .*signature/],
    ["with an unknown kid", { header: { kid: "two" } }, /InvalidAuthenticationToken: .*unknown key/],
    ["of another issuer", { claims: { iss: "https://evil.example" } }, /InvalidAuthenticationToken: .*issuer/],
    ["without an issuer", { claims: { iss: undefined } }, /InvalidAuthenticationToken: .*issuer/],
    ["for another audience", { claims: { aud: "api://other" } }, /InvalidAuthenticationTokenAudience: .*api:\/\/other/],
    ["for our own audience, which is not that issuer's", { claims: { aud: URL_OF_OURS } }, /TokenAudience/],
    ["for nobody", { claims: { aud: undefined } }, /InvalidAuthenticationTokenAudience: .*nobody/],
    ["of another tenant", { claims: { tid: OID } }, /InvalidAuthenticationTokenTenant/],
    ["of no tenant", { claims: { tid: undefined } }, /InvalidAuthenticationTokenTenant/],
    ["without an end", { claims: { exp: undefined } }, /InvalidAuthenticationToken: .*'exp'/],
    ["about nobody", { claims: { sub: undefined, oid: undefined } }, /InvalidAuthenticationToken/],
    ["with a critical header that we do not know", { header: { crit: ["x"], x: 1 } }, /InvalidAuthenticationToken/],
  ])("%s is refused", async (_, made, refusal) => {
    // jose refuses to sign with an unknown critical header; the header alone is enough here.
    const signed = made.header?.["crit"] === undefined ? await outcome(made) : await codeOf(await critical(made));
    expect(signed).toMatch(refusal);
  });

  test("is good until it ends, with the skew that is allowed, and from when it begins", async () => {
    const ends = await token({ claims: { exp: START_MS / 1_000 + 60 } });
    nowMs = START_MS + 60_000 + LIMITS.tokenClockSkewMsMax - 1_000;
    expect(await codeOf(`Bearer ${ends}`)).toBe("passed");
    nowMs += 1_000;
    expect(await codeOf(`Bearer ${ends}`)).toMatch(/^ExpiredAuthenticationToken: .*2023-11-14T22:14:20Z/);
    const early = { claims: { nbf: nowMs / 1_000 + 301, exp: nowMs / 1_000 + 900 } };
    expect(await outcome(early)).toMatch(/InvalidAuthenticationToken: .*not valid yet/);
    nowMs += 1_000;
    expect(await outcome({ claims: { nbf: nowMs / 1_000 + 300 } })).toBe("passed");
  });

  test("without a signature, or with the public key as a shared secret, is refused", async () => {
    const [, payload] = (await token()).split(".");
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const alg of ["none", "None", "NONE"]) {
      expect(await codeOf(`Bearer ${encode({ alg, kid: "one" })}.${payload}.`)).toMatch(/algorithm/);
    }
    const publicKey = await exportSPKI(first.publicKey);
    const jwk = JSON.stringify(publish(first, "one"));
    for (const secret of [publicKey, publicKey.trim(), jwk]) {
      const text = `${encode({ alg: "HS256", kid: "one" })}.${payload}`;
      const signature = createHmac("sha256", secret).update(text).digest("base64url");
      expect(await codeOf(`Bearer ${text}.${signature}`)).toMatch(/InvalidAuthenticationToken: .*algorithm/);
    }
  });

  test("with one changed letter is refused", async () => {
    const good = await token();
    const [header, payload, signature] = good.split(".");
    const admin = Buffer.from(JSON.stringify({ iss: outside.url, oid: OID, exp: 9e9 })).toString("base64url");
    for (const bad of [`${header}.${admin}.${signature}`, `${header}.${payload}.`, good.slice(0, -4)]) {
      expect(await codeOf(`Bearer ${bad}`)).toMatch(/InvalidAuthenticationToken/);
    }
  });

  test("may not carry the object id of one of our credentials", async () => {
    const { credential } = await createCredential(world.context, caller, { kind: "Application" });
    expect(await outcome({ claims: { oid: credential.objectId } })).toMatch(/one of ours/);
  });
});

async function critical({ header }: Made): Promise<string> {
  const [, payload, signature] = (await token()).split(".");
  const text = JSON.stringify({ alg: "RS256", kid: "one", ...header });
  return `Bearer ${Buffer.from(text).toString("base64url")}.${payload}.${signature}`;
}

describe("the keys of an issuer outside", () => {
  test("are fetched again for an unknown kid, but not at every such token", async () => {
    expect(await outcome({})).toBe("passed");
    expect(outside.asked).toBe(2);
    outside.keys = [publish(first, "one"), publish(second, "two")];
    const rotated = { key: second.privateKey, header: { kid: "two" } };
    expect(await outcome(rotated)).toMatch(/unknown key/);
    expect(outside.asked).toBe(2);
    nowMs += LIMITS.issuerPauseMsMin;
    expect(await outcome(rotated)).toBe("passed");
    expect(outside.asked).toBe(4);
    for (let i = 0; i < 20; i++) expect(await outcome({ header: { kid: `k${i}` } })).toMatch(/unknown key/);
    expect(outside.asked).toBe(4);
  });

  test("are not used for ever: what was taken back stops working", async () => {
    expect(await outcome({})).toBe("passed");
    outside.keys = [publish(second, "two")];
    nowMs += LIMITS.issuerKeepMsMax;
    expect(await outcome({})).toMatch(/unknown key/);
  });

  test.each([
    ["it is down", { status: 503 }, /IssuerUnavailable: .*503/],
    ["it is another", { name: "https://other.example" }, /IssuerUnavailable: .*other/],
    ["it has too many keys", { keys: Array.from({ length: 101 }, () => publish(first, "one")) }, /IssuerUnavailable/],
    ["it sends megabytes", { keys: ["x".repeat(300_000)] }, /IssuerUnavailable: .*too long/],
  ])("when %s, that is said", async (_, changed, refusal) => {
    Object.assign(outside, changed);
    expect(await outcome({})).toMatch(refusal);
    const { asked } = outside;
    expect(await outcome({})).toMatch(refusal);
    expect(outside.asked).toBe(asked);
  });
});

describe("the header", () => {
  test.each([
    [undefined, /^AuthenticationFailed: Authentication failed\. The 'Authorization' header is missing\.$/],
    ["", /^AuthenticationFailed/],
    ["Basic YTpi", /^InvalidAuthenticationToken: .*Bearer/],
    ["Bearer", /^InvalidAuthenticationToken/],
    ["Bearer abc", /^InvalidAuthenticationToken/],
    ["Bearer a.b.c", /^InvalidAuthenticationToken: .*read/],
    [`Bearer ${"a".repeat(20_000)}.b.c`, /^InvalidAuthenticationToken: .*too long/],
  ])("%s", async (authorization, refusal) => {
    expect(await codeOf(authorization)).toMatch(refusal);
  });
});

describe("a token of the built-in issuer", () => {
  const issuer = `${URL_OF_OURS}/adfs`;
  const made = async (audience = `${URL_OF_OURS}/`, from = issuer) => {
    const { credential } = await createCredential(world.context, caller, { kind: "Application" });
    const { clientId } = credential;
    return {
      credential,
      token: await mintAccessToken(world.context, credential, { issuer: from, clientId, audience }),
      idToken: await mintIdToken(world.context, credential, { issuer: from, clientId: audience, nonce: undefined }),
    };
  };

  test("is of our own directory", async () => {
    const { credential, token } = await made("https://management.azure.com/");
    expect((await world.check(`Bearer ${token}`)).principal).toEqual({
      name: credential.clientId,
      objectId: credential.objectId,
      issuer: null,
      kind: "Application",
      tenant: world.context.signIn.directory,
    });
  });

  test("is refused for other audiences, from other servers, and as an id token", async () => {
    expect(await codeOf(`Bearer ${(await made("https://other.example")).token}`)).toMatch(/TokenAudience/);
    expect(await codeOf(`Bearer ${(await made(URL_OF_OURS, "https://other.example/adfs")).token}`)).toMatch(/issuer/);
    expect(await codeOf(`Bearer ${(await made()).idToken}`)).toMatch(/InvalidAuthenticationToken: .*'typ'/);
  });

  test("is refused with the public key as a shared secret", async () => {
    const { token } = await made();
    const key = await verificationKey(await currentKey(world.context, "token"));
    const [, payload] = token.split(".");
    const { kid } = await currentKey(world.context, "token");
    const header = Buffer.from(JSON.stringify({ alg: "HS256", typ: "at+jwt", kid })).toString("base64url");
    const signature = createHmac("sha256", await exportSPKI(key))
      .update(`${header}.${payload}`)
      .digest("base64url");
    expect(await codeOf(`Bearer ${header}.${payload}.${signature}`)).toMatch(/algorithm/);
  });

  test("stops within seconds when its credential is revoked", async () => {
    const { credential, token } = await made();
    expect(await codeOf(`Bearer ${token}`)).toBe("passed");
    await revokeCredential(world.context, caller, credential.clientId);
    nowMs += LIMITS.verifiedTokenMsMax;
    expect(await codeOf(`Bearer ${token}`)).toMatch(/revoked/);
  });

  test("survives a rotation until it ends; new ones have the new key", async () => {
    const old = await made();
    const before = await currentKey(world.context, "token");
    nowMs += 10_000;
    const { key: after } = await rotateKey(world.context, caller, "token");
    expect((await currentKey(world.context, "token")).kid).toBe(after.kid);
    expect(after.kid).not.toBe(before.kid);
    expect(await codeOf(`Bearer ${old.token}`)).toBe("passed");
    nowMs += LIMITS.accessTokenMsMax - 20_000;
    expect(await codeOf(`Bearer ${old.token}`)).toBe("passed");
    const fresh = await made();
    nowMs += 20_000 + LIMITS.tokenClockSkewMsMax;
    expect(await codeOf(`Bearer ${old.token}`)).toMatch(/Expired|unknown key/);
    expect(await codeOf(`Bearer ${fresh.token}`)).toBe("passed");
  });

  test("two first tokens at once make one key", async () => {
    const keys = await Promise.all([currentKey(world.context, "token"), currentKey(world.context, "token")]);
    expect(keys[0].kid).toBe(keys[1].kid);
  });
});
