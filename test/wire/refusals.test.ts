import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { decodeJwt, decodeProtectedHeader, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { REFUSAL_CODES } from "../../src/domain/faults/catalogue.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import { type AzureWorld, azureClients, serveAzure, signIn, statusOf, withToken } from "../support/azureClients.ts";
import { ids, NORTH, registerNorth, tokenOf } from "../support/world.ts";

// Goal: what a program that uses Azure's packages sees of every refusal: the eight of contract/registration.md §7.1, and one
// of each status of §7.2. Method: the server in its own process, over TLS; the resolver's upstream is not there.

let world: AzureWorld;
let azure: ReturnType<typeof azureClients>;

const { resourceGroup: GROUP, name: NAME } = NORTH;
const REGISTRATION = `/subscriptions/${ids.registration}/resourceGroups/${GROUP}/providers/Microsoft.AzureStack/registrations/${NAME}`;
const UNKNOWN = "20000000-0000-4000-8000-0000000000ee";
const SCOPE = "https://management.azure.com/.default";

beforeAll(async () => {
  world = await serveAzure("--resolver-url", "http://127.0.0.1:9");
  azure = azureClients(world, signIn(world, world.owner));
  await registerNorth(world);
  await world.client.register({ ...NORTH, name: "edge" }, tokenOf("cloud-edge", "Capacity"));
  await world.client.register({ ...NORTH, name: "south" }, tokenOf("cloud-south"));
});
afterAll(() => world.server.close());

interface Seen {
  readonly name: string;
  readonly code: string;
  readonly statusCode: number;
  readonly message: string;
  /** Of the first package; which properties it has, depends on the operation (§8.1). */
  readonly body?: { readonly code?: string; readonly message?: string; readonly error?: Record<string, unknown> };
  /** Of the others, where they read. */
  readonly details?: unknown;
}

async function seen(attempt: Promise<unknown>): Promise<Seen> {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Seen;
}

const answered = ({ statusCode, code }: Seen): readonly [number, string] => [statusCode, code];

const REFUSALS = [
  ["RegistrationNotFound", 404, "nowhere", ids.customer],
  ["CustomerSubscriptionsNotAllowed", 409, "edge", ids.customer],
  ["UnauthorizedCspRegistration", 403, "south", ids.customer],
  ["InvalidCustomerSubscriptionId", 400, NAME, "not-a-guid"],
  ["MetadataResolverBadGatewayError", 502, NAME, UNKNOWN],
  ["InvalidCSPSubscription", 400, NAME, ids.enterprise],
  ["BadCustomerSubscriptionId", 400, NAME, ids.foreign],
  ["CustomerSubscriptionNotFound", 404, NAME, ids.customer],
] as const;

describe("the eight refusals", () => {
  test("are these", () => {
    expect(REFUSALS.map(([code]) => code)).toEqual(REFUSAL_CODES);
  });

  test.each(REFUSALS)("%s", async (code, status, registration, customer) => {
    const { customerSubscriptions } = azure.stack;
    const isRead = code === "CustomerSubscriptionNotFound";
    const error = await seen(
      isRead
        ? customerSubscriptions.get(GROUP, registration, customer)
        : customerSubscriptions.create(GROUP, registration, customer, {}),
    );
    expect(answered(error)).toEqual([status, code]);
    // Reads keep the envelope and what the model knows of it, writes take it off.
    const told = isRead ? error.body?.error : error.body;
    expect(told).toMatchObject({ code, message: error.message, target: expect.any(String) });
  });

  test.each(REFUSALS)("%s, as the generic client shows it", async (code, status, registration, customer) => {
    const id = `${REGISTRATION.replace(/north$/, registration)}/customerSubscriptions/${customer}`;
    const { resources } = azure.resources;
    const isRead = code === "CustomerSubscriptionNotFound";
    const error = await seen(
      isRead ? resources.getById(id, "2017-06-01") : resources.createOrUpdateById(id, "2017-06-01", {}),
    );
    expect(error.name).toBe("RestError");
    expect(answered(error)).toEqual([status, code]);
    expect(error.message).not.toBe("");
    // The package keeps what else was said of reads only.
    if (isRead) expect(JSON.stringify(error.details)).toContain("StampbookExplanation");
  });
});

/** A token of the server with other claims or another signature. */
async function forged(change: "expired" | "audience" | "foreign"): Promise<string> {
  const { token } = (await signIn(world, world.owner).getToken(SCOPE))!;
  const nowS = Math.floor(Date.now() / 1_000);
  const claims = {
    ...decodeJwt(token),
    ...(change === "expired" ? { iat: nowS - 9_000, nbf: nowS - 9_000, exp: nowS - 5_400 } : {}),
    ...(change === "audience" ? { aud: "https://graph.microsoft.com" } : {}),
  };
  const database = new DatabaseSync(join(world.folder, "control.sqlite"), { readOnly: true });
  const row = database.prepare("select private_jwk from signing_key where purpose = 'token'").get();
  database.close();
  const own = await importJWK(JSON.parse(String(row?.["private_jwk"])) as JWK, "RS256");
  const key = change === "foreign" ? (await generateKeyPair("RS256")).privateKey : own;
  const header = decodeProtectedHeader(token);
  return await new SignJWT(claims).setProtectedHeader({ ...header, alg: "RS256" }).sign(key);
}

describe("who is let in", () => {
  test.each([
    ["expired", "ExpiredAuthenticationToken"],
    ["audience", "InvalidAuthenticationTokenAudience"],
    ["foreign", "InvalidAuthenticationToken"],
  ] as const)("401: a token that is wrong in its %s part", async (change, code) => {
    const { stack, resources, subscriptions } = azureClients(world, withToken(await forged(change)));
    expect(answered(await seen(stack.registrations.get(GROUP, NAME)))).toEqual([401, code]);
    expect(answered(await seen(resources.resourceGroups.get(GROUP)))).toEqual([401, code]);
    expect(answered(await seen(subscriptions.subscriptions.get(ids.registration)))).toEqual([401, code]);
  });

  test("a wrong secret fails before anything is asked", async () => {
    const { stack, resources } = azureClients(world, signIn(world, { ...world.owner, secret: "wrong" }));
    expect((await seen(stack.registrations.get(GROUP, NAME))).message).toMatch(/secret is wrong/);
    expect((await seen(resources.resourceGroups.get(GROUP))).message).toMatch(/secret is wrong/);
  });

  test("a revoked credential's token stops when its last check is forgotten", async () => {
    const leaver = await world.client.createCredential({ kind: "Application", role: "Reader", scope: "/" });
    const { stack } = azureClients(world, signIn(world, leaver));
    expect((await stack.registrations.get(GROUP, NAME)).name).toBe(NAME);
    await world.client.revokeCredential(leaver.clientId);
    await vi.waitFor(
      async () => {
        const error = await seen(stack.registrations.get(GROUP, NAME));
        expect(answered(error)).toEqual([401, "InvalidAuthenticationToken"]);
      },
      { timeout: 2 * LIMITS.verifiedTokenMsMax, interval: 500 },
    );
  });

  test("403: a Reader sees everything and changes nothing", async () => {
    const reader = await world.client.createCredential({ kind: "Application", role: "Reader", scope: "/" });
    const { stack, resources } = azureClients(world, signIn(world, reader));
    expect(await stack.registrations.list(GROUP)).toHaveLength(3);
    const refused = [403, "AuthorizationFailed"];
    const error = await seen(stack.customerSubscriptions.create(GROUP, NAME, ids.customer, {}));
    expect(answered(error)).toEqual(refused);
    expect(error.message).toContain("'Microsoft.AzureStack/registrations/customerSubscriptions/write'");
    expect(error.message).toContain(reader.objectId);
    expect(answered(await seen(stack.registrations.deleteMethod(GROUP, NAME)))).toEqual(refused);
    expect(answered(await seen(resources.resourceGroups.delete(GROUP).pollUntilDone()))).toEqual(refused);
  });
});

describe("one of each other status", () => {
  test("400: a token that cannot be read, and a location that is not global", async () => {
    const { registrations } = azure.stack;
    const bad = await seen(registrations.createOrUpdate(GROUP, "new", { registrationToken: "%%%" }));
    expect(answered(bad)).toEqual([400, "InvalidRegistrationToken"]);
    const elsewhere = { registrationToken: tokenOf("cloud-new"), location: "mars" as "global" };
    expect(answered(await seen(registrations.createOrUpdate(GROUP, "new", elsewhere)))).toEqual([
      400,
      "LocationNotAvailableForResourceType",
    ]);
  });

  test("404: what is not there, on every level", async () => {
    const { stack, resources } = azure;
    expect(answered(await seen(stack.registrations.get(GROUP, "nowhere")))).toEqual([404, "ResourceNotFound"]);
    expect(answered(await seen(stack.registrations.list("nogroup")))).toEqual([404, "ResourceGroupNotFound"]);
    expect(answered(await seen(resources.resourceGroups.get("nogroup")))).toEqual([404, "ResourceGroupNotFound"]);
    expect(answered(await seen(stack.customerSubscriptions.list(GROUP, "nowhere")))).toEqual([
      404,
      "RegistrationNotFound",
    ]);
  });

  test("404: products are not served, whatever is asked of them", async () => {
    const { products } = azure.stack;
    const attempts = [
      products.list(GROUP, NAME),
      products.get(GROUP, NAME, "p"),
      products.listDetails(GROUP, NAME, "p"),
      products.getProducts(GROUP, NAME),
      products.getProduct(GROUP, NAME, "p"),
      products.uploadLog(GROUP, NAME, "p"),
    ];
    for (const error of await Promise.all(attempts.map(seen))) {
      expect(answered(error)).toEqual([404, "InvalidResourceType"]);
    }
  });

  test("409: a cloud id that is taken or may not change, and a lock", async () => {
    const { registrations } = azure.stack;
    const taken = await seen(registrations.createOrUpdate(GROUP, "new", { registrationToken: tokenOf("cloud-north") }));
    expect(answered(taken)).toEqual([409, "CloudIdAlreadyRegistered"]);
    const changed = await seen(registrations.createOrUpdate(GROUP, NAME, { registrationToken: tokenOf("cloud-new") }));
    expect(answered(changed)).toEqual([409, "CloudIdUpdateNotAllowed"]);

    const { resources } = azure.resources;
    const lock = `${REGISTRATION}/providers/Microsoft.Authorization/locks/keep`;
    await resources.createOrUpdateById(lock, "2016-09-01", { properties: { level: "CanNotDelete" } });
    const locked = [409, "ScopeLocked"];
    expect(answered(await seen(registrations.deleteMethod(GROUP, NAME)))).toEqual(locked);
    const below = await seen(resources.deleteById(REGISTRATION, "2017-06-01").pollUntilDone());
    expect(answered(below)).toEqual(locked);
    expect(answered(await seen(azure.resources.resourceGroups.delete(GROUP).pollUntilDone()))).toEqual(locked);
    await resources.deleteById(lock, "2016-09-01");
  });

  test("409: a subscription that has not registered the provider is told its namespace", async () => {
    const { stack } = azureClients(world, signIn(world, world.owner), ids.customer);
    const error = await seen(stack.registrations.list("g"));
    expect(answered(error)).toEqual([409, "MissingSubscriptionRegistration"]);
    expect(error.message).toContain("'Microsoft.AzureStack'");
  });

  test("412: somebody else was faster", async () => {
    const { registrations } = azure.stack;
    const { etag } = await registrations.get(GROUP, "south");
    const write = (match: string) =>
      registrations.createOrUpdate(
        GROUP,
        "south",
        { registrationToken: tokenOf("cloud-south") },
        { customHeaders: { "If-Match": match } },
      );
    expect(statusOf(await write(etag!))).toBe(200);
    expect(answered(await seen(write('"old"')))).toEqual([412, "PreconditionFailed"]);
    const generic = await seen(
      azure.resources.resources
        .createOrUpdateById(
          REGISTRATION,
          "2017-06-01",
          { location: "global", properties: { registrationToken: tokenOf("cloud-north") } },
          { requestOptions: { headers: { "If-None-Match": "*" } } },
        )
        .pollUntilDone(),
    );
    expect(answered(generic)).toEqual([412, "PreconditionFailed"]);
  });

  test("a page link that somebody made up", async () => {
    const url = `${world.server.url}${REGISTRATION}/customerSubscriptions?api-version=2017-06-01&$skipToken=${randomUUID()}`;
    const error = await seen(azure.stack.customerSubscriptions.listNext(url));
    expect(answered(error)).toEqual([400, "InvalidParameter"]);
  });
});

describe("what Python's clients and az send and expect (contract/clients.md)", () => {
  const send = async (method: string, path: string, init: RequestInit = {}): Promise<Response> => {
    const { token } = (await signIn(world, world.owner).getToken(SCOPE))!;
    return await fetch(`${world.server.url}${path}?api-version=2017-06-01`, {
      method,
      ...init,
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    });
  };

  test("a mapping is answered with 200 and a body, its removal with 200 and then 204", async () => {
    const path = `${REGISTRATION.replace("resourceGroups", "resourcegroups")}/customerSubscriptions/${ids.customer}`;
    const put = await send("PUT", path, { body: '{"location":"global","properties":{}}' });
    expect([put.status, ((await put.json()) as { name: string }).name]).toEqual([200, `${NAME}/${ids.customer}`]);
    expect((await send("DELETE", path)).status).toBe(200);
    expect((await send("DELETE", path)).status).toBe(204);
  });

  test("a POST without a body may say that it is JSON", async () => {
    expect((await send("POST", `${REGISTRATION}/enableRemoteManagement`)).status).toBe(200);
  });
});
