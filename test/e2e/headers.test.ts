import { beforeAll, describe, expect, test } from "vitest";
import type { WireReply } from "../support/http.ts";
import { openDoor } from "../support/openDoor.ts";
import { OUTSIDE_AUDIENCE, type OutsideIssuer, outsideIssuer } from "../support/outsideIssuer.ts";
import { closeAtEnd } from "../support/temporary.ts";
import { ids, openStampbook, registerNorth, type TestStampbook } from "../support/world.ts";

// Goal: every answer carries the headers of contract/registration.md §5.4, and those that tell what is left tell the
// truth. Method: raw HTTP with tokens, a server with small limits, a clock by hand.

const HOME = `/subscriptions/${ids.registration}`;
const NORTH = `${HOME}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north`;
const V = "api-version=2017-06-01";
const M = "api-version=2021-04-01";
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let stampbook: TestStampbook;
let issuer: OutsideIssuer;
let call: Awaited<ReturnType<typeof openDoor>>;
let people = 0;

beforeAll(async () => {
  issuer = closeAtEnd(await outsideIssuer());
  const oidcIssuers = JSON.stringify([{ issuer: issuer.url, audiences: [OUTSIDE_AUDIENCE] }]);
  const settings = { oidcIssuers, readsPerMinuteMax: "6", writesPerMinuteMax: "3" };
  stampbook = closeAtEnd(await openStampbook({ settings }));
  await registerNorth(stampbook);
  // Without a directory of its own, so that these callers' tokens are good for it.
  await stampbook.client.putCatalogue([{ subscription: ids.foreign, offerType: "APSS", partner: "northwind" }]);
  call = await openDoor(stampbook);
});

/** Somebody whom nobody has seen yet, an Owner of everything. */
async function somebody() {
  const oid = `50000000-0000-4000-8000-${String((people += 1)).padStart(12, "0")}`;
  await stampbook.client.grantAccess("/", { role: "Owner", principal: oid });
  const token = await issuer.token(stampbook.clock.now(), {
    oid,
    upn: oid,
    exp: stampbook.clock.now() / 1_000 + 6_000,
  });
  return (method: string, path: string, more: { json?: unknown; headers?: Record<string, string> } = {}) =>
    call(method, path, { ...more, headers: { authorization: `Bearer ${token}`, ...more.headers } });
}

const left = ({ headers }: WireReply): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith("x-ms-ratelimit"))
      .map(([name, value]) => [name.replace("x-ms-ratelimit-remaining-", ""), value]),
  );

describe("what every answer carries", () => {
  test.each([
    ["a read", "GET", `${NORTH}?${V}`, 200],
    ["a refusal", "GET", `${NORTH}x?${V}`, 404],
    ["what nobody serves", "GET", "/nowhere", 404],
    ["an answer without a body", "DELETE", `${NORTH}/customerSubscriptions/${ids.customer}?${V}`, 204],
    ["what is open to everybody", "GET", "/healthz", 200],
  ])("%s", async (_, method, path, status) => {
    const reply = await (await somebody())(method, path);
    expect(reply.status).toBe(status);
    const id = String(reply.headers["x-ms-request-id"]);
    expect(id).toMatch(GUID);
    expect(reply.headers["x-ms-correlation-request-id"]).toBe(id);
    expect(reply.headers["x-ms-routing-request-id"]).toMatch(new RegExp(`^[A-Z]+:\\d{8}T\\d{6}Z:${id}$`));
    expect(reply.headers).toMatchObject({
      "cache-control": "no-cache",
      pragma: "no-cache",
      expires: "-1",
      "x-content-type-options": "nosniff",
    });
    expect(reply.headers["date"]).toBeDefined();
    expect(reply.headers).not.toHaveProperty("x-ms-client-request-id");
    if (reply.text !== "") expect(reply.headers["content-type"]).toBe("application/json; charset=utf-8");
  });

  test("the caller's ids come back, the client's own only when asked for", async () => {
    const ask = await somebody();
    const given = "AAAAAAAA-0000-4000-8000-00000000000A";
    const told = { "x-ms-correlation-request-id": given, "x-ms-client-request-id": "mine" };
    const silent = await ask("GET", `${NORTH}?${V}`, { headers: told });
    expect(silent.headers["x-ms-correlation-request-id"]).toBe(given);
    expect(silent.headers["x-ms-routing-request-id"]).toContain(given);
    expect(silent.headers["x-ms-request-id"]).not.toBe(given);
    expect(silent.headers).not.toHaveProperty("x-ms-client-request-id");
    const asked = { ...told, "x-ms-return-client-request-id": "true" };
    expect((await ask("GET", `${NORTH}?${V}`, { headers: asked })).headers["x-ms-client-request-id"]).toBe("mine");
  });

  test("what the front door refuses says so; what the provider refuses does not", async () => {
    const cause = async (method: string, path: string, json?: unknown): Promise<unknown> =>
      (await (await somebody())(method, path, json === undefined ? {} : { json })).headers["x-ms-failure-cause"];
    expect((await call("GET", `${NORTH}?${V}`)).headers["x-ms-failure-cause"]).toBe("gateway");
    expect(await cause("GET", NORTH)).toBe("gateway");
    expect(await cause("GET", `${HOME}/resourceGroups/none/providers/Microsoft.AzureStack/registrations/x?${V}`)).toBe(
      "gateway",
    );
    expect(await cause("GET", `${HOME}/resourceGroups/none?${M}`)).toBe("gateway");
    expect(await cause("GET", `${HOME}/providers/No.Such/things?${M}`)).toBe("gateway");
    expect(await cause("PUT", `${NORTH}?${V}`, { properties: { registrationToken: "x" } })).toBeUndefined();
    expect(await cause("GET", `${NORTH}/customerSubscriptions/${ids.customer}?${V}`)).toBeUndefined();
    expect(await cause("GET", "/v1/registrations/nobody")).toBeUndefined();
    expect(await cause("GET", `${NORTH}?${V}`)).toBeUndefined();
  });
});

