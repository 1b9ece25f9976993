import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Ask, askAs } from "../support/askAs.ts";
import type { WireReply } from "../support/http.ts";
import { ROOT } from "../support/sources.ts";
import { closeAtEnd } from "../support/temporary.ts";
import {
  asPage,
  type HubFacts,
  hubPage,
  hubRecord,
  ids,
  NORTH,
  openStampbook,
  registerNorth,
  type TestStampbook,
  tokenOf,
} from "../support/world.ts";

// Goal: the Commerce APIs answer as a Hub does: by reported time, page by page, to each caller what is theirs.
// Method: real stores and a socket; who calls is said in a header.

let stampbook: TestStampbook;
let ask: Ask;

const HOUR_MS = 3_600_000;
const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const after = (hour: string, hours: number): string => time(Date.parse(hour) + hours * HOUR_MS);
const hourFrom = (hour: string) => ({ start: hour, end: after(hour, 1) });

const TENANT = (subscription: string): string =>
  `/subscriptions/${subscription}/providers/Microsoft.Commerce/UsageAggregates`;
const PROVIDER = `/subscriptions/${ids.registration}/providers/Microsoft.Commerce.Admin/subscriberUsageAggregates`;
const VERSION = "api-version=2015-06-01-preview";

const query = (start: string, end: string, granularity = "Hourly", more = ""): string =>
  `?${VERSION}&reportedStartTime=${start}&reportedEndTime=${end}&aggregationGranularity=${granularity}${more}`;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly properties: {
    readonly subscriptionId: string;
    readonly usageStartTime: string;
    readonly usageEndTime: string;
    readonly instanceData: string;
    readonly quantity: number;
    readonly meterId: string;
  };
}

const get = (name: string, url: string): Promise<WireReply> => ask(name, "GET", url);
const rowsOf = ({ status, body, text }: WireReply): readonly Row[] => {
  expect([status, text]).toEqual([200, expect.any(String)]);
  return body.value as Row[];
};
const quantities = (reply: WireReply): readonly number[] =>
  rowsOf(reply)
    .map(({ properties }) => properties.quantity)
    .toSorted((a, b) => a - b);
const refused = ({ status, body }: WireReply): readonly unknown[] => [status, body.error?.code, body.error?.target];

/** Takes records in as what a stamp reported in the hour that begins then. */
async function report(registration: string, hour: string, records: readonly HubFacts[]): Promise<void> {
  const { counts } = await stampbook.client.takeIn(
    registration,
    asPage(hubPage(records.map(hubRecord))),
    hourFrom(hour),
  );
  expect(counts.rejected + counts.conflict).toBe(0);
}

const vm = (name: string, localSubscription = ids.local): string =>
  `/subscriptions/${localSubscription}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/${name}`;

const SUBSCRIBER_WITHOUT_TENANT = "40000000-0000-4000-8000-0000000000ee";

beforeAll(async () => {
  stampbook = closeAtEnd(await openStampbook({ now: "2024-02-01T00:00:00Z" }));
  ask = closeAtEnd(await askAs(stampbook.stampbook));
  const { client, clock } = stampbook;
  await registerNorth(stampbook);
  await client.register({ ...NORTH, name: "south" }, tokenOf("cloud-south"));
  await client.register({ ...NORTH, subscription: ids.foreign, name: "west" }, tokenOf("cloud-west"));
  await client.map(NORTH, ids.customer);
  clock.set("2024-02-10T10:20:00Z");
  // Of the hour from 05:00 something comes with the next window, and something two hours late.
  await report("north", "2024-02-10T06:00:00Z", [
    { hour: "2024-02-10T05:00:00Z", quantity: "1" },
    {
      hour: "2024-02-10T05:00:00Z",
      quantity: "2",
      localSubscription: ids.secondLocal,
      resource: vm("b", ids.secondLocal),
    },
    { hour: "2024-02-10T05:00:00Z", quantity: "4", localSubscription: SUBSCRIBER_WITHOUT_TENANT },
  ]);
  await report("north", "2024-02-10T07:00:00Z", [
    { hour: "2024-02-10T05:00:00Z", quantity: "8", resource: vm("late") },
    { hour: "2024-02-10T06:00:00Z", quantity: "16" },
  ]);
  await report("south", "2024-02-10T06:00:00Z", [{ hour: "2024-02-10T05:00:00Z", quantity: "32" }]);
  await report("west", "2024-02-10T06:00:00Z", [{ hour: "2024-02-10T05:00:00Z", quantity: "64" }]);
  await ask.grant("operator", "Reader", `/subscriptions/${ids.registration}`);
  await ask.grant(
    "reseller of north",
    "Billing Reader",
    `/subscriptions/${ids.registration}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north`,
  );
  await ask.grant("customer", "Tenant Reader", `/subscriptions/${ids.customer}`);
});

