import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { AzureStackManagementClient } from "@azure/arm-azurestack";
import { ResourceManagementClient } from "@azure/arm-resources";
import { SubscriptionClient } from "@azure/arm-resources-subscriptions";
import { ClientSecretCredential } from "@azure/identity";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Client } from "../../src/client/client.ts";
import { serveFolder, type Served } from "../support/servedFolder.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { ids, NORTH, tokenOf } from "../support/world.ts";

// Goal: what an operator does against Azure, the official packages do here, unmodified and over TLS: the sequence of
// contract/registration.md §10, every operation that the SDK has, and refusals as it shows them.

let served: Served;
let admin: Client;
let azureStack: AzureStackManagementClient;
let resources: ResourceManagementClient;
let credential: ClientSecretCredential;

const REGISTRATION = `/subscriptions/${ids.registration}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north`;
const GROUP = "azurestack";
const CUSTOMERS_MANY = 120;

const stackClient = (by: ClientSecretCredential, subscription: string = ids.registration): AzureStackManagementClient =>
  new AzureStackManagementClient(by, subscription, { baseUri: served.url, noRetryPolicy: true });
const credentialOf = (clientId: string, secret: string, tenant = served.directory): ClientSecretCredential =>
  new ClientSecretCredential(tenant, clientId, secret, { authorityHost: served.url, disableInstanceDiscovery: true });
const resourceClient = (by: ClientSecretCredential): ResourceManagementClient =>
  new ResourceManagementClient(by, ids.registration, {
    endpoint: served.url,
    credentials: { scopes: [`${served.url}/.default`] },
  });

interface SdkError {
  readonly code?: string;
  readonly statusCode?: number;
  readonly message: string;
}

async function failureOf(call: Promise<unknown>): Promise<readonly [number | undefined, string | undefined]> {
  try {
    await call;
  } catch (error) {
    const { statusCode, code } = error as SdkError;
    return [statusCode, code];
  }
  throw new Error("it was not refused");
}

