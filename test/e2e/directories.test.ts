import { beforeAll, describe, expect, test } from "vitest";
import type { WireReply } from "../support/http.ts";
import { openDoor } from "../support/openDoor.ts";
import { OUTSIDE_AUDIENCE, type OutsideIssuer, outsideIssuer } from "../support/outsideIssuer.ts";
import { closeAtEnd } from "../support/temporary.ts";
import { ids, NORTH, openStampbook, registerNorth, type TestStampbook, tokenOf } from "../support/world.ts";

// Goal: a token of another directory opens what that directory owns and nothing else, on every face, and an object id
// counts for the provider that it is of. Method: two identity providers outside, over HTTP, and the real server.

const HOME = `/subscriptions/${ids.registration}`;
const northId = `${HOME}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north`;
const westId = northId.replace(ids.registration, ids.foreign).replace(/north$/, "west");
const ANN = "50000000-0000-4000-8000-00000000000a";
const BEN = "50000000-0000-4000-8000-00000000000b";

let stampbook: TestStampbook;
let first: OutsideIssuer;
let second: OutsideIssuer;
let call: Awaited<ReturnType<typeof openDoor>>;

beforeAll(async () => {
  first = closeAtEnd(await outsideIssuer());
  second = closeAtEnd(await outsideIssuer());
  const oidcIssuers = JSON.stringify(
    [first, second].map(({ url }) => ({ issuer: url, audiences: [OUTSIDE_AUDIENCE] })),
  );
  stampbook = closeAtEnd(await openStampbook({ settings: { oidcIssuers } }));
  const { client } = stampbook;
  await registerNorth(stampbook);
  await client.register({ ...NORTH, subscription: ids.foreign, name: "west" }, tokenOf("cloud-west"));
  // North's subscription is of one directory, west's of another.
  for (const [subscription, tenant] of [
    [ids.registration, ids.tenant],
    [ids.foreign, ids.secondTenant],
  ] as const) {
    await client.putCatalogue([{ subscription, offerType: "APSS", partner: "contoso", tenant }]);
  }
  call = await openDoor(stampbook);
});

const as =
  (issuer: () => OutsideIssuer, oid: string, tid: string) =>
  async (method: string, path: string, json?: unknown): Promise<WireReply> => {
    const token = await issuer().token(stampbook.clock.now(), { oid, tid, upn: `${oid}@example` });
    return await call(method, path, {
      headers: { authorization: `Bearer ${token}` },
      ...(json === undefined ? {} : { json }),
    });
  };
const ann = as(() => first, ANN, ids.tenant);
const codeOf = ({ status, body }: WireReply): unknown => [status, body?.error?.code];

describe("a directory and the subscriptions of another", () => {
  beforeAll(async () => {
    for (const scope of [northId, westId]) await stampbook.client.grantAccess(scope, { role: "Owner", principal: ANN });
  });

  test.each([
    ["GET", "/v1/registrations/NAME", undefined],
    ["GET", "/v1/registrations/NAME/mappings", undefined],
    ["GET", "/v1/registrations/NAME/approval", undefined],
    ["POST", "/v1/registrations/NAME/approval/revoke", { reason: "x" }],
    ["POST", "/v1/registrations/NAME/activation-key", undefined],
    ["PUT", "/v1/registrations/NAME/local-subscriptions", { value: [] }],
    ["POST", "/v1/access?scope=ID", { role: "Reader", principal: ids.local }],
    ["GET", "ID?api-version=2017-06-01", undefined],
  ])("%s %s", async (method, path, json) => {
    const url = (name: string, id: string): string => path.replace("NAME", name).replace("ID", id);
    expect((await ann(method, url("north", northId), json)).status).toBe(200);
    const refused = await ann(method, url("west", westId), json);
    expect(codeOf(refused)).toEqual([401, "InvalidAuthenticationTokenTenant"]);
    expect(refused.headers["www-authenticate"]).toContain(`/${ids.secondTenant}"`);
    // Without a role nobody learns whose a subscription is.
    const stranger = await as(() => first, BEN, ids.secondTenant.replace(/2$/, "9"))(method, url("west", westId), json);
    if (path.startsWith("/v1")) expect(codeOf(stranger)).toEqual([403, "AuthorizationFailed"]);
  });

  test("lists show what is of one's own directory", async () => {
    const names = async (path: string): Promise<unknown> =>
      (await ann("GET", path)).body.value.map((so: { name: string }) => so.name);
    expect(await names("/v1/registrations")).toEqual(["north"]);
    expect(await names("/v1/approvals")).toEqual(["north"]);
    const { body } = await ann("GET", "/subscriptions?api-version=2021-04-01");
    expect(body.value.map((so: { subscriptionId: string }) => so.subscriptionId)).toEqual([ids.registration]);
    const granted = (await ann("GET", "/v1/access")).body.value;
    expect(
      granted.filter((so: { scope: string; principalId: string }) => so.principalId !== ANN && so.scope === westId),
    ).toEqual([]);
  });
});