const SIX = "2024-02-10T06:00:00Z";
const SEVEN = "2024-02-10T07:00:00Z";
const EIGHT = "2024-02-10T08:00:00Z";

describe("a provider", () => {
  test("is told by reported time: late rows come with the window that they came in", async () => {
    expect(quantities(await get("operator", PROVIDER + query(SIX, SEVEN)))).toEqual([1, 2, 4, 32]);
    expect(quantities(await get("operator", PROVIDER + query(SEVEN, EIGHT)))).toEqual([8, 16]);
    expect(quantities(await get("operator", PROVIDER + query(SIX, EIGHT)))).toEqual([1, 2, 4, 8, 16, 32]);
    expect(await get("operator", PROVIDER + query(EIGHT, "2024-02-10T09:00:00Z"))).toMatchObject({
      status: 200,
      text: '{"value":[]}',
    });
  });

  test("gets records in a Hub's own shape", async () => {
    const [row] = rowsOf(
      await get("operator", PROVIDER + query(SIX, SEVEN, "Hourly", `&subscriberId=${ids.secondLocal}`)),
    );
    const name = `${ids.secondLocal}-9cd92d4c-bafd-4492-b278-bedc2de8232a`;
    const { text } = await get("operator", PROVIDER + query(SIX, SEVEN, "Hourly", `&subscriberId=${ids.secondLocal}`));
    expect(row).toMatchObject({
      id: `/subscriptions/${ids.registration}/providers/Microsoft.Commerce/UsageAggregate/${name}`,
      name,
    });
    expect(text).toContain('"usageStartTime":"2024-02-10T05:00:00+00:00","usageEndTime":"2024-02-10T06:00:00+00:00"');
    expect(text).toContain('"quantity":2.0,"meterId":"9cd92d4c-bafd-4492-b278-bedc2de8232a"');
    expect(text).toContain('\\"tags\\":\\"null\\",\\"additionalInfo\\":\\"\\"}}"');
  });

  test("may name one direct tenant, and no other", async () => {
    const of = (subscriber: string): string => PROVIDER + query(SIX, SEVEN, "Hourly", `&subscriberId=${subscriber}`);
    expect(quantities(await get("operator", of(ids.secondLocal.toUpperCase())))).toEqual([2]);
    expect(quantities(await get("operator", of("")))).toEqual([1, 2, 4, 32]);
    for (const other of ["40000000-0000-4000-8000-0000000000ff", "nobody"]) {
      expect(refused(await get("operator", of(other)))).toEqual([400, "SubscriberIdIsNotDirectTenant", "subscriberId"]);
    }
  });

  test("still sees local subscriptions that are gone", async () => {
    await stampbook.client.putLocalSubscriptions("north", [
      { localSubscription: ids.secondLocal, tenant: ids.secondTenant, state: "Deleted" },
    ]);
    expect(
      quantities(await get("operator", PROVIDER + query(SIX, SEVEN, "Hourly", `&subscriberId=${ids.secondLocal}`))),
    ).toEqual([2]);
  });

  test("asks in the older namespace and in the spellings of old scripts as well", async () => {
    const paths = [
      PROVIDER.replace(".Admin", ""),
      PROVIDER.replace("/subscriber", "/locations/..//subscriber"),
      PROVIDER.replace("/subscriber", "//subscriber"),
      PROVIDER.toUpperCase(),
    ];
    for (const path of paths)
      expect(quantities(await get("operator", path + query(SIX, SEVEN)))).toEqual([1, 2, 4, 32]);
    const spelled = `?${VERSION}&reportedstartTime=2024-02-10T06:00:00.0000000+00:00&reportedEndTime=2024-02-10T07%3a00%3a00%2b00%3a00Z&aggregationgranularity=HOURLY&showDetails=true&subscriberId=&continuationToken=`;
    expect(quantities(await get("operator", PROVIDER + spelled))).toEqual([1, 2, 4, 32]);
  });

  test("sees only its own stamps; a reseller those on which it has a role", async () => {
    expect(quantities(await get("reseller of north", PROVIDER + query(SIX, SEVEN)))).toEqual([1, 2, 4]);
    for (const name of ["customer", "somebody"]) {
      expect(refused(await get(name, PROVIDER + query(SIX, SEVEN)))[1]).toBe("AuthorizationFailed");
    }
    const elsewhere = PROVIDER.replace(ids.registration, ids.foreign) + query(SIX, SEVEN);
    expect(refused(await get("operator", elsewhere))[1]).toBe("AuthorizationFailed");
  });
});