const manyCustomer = (n: number): string => `90000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

beforeAll(async () => {
  const dataFolder = join(temporaryFolder(), "data");
  served = await serveFolder(dataFolder);
  await vi.waitFor(() => expect(served.told()).toMatch(/secret {5}\S+\n/));
  const [, clientId = "", secret = ""] = /client id {2}(\S+)\n {2}secret {5}(\S+)\n/.exec(served.told()) ?? [];
  credential = credentialOf(clientId, secret);
  azureStack = stackClient(credential);
  resources = resourceClient(credential);
  admin = new Client({ socketPath: served.socketPath });
  const csp = { offerType: "CSP", partner: "contoso" };
  await admin.putCatalogue([
    { subscription: ids.registration, offerType: "APSS", partner: "contoso" },
    { subscription: ids.customer, ...csp, tenant: ids.tenant },
    { subscription: ids.secondCustomer, ...csp, tenant: ids.tenant },
    { subscription: ids.enterprise, offerType: "EA", partner: "contoso", tenant: ids.tenant },
    { subscription: ids.foreign, offerType: "CSP", partner: "northwind", tenant: ids.secondTenant },
    ...Array.from({ length: CUSTOMERS_MANY }, (_, n) => ({
      subscription: manyCustomer(n),
      ...csp,
      tenant: manyCustomer(n),
    })),
  ]);
});
afterAll(() => served.close());

describe("the whole sequence, one step after another", () => {
  test("sign in, see the subscription, switch the provider on, make the group", async () => {
    const subscriptions: (string | undefined)[] = [];
    const scopes = { scopes: [`${served.url}/.default`] };
    const client = new SubscriptionClient(credential, { endpoint: served.url, credentials: scopes });
    for await (const { subscriptionId } of client.subscriptions.list()) subscriptions.push(subscriptionId);
    expect(subscriptions).toContain(ids.registration);
    const tenants: (string | undefined)[] = [];
    for await (const { tenantId } of client.tenants.list()) tenants.push(tenantId);
    expect(tenants).toEqual([served.directory]);

    expect((await resources.providers.get("Microsoft.AzureStack")).registrationState).toBe("NotRegistered");
    expect((await resources.providers.register("Microsoft.AzureStack")).registrationState).toBe("Registered");
    expect((await resources.resourceGroups.checkExistence(GROUP)).body).toBe(false);
    await resources.resourceGroups.createOrUpdate(GROUP, { location: "global", tags: { team: "a" } });
    expect((await resources.resourceGroups.checkExistence(GROUP)).body).toBe(true);
    expect((await resources.resourceGroups.update(GROUP, { tags: { team: "b" } })).tags).toEqual({ team: "b" });
  });

  test("register, lock, give the bridge its role, get the activation key", async () => {
    const created = await azureStack.registrations.createOrUpdate(GROUP, NORTH.name, {
      registrationToken: tokenOf("cloud-north"),
    });
    expect(created._response.status).toBe(201);
    expect(created).toMatchObject({
      id: REGISTRATION,
      cloudId: "cloud-north",
      billingModel: "PayAsYouUse",
      location: "global",
    });
    const again = await azureStack.registrations.createOrUpdate(GROUP, NORTH.name, {
      registrationToken: tokenOf("cloud-north"),
    });
    expect(again._response.status).toBe(200);
    expect((await azureStack.registrations.get(GROUP, NORTH.name)).cloudId).toBe("cloud-north");
    expect((await azureStack.registrations.list(GROUP)).map(({ name }) => name)).toEqual(["north"]);
    const updated = await azureStack.registrations.update(GROUP, NORTH.name, {
      registrationToken: tokenOf("cloud-north"),
    });
    expect(updated.etag).not.toBe(again.etag);
    const listed: (string | undefined)[] = [];
    const filter = "resourceType eq 'Microsoft.AzureStack/registrations'";
    for await (const { name } of resources.resources.list({ filter })) listed.push(name);
    expect(listed).toEqual(["north"]);

    const lock = `${REGISTRATION}/providers/Microsoft.Authorization/locks/RegistrationResourceLock`;
    const assignment = `${REGISTRATION}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
    await resources.resources.createOrUpdateById(lock, "2015-01-01", { properties: { level: "CanNotDelete" } });
    await resources.resources.createOrUpdateById(assignment, "2022-04-01", {
      properties: {
        principalId: randomUUID(),
        roleDefinitionId: `${REGISTRATION}/providers/Microsoft.Authorization/roleDefinitions/6f12a6df-dd06-4f3e-bcb1-ce8be600526a`,
      },
    });
    expect(await failureOf(azureStack.registrations.deleteMethod(GROUP, NORTH.name))).toEqual([409, "ScopeLocked"]);
    await resources.resources.deleteById(lock, "2015-01-01");
    const { activationKey } = await azureStack.registrations.getActivationKey(GROUP, NORTH.name);
    expect(activationKey?.split(".")).toHaveLength(3);
  });

  test("map, look, replace, remove; nothing before the approval", async () => {
    const { customerSubscriptions } = azureStack;
    const create = (id: string) => customerSubscriptions.create(GROUP, NORTH.name, id, {});
    expect(await failureOf(create(ids.customer))).toEqual([403, "UnauthorizedCspRegistration"]);
    await admin.approval("north", "request");
    await admin.approval("north", "approve");
    expect([...(await customerSubscriptions.list(GROUP, NORTH.name))]).toEqual([]);
    const mapped = await create(ids.customer);
    expect(mapped).toMatchObject({ name: `north/${ids.customer}`, tenantId: ids.tenant });
    expect(mapped._response.status).toBe(200);
    await create(ids.secondCustomer);
    expect(await failureOf(customerSubscriptions.get(GROUP, NORTH.name, ids.customer))).toEqual([
      404,
      "CustomerSubscriptionNotFound",
    ]);
    expect((await customerSubscriptions.get(GROUP, NORTH.name, ids.secondCustomer)).tenantId).toBe(ids.tenant);
    expect((await customerSubscriptions.deleteMethod(GROUP, NORTH.name, ids.secondCustomer))._response.status).toBe(
      200,
    );
    expect((await customerSubscriptions.deleteMethod(GROUP, NORTH.name, ids.secondCustomer))._response.status).toBe(
      204,
    );
  });

  test("a list longer than a page is followed by its links", async () => {
    const { customerSubscriptions } = azureStack;
    for (let n = 0; n < CUSTOMERS_MANY; n += 1)
      await customerSubscriptions.create(GROUP, NORTH.name, manyCustomer(n), {});
    const first = await customerSubscriptions.list(GROUP, NORTH.name);
    expect([first.length, first.nextLink]).toEqual([100, expect.stringContaining(served.url)]);
    const second = await customerSubscriptions.listNext(first.nextLink!);
    expect([second.length, second.nextLink]).toEqual([CUSTOMERS_MANY - 100, undefined]);
  });

  test("operations are listed", async () => {
    const operations = await azureStack.operations.list();
    expect(operations.map(({ name }) => name)).toContain(
      "Microsoft.AzureStack/registrations/customerSubscriptions/write",
    );
  });
});

