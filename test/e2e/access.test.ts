import { pino } from "pino";
import { beforeAll, describe, expect, test } from "vitest";
import type { FastifyInstance } from "fastify";
import type { Caller } from "../../src/domain/access/caller.ts";
import { ROLES } from "../../src/domain/access/roles.ts";
import { ROUTES } from "../../src/compose.ts";
import { faultAnswers } from "../../src/http/errorBody.ts";
import { addRoutes, type Route } from "../../src/http/route.ts";
import { createServer } from "../../src/http/server.ts";
import { closeAtEnd } from "../support/temporary.ts";
import { ids, NORTH, openStampbook, registerNorth, type TestStampbook } from "../support/world.ts";

// Goal: every route lets those in whose role at the right scope allows it, and nobody else. Method: the real routes over
// real stores, the caller named by a header; what is allowed is written down here once more, by hand.

const OWNER = "Owner";
const CONTRIBUTOR = "Contributor";
const READER = "Reader";
const REGISTRATION_OWNER = "Azure Stack Registration Owner";
const APPROVER = "Partner Approver";
const BILLING = "Billing Reader";
const TENANT = "Tenant Reader";

/** Who may, by action. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  "Microsoft.Resources/subscriptions/read": [OWNER, CONTRIBUTOR, READER, BILLING, TENANT],
  "Microsoft.Resources/subscriptions/providers/read": [OWNER, CONTRIBUTOR, READER],
  "Microsoft.Resources/subscriptions/resourceGroups/read": [OWNER, CONTRIBUTOR, READER],
  "Microsoft.Resources/subscriptions/resourceGroups/write": [OWNER, CONTRIBUTOR],
  "Microsoft.Resources/subscriptions/resourceGroups/delete": [OWNER, CONTRIBUTOR],
  "Microsoft.Resources/subscriptions/resourceGroups/moveResources/action": [OWNER, CONTRIBUTOR],
  "Microsoft.Authorization/locks/read": [OWNER, CONTRIBUTOR, READER],
  "Microsoft.Authorization/locks/write": [OWNER],
  "Microsoft.Authorization/locks/delete": [OWNER],
  "Microsoft.Authorization/roleAssignments/read": [OWNER, CONTRIBUTOR, READER],
  "Microsoft.Authorization/roleAssignments/write": [OWNER],
  "Microsoft.Authorization/roleAssignments/delete": [OWNER],
  "Microsoft.AzureStack/register/action": [OWNER, CONTRIBUTOR],
  "Microsoft.AzureStack/unregister/action": [OWNER, CONTRIBUTOR],
  "Microsoft.AzureStack/generateDeploymentLicense/action": [OWNER, CONTRIBUTOR],
  "Microsoft.AzureStack/registrations/read": [OWNER, CONTRIBUTOR, READER, REGISTRATION_OWNER, APPROVER, BILLING],
  "Microsoft.AzureStack/registrations/write": [OWNER, CONTRIBUTOR],
  "Microsoft.AzureStack/registrations/delete": [OWNER, CONTRIBUTOR],
  "Microsoft.AzureStack/registrations/getActivationKey/action": [OWNER, CONTRIBUTOR, REGISTRATION_OWNER],
  "Microsoft.AzureStack/registrations/customerSubscriptions/read": [OWNER, CONTRIBUTOR, READER, BILLING],
  "Microsoft.AzureStack/registrations/customerSubscriptions/write": [OWNER, CONTRIBUTOR],
  "Microsoft.AzureStack/registrations/customerSubscriptions/delete": [OWNER, CONTRIBUTOR],
  "Stampbook/approvals/request/action": [OWNER, CONTRIBUTOR, APPROVER],
  "Stampbook/approvals/decide/action": [OWNER, APPROVER],
  "Stampbook/approvals/read": [OWNER, CONTRIBUTOR, READER, APPROVER],
  "Stampbook/mappings/read": [OWNER, CONTRIBUTOR, READER, BILLING],
  "Stampbook/localSubscriptions/read": [OWNER, CONTRIBUTOR, READER, REGISTRATION_OWNER, BILLING],
  "Stampbook/localSubscriptions/write": [OWNER, CONTRIBUTOR, REGISTRATION_OWNER],
  "Stampbook/catalogue/read": [OWNER, CONTRIBUTOR, READER, APPROVER, BILLING],
  "Stampbook/catalogue/write": [OWNER, CONTRIBUTOR],
  "Stampbook/usage/read": [OWNER, CONTRIBUTOR, READER, BILLING],
  "Stampbook/usage/write": [OWNER, CONTRIBUTOR, REGISTRATION_OWNER],
  "Stampbook/prices/read": [OWNER, CONTRIBUTOR, READER, BILLING, TENANT],
  "Stampbook/statements/read": [OWNER, CONTRIBUTOR, READER, BILLING, TENANT],
  "Stampbook/statements/write": [OWNER, CONTRIBUTOR],
  "Stampbook/credentials/read": [OWNER],
  "Stampbook/credentials/write": [OWNER],
  "Stampbook/audit/read": [OWNER, CONTRIBUTOR],
  "Stampbook/activationKeys/rotate/action": [OWNER, CONTRIBUTOR],
};

/** Routes that everybody may call, with or without a token. */
const isPublic = (path: string): boolean =>
  /^\/(healthz|readyz|v1\/version|metadata\/endpoints|adfs\/|:tenant\/|docs\/errors|\.well-known\/)/.test(path);

