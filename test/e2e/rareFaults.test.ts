import { createServer } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { AddressInfo } from "node:net";
import { beforeAll, describe, expect, test } from "vitest";
import { EXIT_CODES } from "../../src/cli/exitCodes.ts";
import { type Hour, meterId } from "../../src/domain/ids.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import { stampbook as command } from "../support/cli.ts";
import { wire, type WireReply } from "../support/http.ts";
import { openDoor } from "../support/openDoor.ts";
import { OUTSIDE_AUDIENCE, type OutsideIssuer, outsideIssuer } from "../support/outsideIssuer.ts";
import { closeAtEnd, temporaryFolder } from "../support/temporary.ts";
import {
  hubRecord,
  ids,
  NORTH,
  openStampbook,
  registerNorth,
  type TestStampbook,
  tokenOf,
  windowAfter,
} from "../support/world.ts";

// Goal: codes that no other raw test sees, each provoked as its own text says.

let stampbook: TestStampbook;
let call: ReturnType<typeof wire>;
const HOME = `/subscriptions/${ids.registration}`;
const M = "api-version=2021-04-01";
const codeOf = ({ status, body }: WireReply): unknown => [status, body?.error?.code];

beforeAll(async () => {
  stampbook = closeAtEnd(await openStampbook());
  call = wire(stampbook.socketPath);
  await registerNorth(stampbook);
  await stampbook.client.register({ ...NORTH, resourceGroup: "elsewhere" }, tokenOf("cloud-elsewhere"));
});

const north = `${HOME}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north`;

test.each([
  ["CredentialNotFound", 404, "DELETE", "/v1/credentials/nobody", {}],
  [
    "ResourceMoveConflict",
    409,
    "POST",
    `${HOME}/resourceGroups/azurestack/moveResources?${M}`,
    { json: { resources: [north], targetResourceGroup: `${HOME}/resourceGroups/elsewhere` } },
  ],
  ["RequestTooLarge", 413, "PUT", "/v1/catalogue/subscriptions", { body: " ".repeat(20_000_000) }],
] as const)("%s is answered with %i", async (...[code, status, method, path, sent]) => {
  expect(codeOf(await call(method, path, sent))).toEqual([status, code]);
});

const HOUR = "2024-02-10T10:00:00Z";
const event = (change: Record<string, unknown>): string =>
  JSON.stringify({
    specversion: "1.0",
    id: "1",
    source: "/meters/gpu",
    type: "stampbook.usage.v1",
    data: {
      subscriptionId: ids.local,
      meterId: "9cd92d4c-bafd-4492-b278-bedc2de8232a",
      resourceUri: "/gpu/1",
      usageStartTime: HOUR,
      usageEndTime: "2024-02-10T11:00:00Z",
      quantity: 1,
    },
    ...change,
  });

describe("records that are rejected one by one, in an answer of 200", () => {
  const { start, end } = windowAfter(HOUR);
  const path = `/v1/usage?registration=cloud-north&reportedStartTime=${start}&reportedEndTime=${end}`;
  const page = (record: string): string => `{"value":[${record}]}`;
  test.each([
    [
      "RecordPropertyInvalid",
      page(hubRecord({ hour: HOUR, quantity: "1", localSubscription: "abc" })),
      "application/json",
    ],
    ["UsageTimeTooOld", page(hubRecord({ hour: "1999-02-10T10:00:00Z", quantity: "1" })), "application/json"],
    ["EventVersionUnsupported", event({ specversion: "0.3" }), "application/cloudevents+json"],
    ["EventAttributeNameInvalid", event({ "trace-id": "1" }), "application/cloudevents+json"],
    ["EventDataUnsupported", event({ data: undefined, data_base64: "e30=" }), "application/cloudevents+json"],
  ])("%s", async (code, body, type) => {
    const reply = await call("POST", path, { body, headers: { "content-type": type } });
    expect(reply.status, reply.text).toBe(200);
    expect([reply.status, reply.body.problems.map((so: { code: string }) => so.code)]).toEqual([200, [code]]);
    expect(reply.body.counts).toMatchObject({ accepted: 0, rejected: 1 });
  });

  test("StatementLineNotFound", async () => {
    const good = page(hubRecord({ hour: HOUR, quantity: "1" }));
    expect((await call("POST", path, { body: good, headers: { "content-type": "application/json" } })).status).toBe(
      200,
    );
    expect((await call("POST", "/v1/statement-runs", { json: { period: "2024-02" } })).status).toBe(200);
    const [statement] = (await call("GET", "/v1/statements?period=2024-02")).body.value;
    expect(codeOf(await call("GET", `/v1/statements/${statement.number}/lines/99/explanation`))).toEqual([
      404,
      "StatementLineNotFound",
    ]);
  });
});