describe("a tenant", () => {
  test("sees what its subscription pays for, and nobody else's", async () => {
    expect(quantities(await get("customer", TENANT(ids.customer) + query(SIX, EIGHT)))).toEqual([1, 8, 16]);
    for (const other of [ids.registration, ids.foreign, ids.secondLocal]) {
      expect(refused(await get("customer", TENANT(other) + query(SIX, EIGHT)))[1]).toBe("AuthorizationFailed");
    }
  });

  test("may ask with its local subscription, of which it sees the hours that it pays for", async () => {
    expect(quantities(await get("customer", TENANT(ids.local) + query(SIX, EIGHT)))).toEqual([1, 8, 16]);
    expect(quantities(await get("reseller of north", TENANT(ids.secondLocal) + query(SIX, EIGHT)))).toEqual([2]);
  });

  test("an id that nobody knows is not found", async () => {
    const unknown = TENANT("99999999-9999-4999-8999-999999999999") + query(SIX, EIGHT);
    expect(refused(await get("customer", unknown))).toEqual([404, "SubscriptionNotFound", "subscriptionId"]);
  });
});

describe("days", () => {
  test("are sums by reported day, usage day and resource", async () => {
    const { clock } = stampbook;
    clock.set("2024-02-13T00:30:00Z");
    await report("north", "2024-02-11T23:00:00Z", [{ hour: "2024-02-11T22:00:00Z", quantity: "0.1" }]);
    await report("north", "2024-02-12T00:00:00Z", [{ hour: "2024-02-11T23:00:00Z", quantity: "0.2" }]);
    await report("north", "2024-02-12T01:00:00Z", [
      { hour: "2024-02-11T23:00:00Z", quantity: "0.0000000000000000000000000001" },
      { hour: "2024-02-12T00:00:00Z", quantity: "3" },
    ]);
    const url = PROVIDER + query("2024-02-11T00:00:00Z", "2024-02-13T00:00:00Z", "daily");
    // South has not reported up to this midnight.
    expect(refused(await get("operator", url))).toEqual([202, "ProcessingNotComplete", "reportedEndTime"]);
    await report("south", "2024-02-12T23:00:00Z", []);
    const only = `${url}&subscriberId=${ids.local}`;
    expect(refused(await get("reseller of north", only))[1]).toBe("ProcessingNotComplete");
    clock.set("2024-02-14T00:30:00Z");
    const { text, body } = await get("reseller of north", only);
    expect((body.value as Row[]).map(({ properties }) => [properties.usageStartTime, properties.usageEndTime])).toEqual(
      [
        ["2024-02-11T00:00:00+00:00", "2024-02-12T00:00:00+00:00"],
        ["2024-02-11T00:00:00+00:00", "2024-02-12T00:00:00+00:00"],
        ["2024-02-12T00:00:00+00:00", "2024-02-13T00:00:00+00:00"],
      ],
    );
    expect([...text.matchAll(/"quantity":([^,]+)/g)].map(([, digits]) => digits)).toEqual([
      "0.1",
      "0.2000000000000000000000000001",
      "3.0",
    ]);
  });
});