const SCOPES = ["/", `/subscriptions/${ids.registration}`, `/subscriptions/${ids.customer}`] as const;
type ScopeAt = (typeof SCOPES)[number];

const params: Readonly<Record<string, string>> = {
  subscription: ids.registration,
  resourceGroup: NORTH.resourceGroup,
  registration: NORTH.name,
  customer: ids.foreign,
  namespace: "Microsoft.AzureStack",
  lock: "none",
  assignment: "60000000-0000-4000-8000-00000000000f",
  definition: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  number: "X",
  period: "2024-01",
};

/** Nothing that a test is allowed to do may change the world for the next one. */
function urlOf({ method, path }: Route): string {
  const harmless: Record<string, string> = {
    ...params,
    ...(method === "DELETE" ? { resourceGroup: "azurestack", registration: "ghost" } : {}),
  };
  if (path.startsWith("/v1/catalogue")) harmless["subscription"] = "29999999-0000-4000-8000-000000000000";
  const url = path.replace(/:(\w+)/g, (_, name: string) => harmless[name] ?? "none");
  const query = path === "/v1/usage" ? "?registration=north&" : "?";
  return `${url}${query}api-version=${path.includes("generateDeployment") ? "2022-06-01" : "2017-06-01"}`;
}

let stampbook: TestStampbook;
let server: FastifyInstance;

const nameOf = (role: string, scope: ScopeAt): string =>
  `${ROLES.findIndex(({ name }) => name === role)}${SCOPES.indexOf(scope)}`;
const principal = (name: string): Caller => ({
  name,
  objectId: `90000000-0000-4000-8000-0000000000${name.padStart(2, "0")}`,
  kind: "User",
  tenant: undefined,
  home: true,
  address: "test",
  correlationId: "test",
});

beforeAll(async () => {
  stampbook = closeAtEnd(await openStampbook());
  await registerNorth(stampbook);
  const { context } = stampbook.stampbook;
  for (const role of ROLES) {
    for (const scope of SCOPES) {
      const name = nameOf(role.name, scope);
      await context.control.roleAssignments.add({
        id: `a0000000-0000-4000-8000-0000000000${name}`,
        scope,
        principalId: principal(name).objectId,
        principalType: "User",
        roleDefinitionId: role.id,
        createdBy: "test",
        createdAtMs: 0,
      });
    }
  }
  await context.control.locks.put({
    scope: `/subscriptions/${ids.registration}`,
    name: "keep",
    level: "CanNotDelete",
    notes: "",
    createdBy: "test",
    createdAtMs: 0,
  });
  server = createServer(pino({ level: "silent" }), { answers: faultAnswers(new Map(), () => "") });
  addRoutes(server, ROUTES, context, async (request) => principal(String(request.headers["x-name"])));
  await server.ready();
});

async function codeOf(route: Route, name: string): Promise<string | undefined> {
  const reply = await server.inject({ method: route.method, url: urlOf(route), headers: { "x-name": name } });
  // A body that is streamed needs a real connection; test/e2e/intake.test.ts and catalogue.test.ts send some.
  if (route.streams === undefined) expect(reply.statusCode, `${route.method} ${route.path}`).not.toBe(500);
  if (route.method === "HEAD") return reply.statusCode === 403 ? "AuthorizationFailed" : undefined;
  const isJson = String(reply.headers["content-type"]).includes("json") && reply.payload !== "";
  return isJson ? (reply.json<{ error?: { code?: string } } | null>()?.error?.code ?? undefined) : undefined;
}