describe("an object id counts for its provider", () => {
  const impostor = as(() => second, ANN, ids.tenant);

  test("who shows the same id from another provider is nobody", async () => {
    expect((await ann("GET", "/v1/registrations/north")).status).toBe(200);
    expect(codeOf(await impostor("GET", "/v1/registrations/north"))).toEqual([403, "AuthorizationFailed"]);
    expect((await impostor("GET", "/v1/registrations")).body.value).toEqual([]);
    expect((await impostor("GET", "/v1/access")).body.value).toEqual([]);
    const { body } = await impostor(
      "GET",
      `${northId}/providers/Microsoft.Authorization/permissions?api-version=2015-07-01`,
    );
    expect(body.value).toEqual([]);
  });

  test("a grant says whose id it is; unless told, the provider is that of whoever grants", async () => {
    const { client } = stampbook;
    const made = await client.grantAccess(northId, { role: "Reader", principal: BEN, issuer: second.url });
    expect(made).toMatchObject({ issuer: second.url, principalId: BEN });
    expect((await as(() => second, BEN, ids.tenant)("GET", "/v1/registrations/north")).status).toBe(200);
    expect((await as(() => first, BEN, ids.tenant)("GET", "/v1/registrations/north")).status).toBe(403);
    const carl = "50000000-0000-4000-8000-00000000000c";
    await client.grantAccess(northId, { role: "Owner", principal: carl, issuer: second.url });
    const assignments = `${northId}/providers/Microsoft.Authorization/roleAssignments`;
    const properties = { principalId: BEN, roleDefinitionId: "b24988ac-6180-42a0-ab88-20f7382dd24c" };
    const put = await as(() => second, carl, ids.tenant)(
      "PUT",
      `${assignments}/60000000-0000-4000-8000-000000000001?api-version=2015-07-01`,
      { properties },
    );
    expect(put.status).toBe(201);
    const held = (await client.access({ scope: northId })).filter(({ role }) => role === "Contributor");
    expect(held).toMatchObject([{ issuer: second.url, principalId: BEN }]);
    const unknown = client.grantAccess(northId, { role: "Reader", principal: BEN, issuer: "https://nobody.example" });
    await expect(unknown).rejects.toMatchObject({ code: "InvalidParameter" });
  });
});

describe("a role is granted on what is there", () => {
  test.each([
    [`/subscriptions/${ids.local}`, 404, "SubscriptionNotFound"],
    [`${HOME}/resourceGroups/none`, 404, "ResourceGroupNotFound"],
    [northId.replace(/north$/, "nowhere"), 404, "ResourceNotFound"],
    [`${northId}/customerSubscriptions/${ids.customer}`, 400, "InvalidParameter"],
    ["/subscriptions/x", 400, "InvalidParameter"],
    ["nothing", 400, "InvalidParameter"],
  ])("%s", async (scope, status, code) => {
    const refused = { status, code };
    await expect(stampbook.client.grantAccess(scope, { role: "Reader", principal: BEN })).rejects.toMatchObject(
      refused,
    );
    const credential = stampbook.client.createCredential({ kind: "Application", role: "Reader", scope });
    await expect(credential).rejects.toMatchObject(refused);
  });

  test("by ARM as well", async () => {
    const path = `${northId.replace(/north$/, "nowhere")}/providers/Microsoft.Authorization/roleAssignments/${BEN}?api-version=2015-07-01`;
    const json = { properties: { principalId: BEN, roleDefinitionId: "b24988ac-6180-42a0-ab88-20f7382dd24c" } };
    const { status, body } = await stampbook.client.send({ method: "PUT", path, json });
    expect([status, (body as { error: { code: string } }).error.code]).toEqual([404, "ResourceNotFound"]);
  });
});