describe("refusals as the SDK shows them", () => {
  test("the eight and their neighbours", async () => {
    const { customerSubscriptions, registrations } = azureStack;
    const create = (id: string, name = NORTH.name) => customerSubscriptions.create(GROUP, name, id, {});
    expect(await failureOf(create(ids.customer, "nowhere"))).toEqual([404, "RegistrationNotFound"]);
    expect(await failureOf(create("nonsense"))).toEqual([400, "InvalidCustomerSubscriptionId"]);
    expect(await failureOf(create(ids.enterprise))).toEqual([400, "InvalidCSPSubscription"]);
    expect(await failureOf(create(ids.foreign))).toEqual([400, "BadCustomerSubscriptionId"]);
    expect(await failureOf(customerSubscriptions.get(GROUP, NORTH.name, ids.customer))).toEqual([
      404,
      "CustomerSubscriptionNotFound",
    ]);
    expect(await failureOf(registrations.get(GROUP, "nowhere"))).toEqual([404, "ResourceNotFound"]);
    expect(await failureOf(registrations.get("nowhere", NORTH.name))).toEqual([404, "ResourceGroupNotFound"]);
    expect(await failureOf(registrations.createOrUpdate(GROUP, "new", { registrationToken: "!" }))).toEqual([
      400,
      "InvalidRegistrationToken",
    ]);
    expect(await failureOf(azureStack.products.list(GROUP, NORTH.name))).toEqual([404, "InvalidResourceType"]);
    await registrations.createOrUpdate(GROUP, "capacity", { registrationToken: tokenOf("cloud-capacity", "Capacity") });
    expect(await failureOf(customerSubscriptions.list(GROUP, "capacity"))).toEqual([
      409,
      "CustomerSubscriptionsNotAllowed",
    ]);
    const other = stackClient(credential, ids.customer);
    expect(await failureOf(other.registrations.list(GROUP))).toEqual([409, "MissingSubscriptionRegistration"]);
    const nobody = stackClient(credential, randomUUID());
    expect(await failureOf(nobody.registrations.list(GROUP))).toEqual([404, "SubscriptionNotFound"]);
  });

  test("who may read may not write, a wrong secret signs nobody in, and a token from nowhere is refused", async () => {
    const { secret, ...reader } = await admin.createCredential({
      kind: "Application",
      displayName: "reader",
      role: "Reader",
      scope: REGISTRATION,
    });
    const readOnly = stackClient(credentialOf(reader.clientId, secret!));
    expect((await readOnly.registrations.get(GROUP, NORTH.name)).name).toBe("north");
    expect(await failureOf(readOnly.customerSubscriptions.create(GROUP, NORTH.name, ids.customer, {}))).toEqual([
      403,
      "AuthorizationFailed",
    ]);
    expect(await failureOf(readOnly.registrations.get(GROUP, "capacity"))).toEqual([403, "AuthorizationFailed"]);
    await expect(stackClient(credentialOf(reader.clientId, "wrong")).registrations.list(GROUP)).rejects.toThrow(
      /AADSTS|invalid_client|secret/i,
    );
    const forged = {
      getToken: async () => ({ token: "a.b.c", expiresOnTimestamp: 9e15 }),
    } as unknown as ClientSecretCredential;
    expect(await failureOf(stackClient(forged).registrations.list(GROUP))).toEqual([401, "InvalidAuthenticationToken"]);
    expect(await failureOf(resourceClient(credentialOf(reader.clientId, secret!)).resourceGroups.get(GROUP))).toEqual([
      403,
      "AuthorizationFailed",
    ]);
  });

  test("ADFS-style authorities work as well", async () => {
    const { secret, ...bridge } = await admin.createCredential({
      kind: "Application",
      displayName: "bridge",
      role: "Azure Stack Registration Owner",
      scope: REGISTRATION,
    });
    const adfs = stackClient(credentialOf(bridge.clientId, secret!, "adfs"));
    expect((await adfs.registrations.get(GROUP, NORTH.name)).name).toBe("north");
  });
});

test("a registration is deleted, and a group with what is in it", async () => {
  expect((await azureStack.registrations.deleteMethod(GROUP, "capacity"))._response.status).toBe(200);
  expect((await azureStack.registrations.deleteMethod(GROUP, "capacity"))._response.status).toBe(204);
  await resources.resourceGroups.delete(GROUP);
  expect(await failureOf(azureStack.registrations.get(GROUP, NORTH.name))).toEqual([404, "ResourceGroupNotFound"]);
});
