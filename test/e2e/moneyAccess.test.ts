import { beforeAll, describe, expect, test } from "vitest";
import { resellerOfScope } from "../../src/domain/access/resellerScope.ts";
import { ROUTES } from "../../src/compose.ts";
import { type Ask, askAs } from "../support/askAs.ts";
import { closeAnyway } from "../support/closing.ts";
import { closeAtEnd } from "../support/temporary.ts";
import { asLines, hubRecord, ids, NORTH, openStampbook, registerNorth, windowAfter } from "../support/world.ts";

// Goal: of money a customer sees its own and nothing else, and a reseller what is its customers': statements, lines,
// records, explanations, documents, exports; and nothing of a period as a whole, such as comparisons, trials and prices.
// Method: every route about money, found in the list of routes, asked by a customer, a reseller, and one of each who are
// strangers, for documents of every kind and payer. A reseller holds its role at its own scope, which also holds its own
// statements, or on each of its customers' subscriptions.

const PERIOD = "2024-02";
const HOUR = "2024-02-10T10:00:00Z";
const OWN = ids.customer;
const OTHER = ids.foreign;

/** Who asks, with which role and where, and of which customer. */
const CALLERS: readonly (readonly [name: string, role: string, scope: string, subscription: string])[] = [
  ["the customer", "Tenant Reader", `/subscriptions/${OWN}`, OWN],
  ["a foreign customer", "Tenant Reader", `/subscriptions/${OTHER}`, OTHER],
  ["the reseller", "Billing Reader", "/resellers/fabrikam", OWN],
  ["a foreign reseller", "Billing Reader", "/resellers/LitWare", OTHER],
  ["a reseller by a customer's subscription", "Billing Reader", `/subscriptions/${OWN}`, OWN],
  ["an owner of the customer's subscription", "Owner", `/subscriptions/${OWN}`, OWN],
  ["an owner of what is a reseller's", "Owner", "/resellers/fabrikam", OWN],
];

/** Whether a document is of those that a caller may see: of its customer, and of itself. */
const isSeen = ({ level, payer }: Told, scope: string, subscription: string): boolean =>
  level === "customer" ? payer === subscription : payer === `${resellerOfScope(scope)?.toLowerCase()} via contoso`;

const MONEY = /statement|period|document|correction|comparison|trial|price|fx-rates|unpriced/;
const routes = ROUTES.filter(({ path }) => path.startsWith("/v1/") && MONEY.test(path));
const ofDocuments = routes.filter(({ path, access }) => path.includes(":number") && isLookedUp(access));
const ofAll = routes.filter((route) => typeof route.access === "object" && !ofDocuments.includes(route));
const lists = routes.filter(({ access }) => access === "signed-in");

function isLookedUp(access: (typeof routes)[number]["access"]): boolean {
  return typeof access === "object" && access.lookedUp === true;
}

interface Told {
  readonly number: string;
  readonly level: string;
  readonly payer: string;
  readonly kind: "statement" | "correction";
}

let ask: Ask;
let documents: readonly Told[];

beforeAll(async () => {
  const stampbook = closeAtEnd(await openStampbook({ now: "2024-02-01T00:00:00Z" }));
  const { client, clock } = stampbook;
  await registerNorth(stampbook);
  await client.putCatalogue([
    { subscription: OWN, offerType: "CSP", partner: "contoso", reseller: "fabrikam", tenant: ids.tenant },
    { subscription: OTHER, offerType: "CSP", partner: "contoso", reseller: "litware", tenant: ids.secondTenant },
  ]);
  await client.map(NORTH, OWN);
  await client.map(NORTH, OTHER);
  clock.set("2024-03-05T12:00:00Z");
  await client.prices.assign({
    level: "reseller",
    party: { kind: "everyone" },
    sheet: "default-2019-12",
    from: "2024-02-01T00:00:00Z",
    reason: "resellers pay too",
  });
  const send = async (resource: string): Promise<void> => {
    const records = [ids.local, ids.secondLocal].map((localSubscription) =>
      hubRecord({ hour: HOUR, quantity: "1000", localSubscription, resource }),
    );
    await client.takeIn("north", asLines(records), windowAfter(HOUR));
  };
  await send("/in-time");
  const { statements } = await closeAnyway(client, PERIOD);
  await send("/late");
  const { value } = await client.closing.issueCorrections(PERIOD, "contoso", "late");
  await client.runStatements("2024-02");
  documents = [...statements, ...value];
  ask = closeAtEnd(await askAs(stampbook.stampbook));
  for (const [name, role, scope] of CALLERS) await ask.grant(name, role, scope);
});

const nameOf = ({ method, path }: (typeof routes)[number]): string => `${method} ${path}`;

