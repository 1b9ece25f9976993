import { beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../src/compose.ts";
import { ROLES } from "../../src/domain/access/roles.ts";
import { answerOf, type At, GUARDED, PUBLIC, ROLE_OF, type Row, SIGNED_IN } from "../support/accessTable.ts";
import { type Ask, askAs, guidFor } from "../support/askAs.ts";
import type { WireReply } from "../support/http.ts";
import { closeAtEnd } from "../support/temporary.ts";
import {
  asPage,
  hubPage,
  hubRecord,
  ids,
  NORTH,
  openStampbook,
  registerNorth,
  type TestStampbook,
  tokenOf,
  windowAfter,
} from "../support/world.ts";

// Goal: every route with every role, at its own scope and at others. Method: what is expected is written by hand in
// accessTable.ts; routes and stores are real; the caller is whoever the header names. Locks on both subscriptions keep
// calls that are allowed from changing what the next one asks about.

let stampbook: TestStampbook;
let ask: Ask;

const HOME = `/subscriptions/${ids.registration}`;
const GROUP = `${HOME}/resourceGroups/azurestack`;
const provider = "providers/Microsoft.AzureStack/registrations";
const scopes: Readonly<Record<At, string>> = {
  root: "/",
  subscription: HOME,
  group: GROUP,
  registration: `${GROUP}/${provider}/north`,
  stamps: `${GROUP}/${provider}/north`,
};
/** Next to each: what a role there must not reach. */
const others = [
  `/subscriptions/${ids.foreign}`,
  `${HOME}/resourceGroups/elsewhere`,
  // Begins like the group, and is another one.
  `${GROUP}2`,
  `${GROUP}/${provider}/south`,
  `${GROUP}/${provider}/north2`,
  `${GROUP}/${provider}/nort`,
  `/subscriptions/${ids.registration}0`,
];
/** Those of them that are not in the subscription, or hold nothing. */
const beyond = others.filter((scope) => !/\/(elsewhere|south)$/.test(scope));
/** A role at one of these reaches down to the others after it. */
const DOWNWARDS: readonly At[] = ["root", "subscription", "group", "registration"];

const HOUR = "2024-02-10T10:00:00Z";
const numbers: Record<string, string> = {};

beforeAll(async () => {
  stampbook = closeAtEnd(await openStampbook());
  const { client } = stampbook;
  await registerNorth(stampbook);
  await client.register({ ...NORTH, name: "south" }, tokenOf("cloud-south"));
  await client.register({ ...NORTH, resourceGroup: "elsewhere", name: "east" }, tokenOf("cloud-east"));
  await client.register({ ...NORTH, subscription: ids.foreign, name: "west" }, tokenOf("cloud-west"));
  stampbook.clock.set("2024-02-01T00:00:00Z");
  await client.map(NORTH, ids.customer);
  stampbook.clock.set("2024-03-05T12:00:00Z");
  const records = [ids.local, ids.secondLocal].map((localSubscription) =>
    hubRecord({ hour: HOUR, quantity: "4", localSubscription }),
  );
  await client.takeIn("north", asPage(hubPage(records)), windowAfter(HOUR));
  await client.runStatements("2024-02");
  for (const { number, payer } of await client.statements("2024-02")) numbers[payer] = number;
  const { control } = stampbook.stampbook.context;
  for (const scope of [HOME, `/subscriptions/${ids.foreign}`]) {
    await control.locks.put({ scope, name: "still", level: "ReadOnly", notes: "", createdBy: "test", createdAtMs: 0 });
  }
  ask = closeAtEnd(await askAs(stampbook.stampbook));
});

const nameOf = ({ method, path }: { readonly method: string; readonly path: string }): string => `${method} ${path}`;

const VALUES: Readonly<Record<string, string>> = {
  subscription: ids.registration,
  resourceGroup: "azurestack",
  registration: "north",
  customer: ids.customer,
  namespace: "Microsoft.AzureStack",
  lock: "none",
  assignment: guidFor("no assignment"),
  definition: ROLES[0]!.id,
  period: "2024-02",
  partner: "contoso",
  line: "1",
  client: "nobody",
  tenant: "common",
  batch: "1",
  verificationVersion: "latest",
  localSubscription: ids.local,
  meter: "9cd92d4c-bafd-4492-b278-bedc2de8232a",
  record: "1.2.3.0123456789abcdef",
};

const versionFor = (path: string): string =>
  path.startsWith("/v1")
    ? "period=2024-02&registration=north"
    : path.includes("Microsoft.Commerce")
      ? "api-version=2015-06-01-preview&reportedStartTime=2024-02-10T00:00:00Z&reportedEndTime=2024-02-11T00:00:00Z"
      : `api-version=${path.endsWith("License") ? "2022-06-01" : /Microsoft\.AzureStack\/(registrations|operations|cloudManifestFiles)(?!.*Authorization)/.test(path) ? "2017-06-01" : "2021-04-01"}`;

/** A URL of a route in which everything is the caller's own. */
function urlOf(path: string): string {
  const values: Record<string, string> = {
    ...VALUES,
    number: numbers[ids.registration]!,
    "*": "Some.Namespace/things",
  };
  if (path.startsWith("/v1/catalogue/")) values["subscription"] = guidFor("no subscription");
  const filled = path.replace(/:(\w+)/g, (_, name: string) => values[name]!).replace("*", values["*"]!);
  const query = path === "/v1/access" ? `scope=${encodeURIComponent(scopes.registration)}` : versionFor(path);
  return `${filled}?${query}`;
}

const VICTIM = "a role to take back";

/** Asks for a route as somebody; bodies are empty, so that what is allowed fails later, at the body or at a lock. */
async function request(name: string, route: string): Promise<WireReply> {
  const [method = "", path = ""] = route.split(" ");
  let url = urlOf(path);
  if (route === "DELETE /v1/access/:assignment") {
    await ask.grant(VICTIM, "Reader", scopes.registration);
    url = `/v1/access/${guidFor(`${VICTIM} Reader ${scopes.registration}`)}`;
  }
  return await ask(name, method, url, ["PUT", "PATCH", "POST"].includes(method) ? {} : undefined);
}

const refusedFor = ({ status, body }: WireReply, isHead: boolean): boolean =>
  status === 403 && (isHead || body.error.code === "AuthorizationFailed");

/** What is wrong with an answer, or undefined. Whoever may is not only let through, but gets just what the table says. */
function judged(answer: WireReply, route: string, may: boolean): string | undefined {
  const { status, text, body } = answer;
  if (!may) {
    return refusedFor(answer, route.startsWith("HEAD ")) ? undefined : `is not refused, but answered ${status} ${text}`;
  }
  const is = [status, body?.error?.code].filter((part) => part !== undefined).join(" ");
  return is === answerOf(route) ? undefined : `gets ${is} instead of ${answerOf(route)}: ${text}`;
}

describe("the table and the routes are the same set", () => {
  test("every route has one row, and every row a route", () => {
    const rows = [...PUBLIC, ...SIGNED_IN, ...GUARDED.flatMap(([, , , routes]) => routes)];
    expect(rows.toSorted()).toEqual(ROUTES.map(nameOf).toSorted());
  });

  test("each route asks for the action of its row", () => {
    const expected = new Map<string, string>([
      ...PUBLIC.map((route) => [route, "public"] as const),
      ...SIGNED_IN.map((route) => [route, "signed-in"] as const),
      ...GUARDED.flatMap(([action, , , routes]) => routes.map((route) => [route, action] as const)),
    ]);
    for (const route of ROUTES) {
      const { access } = route;
      const is = typeof access === "object" ? access.action : access;
      expect([nameOf(route), is]).toEqual([nameOf(route), expected.get(nameOf(route))]);
    }
  });

  test("every role has a letter", () => {
    expect(Object.values(ROLE_OF).toSorted()).toEqual(ROLES.map(({ name }) => name).toSorted());
  });
});

describe("every guarded route with every role", () => {
  const cases = GUARDED.flatMap(([action, roles, at, routes]: Row) =>
    routes.map((route) => [route, { action, roles, at }] as const),
  );
  test.each(cases)("%s", async (route, { roles, at }) => {
    const wrong: string[] = [];
    const check = async (name: string, may: boolean): Promise<void> => {
      const reason = judged(await request(name, route), route, may);
      if (reason !== undefined) wrong.push(`${name}: ${reason}`);
    };
    await check("somebody without a role", false);
    for (const [letter, role] of Object.entries(ROLE_OF)) {
      const own = `${role} at ${scopes[at]}`;
      await ask.grant(own, role, scopes[at]);
      await check(own, roles.includes(letter));
    }
    for (const [i, level] of DOWNWARDS.entries()) {
      const owner = `Owner at ${scopes[level]}`;
      await ask.grant(owner, "Owner", scopes[level]);
      await check(owner, i <= DOWNWARDS.indexOf(at === "stamps" ? "registration" : at));
    }
    for (const scope of at === "stamps" ? beyond : others) {
      const stranger = `Owner at ${scope}`;
      await ask.grant(stranger, "Owner", scope);
      await check(stranger, false);
    }
    expect(wrong).toEqual([]);
  });
});

describe("signing in", () => {
  test("what is not public answers 401 and says where to sign in; what is public does not", async () => {
    const { server } = stampbook.stampbook;
    for (const route of [...SIGNED_IN, ...GUARDED.flatMap(([, , , routes]) => routes)]) {
      const [method, path = ""] = route.split(" ");
      for (const headers of [{}, { authorization: "Bearer a.b.c" }, { authorization: "Basic eDp5" }]) {
        const reply = await server.inject({ method: method as "GET", url: urlOf(path), headers });
        expect([route, reply.statusCode]).toEqual([route, 401]);
        expect(reply.headers["www-authenticate"]).toMatch(/^Bearer authorization_uri="/);
      }
    }
    for (const route of PUBLIC) {
      const [method, path = ""] = route.split(" ");
      const { statusCode, payload } = await server.inject({ method: method as "GET", url: urlOf(path) });
      // A refused sign-in has OAuth's shape.
      expect([route, statusCode === 401 && !payload.includes("error_description")]).toEqual([route, false]);
      expect(statusCode).toBeLessThan(500);
    }
  });

  test("everybody who has signed in may ask for what is open to them", async () => {
    for (const route of SIGNED_IN) {
      const { status, body } = await request("somebody without a role", route);
      const namesNobody = / \/(subscriptions\/)?providers\/Microsoft\.Commerce.*Aggregates$/.test(route);
      const expected = route.endsWith("*")
        ? [404, "InvalidResourceNamespace"]
        : namesNobody
          ? [400, "SubscriptionIdMissingInRequest"]
          : [200, undefined];
      expect([route, status, body.error?.code]).toEqual([route, ...expected]);
    }
  });
});

describe("lists show what the caller may see", () => {
  const registrations = async (name: string, url: string): Promise<readonly string[]> =>
    (await ask(name, "GET", url)).body.value.map((so: { name: string }) => so.name).toSorted();

  test.each([
    ["/v1/registrations", ["east", "north", "south"]],
    ["/v1/approvals", ["east", "north", "south"]],
    [`${HOME}/resources?api-version=2021-04-01`, ["east", "north", "south"]],
    [`${GROUP}/resources?api-version=2021-04-01`, ["north", "south"]],
  ])("%s", async (url, all) => {
    await ask.grant("reader of north", "Reader", scopes.registration);
    await ask.grant("reader of home", "Reader", HOME);
    await ask.grant("reader of the group", "Reader", GROUP);
    await ask.grant("tenant of home", "Tenant Reader", HOME);
    expect(await registrations("reader of north", url)).toEqual(["north"]);
    expect(await registrations("reader of the group", url)).toEqual(["north", "south"]);
    expect(await registrations("reader of home", url)).toEqual(all);
    expect(await registrations("tenant of home", url)).toEqual([]);
    expect(await registrations("somebody without a role", url)).toEqual([]);
  });

  test("subscriptions: those in which the caller has a role", async () => {
    const seen = async (name: string): Promise<readonly string[]> =>
      (await ask(name, "GET", "/subscriptions?api-version=2021-04-01")).body.value.map(
        (so: { subscriptionId: string }) => so.subscriptionId,
      );
    await ask.grant("tenant of a customer", "Tenant Reader", `/subscriptions/${ids.customer}`);
    expect(await seen("tenant of a customer")).toEqual([ids.customer]);
    expect(await seen("reader of north")).toEqual([ids.registration]);
    expect(await seen("somebody without a role")).toEqual([]);
  });

  test("grants: one's own, and those where one may read grants", async () => {
    const seen = async (name: string): Promise<readonly string[]> =>
      (await ask(name, "GET", "/v1/access")).body.value.map((so: { scope: string }) => so.scope);
    expect(await seen("tenant of a customer")).toEqual([`/subscriptions/${ids.customer}`]);
    expect(await seen("somebody without a role")).toEqual([]);
    for (const scope of await seen("reader of the group")) expect(`${scope}/`).toContain(`${GROUP}/`);
  });

  test("statements belong to who pays: a tenant sees its own, in the list and by number", async () => {
    expect(Object.keys(numbers).toSorted()).toEqual([ids.registration, ids.customer].toSorted());
    for (const payer of Object.keys(numbers)) {
      const name = `tenant who pays as ${payer}`;
      await ask.grant(name, "Tenant Reader", `/subscriptions/${payer}`);
      const list = await ask(name, "GET", "/v1/statements?period=2024-02");
      expect(list.body.value.map((so: { payer: string }) => so.payer)).toEqual([payer]);
      for (const [of, number] of Object.entries(numbers)) {
        for (const url of [`/v1/statements/${number}`, `/v1/statements/${number}/lines/1/explanation`]) {
          const { status } = await ask(name, "GET", url);
          expect(status === 403, `${name} ${url}`).toBe(of !== payer);
        }
      }
    }
    expect((await ask("somebody without a role", "GET", "/v1/statements?period=2024-02")).body.value).toEqual([]);
  });
});

describe("what one may not see is like what is not there", () => {
  const lookUps = GUARDED.flatMap(([, , , routes]) => routes).filter((route) => / \/v1\/.*:/.test(route));
  const hidden = async (route: string): Promise<readonly [string, string] | undefined> => {
    const path = route.split(" ")[1]!;
    if (path.includes(":registration")) return ["south", "sauth"];
    if (path.includes(":number")) return [numbers[ids.registration]!, "2024-02-nothing"];
    if (path.includes(":assignment")) {
      await ask.grant(VICTIM, "Reader", HOME);
      return [guidFor(`${VICTIM} Reader ${HOME}`), guidFor("nothing")];
    }
    return undefined;
  };

  test.each(lookUps)("%s", async (route) => {
    const [method = "", path = ""] = route.split(" ");
    const names = await hidden(route);
    if (names === undefined) return;
    await ask.grant("owner of north", "Owner", scopes.registration);
    for (const caller of ["owner of north", "somebody without a role"]) {
      const answers = await Promise.all(
        names.map(async (name) => {
          const url = path.replace(/:(registration|number|assignment)/, name).replace(":line", "1");
          const { status, text } = await ask(caller, method, url, ["PUT", "POST"].includes(method) ? {} : undefined);
          return { status, text: text.replaceAll(name, "*") };
        }),
      );
      expect(answers[0]!.status).toBe(403);
      expect(answers[0]).toEqual(answers[1]);
    }
  });

  test("POST /v1/usage names its registration in the query", async () => {
    const [known, unknown] = await Promise.all(
      ["south", "sauth"].map((name) => ask("owner of north", "POST", `/v1/usage?registration=${name}`, {})),
    );
    expect(known!.status).toBe(403);
    expect(known!.text).toBe(unknown!.text);
  });
});
