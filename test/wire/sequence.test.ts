import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AzureWorld, azureClients, serveAzure, signIn, statusOf } from "../support/azureClients.ts";
import { ids, NORTH, tokenOf } from "../support/world.ts";

// Goal: the whole sequence of contract/registration.md §10 with Azure's own packages, unmodified, over TLS, in its order;
// and every operation of the registration package that is served.

let world: AzureWorld;
let azure: ReturnType<typeof azureClients>;

const { resourceGroup: GROUP, name: NAME } = NORTH;
const NAMESPACE = "Microsoft.AzureStack";
const REGISTRATION = `/subscriptions/${ids.registration}/resourceGroups/${GROUP}/providers/${NAMESPACE}/registrations/${NAME}`;
const LOCK = `${REGISTRATION}/providers/Microsoft.Authorization/locks/RegistrationResourceLock`;
const LOCK_VERSION = "2016-09-01";
const BRIDGE_ROLE = "6f12a6df-dd06-4f3e-bcb1-ce8be600526a";
const tenant = (n: number): string => `31000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const customer = (n: number): string => `21000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

beforeAll(async () => {
  world = await serveAzure();
  azure = azureClients(world, signIn(world, world.owner));
  const csp = { offerType: "CSP", partner: "contoso" };
  await world.client.putCatalogue([
    { subscription: ids.registration, offerType: "APSS", partner: "contoso" },
    { subscription: ids.customer, ...csp, tenant: ids.tenant },
    { subscription: ids.secondCustomer, ...csp, tenant: ids.tenant },
    ...Array.from({ length: 102 }, (_, n) => ({ subscription: customer(n), ...csp, tenant: tenant(n) })),
  ]);
});
afterAll(() => world.server.close());

const all = async <Row>(rows: AsyncIterable<Row>): Promise<Row[]> => await Array.fromAsync(rows);

test("1. whoever signs in finds the subscription and its locations", async () => {
  const listed = await all(azure.subscriptions.subscriptions.list());
  expect(listed.map(({ subscriptionId }) => subscriptionId)).toContain(ids.registration);
  const one = await azure.subscriptions.subscriptions.get(ids.registration);
  expect(one).toMatchObject({ state: "Enabled", id: `/subscriptions/${ids.registration}` });
  const locations = await all(azure.subscriptions.subscriptions.listLocations(ids.registration));
  expect(locations.map(({ name }) => name)).toContain("global");
  const tenants = await all(azure.subscriptions.tenants.list());
  expect(tenants.map(({ tenantId }) => tenantId)).toEqual([world.owner.tenant]);
});

test("2. the provider is registered", async () => {
  expect((await azure.resources.providers.get(NAMESPACE)).registrationState).toBe("NotRegistered");
  expect((await azure.resources.providers.register(NAMESPACE)).registrationState).toBe("Registered");
  const { registrationState, resourceTypes } = await azure.resources.providers.get(NAMESPACE);
  expect(registrationState).toBe("Registered");
  expect(resourceTypes?.map(({ resourceType }) => resourceType)).toContain("registrations/customerSubscriptions");
  expect((await all(azure.resources.providers.list())).map(({ namespace }) => namespace)).toContain(NAMESPACE);
});

test("3. the resource group is made, found and tagged; another is removed", async () => {
  const { resourceGroups } = azure.resources;
  expect((await resourceGroups.checkExistence(GROUP)).body).toBe(false);
  const made = await resourceGroups.createOrUpdate(GROUP, { location: "local" });
  expect(made).toMatchObject({ name: GROUP, location: "local", properties: { provisioningState: "Succeeded" } });
  expect((await resourceGroups.checkExistence(GROUP)).body).toBe(true);
  expect((await resourceGroups.update(GROUP, { tags: { stage: "test" } })).tags).toEqual({ stage: "test" });
  expect((await resourceGroups.get(GROUP)).tags).toEqual({ stage: "test" });
  await resourceGroups.createOrUpdate("other", { location: "local" });
  expect((await all(resourceGroups.list())).map(({ name }) => name)).toEqual([GROUP, "other"]);
  await resourceGroups.delete("other");
  expect((await resourceGroups.checkExistence("other")).body).toBe(false);
});