describe("tokens that are refused, over the network", () => {
  let issuer: OutsideIssuer;
  let door: Awaited<ReturnType<typeof openDoor>>;
  let silentUrl = "";

  beforeAll(async () => {
    issuer = closeAtEnd(await outsideIssuer());
    const silent = createServer((_, response) => response.writeHead(500).end());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    closeAtEnd({ close: async () => void silent.close() });
    silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const issuers = [
      { issuer: issuer.url, audiences: [OUTSIDE_AUDIENCE], tenant: ids.tenant },
      { issuer: silentUrl, audiences: [OUTSIDE_AUDIENCE] },
    ];
    door = await openDoor(closeAtEnd(await openStampbook({ settings: { oidcIssuers: JSON.stringify(issuers) } })));
  });

  const START_S = Date.parse("2024-03-05T12:00:00Z") / 1_000;
  test.each([
    ["ExpiredAuthenticationToken", 401, () => ({ exp: START_S - 1_000 })],
    ["InvalidAuthenticationTokenAudience", 401, () => ({ aud: "api://somebody-else" })],
    ["InvalidAuthenticationTokenTenant", 401, () => ({ tid: ids.secondTenant })],
    ["InvalidAuthenticationToken", 401, () => ({ nbf: START_S + 1_000 })],
    ["InvalidAuthenticationToken", 401, () => ({ iss: "https://evil.example" })],
    ["IssuerUnavailable", 503, () => ({ iss: silentUrl })],
  ])("%s", async (code, status, claims) => {
    const good = { tid: ids.tenant, oid: ids.local };
    const token = await issuer.token(START_S * 1_000, { ...good, ...claims() });
    const reply = await door("GET", `${HOME}?${M}`, { headers: { authorization: `Bearer ${token}` } });
    expect(codeOf(reply)).toEqual([status, code]);
    if (status === 401)
      expect(reply.headers["www-authenticate"]).toMatch(/^Bearer authorization_uri="https?:.*error="invalid_token"/);
    else expect(reply.headers["retry-after"]).toBe("5");
    expect(reply.text).not.toContain(token);
    expect(
      codeOf(
        await door("GET", `${HOME}?${M}`, {
          headers: { authorization: `Bearer ${await issuer.token(START_S * 1_000, good)}` },
        }),
      ),
    ).toEqual([404, "SubscriptionNotFound"]);
  });

  test.each(["", "Basic eDp5", "Bearer", "Bearer x", "Bearer a.b.c", `Bearer ${"a".repeat(13_000)}`])(
    "'%s'",
    async (authorization) => {
      const reply = await door("GET", `${HOME}?${M}`, { headers: { authorization } });
      expect(codeOf(reply)).toEqual([
        401,
        authorization === "" ? "AuthenticationFailed" : "InvalidAuthenticationToken",
      ]);
    },
  );
});

test("InternalServerError: the store is taken away from a server that runs; it says so, and where to look", async () => {
  const broken = await openStampbook();
  const ask = wire(broken.socketPath);
  expect((await ask("GET", "/v1/registrations")).status).toBe(200);
  await broken.stampbook.context.control.close();
  for (const [method, path] of [
    ["GET", "/v1/registrations"],
    ["GET", `${HOME}?${M}`],
    ["POST", "/v1/access"],
  ] as const) {
    const reply = await ask(method, path, method === "POST" ? { json: { role: "Reader", principal: ids.local } } : {});
    expect(codeOf(reply)).toEqual([500, "InternalServerError"]);
    expect(reply.body.error.message).toContain(String(reply.headers["x-ms-request-id"]));
    // What went wrong inside is nobody's business outside.
    expect(reply.text).not.toMatch(/database|sqlite|\.ts:/i);
  }
  expect((await ask("GET", "/readyz")).status).toBe(503);
  expect((await ask("GET", "/healthz")).status).toBe(200);
  await broken.close();
});

test("OperatorMetersTooMany: the last meter that there is room for, and one more", async () => {
  const { control } = stampbook.stampbook.context;
  const focus = { serviceCategory: "Other", serviceSubcategory: "Other", serviceName: "x", consumedUnit: "x" };
  const facts = { name: "x", unit: "x", resourceProvider: "x", focus, reason: "many" };
  await control.transaction(async ({ meters }) => {
    for (let n = 1; n < LIMITS.operatorMetersMax; n += 1) {
      const meter = meterId(`many-${n}`)!;
      await meters.addMeter({ meter, ...facts, effectiveHour: 0 as Hour, recordedAtMs: 0, recordedBy: "test" });
    }
  });
  const put = (meter: string) => call("PUT", `/v1/meters/${meter}`, { json: { name: "x", reason: "one more" } });
  expect((await put("the-last")).status).toBe(200);
  expect(codeOf(await put("too-many"))).toEqual([409, "OperatorMetersTooMany"]);
});

test("SchemaTooNew: a command refuses a folder that a newer Stampbook has used", async () => {
  const cwd = temporaryFolder();
  expect((await command(["registrations", "list"], { cwd })).status).toBe(0);
  const database = new DatabaseSync(join(cwd, "stampbook-data/control.sqlite"));
  database.exec("insert into schema_migration values (999, 'from-the-future')");
  database.close();
  const { status, stderr } = await command(["registrations", "list"], { cwd });
  expect(stderr).toMatch(/^SchemaTooNew: /);
  expect(status).toBe(EXIT_CODES.unavailable.status);
});
