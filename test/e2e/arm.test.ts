import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { closeAtEnd } from "../support/temporary.ts";
import { wire, type WireReply } from "../support/http.ts";
import { ids, NORTH, openStampbook, registerNorth, type TestStampbook, tokenOf } from "../support/world.ts";

// Goal: what Azure Resource Manager promises around a registration, row by row of contract/registration.md §1b, §5 and
// §7.3. Method: raw requests, for what the official clients hide.

let stampbook: TestStampbook;
let call: ReturnType<typeof wire>;

beforeAll(async () => {
  stampbook = closeAtEnd(await openStampbook({ now: "2024-02-14T10:20:00Z" }));
  call = wire(stampbook.socketPath);
  await registerNorth(stampbook);
});

const SUBSCRIPTION = `/subscriptions/${ids.registration}`;
const GROUP = `${SUBSCRIPTION}/resourceGroups/azurestack`;
const REGISTRATIONS = `${GROUP}/providers/Microsoft.AzureStack/registrations`;
const REGISTRATION = `${REGISTRATIONS}/${NORTH.name}`;
const V = "api-version=2017-06-01";
const M = "api-version=2021-04-01";

const codeOf = ({ status, body }: WireReply): readonly [number, string | undefined] => [status, body?.error?.code];

describe("the front door, in its order (§5 gate G)", () => {
  const unknown = ids.foreign.replace("20000000", "29999999");
  test.each([
    [
      "no api-version comes before a malformed subscription",
      "GET",
      "/subscriptions/abc/resourceGroups/g",
      400,
      "MissingApiVersionParameter",
    ],
    ["a malformed subscription", "GET", `/subscriptions/abc/resourceGroups/g?${M}`, 400, "InvalidSubscriptionId"],
    ["an unknown subscription", "GET", `/subscriptions/${unknown}/resourceGroups/g?${M}`, 404, "SubscriptionNotFound"],
    ["an api-version that is none", "GET", `${SUBSCRIPTION}?api-version=latest`, 400, "InvalidApiVersionParameter"],
    [
      "an api-version that the type does not have",
      "GET",
      `${REGISTRATION}?api-version=2018-01-01`,
      400,
      "NoRegisteredProviderFound",
    ],
    [
      "a type that a version does not have",
      "GET",
      `${REGISTRATION}/customerSubscriptions?api-version=2016-01-01`,
      404,
      "InvalidResourceType",
    ],
    [
      "a provider that is not registered comes before a missing group",
      "GET",
      `/subscriptions/${ids.customer}/resourceGroups/none/providers/Microsoft.AzureStack/registrations/r?${V}`,
      409,
      "MissingSubscriptionRegistration",
    ],
    [
      "a missing resource group",
      "GET",
      `${SUBSCRIPTION}/resourceGroups/none/providers/Microsoft.AzureStack/registrations/r?${V}`,
      404,
      "ResourceGroupNotFound",
    ],
    ["a missing registration", "GET", `${REGISTRATIONS}/none?${V}`, 404, "ResourceNotFound"],
    ["a missing parent", "GET", `${REGISTRATIONS}/none/customerSubscriptions?${V}`, 404, "RegistrationNotFound"],
    ["a type that is not served", "GET", `${REGISTRATION}/products?${V}`, 404, "InvalidResourceType"],
    [
      "a namespace that is not served",
      "GET",
      `${GROUP}/providers/Microsoft.Compute/virtualMachines/vm?${M}`,
      404,
      "InvalidResourceNamespace",
    ],
    [
      "a method that an address does not know",
      "PATCH",
      `${REGISTRATION}/customerSubscriptions/${ids.customer}?${V}`,
      405,
      "MethodNotAllowed",
    ],
  ])("%s", async (_, ...[method, path, status, code]) => {
    expect(codeOf(await call(method, path))).toEqual([status, code]);
  });

  test("a provider that is not registered is named as clients look for it", async () => {
    const path = `/subscriptions/${ids.customer}/resourceGroups/g/providers/Microsoft.AzureStack/registrations/r?${V}`;
    const { error } = (await call("PUT", path, { json: {} })).body;
    expect(error.message.match(/'[^']*'/g)).toEqual(["'Microsoft.AzureStack'"]);
    expect(error.details).toEqual([
      { code: "MissingSubscriptionRegistration", target: "Microsoft.AzureStack", message: error.message },
    ]);
  });

  test("a subscription that is not enabled lets be read and deleted, not written", async () => {
    const { client } = stampbook;
    const subscription = "50000000-0000-4000-8000-000000000001";
    const row = { subscription, offerType: "CSP", partner: "contoso" };
    await client.putCatalogue([row]);
    await client.register({ subscription, resourceGroup: "g", name: "frozen" }, tokenOf("cloud-frozen"));
    await client.putCatalogue([{ ...row, state: "Disabled" }]);
    const path = `/subscriptions/${subscription}/resourceGroups/g/providers/Microsoft.AzureStack/registrations/frozen?${V}`;
    expect((await call("GET", path)).status).toBe(200);
    expect(codeOf(await call("PATCH", path, { json: { tags: {} } }))).toEqual([409, "ReadOnlyDisabledSubscription"]);
    expect((await call("DELETE", path)).status).toBe(200);
  });
});

describe("every answer", () => {
  test("carries the headers of §5.4", async () => {
    const correlation = "aaaaaaaa-0000-4000-8000-000000000001";
    const { headers } = await call("GET", `${REGISTRATION}?${V}`, {
      headers: {
        "x-ms-correlation-request-id": correlation,
        "x-ms-client-request-id": "mine",
        "x-ms-return-client-request-id": "true",
      },
    });
    expect(headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-cache",
      pragma: "no-cache",
      expires: "-1",
      "x-content-type-options": "nosniff",
      "x-ms-correlation-request-id": correlation,
      "x-ms-client-request-id": "mine",
    });
    expect(headers["x-ms-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers["x-ms-routing-request-id"]).toMatch(new RegExp(`^LOCAL:\\d{8}T\\d{6}Z:${correlation}$`));
  });

  test("takes paths in any case and with doubled slashes, and shows names as they were written", async () => {
    const shouted = `/${REGISTRATION.toUpperCase().replace("/PROVIDERS", "//PROVIDERS")}/?Api-Version=2017-06-01`;
    expect((await call("GET", shouted)).body).toMatchObject({ name: "north", id: REGISTRATION });
  });
});

describe("registrations", () => {
  test("the body of each version (§2.1, §3)", async () => {
    const bodies = await Promise.all(
      ["2016-01-01", "2017-06-01", "2020-06-01-preview", "2022-06-01"].map(
        async (version) => (await call("GET", `${REGISTRATION}?api-version=${version}`)).body,
      ),
    );
    const plain = {
      id: REGISTRATION,
      name: "north",
      type: "Microsoft.AzureStack/registrations",
      etag: expect.stringMatching(/^"[0-9a-f]{8}-[0-9a-f]{8}"$/),
      location: "global",
      properties: { objectId: "bridge", cloudId: "cloud-north", billingModel: "PayAsYouUse" },
    };
    expect(bodies[1]).toEqual(plain);
    expect(bodies[0]).toEqual(plain);
    expect(bodies[3]).toEqual(plain);
    expect(bodies[2]).toEqual({
      ...plain,
      kind: "AzureStack",
      systemData: {
        createdBy: "local",
        createdByType: "User",
        createdAt: "2024-02-14T10:20:00Z",
        lastModifiedBy: "local",
        lastModifiedByType: "User",
        lastModifiedAt: "2024-02-14T10:20:00Z",
      },
    });
  });

  test("the matrix of conditions (§7.3)", async () => {
    const path = `${REGISTRATIONS}/tagged?${V}`;
    const json = { properties: { registrationToken: tokenOf("cloud-tagged") } };
    const put = (headers: Record<string, string>) => call("PUT", path, { json, headers });
    expect(codeOf(await put({ "if-match": "*" }))).toEqual([412, "PreconditionFailed"]);
    expect(codeOf(await call("PATCH", path, { json: {}, headers: { "if-match": "*" } }))).toEqual([
      404,
      "ResourceNotFound",
    ]);
    expect((await call("DELETE", path, { headers: { "if-match": '"x"' } })).status).toBe(204);
    const created = await put({ "if-none-match": "*" });
    expect([created.status, created.headers["retry-after"]]).toEqual([201, "1"]);
    const etag = created.body.etag as string;
    expect(created.headers["etag"]).toBe(etag);
    expect(codeOf(await put({ "if-none-match": "*" }))).toEqual([412, "PreconditionFailed"]);
    expect(codeOf(await put({ "if-match": '"0"' }))).toEqual([412, "PreconditionFailed"]);
    const patched = await call("PATCH", path, { json: { tags: { a: "1" } }, headers: { "if-match": etag } });
    expect([patched.status, patched.body.tags]).toEqual([200, { a: "1" }]);
    expect(codeOf(await call("PATCH", path, { json: {}, headers: { "if-match": etag } }))).toEqual([
      412,
      "PreconditionFailed",
    ]);
    const wide = await call("PATCH", path, {
      json: { tags: { b: "2" } },
      headers: { "if-match": `"x", ${patched.body.etag}` },
    });
    expect(wide.body.tags, "tags are replaced as a whole").toEqual({ b: "2" });
    expect(codeOf(await call("DELETE", path, { headers: { "if-match": etag } }))).toEqual([412, "PreconditionFailed"]);
    expect((await call("DELETE", path, { headers: { "if-match": wide.body.etag } })).status).toBe(200);
    expect((await call("DELETE", path)).status).toBe(204);
    expect(codeOf(await call("GET", path))).toEqual([404, "ResourceNotFound"]);
  });

  test("what `az resource update` sends back is taken; without a token nothing can be registered", async () => {
    const { body } = await call("GET", `${REGISTRATION}?${V}`);
    const again = await call("PUT", `${REGISTRATION}?${V}`, { json: { ...body, tags: { team: "a" } } });
    expect([again.status, again.body.tags]).toEqual([200, { team: "a" }]);
    expect(codeOf(await call("PUT", `${REGISTRATIONS}/new?${V}`, { json: {} }))).toEqual([
      400,
      "InvalidRequestContent",
    ]);
    expect(codeOf(await call("PUT", `${REGISTRATIONS}/new?${V}`, { body: "{" }))).toEqual([
      400,
      "InvalidRequestContent",
    ]);
    expect((await call("PATCH", `${REGISTRATION}?${V}`, { json: { tags: {} } })).body).not.toHaveProperty("tags");
  });

  test("deleting one ends its mappings, gives its names free, and loses its approval (§11 rows 10 and 12)", async () => {
    const { client } = stampbook;
    const scope = { ...NORTH, name: "shortlived" };
    await client.register(scope, tokenOf("cloud-shortlived"));
    await client.approval("shortlived", "request");
    await client.approval("shortlived", "approve");
    await client.map(scope, ids.customer);
    expect((await call("DELETE", `${REGISTRATIONS}/shortlived?${V}`)).status).toBe(200);
    await client.register(scope, tokenOf("cloud-shortlived"));
    const customers = `${REGISTRATIONS}/shortlived/customerSubscriptions`;
    expect((await call("GET", `${customers}?${V}`)).text).toBe('{"value":[]}');
    expect(codeOf(await call("PUT", `${customers}/${ids.customer}?${V}`))).toEqual([
      403,
      "UnauthorizedCspRegistration",
    ]);
    await call("DELETE", `${REGISTRATIONS}/shortlived?${V}`);
  });

  test("lists page with absolute links that keep the query; a token of another list or made up is refused", async () => {
    const { client } = stampbook;
    for (const n of [1, 2, 3]) await client.register({ ...NORTH, name: `page-${n}` }, tokenOf(`cloud-page-${n}`));
    const list = `${SUBSCRIPTION}/providers/Microsoft.AzureStack/registrations?${V}&$top=2`;
    const names: string[] = [];
    let pages = 0;
    for (let link: string | undefined = list; link !== undefined; pages += 1) {
      const { status, body }: WireReply = await call("GET", link);
      expect(status).toBe(200);
      names.push(...body.value.map(({ name }: { name: string }) => name));
      if (body.nextLink !== undefined)
        expect(body.nextLink).toMatch(
          /^https:\/\/127\.0\.0\.1:30080\/subscriptions.*api-version=2017-06-01.*skipToken=/,
        );
      link = body.nextLink?.replace("https://127.0.0.1:30080", "");
    }
    expect([pages, names]).toEqual([2, ["north", "page-1", "page-2", "page-3"]]);
    const { nextLink } = (await call("GET", list)).body as { nextLink: string };
    const token = new URL(nextLink).searchParams.get("$skipToken")!;
    for (const bad of [
      `${list}&$skipToken=x`,
      `${list}&$skipToken=${token}x`,
      `${REGISTRATIONS}?${V}&$skipToken=${token}`,
      list.replace("$top=2", "$top=0"),
    ]) {
      expect(codeOf(await call("GET", bad)), bad).toEqual([400, "InvalidParameter"]);
    }
    for (const n of [1, 2, 3]) await call("DELETE", `${REGISTRATIONS}/page-${n}?${V}`);
  });
});

describe("locks hold for everything below them", () => {
  const lockOf = (scope: string): string =>
    `${scope}/providers/Microsoft.Authorization/locks/RegistrationResourceLock?api-version=2015-01-01`;

  test.each([
    ["the registration", REGISTRATION.replace("AzureStack", "Azurestack")],
    ["the resource group", GROUP],
    ["the subscription", SUBSCRIPTION],
  ])("CanNotDelete on %s keeps a tenant and the registration", async (_, scope) => {
    const { client } = stampbook;
    await client.map(NORTH, ids.customer);
    expect((await call("PUT", lockOf(scope), { json: { properties: { level: "CanNotDelete" } } })).status).toBe(201);
    expect((await call("PUT", lockOf(scope), { json: { properties: { level: "CanNotDelete" } } })).status).toBe(200);
    const refused = await call("DELETE", `${REGISTRATION}/customerSubscriptions/${ids.customer}?${V}`);
    expect(codeOf(refused)).toEqual([409, "ScopeLocked"]);
    const remedy = refused.body.error.additionalInfo[0].info.remedy as string[];
    expect(remedy[0]).toContain("az lock delete --name RegistrationResourceLock");
    expect(codeOf(await call("DELETE", `${REGISTRATION}?${V}`))).toEqual([409, "ScopeLocked"]);
    expect(codeOf(await call("DELETE", `${GROUP}?${M}`))).toEqual([409, "ScopeLocked"]);
    expect(
      (await call("PUT", `${REGISTRATION}/customerSubscriptions/${ids.customer}?${V}`)).status,
      "writing is allowed",
    ).toBe(200);
    expect((await call("GET", lockOf(scope))).body.properties.level).toBe("CanNotDelete");
    expect((await call("DELETE", lockOf(scope))).status).toBe(200);
    expect((await call("DELETE", lockOf(scope))).status).toBe(204);
    expect(codeOf(await call("GET", lockOf(scope)))).toEqual([404, "LockNotFound"]);
    expect((await call("DELETE", `${REGISTRATION}/customerSubscriptions/${ids.customer}?${V}`)).status).toBe(200);
  });

  test("ReadOnly keeps from writing as well", async () => {
    await call("PUT", lockOf(GROUP), { json: { properties: { level: "ReadOnly", notes: "audit" } } });
    expect(codeOf(await call("PUT", `${REGISTRATION}/customerSubscriptions/${ids.customer}?${V}`))).toEqual([
      409,
      "ScopeLocked",
    ]);
    expect(codeOf(await call("PATCH", `${REGISTRATION}?${V}`, { json: { tags: {} } }))).toEqual([409, "ScopeLocked"]);
    expect((await call("GET", `${REGISTRATION}?${V}`)).status).toBe(200);
    const listed = await call("GET", `${REGISTRATION}/providers/Microsoft.Authorization/locks?api-version=2016-09-01`);
    expect(listed.body.value).toMatchObject([{ properties: { level: "ReadOnly", notes: "audit" } }]);
    await call("DELETE", lockOf(GROUP));
  });
});

describe("resource groups", () => {
  test("are made, looked for, tagged, listed and removed with what is in them", async () => {
    const path = `${SUBSCRIPTION}/resourcegroups/Temporary?${M}`;
    expect((await call("HEAD", path)).status).toBe(404);
    expect(codeOf(await call("GET", path))).toEqual([404, "ResourceGroupNotFound"]);
    expect(codeOf(await call("PUT", path, { json: {} }))).toEqual([400, "LocationRequired"]);
    expect((await call("PUT", path, { json: { location: "West Europe" } })).status).toBe(201);
    expect((await call("PUT", path, { json: { location: "westeurope", tags: { a: "1" } } })).status).toBe(200);
    expect(codeOf(await call("PUT", path, { json: { location: "global" } }))).toEqual([
      409,
      "InvalidResourceGroupLocation",
    ]);
    expect((await call("HEAD", path)).status).toBe(204);
    expect((await call("PATCH", path, { json: { tags: { b: "2" } } })).body.tags).toEqual({ b: "2" });
    await stampbook.client.register({ ...NORTH, resourceGroup: "temporary", name: "inside" }, tokenOf("cloud-inside"));
    const { value } = (await call("GET", `${SUBSCRIPTION}/resourcegroups?${M}`)).body as { value: { name: string }[] };
    expect(value.map(({ name }) => name)).toEqual(["azurestack", "Temporary"]);
    expect((await call("DELETE", path)).status).toBe(200);
    expect(codeOf(await call("DELETE", path))).toEqual([404, "ResourceGroupNotFound"]);
    expect((await stampbook.client.registrations()).map(({ name }) => name)).toEqual(["north"]);
    expect(
      codeOf(await call("PUT", `${SUBSCRIPTION}/resourceGroups/a.?${M}`, { json: { location: "global" } })),
    ).toEqual([400, "InvalidParameter"]);
  });

  test("a registration moves with its approval, mappings, locks and number, all resources or none", async () => {
    const { client } = stampbook;
    const moveTo = (target: string, resources: unknown) =>
      call("POST", `${GROUP}/moveResources?${M}`, { json: { resources, targetResourceGroup: target } });
    await call("PUT", `${SUBSCRIPTION}/resourceGroups/new?${M}`, { json: { location: "global" } });
    const target = `${SUBSCRIPTION}/resourceGroups/new`;
    await client.map(NORTH, ids.customer);
    const [before] = await client.registrations();
    expect(codeOf(await moveTo(target, [REGISTRATION, `${REGISTRATIONS}/none`]))).toEqual([
      400,
      "ResourceMoveNotSupported",
    ]);
    expect(codeOf(await moveTo(`/subscriptions/${ids.customer}/resourceGroups/new`, [REGISTRATION]))).toEqual([
      400,
      "ResourceMoveNotSupported",
    ]);
    expect(codeOf(await moveTo(`${SUBSCRIPTION}/resourceGroups/none`, [REGISTRATION]))).toEqual([
      404,
      "ResourceGroupNotFound",
    ]);
    expect((await moveTo(target, [REGISTRATION])).status).toBe(204);
    const [after] = await client.registrations();
    expect(after).toMatchObject({ registration: before!.registration, resourceGroup: "new", approval: "approved" });
    expect((await client.mapped({ ...NORTH, resourceGroup: "new" }, ids.customer)).properties.tenantId).toBe(
      ids.tenant,
    );
    expect(codeOf(await call("GET", `${REGISTRATION}?${V}`))).toEqual([404, "ResourceNotFound"]);
    const back = await call("POST", `${target}/moveResources?${M}`, {
      json: { resources: [after!.id], targetResourceGroup: GROUP },
    });
    expect(back.status).toBe(204);
  });
});

describe("lists of resources", () => {
  const names = async (filter: string): Promise<string[]> => {
    const { status, body } = await call("GET", `${SUBSCRIPTION}/resources?${M}&$filter=${encodeURIComponent(filter)}`);
    expect(status, filter).toBe(200);
    return (body.value as { name: string }[]).map(({ name }) => name);
  };
  test("are filtered by type, name, group and tags", async () => {
    await call("PATCH", `${REGISTRATION}?${V}`, { json: { tags: { Team: "a'b" } } });
    expect(await names("resourceType eq 'microsoft.azurestack/registrations'")).toEqual(["north"]);
    expect(await names("resourceType eq 'Microsoft.Compute/virtualMachines'")).toEqual([]);
    expect(await names("name eq 'NORTH' and resourceGroup eq 'azurestack'")).toEqual(["north"]);
    expect(await names("substringof('ort', name)")).toEqual(["north"]);
    expect(await names("tagName eq 'team' and tagValue eq 'a''b'")).toEqual(["north"]);
    expect(await names("tagName eq 'team' and tagValue eq 'c'")).toEqual([]);
    expect(await names("resourceGroup ne 'azurestack'")).toEqual([]);
    for (const bad of ["size gt 3", "name eq 'x' or name eq 'y'", "tagValue eq 'x'", "name eq x"]) {
      const path = `${SUBSCRIPTION}/resources?${M}&$filter=${encodeURIComponent(bad)}`;
      expect(codeOf(await call("GET", path)), bad).toEqual([400, "InvalidFilterInQueryString"]);
    }
    const { body } = await call("GET", `${GROUP}/resources?${M}&$expand=createdTime,changedTime,provisioningState`);
    expect(body.value[0]).toMatchObject({ provisioningState: "Succeeded", createdTime: "2024-02-14T10:20:00Z" });
  });
});

describe("what clients ask before they begin", () => {
  test.each([
    ["1.0", false],
    ["2015-01-01", false],
    ["2019-05-01", true],
    ["2020-06-01", true],
    ["2022-09-01", false],
  ])("metadata of %s", async (version, isList) => {
    const { status, body } = await call("GET", `//metadata/endpoints?api-version=${version}`);
    expect([status, Array.isArray(body)]).toEqual([200, isList]);
    const document = isList ? body[0] : body;
    expect(document.authentication.loginEndpoint).toBe("https://127.0.0.1:30080/adfs");
    expect(document.authentication.audiences[0]).toBe("https://127.0.0.1:30080");
  });

  test("subscriptions, tenants, locations, providers", async () => {
    const list = await call("GET", "/subscriptions?api-version=2019-11-01");
    expect((list.body.value as { subscriptionId: string }[]).map((so) => so.subscriptionId)).toContain(
      ids.registration,
    );
    const customer = await call("GET", `/subscriptions/${ids.customer}?${M}`);
    expect(customer.body).toMatchObject({ state: "Enabled", subscriptionPolicies: { quotaId: "CSP_2015-05-01" } });
    expect((await call("GET", "/tenants?api-version=2019-11-01")).body.value).toHaveLength(1);
    expect((await call("GET", `${SUBSCRIPTION}/locations?${M}`)).body.value[0].name).toBe("global");
    const provider = (await call("GET", `${SUBSCRIPTION}/providers/microsoft.azurestack?${M}`)).body;
    expect(provider).toMatchObject({ namespace: "Microsoft.AzureStack", registrationState: "Registered" });
    expect(provider.resourceTypes[0]).toMatchObject({
      resourceType: "registrations",
      apiVersions: ["2022-06-01", "2020-06-01-preview", "2017-06-01", "2016-01-01"],
    });
    const other = `/subscriptions/${ids.customer}/providers/Microsoft.AzureStack`;
    expect((await call("GET", `${other}?${M}`)).body.registrationState).toBe("NotRegistered");
    expect((await call("POST", `${other}/register?api-version=2016-02-01`)).body.registrationState).toBe("Registered");
    expect((await call("POST", `${other}/unregister?${M}`)).body.registrationState).toBe("NotRegistered");
    const operations = await call("GET", `/providers/Microsoft.AzureStack/operations?${V}`);
    expect(operations.body.value[0]).toMatchObject({
      name: "Microsoft.AzureStack/register/action",
      origin: "user,system",
    });
  });
});

describe("roles", () => {
  const assignment = "60000000-0000-4000-8000-000000000001";
  const path = `${REGISTRATION}/providers/Microsoft.Authorization/roleAssignments/${assignment}?api-version=2022-04-01`;
  const owner = "6f12a6df-dd06-4f3e-bcb1-ce8be600526a";
  const properties = (principalId: string, roleDefinitionId = owner) => ({
    properties: {
      principalId,
      roleDefinitionId: `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${roleDefinitionId}`,
    },
  });
  const bridge = "60000000-0000-4000-8000-00000000000b";

  test("are given as the registration script does, once, and taken back", async () => {
    const roles = `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01&$filter=${encodeURIComponent("roleName eq 'Azure Stack Registration Owner'")}`;
    expect((await call("GET", roles)).body.value).toMatchObject([{ name: owner }]);
    expect((await call("PUT", path, { json: properties(bridge) })).status).toBe(201);
    expect((await call("PUT", path, { json: properties(bridge) })).status).toBe(201);
    const twice = path.replace(assignment, assignment.replace(/1$/, "2"));
    expect(codeOf(await call("PUT", twice, { json: properties(bridge) }))).toEqual([409, "RoleAssignmentExists"]);
    expect(codeOf(await call("PUT", twice, { json: properties(bridge, bridge) }))).toEqual([
      400,
      "RoleDefinitionDoesNotExist",
    ]);
    expect(codeOf(await call("PUT", twice, { json: properties("nobody") }))).toEqual([400, "InvalidParameter"]);
    const list = `${REGISTRATION}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=${encodeURIComponent(`principalId eq '${bridge}'`)}`;
    expect((await call("GET", list)).body.value).toMatchObject([
      { name: assignment, properties: { principalId: bridge } },
    ]);
    expect((await call("GET", path)).body.properties.scope).toBe(REGISTRATION);
    expect((await call("DELETE", path)).status).toBe(200);
    expect((await call("DELETE", path)).status).toBe(204);
    expect(codeOf(await call("GET", path))).toEqual([404, "RoleAssignmentNotFound"]);
  });
});

describe("RegistrationNotFound says which ones may be meant", () => {
  test("the one with that cloud id, then the nearest", async () => {
    const wanted = async (name: string) =>
      (await call("GET", `${REGISTRATIONS}/${name}/customerSubscriptions?${V}`)).body.error.additionalInfo[1].info
        .candidates;
    expect(await wanted("nort")).toEqual([{ id: REGISTRATION, cloudId: "cloud-north", because: "similar name" }]);
    expect((await wanted("CLOUD-NORTH"))[0]).toMatchObject({ id: REGISTRATION, because: "cloud id" });
  });
});

describe("Capacity (§11 row 9)", () => {
  test("suspends mappings without losing them, and resumes with PayAsYouUse", async () => {
    const { client } = stampbook;
    const path = `${REGISTRATION}/customerSubscriptions`;
    await client.map(NORTH, ids.customer);
    await client.register(NORTH, tokenOf("cloud-north", "Capacity"));
    for (const method of ["GET", "DELETE", "PUT"]) {
      const reply = await call(method, `${path}/${ids.customer}?${V}`);
      expect(codeOf(reply), method).toEqual([409, "CustomerSubscriptionsNotAllowed"]);
    }
    expect(codeOf(await call("GET", `${path}?${V}`))).toEqual([409, "CustomerSubscriptionsNotAllowed"]);
    await client.register(NORTH, tokenOf("cloud-north"));
    expect((await call("GET", `${path}/${ids.customer}?${V}`)).status).toBe(200);
  });
});

describe("keys of ours", () => {
  const verified = async (jws: string): Promise<unknown> => {
    const { body } = await call("GET", "/.well-known/stampbook/activation-keys");
    const { payload, protectedHeader } = await compactVerify(jws, createLocalJWKSet(body as JSONWebKeySet));
    expect(Object.keys(protectedHeader)).toEqual(["kid", "alg"]);
    return JSON.parse(Buffer.from(payload).toString("utf8"));
  };

  test("the activation key, in any spelling of the action, verifies and says what the stamp's key said (§4.3)", async () => {
    for (const action of ["getactivationkey", "GetActivationKey"]) {
      const { status, body } = await call("POST", `${REGISTRATION}/${action}?${V}`, {
        headers: { "content-type": "application/json", "content-length": "0" },
      });
      expect(status).toBe(200);
      const payload = (await verified(body.activationKey)) as Record<string, unknown>;
      expect(payload).toMatchObject({ registrationName: "north", cloudId: "cloud-north", billingModel: "PayAsYouUse" });
      expect(Object.keys(payload).slice(0, 3)).toEqual(["subscriptionId", "resourceGroupName", "registrationName"]);
    }
    expect(codeOf(await call("POST", `${REGISTRATIONS}/none/getActivationKey?${V}`))).toEqual([
      404,
      "ResourceNotFound",
    ]);
  });

  test("the cloud manifest and a deployment license are signed", async () => {
    const manifest = await call("GET", `/providers/Microsoft.AzureStack/cloudManifestFiles?${V}`);
    const { deploymentData, signature } = manifest.body.properties;
    expect(await verified(signature)).toEqual(deploymentData);
    expect(deploymentData.customEnvironmentEndpoints.customCloudArmEndpoint).toBe("https://127.0.0.1:30080");
    expect((await call("GET", `/providers/Microsoft.AzureStack/cloudManifestFiles/1?${V}`)).status).toBe(200);
    expect(codeOf(await call("GET", `/providers/Microsoft.AzureStack/cloudManifestFiles/9?${V}`))).toEqual([
      404,
      "ResourceNotFound",
    ]);
    const path = `${SUBSCRIPTION}/providers/Microsoft.AzureStack/generateDeploymentLicense`;
    const license = await call("POST", `${path}?api-version=2022-06-01`, { json: { verificationVersion: "1" } });
    expect(await verified(Buffer.from(license.body.signature, "base64").toString())).toEqual(
      license.body.temporaryLicenseChain,
    );
    expect(codeOf(await call("POST", `${path}?${V}`))).toEqual([404, "InvalidResourceType"]);
  });

  test("remote management is noted", async () => {
    const reply = await call("POST", `${REGISTRATION}/enableRemoteManagement?${V}`);
    expect([reply.status, reply.text]).toEqual([200, ""]);
    expect(codeOf(await call("POST", `${REGISTRATION}/enableRemoteManagement?api-version=2016-01-01`))).toEqual([
      404,
      "InvalidResourceType",
    ]);
  });
});
