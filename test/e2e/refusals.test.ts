import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../../src/client/client.ts";
import { send } from "../../src/client/transport.ts";
import { REFUSAL_CODES } from "../../src/domain/faults/catalogue.ts";
import { ids, NORTH, openStampbook, registerNorth, type TestStampbook, tokenOf } from "../support/world.ts";
import { refusal } from "../support/refusal.ts";

// Goal: each refusal with its status, its values and its remedy, in both languages; and what a mapping does over time.

const TROUBLED = "20000000-0000-4000-8000-0000000000ee";
const UPSTREAM_ONLY = "20000000-0000-4000-8000-0000000000ab";
const answers: Record<string, [number, string]> = {
  [TROUBLED]: [503, ""],
  [UPSTREAM_ONLY]: [
    200,
    JSON.stringify({
      subscription: UPSTREAM_ONLY,
      offerType: "CSP",
      state: "Enabled",
      partner: "contoso",
      tenant: ids.secondTenant,
    }),
  ],
};
const upstream = createServer((request, response) => {
  const [status, body] = answers[request.url!.split("/").at(-1)!] ?? [404, ""];
  response.writeHead(status).end(body);
});
let resolverUrl = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  resolverUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
});
afterAll(() => {
  upstream.closeAllConnections();
  upstream.close();
});

describe("the eight refusals", () => {
  test("each has its code, status, target, given values, cause and remedy, in catalogue order", async () => {
    const stampbook = await openStampbook({ resolverUrl });
    const { client } = stampbook;
    await registerNorth(stampbook);
    const capacity = { ...NORTH, name: "edge" };
    await client.register(capacity, tokenOf("cloud-edge", "Capacity"));
    const unapproved = { ...NORTH, name: "south" };
    await client.register(unapproved, tokenOf("cloud-south"));
    const provoked = [
      [() => client.map({ ...NORTH, name: "nowhere" }, ids.customer), 404, "nowhere"],
      [() => client.map(capacity, ids.customer), 409, "Capacity"],
      [() => client.map(unapproved, ids.customer), 403, "south"],
      [() => client.map(NORTH, "not-a-guid"), 400, "not-a-guid"],
      [() => client.map(NORTH, TROUBLED), 502, "503"],
      [() => client.map(NORTH, ids.enterprise), 400, "EA"],
      [() => client.map(NORTH, ids.foreign), 400, "another partner"],
      [() => client.mapped(NORTH, ids.customer), 404, ids.customer],
    ] as const;
    const codes: string[] = [];
    for (const [attempt, status, named] of provoked) {
      const error = await refusal(attempt());
      codes.push(error.code);
      expect(error.status).toBe(status);
      expect(error.message).toContain(named);
      expect(error.refusal.target).toBeTruthy();
      expect(error.explanation.cause).not.toBe("");
      expect(error.explanation.remedy.length).toBeGreaterThan(0);
    }
    expect(codes).toEqual(REFUSAL_CODES);
    expect(await client.mappings("north")).toEqual([]);
    await stampbook.close();
  });

  test("an unapproved caller cannot probe the catalogue: every id gets the same answer", async () => {
    const stampbook = await openStampbook({ resolverUrl });
    const { client } = stampbook;
    await registerNorth(stampbook);
    const unapproved = { ...NORTH, name: "south" };
    await client.register(unapproved, tokenOf("cloud-south"));
    const messages = new Set<string>();
    for (const id of [ids.customer, ids.enterprise, ids.foreign, TROUBLED, "nonsense"]) {
      messages.add((await refusal(client.map(unapproved, id))).message);
    }
    expect(messages.size).toBe(1);
    await stampbook.close();
  });

  test("wrong casing is its own reason; a subscription that only the upstream knows can be mapped", async () => {
    const stampbook = await openStampbook({ resolverUrl });
    const { client } = stampbook;
    await registerNorth(stampbook);
    const id = "20000000-0000-4000-8000-0000000000cd";
    await client.putCatalogue([{ subscription: id, offerType: "CSP", partner: "contoso", tenant: ids.tenant }]);
    const error = await refusal(client.map(NORTH, id.toUpperCase()));
    expect([error.code, error.message]).toEqual(["BadCustomerSubscriptionId", expect.stringContaining("lower case")]);
    expect((await client.map(NORTH, UPSTREAM_ONLY)).properties.tenantId).toBe(ids.secondTenant);
    await stampbook.close();
  });

  test("the message and remedy are in the caller's language, the code is not", async () => {
    const stampbook = await openStampbook();
    const { socketPath } = stampbook;
    await registerNorth(stampbook);
    const chinese = new Client({ socketPath }, "zh-CN,zh;q=0.9");
    const error = await refusal(chinese.map({ ...NORTH, name: "nowhere" }, ids.customer));
    expect(error.code).toBe("RegistrationNotFound");
    expect(error.message).toMatch(/不存在注册“nowhere”/);
    expect(error.explanation.remedy[0]).toContain("列出已有的注册");
    await stampbook.close();
  });
});