test("4. the stamp is registered with 201, again with 200, and changed with PATCH", async () => {
  const { registrations } = azure.stack;
  expect(await registrations.list(GROUP)).toHaveLength(0);
  const registrationToken = tokenOf("cloud-north");
  const first = await registrations.createOrUpdate(GROUP, NAME, { registrationToken, location: "global" });
  expect(statusOf(first)).toBe(201);
  expect(first).toMatchObject({
    id: REGISTRATION,
    name: NAME,
    type: "Microsoft.AzureStack/registrations",
    location: "global",
    cloudId: "cloud-north",
    billingModel: "PayAsYouUse",
    objectId: "bridge",
  });
  expect(first.etag).toMatch(/^".+"$/);
  expect(JSON.stringify(first)).not.toContain(registrationToken);
  // Without a location, as the package sends it unless told otherwise.
  const again = await registrations.createOrUpdate(GROUP, NAME, { registrationToken });
  expect([statusOf(again), again.id]).toEqual([200, first.id]);
  const patched = await registrations.update(GROUP, NAME, {
    registrationToken: tokenOf("cloud-north", "Development"),
  });
  expect(patched.billingModel).toBe("Development");
  await registrations.update(GROUP, NAME, { registrationToken });
  expect(await registrations.get(GROUP, NAME)).toMatchObject({ cloudId: "cloud-north", billingModel: "PayAsYouUse" });
  expect((await registrations.list(GROUP)).map(({ name }) => name)).toEqual([NAME]);
});

test("5. the registration is found among the resources", async () => {
  const { resources } = azure.resources;
  const filter = `resourceType eq '${NAMESPACE}/registrations'`;
  const expand = "createdTime,changedTime,provisioningState";
  expect((await all(resources.list({ filter, expand }))).map(({ id }) => id)).toEqual([REGISTRATION]);
  expect(await all(resources.list({ filter: "resourceType eq 'Microsoft.Compute/virtualMachines'" }))).toEqual([]);
  expect((await all(resources.listByResourceGroup(GROUP))).map(({ id }) => id)).toEqual([REGISTRATION]);
  expect(await resources.getById(REGISTRATION, "2017-06-01")).toMatchObject({ name: NAME, location: "global" });
  const generic = await resources.get(GROUP, NAMESPACE, "", "registrations", NAME, "2017-06-01");
  expect(generic.id).toBe(REGISTRATION);
});

test("6. the registration is locked", async () => {
  const { resources } = azure.resources;
  const properties = { level: "CanNotDelete", notes: "made by the registration script" };
  const made = await resources.createOrUpdateById(LOCK, LOCK_VERSION, { properties });
  expect(made).toMatchObject({ id: LOCK, properties });
  expect(await resources.getById(LOCK, LOCK_VERSION)).toMatchObject({ properties });
});

