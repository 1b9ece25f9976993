import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Refused } from "../../src/client/client.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import { mustClose } from "../support/temporary.ts";
import { ids, NORTH, openStampbook, registerNorth, type TestStampbook, tokenOf } from "../support/world.ts";

// Goal: whatever the upstream service does, the answer comes in time, is a 502, and nothing is stored; what it says well
// is used. Method: a real server that behaves as each row says.

const CUSTOMER = "70000000-0000-4000-8000-000000000001";
const good = (change: Record<string, unknown> = {}) =>
  JSON.stringify({
    subscription: CUSTOMER,
    offerType: "CSP",
    state: "Enabled",
    partner: "contoso",
    tenant: ids.tenant,
    ...change,
  });

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;
let behave: Behaviour;
let asked: string[] = [];
let elsewhere = 0;
const upstream = createServer((request, response) => {
  asked.push(request.url!);
  behave(request, response);
});
/** Where a redirect would lead. */
const secret = createServer((_, response) => {
  elsewhere += 1;
  response.end(good());
});
const urlOf = (server: typeof upstream): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  for (const server of [upstream, secret]) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  }
});
afterAll(() => {
  for (const server of [upstream, secret]) {
    server.closeAllConnections();
    server.close();
  }
});
beforeEach(() => {
  asked = [];
  elsewhere = 0;
});

const open = async (settings: Record<string, string> = {}): Promise<TestStampbook> => {
  const stampbook = await openStampbook({ resolverUrl: `${urlOf(upstream)}/api/`, settings });
  await registerNorth(stampbook);
  return stampbook;
};

async function refused({ client }: TestStampbook): Promise<{ error: Refused; tookMs: number }> {
  const began = performance.now();
  const error = await client.map(NORTH, CUSTOMER).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Refused);
  return { error: error as Refused, tookMs: performance.now() - began };
}

const details = async ({ client }: TestStampbook): Promise<Record<string, unknown>> =>
  (await client.call<{ details: { resolver: Record<string, unknown> } }>({ method: "GET", path: "/readyz" })).details
    .resolver;

const json = (status: number, body: string, headers: Record<string, string> = {}): Behaviour => {
  return (_, response) => response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
};

const BEHAVIOURS: readonly [string, Behaviour, string, number][] = [
  ["500", json(500, "{}"), "it answered 500", 3],
  ["503", json(503, "{}"), "it answered 503", 3],
  ["429 with a long Retry-After", json(429, "{}", { "retry-after": "3600" }), "it answered 429", 3],
  ["401", json(401, "{}"), "it answered 401", 1],
  ["204", json(204, ""), "it answered 204", 1],
  ["a web page", json(200, "<html>Log in</html>", { "content-type": "text/html" }), "no JSON", 1],
  ["a web page for 404", json(404, "<html>gone</html>", { "content-type": "text/html" }), "web page", 1],
  ["an empty answer", json(200, ""), "no JSON", 1],
  ["half of an answer", json(200, good().slice(0, 40)), "no JSON", 1],
  [
    "an answer shorter than it said",
    (_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "400" });
      response.write(good().slice(0, 40), () => response.destroy());
    },
    "cannot be reached",
    3,
  ],
  ["another subscription", json(200, good({ subscription: ids.foreign })), "another subscription", 1],
  ["an unknown offer", json(200, good({ offerType: "Gold" })), "agreed form", 1],
  ["no partner", json(200, good({ partner: "" })), "agreed form", 1],
  ["a tenant that is none", json(200, good({ tenant: "contoso.example" })), "no GUID", 1],
  ["too much", json(200, good({ displayName: "x".repeat(LIMITS.resolverBodyBytesMax) })), "too long", 1],
  [
    "too much without end",
    (_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, " ")));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    },
    "too long",
    1,
  ],
  [
    "a redirect to itself",
    (request, response) => response.writeHead(302, { location: request.url! }).end(),
    "not followed",
    1,
  ],
  [
    "a redirect to another host",
    (_, response) => response.writeHead(307, { location: `${urlOf(secret)}/latest/meta-data` }).end(),
    "not followed",
    1,
  ],
  ["a broken connection", (request) => request.socket.destroy(), "cannot be reached", 3],
  ["no HTTP", (request) => request.socket.end("SSH-2.0-OpenSSH\r\n"), "cannot be reached", 3],
];

test.each(BEHAVIOURS)("%s: 502 in time, and nothing stored", async (_, behaviour, words, attempts) => {
  behave = behaviour;
  const stampbook = await open();
  const { error, tookMs } = await refused(stampbook);
  expect([error.status, error.code]).toEqual([502, "MetadataResolverBadGatewayError"]);
  expect(error.message).toContain(words);
  expect(tookMs).toBeLessThan(5_000);
  expect(asked).toEqual(Array.from({ length: attempts }, () => `/api/subscriptions/${CUSTOMER}`));
  expect(elsewhere).toBe(0);
  expect(await stampbook.client.mappings("north")).toEqual([]);
  expect(await details(stampbook)).toMatchObject({ breaker: "closed", failuresInARow: 1, cached: 0 });
  await stampbook.close();
});

test.each<[string, Behaviour]>([
  ["says nothing", () => undefined],
  [
    "drips",
    (_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => response.write(" "), 50);
      response.once("close", () => clearInterval(timer));
    },
  ],
])("a service that %s is given up in time, with the longest time that can be set", async (_, behaviour) => {
  behave = behaviour;
  const stampbook = await open({ resolverTimeoutMs: String(LIMITS.resolverTimeoutMsMax) });
  const { error, tookMs } = await refused(stampbook);
  expect(error.message).toContain("did not answer within 4500 ms");
  expect(tookMs).toBeLessThan(5_000);
  await stampbook.close();
});

