import { beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../src/compose.ts";
import { type Ask, askAs } from "../support/askAs.ts";
import { closeAtEnd } from "../support/temporary.ts";
import { ids, NORTH, openStampbook, registerNorth, type TestStampbook, tokenOf } from "../support/world.ts";

// Goal: permission is decided on the resource that is acted on, however the path is spelled. Method: the owner of one
// registration, of one group and of one subscription ask every route for their neighbour's, spelled as theirs.

let stampbook: TestStampbook;
let ask: Ask;

const HOME = `/subscriptions/${ids.registration}`;
const MINE = { subscription: ids.registration, resourceGroup: "azurestack", registration: "north" };
const registrationOf = (so: typeof MINE): string =>
  `/subscriptions/${so.subscription}/resourceGroups/${so.resourceGroup}/providers/Microsoft.AzureStack/registrations/${so.registration}`;

interface Intruder {
  readonly name: string;
  readonly scope: string;
  /** What is not theirs. */
  readonly target: typeof MINE;
}

const INTRUDERS: readonly Intruder[] = [
  { name: "owner of north", scope: registrationOf(MINE), target: { ...MINE, registration: "south" } },
  {
    name: "owner of a group",
    scope: `${HOME}/resourceGroups/azurestack`,
    target: { ...MINE, resourceGroup: "elsewhere", registration: "east" },
  },
  {
    name: "owner of a subscription",
    scope: HOME,
    target: { subscription: ids.foreign, resourceGroup: "azurestack", registration: "west" },
  },
];

/** Spellings of what is not mine that all name it. */
const names = (theirs: string): readonly string[] => [
  theirs,
  theirs.toUpperCase(),
  `%${theirs.charCodeAt(0).toString(16)}${theirs.slice(1)}`,
];

/** Spellings of what is not mine; many begin with what is. */
const spellings = (mine: string, theirs: string): readonly string[] => [
  ...names(theirs),
  `/${theirs}`,
  `${theirs}/`,
  `${theirs}//`,
  `./${theirs}`,
  `${theirs}/.`,
  `${theirs}%2F`,
  `%2F${theirs}`,
  `${theirs};${mine}`,
  `${mine};/../${theirs}`,
  `${mine}/../${theirs}`,
  `${mine}%2F..%2F${theirs}`,
  `${mine}%2f%2e%2e%2f${theirs}`,
  `${mine}%5C..%5C${theirs}`,
  `${mine}%252F..%252F${theirs}`,
  `${mine}/%2e%2e/${theirs}`,
  `${mine}%00${theirs}`,
  `${theirs}%00`,
  `${theirs}%20`,
  `${theirs}%09`,
  `${theirs}.`,
  `${theirs}%23${mine}`,
  `${theirs}%3F${mine}`,
  `%EF%BC%8F${theirs}`,
  `${mine},${theirs}`,
  "*",
  "%25",
  "_____",
  "..",
  "%2e%2e",
];

/** What every signed-in caller may ask anywhere: the roles that there are, and what is theirs, which is nothing. */
const OPEN_TO_ALL = new Set(ROUTES.filter(({ access }) => access === "signed-in"));
const URLS = ROUTES.filter(({ path }) => /:(subscription|registration)\b/.test(path) && !path.includes("*"));

beforeAll(async () => {
  stampbook = closeAtEnd(await openStampbook());
  const { client } = stampbook;
  await registerNorth(stampbook);
  await client.register({ ...NORTH, name: "south" }, tokenOf("cloud-south"));
  await client.register({ ...NORTH, resourceGroup: "elsewhere", name: "east" }, tokenOf("cloud-east"));
  await client.register({ ...NORTH, subscription: ids.foreign, name: "west" }, tokenOf("cloud-west"));
  ask = closeAtEnd(await askAs(stampbook.stampbook));
  const { control } = stampbook.stampbook.context;
  for (const { name, scope, target } of INTRUDERS) {
    await ask.grant(name, "Owner", scope);
    // A lock keeps the intruder's own things as they are: what is asked for is the neighbour's.
    const lock = { level: "ReadOnly", notes: "", createdBy: "test", createdAtMs: 0 } as const;
    if (!registrationOf(target).startsWith(scope)) await control.locks.put({ scope, name: "still", ...lock });
  }
});

/** All that an intruder could change. */
async function everything(): Promise<unknown> {
  const { control } = stampbook.stampbook.context;
  const subscriptions = [ids.registration, ids.foreign];
  const registrations = await control.registrations.list();
  return {
    registrations,
    approvals: await Promise.all(registrations.map(({ id }) => control.tenancy.approvalEvents(id))),
    locals: await control.localSubscriptions.changes({ recordedUntilMs: stampbook.clock.now() }),
    locks: await Promise.all(subscriptions.map((id) => control.locks.below(`/subscriptions/${id}`))),
    assignments: await control.roleAssignments.around("/"),
    changes: await control.tenancy.changes({ recordedUntilMs: stampbook.clock.now() }),
  };
}

const BODY = {
  location: "global",
  reason: "mine now",
  tags: { taken: "yes" },
  value: [{ localSubscription: ids.local, tenant: ids.secondTenant }],
  properties: {
    level: "CanNotDelete",
    registrationToken: tokenOf("cloud-taken"),
    roleDefinitionId: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    principalId: ids.secondTenant,
  },
};

const FIXED: Readonly<Record<string, string>> = {
  customer: ids.customer,
  namespace: "Microsoft.AzureStack",
  lock: "mine",
  assignment: ids.tenant,
  definition: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
};

const versionFor = (path: string): string => {
  if (path.endsWith("/generateDeploymentLicense")) return "2022-06-01";
  if (path.includes("/Microsoft.Commerce")) return "2015-06-01-preview";
  return /Microsoft\.AzureStack\/registrations(?!.*Authorization)/.test(path) ? "2017-06-01" : "2021-04-01";
};

describe.each(INTRUDERS)("the $name", ({ name, scope, target }) => {
  test("reaches nothing of a neighbour by any route and spelling", async () => {
    const before = await everything();
    const wanted = (Object.keys(MINE) as (keyof typeof MINE)[]).filter((key) => MINE[key] !== target[key]);
    const secret = `cloud-${target.registration}`;
    for (const route of URLS) {
      const { method, path } = route;
      if (path.startsWith("/v1/catalogue/")) continue;
      for (const key of wanted.filter((so) => path.includes(`:${so}`))) {
        for (const spelling of spellings(MINE[key], target[key])) {
          const values = { ...FIXED, ...target, [key]: spelling };
          const filled = path.replace(/:(\w+)/g, (_, param: string) => values[param as keyof typeof values]);
          const url = `${filled}?api-version=${versionFor(path)}`;
          const { status, text } = await ask(
            name,
            method,
            url,
            ["PUT", "PATCH", "POST"].includes(method) ? BODY : undefined,
          );
          const said = `${method} ${url} ${status} ${text}`;
          // Who names it is told no; who names nothing that is there may be told that. No lock and no body decides.
          if (OPEN_TO_ALL.has(route)) expect([200, 400, 404], said).toContain(status);
          else if (names(target[key]).includes(spelling)) expect(status, said).toBe(403);
          else expect([400, 403, 404], said).toContain(status);
          expect(text.includes(secret), `${method} ${url} ${text}`).toBe(false);
        }
      }
    }
    for (const url of [registrationOf(target), registrationOf(target).slice(1)].map(encodeURIComponent)) {
      expect((await ask(name, "GET", `/v1/registrations/${url}`)).status).toBe(403);
    }
    for (const granted of spellings(scope, registrationOf(target))) {
      const json = { role: "Owner", principal: ids.secondTenant };
      const { status } = await ask(name, "POST", `/v1/access?scope=${encodeURIComponent(granted)}`, json);
      expect([400, 403], granted).toContain(status);
    }
    expect(await everything()).toEqual(before);
  });
});

test("a name with a slash in it is refused, not taken for two segments", async () => {
  await ask.grant("owner of all", "Owner", "/");
  for (const name of ["north%2Fsouth", "%2Fnorth", "north%2F..%2Fsouth", "north%5Csouth", "%2e%2e"]) {
    const url = `${HOME}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/${name}?api-version=2017-06-01`;
    const { status, body } = await ask("owner of all", "GET", url);
    expect([status, body.error.code]).toEqual([400, "InvalidParameter"]);
  }
});
