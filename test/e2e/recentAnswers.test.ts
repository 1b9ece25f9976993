import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFirstCredential, type CreatedCredential } from "../../src/operations/credentials/first.ts";
import { createCredential } from "../../src/operations/credentials/create.ts";
import { revokeCredential } from "../../src/operations/credentials/revoke.ts";
import { LOCAL_ADMINISTRATOR } from "../../src/domain/access/caller.ts";
import { roleNamed } from "../../src/domain/access/roles.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import { formatInstant } from "../../src/lib/instant.ts";
import { wire } from "../support/http.ts";
import { ids, NORTH, openStampbook, registerNorth, type TestStampbook } from "../support/world.ts";

// Goal: an answer that is given again is one that would be made again. Method: tokens and a real server; what is changed
// behind the server's back shows whether an answer was remembered, and each way to make one wrong is tried.

const SUBSCRIPTION = `/subscriptions/${ids.registration}`;
const REGISTRATION = `${SUBSCRIPTION}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north`;
const MAPPING = `${REGISTRATION}/customerSubscriptions/${ids.customer}?api-version=2017-06-01`;
const LOCKS = `${REGISTRATION}/providers/Microsoft.Authorization/locks?api-version=2016-09-01`;
const LOCK = LOCKS.replace("locks?", "locks/keep?");
const START = "2024-03-05T12:00:00Z";

let world: TestStampbook;
let owner: string;

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
  readonly body: any;
}

async function ask(token: string, url: string, method: "GET" | "PUT" | "DELETE" = "GET", more = {}): Promise<Reply> {
  const headers = { host: "stampbook.test", authorization: `Bearer ${token}`, ...more };
  const body = method === "PUT" ? { payload: { properties: { level: "CanNotDelete" } } } : {};
  const { statusCode, headers: sent, payload } = await world.stampbook.server.inject({ method, url, headers, ...body });
  return { status: statusCode, headers: sent, body: payload === "" ? undefined : JSON.parse(payload) };
}

async function tokenOf({ credential, secret }: CreatedCredential): Promise<string> {
  const form = { grant_type: "client_credentials", client_id: credential.clientId, client_secret: secret! };
  const payload = new URLSearchParams({ ...form, resource: "https://management.core.windows.net/" }).toString();
  const { server } = world.stampbook;
  const answer = await server.inject({ method: "POST", url: "/adfs/oauth2/token", headers: { host: "a" }, payload });
  return (JSON.parse(answer.payload) as { access_token: string }).access_token;
}

const claimsOf = (token: string): { readonly exp: number; readonly oid: string } =>
  JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as { exp: number; oid: string };

const administrator = { ...LOCAL_ADMINISTRATOR, address: "local", correlationId: "test" };

const createReader = async (scope: string): Promise<CreatedCredential> =>
  await createCredential(world.stampbook.context, administrator, {
    kind: "Application",
    displayName: "reader",
    grant: { roleDefinitionId: roleNamed("Reader")!.id, scope },
  });

/** Gives the mapping another tenant in the file, which the server does not see: only a remembered answer stays. */
function changeUnseen(tenant: string): void {
  const database = new DatabaseSync(world.stampbook.folder.controlFile);
  const { changes } = database.prepare("update mapping_current set tenant_id = ?").run(tenant);
  expect(changes).toBe(1);
  database.close();
}

const later = (ms: number): void => world.clock.set(formatInstant(world.clock.now() + ms));
const tenantShown = async (token = owner): Promise<unknown> => (await ask(token, MAPPING)).body.properties?.tenantId;

beforeEach(async () => {
  world = await openStampbook({ now: START });
  await registerNorth(world);
  await world.client.map(NORTH, ids.customer);
  owner = await tokenOf((await createFirstCredential(world.stampbook.context))!);
});
afterEach(() => world.close());

describe("an answer is given again", () => {
  test("while nothing is written, for two seconds, with ids of its own", async () => {
    const first = await ask(owner, MAPPING);
    changeUnseen(ids.secondTenant);
    const wanted = { "x-ms-client-request-id": "mine", "x-ms-return-client-request-id": "true" };
    const again = await ask(owner, MAPPING, "GET", wanted);
    expect(again.body).toEqual(first.body);
    expect(first.body.properties.tenantId).toBe(ids.tenant);
    const ofOneRequest = /^(x-ms-.*request-id|x-ms-ratelimit-remaining-.*|date)$/;
    const others = ({ headers }: Reply) => Object.entries(headers).filter(([name]) => !ofOneRequest.test(name));
    expect(others(again)).toEqual(others(first));
    expect(again.headers["x-ms-request-id"]).not.toBe(first.headers["x-ms-request-id"]);
    expect(again.headers["x-ms-correlation-request-id"]).toBe(again.headers["x-ms-request-id"]);
    expect([again.headers["x-ms-client-request-id"], first.headers["x-ms-client-request-id"]]).toEqual([
      "mine",
      undefined,
    ]);
    later(LIMITS.recentAnswerMsMax - 1);
    expect(await tenantShown()).toBe(ids.tenant);
    later(1);
    expect(await tenantShown()).toBe(ids.secondTenant);
  });

  test("not when the clock was set back", async () => {
    expect(await tenantShown()).toBe(ids.tenant);
    changeUnseen(ids.secondTenant);
    world.clock.set("2024-03-05T11:59:59Z");
    expect(await tenantShown()).toBe(ids.secondTenant);
  });
});