describe("pages", () => {
  const ROWS = 1_203;
  const WINDOW = "2024-02-20T06:00:00Z";

  beforeAll(async () => {
    stampbook.clock.set("2024-02-20T10:20:00Z");
    const records = Array.from({ length: ROWS }, (_, i) => ({
      hour: "2024-02-20T05:00:00Z",
      quantity: String(i + 1),
      resource: vm(`v${i}`),
    }));
    await report("north", WINDOW, records);
  });

  const pathOf = (link: string): string => {
    const { pathname, search, protocol } = new URL(link);
    expect(protocol).toMatch(/^https?:$/);
    return pathname + search;
  };

  test("hold 1,000 rows; what arrives while a client pages is in none of them", async () => {
    const first = await get("operator", PROVIDER + query(WINDOW, after(WINDOW, 1)));
    expect(rowsOf(first)).toHaveLength(1_000);
    const rest = { ...hourFrom(WINDOW) };
    const more = Array.from({ length: 50 }, (_, i) => ({
      hour: "2024-02-20T05:00:00Z",
      quantity: "5000",
      resource: vm(`w${i}`),
    }));
    await stampbook.client.takeIn("north", asPage(hubPage(more.map(hubRecord))), rest);
    // What a client adds of its own does not count beside the token.
    const second = await get("operator", `${pathOf(first.body.nextLink as string)}&aggregationGranularity=Daily`);
    expect(rowsOf(second)).toHaveLength(ROWS - 1_000);
    expect(Object.keys(second.body as object)).toEqual(["value"]);
    const seen = [...rowsOf(first), ...rowsOf(second)].map(({ properties }) => properties.quantity);
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: ROWS }, (_, i) => i + 1));
    const anew = await get("operator", PROVIDER + query(WINDOW, after(WINDOW, 1)));
    expect(rowsOf(await get("operator", pathOf(anew.body.nextLink as string)))).toHaveLength(ROWS + 50 - 1_000);
  });

  test("nothing vanishes either: a delivery that is withdrawn meanwhile is still in the next page", async () => {
    const hour = "2024-02-20T07:00:00Z";
    const records = Array.from({ length: 1_100 }, (_, i) => ({ hour: SIX, quantity: "1", resource: vm(`x${i}`) }));
    await report("north", hour, records);
    const first = await get("operator", PROVIDER + query(hour, after(hour, 1)));
    const [batch] = await stampbook.client.ledger.batches({ registration: "north", limit: 1 });
    await stampbook.client.ledger.withdraw(batch!.batch, "it was sent by mistake");
    expect(rowsOf(await get("operator", pathOf(first.body.nextLink as string)))).toHaveLength(100);
    expect(quantities(await get("operator", PROVIDER + query(hour, after(hour, 1))))).toEqual([]);
  });

  test("a page's token is for its caller and its subscription, and cannot be made up", async () => {
    const first = await get("operator", PROVIDER + query(WINDOW, after(WINDOW, 1)));
    const next = pathOf(first.body.nextLink as string);
    const tokens = [
      await get("reseller of north", next),
      await get("operator", next.replace(/(continuationToken=.{20})./, "$1~")),
      await get("operator", `${PROVIDER}?${VERSION}&continuationToken=abc`),
    ];
    for (const reply of tokens) expect(refused(reply)).toEqual([400, "InvalidProperty", "continuationToken"]);
  });

  test("daily sums are paged alike", async () => {
    stampbook.clock.set("2024-02-22T10:20:00Z");
    const url = PROVIDER + query("2024-02-20T00:00:00Z", "2024-02-21T00:00:00Z", "Daily");
    const first = await get("operator", url);
    const second = await get("operator", pathOf(first.body.nextLink as string));
    const names = [...rowsOf(first), ...rowsOf(second)].map(({ properties }) => properties.instanceData);
    expect([rowsOf(first).length, names.length, new Set(names).size]).toEqual([1_000, ROWS + 50, ROWS + 50]);
  });
});

