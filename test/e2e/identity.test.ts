import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { ClientSecretCredential } from "@azure/identity";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { CreatedCredentialInfo } from "../../src/client/types.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import { type CliResult, stampbook } from "../support/cli.ts";
import { type Served, serveFolder } from "../support/servedFolder.ts";
import { temporaryFolder } from "../support/temporary.ts";

// Goal: people and programs sign in over TLS with unmodified tools, and with nothing less than their secret. Method: the
// real server in its own process, @azure/identity, raw HTTP for what that hides, and the command line.

let server: Served;
let folder: string;
let first: { readonly id: string; readonly secret: string };
/** Every secret and token that was seen; none may be found in a log or a file. */
const secrets: string[] = [];

const cli = (...args: string[]): Promise<CliResult> =>
  stampbook([...args, "--data-folder", folder], { cwd: temporaryFolder() });

async function create(...args: string[]): Promise<CreatedCredentialInfo> {
  const { stdout, stderr } = await cli("credentials", "create", "--json", ...args);
  if (stdout === "") throw new Error(stderr);
  const created = JSON.parse(stdout) as CreatedCredentialInfo;
  if (created.secret !== null) secrets.push(created.secret);
  return created;
}

beforeAll(async () => {
  folder = join(temporaryFolder(), "data");
  server = await serveFolder(folder);
  await vi.waitFor(() => expect(server.told()).toMatch(/secret {5}\S+\n/));
  const [, id = "", secret = ""] = /client id {2}(\S+)\n {2}secret {5}(\S+)\n/.exec(server.told()) ?? [];
  first = { id, secret };
  secrets.push(secret);
});
afterAll(() => server.close());

interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, string | number | undefined>;
}

async function post(path: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  return await fetch(server.url + path, {
    method: "POST",
    headers,
    body: new URLSearchParams(form),
    redirect: "manual",
  });
}

async function askToken(form: Record<string, string>, path = "/adfs/oauth2/token", headers = {}): Promise<TokenAnswer> {
  const response = await post(path, form, headers);
  const body = (await response.json()) as TokenAnswer["body"];
  for (const name of ["access_token", "id_token"]) if (typeof body[name] === "string") secrets.push(body[name]);
  return { status: response.status, headers: response.headers, body };
}

const clientCredentials = (id: string, secret: string, more: Record<string, string> = {}) => ({
  grant_type: "client_credentials",
  client_id: id,
  client_secret: secret,
  ...more,
});

const call = (path: string, token: string, method = "GET"): Promise<Response> =>
  fetch(server.url + path, { method, headers: { authorization: `Bearer ${token}` } });

const claimsOf = (token: unknown): Record<string, unknown> =>
  JSON.parse(Buffer.from(String(token).split(".")[1]!, "base64url").toString()) as Record<string, unknown>;

describe("@azure/identity, unmodified", () => {
  const options = () => ({ authorityHost: server.url, disableInstanceDiscovery: true });

  test.each([
    ["Entra style", () => server.directory, "https://management.azure.com/.default"],
    ["ADFS style", () => "adfs", () => `${server.url}/.default`],
  ])("%s", async (_, tenant, scope) => {
    const credential = new ClientSecretCredential(tenant(), first.id, first.secret, options());
    const { token, expiresOnTimestamp } = await credential.getToken(typeof scope === "string" ? scope : scope());
    secrets.push(token);
    expect(expiresOnTimestamp).toBeGreaterThan(Date.now());
    const response = await call("/v1/credentials", token);
    expect(response.status).toBe(200);
    expect(response.headers.get("strict-transport-security")).toBe("max-age=31536000; includeSubDomains");
    expect(claimsOf(token)).toMatchObject({ tid: server.directory, appid: first.id, idtyp: "app" });
  });

  test("a wrong secret is refused with a reason", async () => {
    const credential = new ClientSecretCredential(server.directory, first.id, "wrong", options());
    await expect(credential.getToken("https://management.azure.com/.default")).rejects.toThrow(/secret is wrong/);
  });
});