test("7. the bridge gets its role, and with it can see the registration and nothing else", async () => {
  const bridge = await world.client.createCredential({ kind: "Application" });
  const id = `${REGISTRATION}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
  const roleDefinitionId = `${REGISTRATION}/providers/Microsoft.Authorization/roleDefinitions/${BRIDGE_ROLE}`;
  const properties = { roleDefinitionId, principalId: bridge.objectId };
  const made = await azure.resources.resources.createOrUpdateById(id, "2022-04-01", { properties });
  expect(made.properties).toMatchObject({ principalId: bridge.objectId, scope: REGISTRATION });
  const { registrations, customerSubscriptions } = azureClients(world, signIn(world, bridge)).stack;
  expect((await registrations.get(GROUP, NAME)).cloudId).toBe("cloud-north");
  await expect(customerSubscriptions.list(GROUP, NAME)).rejects.toMatchObject({ statusCode: 403 });
});

test("8. once it is approved, a tenant is mapped, moved to another subscription and unmapped", async () => {
  const { customerSubscriptions } = azure.stack;
  const [{ customer: one, secondCustomer: other }, tenantId] = [ids, ids.tenant];
  await expect(customerSubscriptions.create(GROUP, NAME, one, {})).rejects.toMatchObject({ statusCode: 403 });
  await world.client.approval(NAME, "request");
  await world.client.approval(NAME, "approve");

  expect(await customerSubscriptions.list(GROUP, NAME)).toHaveLength(0);
  await expect(customerSubscriptions.get(GROUP, NAME, one)).rejects.toMatchObject({
    code: "CustomerSubscriptionNotFound",
  });
  const mapped = await customerSubscriptions.create(GROUP, NAME, one, {});
  expect(statusOf(mapped)).toBe(200);
  expect(mapped).toMatchObject({
    id: `${REGISTRATION}/customerSubscriptions/${one}`,
    name: `${NAME}/${one}`,
    type: "Microsoft.AzureStack/registrations/customerSubscriptions",
    tenantId,
  });
  expect(statusOf(await customerSubscriptions.create(GROUP, NAME, one, { tenantId }))).toBe(200);
  expect((await customerSubscriptions.get(GROUP, NAME, one)).tenantId).toBe(tenantId);

  expect((await customerSubscriptions.create(GROUP, NAME, other, { tenantId })).tenantId).toBe(tenantId);
  expect((await customerSubscriptions.list(GROUP, NAME)).map(({ name }) => name)).toEqual([`${NAME}/${other}`]);

  await expect(customerSubscriptions.deleteMethod(GROUP, NAME, other)).rejects.toMatchObject({ code: "ScopeLocked" });
  await azure.resources.resources.deleteById(LOCK, LOCK_VERSION);
  await expect(azure.resources.resources.getById(LOCK, LOCK_VERSION)).rejects.toMatchObject({ statusCode: 404 });
  expect(statusOf(await customerSubscriptions.deleteMethod(GROUP, NAME, other))).toBe(200);
  expect(statusOf(await customerSubscriptions.deleteMethod(GROUP, NAME, other))).toBe(204);
  expect(await customerSubscriptions.list(GROUP, NAME)).toHaveLength(0);
});

test("9. a list of more than one page goes on where its link says", async () => {
  const { customerSubscriptions } = azure.stack;
  for (let n = 0; n < 102; n += 1) await customerSubscriptions.create(GROUP, NAME, customer(n), {});
  const first = await customerSubscriptions.list(GROUP, NAME);
  expect(first).toHaveLength(100);
  expect(first.nextLink?.startsWith(`${world.server.url}/`)).toBe(true);
  const second = await customerSubscriptions.listNext(first.nextLink!);
  expect(second.nextLink).toBeUndefined();
  const names = [...first, ...second].map(({ name }) => name);
  expect(names).toEqual(Array.from({ length: 102 }, (_, n) => `${NAME}/${customer(n)}`));
});

test("10. registrations have pages, too, and the generic client follows them by itself", async () => {
  const { registrations } = azure.stack;
  for (let n = 0; n < 101; n += 1) {
    const name = `page-${String(n).padStart(3, "0")}`;
    await registrations.createOrUpdate(GROUP, name, { registrationToken: tokenOf(`cloud-${name}`) });
  }
  const first = await registrations.list(GROUP);
  const second = await registrations.listNext(first.nextLink!);
  expect([first.length, second.length, second.nextLink]).toEqual([100, 2, undefined]);
  expect(new Set([...first, ...second].map(({ name }) => name)).size).toBe(102);
  const pages = await all(azure.resources.resources.list({ top: 25 }).byPage());
  expect(pages.map((page) => page.length)).toEqual([25, 25, 25, 25, 2]);
  expect(new Set(pages.flat().map(({ id }) => id)).size).toBe(102);
});

test("11. the operations of the provider are listed", async () => {
  const names = (await azure.stack.operations.list()).map(({ name }) => name);
  expect(names).toContain("Microsoft.AzureStack/registrations/customerSubscriptions/write");
  expect(names).toContain("Microsoft.AzureStack/registrations/read");
});

test("12. the registration is deleted, and is gone at once", async () => {
  const { registrations } = azure.stack;
  expect(statusOf(await registrations.deleteMethod(GROUP, NAME))).toBe(200);
  await expect(registrations.get(GROUP, NAME)).rejects.toMatchObject({ code: "ResourceNotFound" });
  expect(statusOf(await registrations.deleteMethod(GROUP, NAME))).toBe(204);
  await expect(azure.resources.resources.deleteById(REGISTRATION, "2017-06-01")).resolves.toBeUndefined();
});