describe("never an answer older than what is stored", () => {
  test("another payer, a lock, a role that is taken back: the next read knows", async () => {
    expect(await tenantShown()).toBe(ids.tenant);
    await world.client.map(NORTH, ids.secondCustomer);
    expect((await ask(owner, MAPPING)).status).toBe(404);

    expect((await ask(owner, LOCKS)).body.value).toEqual([]);
    expect((await ask(owner, LOCK, "PUT")).status).toBe(201);
    expect((await ask(owner, LOCKS)).body.value).toMatchObject([{ name: "keep" }]);
    expect((await ask(owner, LOCK, "DELETE")).status).toBe(200);
    expect((await ask(owner, LOCKS)).body.value).toEqual([]);

    const reader = await createReader(SUBSCRIPTION);
    const token = await tokenOf(reader);
    expect((await ask(token, LOCKS)).status).toBe(200);
    const { control } = world.stampbook.context;
    const { objectId } = reader.credential;
    const [assignment] = await control.roleAssignments.ofPrincipal({ objectId, issuer: null });
    await control.roleAssignments.remove(assignment!.id);
    expect((await ask(token, LOCKS)).status).toBe(403);
  });

  test("nor while a write is under way", async () => {
    await world.client.map(NORTH, ids.secondCustomer);
    const url = MAPPING.replace(ids.customer, ids.secondCustomer);
    expect((await ask(owner, url)).status).toBe(200);
    let during: Promise<Reply> | undefined;
    await world.stampbook.context.control.transaction(async ({ roleAssignments }) => {
      const held = await roleAssignments.ofPrincipal({ objectId: claimsOf(owner).oid, issuer: null });
      await roleAssignments.remove(held[0]!.id);
      during = ask(owner, url);
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
    expect((await during!).status).toBe(403);
    expect((await ask(owner, url)).status).toBe(403);
  });
});

describe("never for another question", () => {
  test("of another caller, whatever they show", async () => {
    const stranger = await tokenOf(await createReader("/subscriptions/10000000-0000-4000-8000-00000000000f"));
    expect((await ask(owner, MAPPING)).status).toBe(200);
    expect((await ask(stranger, MAPPING)).status).toBe(403);
    expect((await ask(`${owner}x`, MAPPING)).status).toBe(401);
    // The same end of the signature, which is what is looked up first.
    expect((await ask(`e.y.${owner.split(".")[2]}`, MAPPING)).status).toBe(401);
    expect((await ask("", MAPPING, "GET", { authorization: "" })).status).toBe(401);
    // On the local socket somebody is the administrator, whatever token comes with it; elsewhere the token is all.
    const call = wire(world.socketPath);
    const headers = { authorization: `Bearer ${stranger}` };
    expect((await call("GET", MAPPING, { headers })).status).toBe(200);
    expect((await ask(stranger, MAPPING)).status).toBe(403);
    expect((await call("GET", MAPPING)).status).toBe(200);
    expect((await ask("", MAPPING, "GET", { authorization: "local" })).status).toBe(401);
  });

  test("of another host, which the link to the next page names", async () => {
    await world.client.putCatalogue([
      { subscription: ids.foreign, offerType: "CSP", partner: "contoso", tenant: ids.secondTenant },
    ]);
    await world.client.map(NORTH, ids.foreign);
    const { urls } = world.stampbook.context.signIn;
    urls.set(["https://a.test", "https://b.test", ...urls.all]);
    const list = `${REGISTRATION}/customerSubscriptions?api-version=2017-06-01&$top=1`;
    for (const host of ["a.test", "b.test", "a.test"]) {
      const { nextLink } = (await ask(owner, list, "GET", { host })).body as { nextLink: string };
      expect(new URL(nextLink).host).toBe(host);
    }
  });

  test("of another language, and never a refusal: each is made, and audited, anew", async () => {
    const absent = MAPPING.replace(ids.customer, ids.enterprise);
    const english = await ask(owner, absent);
    const chinese = await ask(owner, absent, "GET", { "accept-language": "zh-Hans" });
    expect([english.status, chinese.status]).toEqual([404, 404]);
    expect(english.headers["content-language"]).toBe("en");
    expect(chinese.headers["content-language"]).toBe("zh-Hans");
    expect(english.body.error.message).not.toBe(chinese.body.error.message);
    const refusals = new DatabaseSync(world.stampbook.folder.controlFile)
      .prepare("select count(*) as refusals from audit_record where outcome = ?")
      .get(english.body.error.code);
    expect(refusals).toEqual({ refusals: 2 });
  });
});

describe("never longer than a sign-in is good", () => {
  test("a token that has run out", async () => {
    const { exp } = claimsOf(owner);
    const lastMs = exp * 1_000 + LIMITS.tokenClockSkewMsMax;
    later(lastMs - 1 - world.clock.now());
    expect((await ask(owner, MAPPING)).status).toBe(200);
    expect((await ask(owner, MAPPING)).status).toBe(200);
    later(1);
    const refused = await ask(owner, MAPPING);
    expect([refused.status, refused.body.error.code]).toEqual([401, "ExpiredAuthenticationToken"]);
  });

  test("a credential that was taken back", async () => {
    const reader = await createReader(SUBSCRIPTION);
    const token = await tokenOf(reader);
    expect((await ask(token, MAPPING)).status).toBe(200);
    await revokeCredential(world.stampbook.context, administrator, reader.credential.clientId);
    later(LIMITS.verifiedTokenMsMax - 1);
    expect((await ask(token, MAPPING)).status).toBe(200);
    later(1);
    expect((await ask(token, MAPPING)).status).toBe(401);
  });
});