describe("the token endpoint", () => {
  test("gives an application no id token, and nothing that may be kept on the way", async () => {
    const { status, headers, body } = await askToken(
      clientCredentials(first.id, first.secret, { scope: "openid https://management.core.windows.net//.default" }),
      `/${server.directory}/oauth2/v2.0/token`,
    );
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3_600 });
    expect(body).not.toHaveProperty("id_token");
    expect(body).not.toHaveProperty("refresh_token");
    expect(claimsOf(body["access_token"])["aud"]).toBe("https://management.core.windows.net/");
  });

  test("takes the secret in a Basic header, too", async () => {
    const authorization = `Basic ${Buffer.from(`${first.id}:${first.secret}`).toString("base64")}`;
    const path = "/adfs/oauth2/token";
    expect((await askToken({ grant_type: "client_credentials" }, path, { authorization })).status).toBe(200);
    const wrong = `Basic ${Buffer.from(`${first.id}:x`).toString("base64")}`;
    const refused = await askToken({ grant_type: "client_credentials" }, path, { authorization: wrong });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toMatch(/^Basic/);
  });

  test.each<[string, () => Record<string, string>, number, string]>([
    ["without a grant", () => ({}), 400, "unsupported_grant_type"],
    ["of a grant like 'constructor'", () => ({ grant_type: "constructor" }), 400, "unsupported_grant_type"],
    ["without a secret", () => ({ grant_type: "client_credentials", client_id: first.id }), 401, "invalid_client"],
    ["with an unknown client", () => clientCredentials("nobody", "x"), 401, "invalid_client"],
    [
      "for another audience",
      () => clientCredentials(first.id, first.secret, { scope: "https://graph.microsoft.com/.default" }),
      400,
      "invalid_scope",
    ],
    [
      "for two audiences",
      () =>
        clientCredentials(first.id, first.secret, {
          scope: `${server.url}/.default https://management.azure.com/.default`,
        }),
      400,
      "invalid_scope",
    ],
    [
      "with a password, which is off",
      () => ({ grant_type: "password", client_id: first.id, username: "a", password: "b" }),
      400,
      "unsupported_grant_type",
    ],
    [
      "with an unknown code",
      () => ({ ...clientCredentials(first.id, first.secret), grant_type: "authorization_code", code: "x" }),
      400,
      "invalid_grant",
    ],
  ])("refuses a request %s as OAuth does", async (_, form, status, error) => {
    const answer = await askToken(form());
    expect([answer.status, answer.body["error"]]).toEqual([status, error]);
    expect(answer.body["error_description"]).toBeTypeOf("string");
  });

  test("knows no other directory", async () => {
    const path = "/30000000-0000-4000-8000-000000000001";
    expect((await askToken(clientCredentials(first.id, first.secret), `${path}/oauth2/v2.0/token`)).body["error"]).toBe(
      "invalid_tenant",
    );
    expect((await fetch(`${server.url}${path}/v2.0/.well-known/openid-configuration`)).status).toBe(400);
  });

  test("locks a name after too many wrong secrets, tells when to come back, and keeps a record", async () => {
    const { clientId, secret } = await create("--name", "locked out");
    for (let i = 0; i < LIMITS.signInFailuresMax; i++) {
      expect((await askToken(clientCredentials(clientId, `wrong ${i}`))).status).toBe(401);
    }
    const locked = await askToken(clientCredentials(clientId.toUpperCase(), secret!));
    expect(locked.status).toBe(429);
    expect(Number(locked.headers.get("retry-after"))).toBeGreaterThan(200);
    expect((await askToken(clientCredentials(first.id, first.secret))).status).toBe(200);
    const records = auditRecords().filter((so) => so["target"] === clientId);
    const signIns = records.filter((so) => so["action"] === "Stampbook/credentials/signIn");
    const failures = Array.from({ length: LIMITS.signInFailuresMax - 1 }, () => "failed");
    expect(signIns.map((so) => so["outcome"])).toEqual([...failures, "locked"]);
    expect(signIns.at(-1)).toMatchObject({ address: "127.0.0.1" });
  });

  test("audits so many failures in an hour, and how many it left out", async () => {
    const known = await create("--name", "attacked");
    const before = auditRecords().length;
    for (let i = 0; i < LIMITS.signInFailuresAuditedPerHour; i++) {
      await askToken(clientCredentials(`nobody-${i}`, "wrong"));
    }
    const failed = auditRecords().length - before;
    expect(failed).toBeGreaterThan(0);
    expect(failed).toBeLessThan(LIMITS.signInFailuresAuditedPerHour);
    for (let i = 0; i < LIMITS.signInFailuresMax; i++) await askToken(clientCredentials(known.clientId, "wrong"));
    // The lock of somebody who is known is always there, and tells what is not.
    const lock = auditRecords().find((so) => so["target"] === known.clientId && so["outcome"] === "locked");
    expect(JSON.parse(String(lock?.["detail"]))).toMatchObject({ known: true, leftOut: expect.any(Number) });
  });
});