describe("mapping over the wire", () => {
  let stampbook: TestStampbook;
  const path = (customer: string, query = "?api-version=2017-06-01"): string =>
    `/subscriptions/${ids.registration}/resourcegroups/AzureStack//providers/microsoft.azurestack/registrations/NORTH/customersubscriptions/${customer}${query}`;

  test("PUT is always 200 with a body, DELETE is 200 and then 204, paths are case-insensitive", async () => {
    stampbook = await openStampbook({ now: "2024-02-14T10:20:00Z" });
    const { client } = stampbook;
    await registerNorth(stampbook);
    const put = await client.send({ method: "PUT", path: path(ids.customer), json: { location: "global" } });
    expect(put).toEqual({
      status: 200,
      body: {
        id: `/subscriptions/${ids.registration}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north/customerSubscriptions/${ids.customer}`,
        name: `north/${ids.customer}`,
        type: "Microsoft.AzureStack/registrations/customerSubscriptions",
        etag: expect.stringMatching(/^"[0-9a-f-]+"$/),
        properties: { tenantId: ids.tenant },
      },
    });
    expect((await client.send({ method: "PUT", path: path(ids.customer) })).status).toBe(200);
    expect((await client.send({ method: "DELETE", path: path(ids.customer) })).status).toBe(200);
    expect(await client.send({ method: "DELETE", path: path(ids.customer) })).toEqual({ status: 204, body: undefined });
    await stampbook.close();
  });

  test("a second mapping of a tenant ends the first; both stay in the history, from whole hours on", async () => {
    stampbook = await openStampbook({ now: "2024-02-14T10:20:00Z" });
    const { client, clock } = stampbook;
    await registerNorth(stampbook);
    await client.map(NORTH, ids.customer);
    clock.set("2024-02-20T11:00:00Z");
    await client.map(NORTH, ids.secondCustomer);
    expect((await refusal(client.mapped(NORTH, ids.customer))).code).toBe("CustomerSubscriptionNotFound");
    clock.set("2024-02-21T11:00:01Z");
    expect(await client.unmap(NORTH, ids.secondCustomer)).toBe(true);
    const history = (await client.mappings("north")).map((so) => [so.customerSubscription, so.effectiveFrom]);
    expect(history).toEqual([
      [ids.customer, "2024-02-14T11:00:00Z"],
      [ids.secondCustomer, "2024-02-20T11:00:00Z"],
      [null, "2024-02-21T12:00:00Z"],
    ]);
    await stampbook.close();
  });

  test("registrations: 201, then 200; other clouds and taken clouds are refused", async () => {
    stampbook = await openStampbook();
    const { client } = stampbook;
    await registerNorth(stampbook);
    const put = (name: string, token: string, location = "Global") =>
      client.send({
        method: "PUT",
        path: `/subscriptions/${ids.registration}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/${name}?api-version=2017-06-01`,
        json: { location, properties: { registrationToken: token } },
      });
    const created = await put("south", tokenOf("cloud-south"));
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      location: "global",
      properties: { cloudId: "cloud-south", billingModel: "PayAsYouUse" },
    });
    expect(JSON.stringify(created.body)).not.toContain("registrationToken");
    expect((await put("north", tokenOf("cloud-north", "Capacity"))).status).toBe(200);
    const codeOf = (reply: { status: number; body: unknown }) => [
      reply.status,
      (reply.body as { error: { code: string } }).error.code,
    ];
    expect(codeOf(await put("north", tokenOf("cloud-else")))).toEqual([409, "CloudIdUpdateNotAllowed"]);
    expect(codeOf(await put("other", tokenOf("cloud-north")))).toEqual([409, "CloudIdAlreadyRegistered"]);
    expect(codeOf(await put("new", "abc!"))).toEqual([400, "InvalidRegistrationToken"]);
    expect(codeOf(await put("new", tokenOf("cloud-new"), "westeurope"))).toEqual([
      400,
      "LocationNotAvailableForResourceType",
    ]);
    await stampbook.close();
  });

  test("requests that no route or version fits", async () => {
    stampbook = await openStampbook();
    const { socketPath } = stampbook;
    const get = async (url: string) => {
      const { status, body } = await send({ socketPath }, { method: "GET", path: url });
      return [status, (body as { error: { code: string } }).error.code];
    };
    await registerNorth(stampbook);
    const registration = `/subscriptions/${ids.registration}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/r`;
    expect(await get(registration)).toEqual([400, "MissingApiVersionParameter"]);
    expect(await get(`${registration}?api-version=1999-01-01`)).toEqual([400, "NoRegisteredProviderFound"]);
    expect(await get(`${registration}?Api-Version=2022-06-01`)).toEqual([404, "ResourceNotFound"]);
    expect(await get(`${registration.replace(ids.registration, "abc")}?api-version=2017-06-01`)).toEqual([
      400,
      "InvalidSubscriptionId",
    ]);
    expect(await get("/v1/nothing")).toEqual([404, "RouteNotFound"]);
    expect(await get("/v1/statements?period=2024-13")).toEqual([400, "PeriodInvalid"]);
    expect(await get("/v1/statements?period=2024-01")).toEqual([404, "StatementRunNotFound"]);
    expect(await get("/v1/statements/X")).toEqual([404, "StatementNotFound"]);
    expect(await get("/v1/statements/X/lines/y/explanation")).toEqual([400, "InvalidParameter"]);
    const { status, body } = await send(
      { socketPath },
      { method: "PUT", path: "/v1/catalogue/subscriptions", json: { value: [{ subscription: "x" }] } },
    );
    expect([status, (body as { error: { code: string } }).error.code]).toEqual([400, "InvalidRequestContent"]);
    await stampbook.close();
  });

  test("approvals that the state does not allow", async () => {
    stampbook = await openStampbook();
    const { client } = stampbook;
    await registerNorth(stampbook);
    expect((await refusal(client.approval("north", "deny"))).code).toBe("ApprovalStateConflict");
    await client.approval("cloud-north", "revoke", "contract ended");
    expect((await refusal(client.map(NORTH, ids.customer))).code).toBe("UnauthorizedCspRegistration");
    expect((await client.approvalHistory("1")).map(({ action }) => action)).toEqual(["request", "approve", "revoke"]);
    expect((await refusal(client.approval("nobody", "request"))).code).toBe("RegistrationNotFound");
    await client.register({ ...NORTH, resourceGroup: "other" }, tokenOf("cloud-other"));
    expect((await refusal(client.approval("north", "request"))).code).toBe("RegistrationAmbiguous");
    await stampbook.close();
  });
});