describe("what is refused", () => {
  const refusals: readonly (readonly [string, string, readonly unknown[]])[] = [
    ["no api-version", `${PROVIDER}?reportedStartTime=${SIX}`, [400, "NoApiVersion", "api-version"]],
    ["another api-version", `${PROVIDER}?api-version=2019-01-01`, [400, "InvalidApiVersionParameter", "api-version"]],
    ["no start", `${PROVIDER}?${VERSION}&reportedEndTime=${SIX}`, [400, "InvalidProperty", "reportedStartTime"]],
    ["half an hour", PROVIDER + query("2024-02-10T06:30:00Z", SEVEN), [400, "InvalidProperty", "reportedStartTime"]],
    ["an hour for Daily", PROVIDER + query(SIX, SEVEN, ""), [400, "InvalidProperty", "reportedStartTime"]],
    [
      "months",
      PROVIDER + query(SIX, SEVEN, "Monthly"),
      [400, "InvalidAggregationGranularity", "aggregationGranularity"],
    ],
    ["the future", PROVIDER + query(SIX, "2034-02-10T07:00:00Z"), [400, "RequestEndTimeIsInFuture", "reportedEndTime"]],
    [
      "no subscription",
      `/subscriptions//providers/Microsoft.Commerce/UsageAggregates${query(SIX, SEVEN)}`,
      [400, "SubscriptionIdMissingInRequest", "subscriptionId"],
    ],
    [
      "a type that is not served",
      `${PROVIDER.replace("subscriberU", "u")}?${VERSION}`,
      [404, "InvalidResourceType", undefined],
    ],
  ];
  test.each(refusals)("%s", async (_, url, expected) => {
    expect(refused(await get("operator", url))).toEqual(expected);
  });

  test("a method that there is not", async () => {
    const { status, headers } = await ask("operator", "POST", PROVIDER + query(SIX, SEVEN), {});
    expect([status, headers["allow"]]).toEqual([405, "GET"]);
  });

  test("what is not complete says when to ask again", async () => {
    stampbook.clock.set("2024-02-22T10:20:00Z");
    const reply = await get("operator", PROVIDER + query("2024-02-22T09:00:00Z", "2024-02-22T10:00:00Z"));
    expect(refused(reply)).toEqual([202, "ProcessingNotComplete", "reportedEndTime"]);
    expect(reply.headers["retry-after"]).toBe("300");
    stampbook.clock.set("2024-02-22T10:59:00Z");
    const later = await get("operator", PROVIDER + query("2024-02-22T09:00:00Z", "2024-02-22T10:00:00Z"));
    expect(later.headers["retry-after"]).toBe("60");
    await report("north", "2024-02-22T09:00:00Z", [{ hour: "2024-02-22T08:00:00Z", quantity: "7" }]);
    const north = PROVIDER + query("2024-02-22T09:00:00Z", "2024-02-22T10:00:00Z");
    expect(quantities(await get("reseller of north", north))).toEqual([7]);
  });
});

describe("around it", () => {
  test("operations and namespaces tell what is served", async () => {
    const operations = await get("somebody", `/providers/Microsoft.Commerce.Admin/operations?${VERSION}`);
    expect(operations.body.value.map(({ name }: { name: string }) => name)).toContain(
      "Microsoft.Commerce.Admin/subscriberUsageAggregates/read",
    );
    const namespace = await get("operator", "/providers/Microsoft.Commerce?api-version=2021-04-01");
    expect(namespace.body.resourceTypes[0]).toMatchObject({
      resourceType: "UsageAggregates",
      apiVersions: ["2015-06-01-preview"],
    });
  });
});

const SAMPLE = join(ROOT, "../shared/samples/azs-subscriber-usage.2019-12-10T19.hourly.response.json");
const isThere = existsSync(SAMPLE);
if (!isThere) console.warn(`SKIPPED: the recorded answer of a live Hub is not at ${SAMPLE}`);

test.skipIf(!isThere)("what a live Hub answered comes back row by row, text by text", async () => {
  const recorded = readFileSync(SAMPLE, "utf8");
  const provider = "39c82aed-b2b7-4a66-abdb-611de00bf11e";
  const { client } = stampbook;
  await client.putCatalogue([{ subscription: provider, offerType: "APSS", partner: "contoso" }]);
  await client.register({ ...NORTH, subscription: provider, name: "recorded" }, tokenOf("the-recorded-stamp"));
  await client.takeIn("recorded", asPage(Buffer.from(recorded)), hourFrom("2019-12-10T19:00:00Z"));
  await ask.grant("of the recorded", "Reader", `/subscriptions/${provider}`);
  const url = PROVIDER.replace(ids.registration, provider);
  const { text } = await get(
    "of the recorded",
    `${url}?${VERSION}&reportedStartTime=2019-12-10T19:00:00.0000000+00:00&reportedEndTime=2019-12-10T20:00:00.0000000+00:00&aggregationGranularity=Hourly`,
  );
  const rows = (body: string): readonly string[] =>
    body
      .slice('{"value":['.length, -"]}".length)
      .split(/(?<=\}\}),(?=\{"id")/)
      .toSorted();
  expect(rows(text)).toHaveLength(236);
  expect(rows(text)).toEqual(rows(recorded));
});

// Last, since nothing answers any more afterwards.
test("while the usage store does not answer, a client is told to come back", async () => {
  await stampbook.stampbook.context.usage.close();
  const reply = await get("operator", PROVIDER + query(SIX, SEVEN));
  expect(refused(reply)).toEqual([503, "ServiceUnavailable", undefined]);
  expect(reply.headers["retry-after"]).toBe("5");
});