const auditRecords = (): Record<string, unknown>[] => {
  const database = new DatabaseSync(join(folder, "control.sqlite"), { readOnly: true });
  try {
    return database.prepare("select * from audit_record order by id").all();
  } finally {
    database.close();
  }
};

describe("discovery", () => {
  test.each([
    ["/adfs/.well-known/openid-configuration", (url: string) => `${url}/adfs`],
    ["/common/v2.0/.well-known/openid-configuration", (url: string, tenant: string) => `${url}/${tenant}/v2.0`],
    ["/organizations/.well-known/openid-configuration", (url: string, tenant: string) => `${url}/${tenant}/`],
  ])("%s", async (path, issuer) => {
    const response = await fetch(server.url + path);
    const document = (await response.json()) as Record<string, string>;
    expect(document["issuer"]).toBe(issuer(server.url, server.directory));
    for (const name of ["authorization_endpoint", "token_endpoint", "jwks_uri"]) {
      expect(document[name]).toMatch(new RegExp(`^${server.url}/`));
    }
    const keys = (await (await fetch(document["jwks_uri"]!)).json()) as { keys: Record<string, string>[] };
    expect(keys.keys.length).toBeGreaterThan(0);
    for (const key of keys.keys) expect(Object.keys(key).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
  });
});

describe("who may do what", () => {
  const tokenOf = async ({ clientId, secret }: CreatedCredentialInfo): Promise<string> =>
    String((await askToken(clientCredentials(clientId, secret!))).body["access_token"]);

  test("a refusal of kind 401 says where to sign in", async () => {
    const missing = await fetch(`${server.url}/v1/credentials`);
    expect(missing.status).toBe(401);
    expect(missing.headers.get("www-authenticate")).toBe(
      `Bearer authorization_uri="${server.url}/${server.directory}", error="invalid_token", error_description="Authentication failed. The 'Authorization' header is missing."`,
    );
    const bad = await call("/v1/credentials", "a.b.c");
    expect(((await bad.json()) as { error: { code: string } }).error.code).toBe("InvalidAuthenticationToken");
    expect(bad.headers.get("www-authenticate")).toContain(`authorization_uri="${server.url}/${server.directory}"`);
  });

  test("a Reader reads, and gives nobody access; an Owner of a scope grants there and not above", async () => {
    const subscription = "10000000-0000-4000-8000-000000000001";
    const scope = `/subscriptions/${subscription}`;
    await cli("catalogue", "put", subscription, "--offer-type", "APSS", "--partner", "contoso");
    const reader = await tokenOf(await create("--role", "Reader"));
    expect((await call("/v1/registrations", reader)).status).toBe(200);
    expect((await call("/v1/credentials", reader)).status).toBe(403);
    expect((await call("/v1/signing-keys/rotate", reader, "POST")).status).toBe(403);
    const owner = await tokenOf(await create("--role", "Owner", "--scope", scope));
    const someone = await create();
    const grant = (at: string): Promise<Response> =>
      fetch(`${server.url}/v1/access?scope=${encodeURIComponent(at)}`, {
        method: "POST",
        headers: { authorization: `Bearer ${owner}`, "content-type": "application/json" },
        body: JSON.stringify({ role: "reader", principal: someone.clientId }),
      });
    expect((await grant("/")).status).toBe(403);
    expect((await grant(`${scope}/../x`)).status).toBe(400);
    const granted = (await (await grant(scope)).json()) as { id: string; principalId: string };
    expect(granted.principalId).toBe(someone.objectId);
    expect(((await (await grant(scope)).json()) as { id: string }).id).toBe(granted.id);
    const own = (await (await call("/v1/access", await tokenOf(someone))).json()) as {
      value: { principalId: string; scope: string }[];
    };
    // As a Reader of the scope they also see the Owner's role there, and nothing that was granted elsewhere.
    expect(own.value.map((so) => so.scope)).toEqual([scope, scope]);
    expect(own.value.filter((so) => so.principalId === someone.objectId)).toHaveLength(1);
    expect((await call(`/v1/access/${granted.id}`, owner, "DELETE")).status).toBe(200);
    expect((await cli("access", "list", "--of", someone.clientId, "--scope", scope, "--json")).stdout).not.toContain(
      granted.id,
    );
  });

  test("a revoked credential stops within seconds", async () => {
    const created = await create("--role", "Reader");
    const token = await tokenOf(created);
    expect((await call("/v1/registrations", token)).status).toBe(200);
    expect((await cli("credentials", "revoke", created.clientId)).status).toBe(0);
    await expect
      .poll(async () => (await call("/v1/registrations", token)).status, { timeout: LIMITS.verifiedTokenMsMax + 2_000 })
      .toBe(401);
    expect((await askToken(clientCredentials(created.clientId, created.secret!))).status).toBe(401);
    expect((await cli("credentials", "revoke", "nobody")).status).toBe(3);
    expect((await cli("credentials", "create", "--client-id", created.clientId)).stderr).toContain("CredentialExists");
  });

  test("after a rotation old tokens go on, and new ones are signed with the new key", async () => {
    const old = await askToken(clientCredentials(first.id, first.secret));
    expect((await cli("signing-keys", "rotate")).status).toBe(0);
    const fresh = await askToken(clientCredentials(first.id, first.secret));
    const kidOf = (token: unknown): string =>
      (JSON.parse(Buffer.from(String(token).split(".")[0]!, "base64url").toString()) as { kid: string }).kid;
    expect(kidOf(fresh.body["access_token"])).not.toBe(kidOf(old.body["access_token"]));
    for (const { body } of [old, fresh]) {
      expect((await call("/v1/credentials", String(body["access_token"]))).status).toBe(200);
    }
  });
});

describe("a user with a browser", () => {
  const back = "https://portal.example/back";
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  let user: CreatedCredentialInfo;
  let portal: CreatedCredentialInfo;

  beforeAll(async () => {
    user = await create("--user", "ann@contoso.example", "--role", "Reader", "--name", "Ann");
    portal = await create("--public", "--redirect-uri", back);
  });

  const pathWith = (changed: Record<string, string | undefined> = {}): string => {
    const asked = {
      client_id: portal.clientId,
      redirect_uri: back,
      response_type: "code",
      code_challenge: challenge,
      code_challenge_method: "S256",
      state: "st&te",
      nonce: "n0nce",
      scope: `openid ${server.url}/.default`,
      ...changed,
    };
    const given = Object.entries(asked).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return `/${server.directory}/oauth2/v2.0/authorize?${new URLSearchParams(given).toString()}`;
  };

  async function openPage(path: string) {
    const response = await fetch(server.url + path, { redirect: "manual" });
    const html = await response.text();
    const cookie = response.headers.get("set-cookie") ?? "";
    const [, once = ""] = /name="once" value="([^"]+)"/.exec(html) ?? [];
    return { response, html, cookie, once };
  }

  async function signIn(path: string, secret = user.secret!): Promise<Response> {
    const { cookie, once } = await openPage(path);
    return await post(path, { once, username: user.clientId, password: secret }, { cookie: cookie.split(";")[0]! });
  }

  const exchange = (code: string, changed: Record<string, string> = {}): Promise<TokenAnswer> =>
    askToken(
      {
        grant_type: "authorization_code",
        client_id: portal.clientId,
        redirect_uri: back,
        code,
        code_verifier: verifier,
        ...changed,
      },
      `/${server.directory}/oauth2/v2.0/token`,
    );

  const codeOf = (response: Response): string => new URL(response.headers.get("location")!).searchParams.get("code")!;

  test("the page works without scripts and cannot be framed or kept", async () => {
    const { response, html, cookie } = await openPage(pathWith());
    expect(response.status).toBe(200);
    expect(html).not.toContain("<script");
    expect(response.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; .*form-action 'self' https:\/\/portal\.example; frame-ancestors 'none'/,
    );
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(cookie).toMatch(/^__Host-stampbook-sign-in=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
    const chinese = await fetch(server.url + pathWith(), { headers: { "accept-language": "zh-CN" } });
    expect(await chinese.text()).toContain("用户名");
  });

  test("signs in, and the program gets tokens for the user once", async () => {
    const answer = await signIn(pathWith());
    expect(answer.status).toBe(303);
    const location = new URL(answer.headers.get("location")!);
    expect(location.origin + location.pathname).toBe(back);
    expect(location.searchParams.get("state")).toBe("st&te");
    const code = codeOf(answer);
    secrets.push(code);
    const { status, body } = await exchange(code);
    expect(status).toBe(200);
    expect(claimsOf(body["id_token"])).toMatchObject({ aud: portal.clientId, nonce: "n0nce", sub: user.objectId });
    expect(claimsOf(body["access_token"])).toMatchObject({ upn: user.clientId, name: "Ann", idtyp: "user" });
    expect((await call("/v1/registrations", String(body["access_token"]))).status).toBe(200);
    expect((await call("/v1/registrations", String(body["id_token"]))).status).toBe(401);
    expect((await exchange(code)).body["error"]).toBe("invalid_grant");
  });

  test("the code is for this program, this address and this verifier only", async () => {
    const other = await create("--public", "--redirect-uri", back);
    for (const changed of [
      { code_verifier: randomBytes(32).toString("base64url") },
      { code_verifier: challenge },
      { redirect_uri: "https://portal.example/else" },
      { client_id: other.clientId },
    ]) {
      const code = codeOf(await signIn(pathWith()));
      expect((await exchange(code, changed)).body["error"], JSON.stringify(changed)).toBe("invalid_grant");
      expect((await exchange(code)).body["error"]).toBe("invalid_grant");
    }
  });

  test("a wrong secret, another site's form and a missing cookie lead nowhere", async () => {
    const wrong = await signIn(pathWith(), "wrong");
    expect([wrong.status, wrong.headers.get("location")]).toEqual([200, null]);
    expect(await wrong.text()).toContain("wrong");
    const { once, cookie } = await openPage(pathWith());
    const form = { username: user.clientId, password: user.secret! };
    for (const [sent, kept] of [
      [{ ...form, once }, ""],
      [{ ...form, once: "x" }, cookie.split(";")[0]!],
      [form, cookie.split(";")[0]!],
    ] as const) {
      const answer = await post(pathWith(), sent, { cookie: kept });
      expect([answer.status, answer.headers.get("location")]).toEqual([200, null]);
    }
  });

  test.each<[string, Record<string, string | undefined>]>([
    ["an unknown program", { client_id: "10000000-0000-4000-8000-000000000009" }],
    ["an address that is not registered", { redirect_uri: "https://evil.example/back" }],
    ["no address", { redirect_uri: undefined }],
  ])("%s is answered on the page, and nobody is sent anywhere", async (_, changed) => {
    const { response, html } = await openPage(pathWith(changed));
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    expect(html).not.toContain("password");
  });

  test.each<[string, Record<string, string | undefined>, string]>([
    ["without PKCE", { code_challenge: undefined }, "invalid_request"],
    ["with plain PKCE", { code_challenge_method: "plain" }, "invalid_request"],
    ["for a token at once", { response_type: "token" }, "unsupported_response_type"],
    ["in silence", { prompt: "none" }, "login_required"],
    ["for another audience", { scope: "https://graph.microsoft.com/.default" }, "invalid_scope"],
  ])("a request %s sends the browser back with the reason", async (_, changed, error) => {
    const { response } = await openPage(pathWith(changed));
    expect(response.status).toBe(303);
    const location = new URL(response.headers.get("location")!);
    expect([location.searchParams.get("error"), location.searchParams.get("state")]).toEqual([error, "st&te"]);
  });

  test("what the query holds does not become part of the page", async () => {
    const { html } = await openPage(pathWith({ state: '"><script>alert(1)</script>' }));
    expect(html).not.toContain("<script");
  });
});