const guarded = ROUTES.filter(({ access }) => typeof access === "object");
/** What belongs to a subscription or registration can be granted there; everything else only at `/`. */
const isScoped = ({ path }: Route): boolean => /^\/subscriptions\/:|\/:registration\b|^\/v1\/usage$/.test(path);

test("exactly the known routes are open to everybody", () => {
  expect(
    ROUTES.filter(({ access }) => access === "public")
      .map(({ path }) => path)
      .filter((path) => !isPublic(path)),
  ).toEqual([]);
  expect(
    ROUTES.filter(({ access }) => access !== "public")
      .map(({ path }) => path)
      .filter(isPublic),
  ).toEqual([]);
});

test("every action has its line here, and no line is left over", () => {
  const actions = new Set(guarded.map(({ access }) => (access as { action: string }).action));
  expect([...actions].sort()).toEqual(Object.keys(MAY).sort());
});

describe.each(ROLES.map(({ name }) => name))("%s", (role) => {
  test.each(SCOPES)("at %s", async (scope) => {
    const wrong: string[] = [];
    for (const route of guarded) {
      const { action } = route.access as { action: string };
      const inScope = scope === "/" || (isScoped(route) && scope === SCOPES[1]);
      const expected = inScope && MAY[action]!.includes(role);
      const code = await codeOf(route, nameOf(role, scope));
      const allowed = code !== "AuthorizationFailed";
      if (allowed !== expected) wrong.push(`${route.method} ${route.path}: ${code ?? "let in"}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe("somebody with a role on one registration", () => {
  const bridge = "77";
  beforeAll(async () => {
    const { control } = stampbook.stampbook.context;
    await stampbook.client.register(
      { ...NORTH, name: "north2" },
      Buffer.from('{"cloudId":"n2","billingModel":"Capacity"}').toString("base64"),
    );
    await control.roleAssignments.add({
      id: "b0000000-0000-4000-8000-000000000001",
      scope: `/subscriptions/${ids.registration}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north`,
      principalId: principal(bridge).objectId,
      principalType: "User",
      roleDefinitionId: ROLES[0]!.id,
      createdBy: "test",
      createdAtMs: 0,
    });
  });
  const base = `/subscriptions/${ids.registration}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations`;
  const get = async (path: string) => await server.inject({ method: "GET", url: path, headers: { "x-name": bridge } });

  test.each([
    `${base}/north2`,
    `${base}/NORTH2/`,
    `/${base}//north2`,
    `${base}/north%32`,
    `${base}/north%2F..%2Fnorth2`,
    `${base}/north/../north2`,
    `${base}/north%2f%2e%2e%2fnorth2`,
    `${base}/north;/../north2`,
    base,
    `/subscriptions/${ids.registration}/resourceGroups/azurestack`,
  ])("does not reach %s", async (path) => {
    const reply = await get(`${path}?api-version=2017-06-01`);
    expect(reply.payload).not.toContain('"n2"');
    expect([401, 403, 404]).toContain(reply.statusCode);
  });

  test("reaches its own in any spelling, and lists show nothing else", async () => {
    for (const path of [`${base}/north`, `${base}/NORTH/`, `/${base}//no%72th`]) {
      expect((await get(`${path}?api-version=2017-06-01`)).json<{ name: string }>().name, path).toBe("north");
    }
    const lists = [
      ["/v1/registrations", "name"],
      [`/subscriptions/${ids.registration}/resources?api-version=2021-04-01`, "name"],
    ] as const;
    for (const [url, member] of lists) {
      const { value } = (await get(url)).json<{ value: Record<string, string>[] }>();
      expect(
        value.map((so) => so[member]),
        url,
      ).toEqual(["north"]);
    }
    const subscriptions = (await get("/subscriptions?api-version=2021-04-01")).json<{
      value: { subscriptionId: string }[];
    }>();
    expect(subscriptions.value.map((so) => so.subscriptionId)).toEqual([ids.registration]);
    const unknown = (await get("/v1/registrations/nobody")).json<{ error: { code: string } }>().error;
    const foreign = (await get("/v1/registrations/north2")).json<{ error: { code: string } }>().error;
    expect([unknown.code, foreign.code]).toEqual(["AuthorizationFailed", "AuthorizationFailed"]);
  });
});