test("nobody listens there: 502 with Retry-After", async () => {
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
  const resolverUrl = urlOf(gone);
  await new Promise((resolve) => gone.close(resolve));
  const stampbook = await openStampbook({ resolverUrl });
  await registerNorth(stampbook);
  expect(await details(stampbook)).toMatchObject({ upstream: true, breaker: "closed" });
  const path =
    `/subscriptions/${NORTH.subscription}/resourceGroups/${NORTH.resourceGroup}/providers/Microsoft.AzureStack` +
    `/registrations/${NORTH.name}/customerSubscriptions/${CUSTOMER}?api-version=2017-06-01`;
  const socketPath = await stampbook.stampbook.listenLocally();
  const [status, retryAfter] = await new Promise<[number, string]>((resolve, reject) => {
    const call = request({ socketPath, path, method: "PUT" }, (response) => {
      response.resume();
      resolve([response.statusCode!, response.headers["retry-after"]!]);
    });
    call.once("error", reject).end("{}");
  });
  expect([status, retryAfter]).toEqual([502, "5"]);
  await stampbook.close();
});

test("after too many failures it is left alone for a while, which /readyz shows, and then tried again", async () => {
  behave = json(503, "{}");
  const stampbook = mustClose(await open());
  for (let turn = 0; turn < 2; turn += 1) await refused(stampbook);
  expect(asked.length).toBe(LIMITS.resolverFailuresInARowMax);
  expect(await details(stampbook)).toMatchObject({
    breaker: "open",
    failuresInARow: 2,
    lastFailure: { at: "2024-03-05T12:00:00Z" },
  });
  const { error, tookMs } = await refused(stampbook);
  expect(error.message).toContain("left alone");
  expect(tookMs).toBeLessThan(1_000);
  expect(asked.length).toBe(LIMITS.resolverFailuresInARowMax);
  behave = json(200, good());
  await new Promise((resolve) => setTimeout(resolve, LIMITS.resolverBreakMs + 100));
  expect((await stampbook.client.map(NORTH, CUSTOMER)).properties.tenantId).toBe(ids.tenant);
  expect(await details(stampbook)).toMatchObject({ breaker: "closed", failuresInARow: 0 });
  await stampbook.close();
});

test("an answer is used again for a while, with its age in the audit; 404 means unknown and is not kept", async () => {
  behave = json(404, "");
  const stampbook = await open({ resolverCacheSeconds: "60" });
  const { error } = await refused(stampbook);
  expect(error.code).toBe("InvalidCustomerSubscriptionId");
  behave = json(200, good());
  await stampbook.client.map(NORTH, CUSTOMER);
  stampbook.clock.set("2024-03-05T12:00:45Z");
  await stampbook.client.unmap(NORTH, CUSTOMER);
  await stampbook.client.map(NORTH, CUSTOMER);
  expect(asked.length).toBe(2);
  expect(await details(stampbook)).toMatchObject({ cached: 1, oldestAgeMs: 45_000 });
  stampbook.clock.set("2024-03-05T12:01:01Z");
  await stampbook.client.unmap(NORTH, CUSTOMER);
  await stampbook.client.map(NORTH, CUSTOMER);
  expect(asked.length).toBe(3);
  await stampbook.close();
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(`${stampbook.folder}/data/control.sqlite`, { readOnly: true });
  const rows = database
    .prepare("select detail from audit_record where action like '%customerSubscriptions/write' and outcome = 'done'")
    .all() as { detail: string }[];
  database.close();
  expect(rows.map(({ detail }) => JSON.parse(detail) as unknown)).toMatchObject([
    { resolvedFrom: "upstream", resolvedAgeMs: 0 },
    { resolvedFrom: "cache", resolvedAgeMs: 45_000 },
    { resolvedFrom: "upstream", resolvedAgeMs: 0 },
  ]);
});

test("what is stored is read and removed while the upstream is down; what needs to know more is refused", async () => {
  behave = json(200, good({ offerType: "APSS" }));
  const stampbook = await open({ resolverCacheSeconds: "0" });
  const { client } = stampbook;
  await client.register({ ...NORTH, subscription: CUSTOMER, name: "east" }, tokenOf("cloud-east"));
  behave = json(500, "{}");
  const group = `/subscriptions/${CUSTOMER}/resourceGroups/azurestack`;
  const east = `${group}/providers/Microsoft.AzureStack/registrations/east`;
  const ask = async (method: "GET" | "PATCH" | "POST" | "DELETE", path: string): Promise<number> =>
    (await client.send({ method, path: `${path}?api-version=2017-06-01` })).status;
  expect(await ask("GET", east)).toBe(200);
  expect(await ask("GET", `${east}/customerSubscriptions`)).toBe(200);
  expect(await ask("GET", group)).toBe(200);
  expect(await ask("PATCH", east)).toBe(502);
  expect(await ask("POST", `${east}/getActivationKey`)).toBe(502);
  expect(await ask("GET", `/subscriptions/${ids.local}/resourceGroups`)).toBe(502);
  expect(await ask("DELETE", east)).toBe(200);
  expect(await ask("GET", east)).toBe(404);
  await stampbook.close();
});