describe("commands on another machine", () => {
  const remote = (env: Record<string, string>): Promise<CliResult> =>
    stampbook(["credentials", "list", "--json", "--server", server.url], {
      cwd: temporaryFolder(),
      env: { STAMPBOOK_CA_FILE: server.authorityFile, ...env },
    });

  test("sign in with a credential or a token of the environment", async () => {
    const { id, secret } = first;
    const listed = await remote({ STAMPBOOK_CLIENT_ID: id, STAMPBOOK_CLIENT_SECRET: secret });
    expect(listed.stderr).toBe("");
    expect(listed.stdout).toContain(id);
    expect(listed.stdout).not.toContain("scrypt");
    const { body } = await askToken(clientCredentials(id, secret));
    expect((await remote({ STAMPBOOK_TOKEN: String(body["access_token"]) })).status).toBe(0);
  });

  test("are told what is wrong", async () => {
    expect((await remote({})).stderr).toContain("AuthenticationFailed");
    const wrong = await remote({ STAMPBOOK_CLIENT_ID: first.id, STAMPBOOK_CLIENT_SECRET: "wrong" });
    expect(wrong.stderr).toMatch(/"SignInFailed"[^]*secret is wrong/);
    expect((await remote({ STAMPBOOK_CLIENT_ID: first.id })).stderr).toContain("STAMPBOOK_CLIENT_SECRET");
    expect((await remote({ STAMPBOOK_CA_FILE: "" })).stderr).toMatch(/ServerUnreachable[^]*certificate/);
    const plain = await stampbook(["credentials", "list", "--server", "http://server.example"], {
      cwd: temporaryFolder(),
      env: { STAMPBOOK_TOKEN: "t.t.t" },
    });
    expect(plain.stderr).toMatch(/https only/);
  });

  test("connect prints lines with this server's address, authority and directory", async () => {
    const { stdout } = await cli("connect");
    for (const line of [
      `export REQUESTS_CA_BUNDLE=${server.authorityFile}`,
      `az cloud register -n Stampbook --endpoint-resource-manager ${server.url}`,
      `az login --service-principal -u CLIENT_ID -p SECRET --tenant ${server.directory}`,
      `Add-AzEnvironment -Name Stampbook -ARMEndpoint ${server.url}`,
      `export NODE_EXTRA_CA_CERTS=${server.authorityFile}`,
    ]) {
      expect(stdout).toContain(line);
    }
  });
});