describe("addresses", () => {
  test("whether something is there is told without a body", async () => {
    const ask = await somebody();
    const answer = async (path: string): Promise<unknown> => {
      const { status, text } = await ask("HEAD", path);
      return [status, text];
    };
    expect(await answer(`${NORTH}?${V}`)).toEqual([204, ""]);
    expect(await answer(`${NORTH}x?${V}`)).toEqual([404, ""]);
    expect(await answer(`${NORTH}/customerSubscriptions/${ids.customer}?${V}`)).toEqual([404, ""]);
  });

  test.each([
    ["OPTIONS", `${NORTH}?${V}`, "GET, HEAD, PUT, PATCH, DELETE"],
    ["PATCH", `${NORTH}/customerSubscriptions/${ids.customer}?${V}`, "GET, HEAD, PUT, DELETE"],
    ["DELETE", `${HOME}?${M}`, "GET"],
    ["POST", "/V1//registrations/", "GET"],
    ["PUT", "/adfs/oauth2/token", "POST"],
  ])("%s %s is no method there, and the answer names those that are", async (method, path, allowed) => {
    const reply = await (await somebody())(method, path);
    expect([reply.status, reply.body.error.code, reply.headers["allow"]]).toEqual([405, "MethodNotAllowed", allowed]);
  });
});

describe("what a caller may still send", () => {
  test("is counted by kind and by subscription, also where an answer is remembered", async () => {
    const ask = await somebody();
    for (const reads of ["5", "4", "3"]) {
      expect(left(await ask("GET", `${NORTH}?${V}`))).toEqual({ "subscription-reads": reads });
    }
    expect(left(await ask("POST", `${NORTH}/getActivationKey?${V}`))).toEqual({ "subscription-writes": "2" });
    expect(left(await ask("DELETE", `${NORTH}/customerSubscriptions/${ids.customer}?${V}`))).toEqual({
      "subscription-deletes": "2",
    });
    expect(left(await ask("GET", `/subscriptions/${ids.foreign}?${M}`))).toEqual({ "subscription-reads": "5" });
    expect(left(await ask("GET", "/v1/registrations"))).toEqual({ "tenant-reads": "5" });
    expect(left(await (await somebody())("GET", `${NORTH}?${V}`))).toEqual({ "subscription-reads": "5" });
  });

  test("ends with 429 and the time to wait, and comes back with time", async () => {
    const ask = await somebody();
    for (let i = 0; i < 6; i += 1) expect((await ask("GET", `${NORTH}?${V}`)).status).toBe(200);
    const refused = await ask("GET", `${NORTH}?${V}`);
    expect([refused.status, refused.body.error.code]).toEqual([429, "SubscriptionRequestsThrottled"]);
    expect(refused.headers["retry-after"]).toBe("10");
    expect(left(refused)).toEqual({ "subscription-reads": "0" });
    expect((await ask("GET", `${NORTH}/customerSubscriptions?${V}`)).status).toBe(429);
    expect((await ask("PUT", `${HOME}/resourceGroups/azurestack?${M}`, { json: { location: "global" } })).status).toBe(
      200,
    );
    stampbook.clock.set("2024-03-05T12:00:10Z");
    expect((await ask("GET", `${NORTH}?${V}`)).status).toBe(200);
    expect((await ask("GET", `${NORTH}?${V}`)).status).toBe(429);
  });

  test("ids that are made up, and what is in no subscription, share one budget; no refusal fills the audit", async () => {
    const ask = await somebody();
    const madeUp = (n: number): string => `/subscriptions/70000000-0000-4000-8000-00000000000${n}?${M}`;
    for (let n = 0; n < 6; n += 1) expect((await ask("GET", madeUp(n))).status).toBe(404);
    for (const path of [madeUp(7), "/v1/registrations", `/tenants?${M}`]) {
      const refused = await ask("GET", path);
      expect([refused.status, refused.body.error.code]).toEqual([429, "TooManyRequests"]);
      expect(refused.headers["retry-after"]).toBe("10");
    }
    for (let i = 0; i < 5; i += 1) await ask("POST", "/v1/registrations/north/approval/request", { json: {} });
    expect((await ask("POST", "/v1/registrations/north/approval/request", { json: {} })).status).toBe(429);
    const audited = await stampbook.client.audit({ outcome: "TooManyRequests" });
    expect(audited).toEqual([]);
  });

  test("is not limited for whoever may open the data folder", async () => {
    for (let i = 0; i < 20; i += 1) await stampbook.client.registrations();
  });
});