function urlOf(path: string, number = "none"): string {
  const values: Readonly<Record<string, string>> = {
    number,
    period: PERIOD,
    other: "2024-01",
    partner: "contoso",
    line: "1",
    sheet: "default-2019-12",
    version: "1",
  };
  return `${path.replace(/:(\w+)/g, (_, name: string) => values[name]!)}?period=${PERIOD}`;
}

/** Everything about somebody else that an answer could hold. */
const strangersTo = (subscription: string): readonly string[] =>
  subscription === OWN ? [OTHER, "litware"] : [OWN, "fabrikam"];

test("there are documents of each kind, level and payer, and routes of each kind", () => {
  const kinds = documents.map(({ kind, level, payer }) => `${kind} ${level} ${payer}`).sort();
  expect(kinds).toEqual(
    ["correction", "statement"].flatMap((kind) => [
      `${kind} customer ${OWN}`,
      `${kind} customer ${OTHER}`,
      `${kind} reseller fabrikam via contoso`,
      `${kind} reseller litware via contoso`,
    ]),
  );
  expect(ofDocuments.map(({ path }) => path)).toContain("/v1/statements/:number/lines/:line/explanation");
  expect([ofDocuments.length >= 8, ofAll.length >= 20, lists.map(nameOf)]).toEqual([
    true,
    true,
    ["GET /v1/statements", "GET /v1/corrections"],
  ]);
  expect(ofDocuments.length + ofAll.length + lists.length).toBe(routes.length);
});

describe.each(CALLERS)("%s", (name, _, scope, subscription) => {
  test.each(ofDocuments.map((route) => [nameOf(route), route] as const))("%s", async (...[, { method, path }]) => {
    for (const document of documents) {
      const { number, kind, payer } = document;
      const { status, body, text } = await ask(name, method, urlOf(path, number));
      const what = `${kind} ${number} of ${payer}`;
      if (!isSeen(document, scope, subscription)) {
        expect([what, status, body.error.code]).toEqual([what, 403, "AuthorizationFailed"]);
        continue;
      }
      // Some routes are for one kind only; then it is not found, and not refused.
      expect([what, [200, 404].includes(status)]).toEqual([what, true]);
      if (kind === "statement" && !path.includes("corrections")) expect([what, status]).toEqual([what, 200]);
      for (const stranger of strangersTo(subscription)) expect(text, what).not.toContain(stranger);
    }
    const { status } = await ask(name, method, urlOf(path, "CONTOSO-999999"));
    expect(status, "what is not there is told like what one may not see").toBe(403);
  });

  test.each(ofAll.map((route) => [nameOf(route), route] as const))("%s", async (...[, { method, path }]) => {
    const { status, body } = await ask(name, method, urlOf(path), ["GET", "DELETE"].includes(method) ? undefined : {});
    expect([status, body.error.code]).toEqual([403, "AuthorizationFailed"]);
  });

  test.each(lists.map((route) => [nameOf(route), route] as const))("%s", async (...[, { path }]) => {
    const { body, text } = await ask(name, "GET", urlOf(path));
    const kind = path.includes("corrections") ? "correction" : "statement";
    const own = documents.filter((so) => so.kind === kind && isSeen(so, scope, subscription));
    expect(body.value.map((so: Told) => so.number).sort()).toEqual(own.map(({ number }) => number).sort());
    for (const stranger of strangersTo(subscription)) expect(text).not.toContain(stranger);
  });
});

test("a role is granted at a reseller that the catalogue names, and at no other", async () => {
  const grant = (scope: string) =>
    ask("the operator", "POST", `/v1/access?scope=${encodeURIComponent(scope)}`, {
      role: "Billing Reader",
      principal: ids.tenant,
    });
  await ask.grant("the operator", "Owner", "/");
  expect((await grant("/resellers/fabrikam")).status).toBe(200);
  for (const scope of [
    "/resellers/nobody",
    "/resellers",
    "/resellers/",
    "/resellers/fabrikam/more",
    "/resellers/%zz",
  ]) {
    const { status, body } = await grant(scope);
    expect([scope, status, body.error.code]).toEqual([scope, 400, "InvalidParameter"]);
  }
});

test("a line of a reseller's own statement explains itself down to its customers' records", async () => {
  const own = documents.find(({ kind, payer }) => kind === "statement" && payer === "fabrikam via contoso")!;
  const { body } = await ask("the reseller", "GET", `/v1/statements/${own.number}/lines/1/explanation`);
  const { line, price, decisions, records } = body;
  expect([line.records, line.quantity]).toEqual([1, "1000"]);
  expect(records).toMatchObject({ recordsInAll: 1, quantityInAll: "1000", value: [{ quantity: "1000" }] });
  expect(decisions).toMatchObject([{ records: 1, quantity: "1000" }]);
  expect(price).not.toBeNull();
});