// Last: by now every kind of secret has been used.
test("no secret and no token is in the log, the audit or any file of the data folder", async () => {
  await fetch(`${server.url}/adfs/oauth2/token?client_secret=${first.secret}`, { method: "POST" });
  await vi.waitFor(() => expect(server.log()).toContain("client_secret=***"));
  expect(secrets.length).toBeGreaterThan(20);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => join(folder, file))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file).toString("latin1"));
  for (const text of [server.log(), JSON.stringify(auditRecords()), ...files]) {
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  }
  expect(auditRecords().filter((so) => so["action"] === "Stampbook/credentials/write").length).toBeGreaterThan(5);
});

test("a second start shows no secret; plain HTTP and passwords only when they are asked for", async () => {
  const other = join(temporaryFolder(), "data");
  const started = await serveFolder(other);
  await started.close();
  const again = await serveFolder(other, "--plain-http", "--password-grant");
  try {
    expect(again.url).toMatch(/^http:/);
    expect(again.directory).toBe(started.directory);
    expect(again.told()).not.toContain("secret ");
    const user = await stampbook(["credentials", "create", "--user", "ann", "--json", "--data-folder", other], {
      cwd: temporaryFolder(),
    });
    const { secret } = JSON.parse(user.stdout) as CreatedCredentialInfo;
    const form = {
      grant_type: "password",
      client_id: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
      username: "ann",
      password: secret!,
      scope: `openid ${again.url}/.default`,
    };
    const answer = await fetch(`${again.url}/adfs/oauth2/token`, { method: "POST", body: new URLSearchParams(form) });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toHaveProperty("id_token");
    expect(answer.headers.get("strict-transport-security")).toBeNull();
  } finally {
    await again.close();
  }
});
