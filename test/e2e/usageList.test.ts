import { beforeAll, describe, expect, test } from "vitest";
import { Refused } from "../../src/client/client.ts";
import type { UsageListInfo, UsageListQuery, UsageRecordInfo } from "../../src/client/usageTypes.ts";
import { type Ask, askAs } from "../support/askAs.ts";
import { stampbook as command } from "../support/cli.ts";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { closeAtEnd } from "../support/temporary.ts";
import {
  asLines,
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

// Goal: every stored record is listed once, with who pays for its hour, as of any moment, in pages that nothing disturbs,
// and to nobody whom it is not for. Method: real stores and routes, one server, a handful of records told by quantity.

const HOUR = "2024-02-10T10:00:00Z";
const NEXT = "2024-02-10T11:00:00Z";
const FEBRUARY = { period: "2024-02" };

let stampbook: TestStampbook;
let ask: Ask;
let client: TestStampbook["client"];

const take = (records: readonly string[], hour = HOUR, registration = "north") =>
  client.takeIn(registration, asPage(hubPage(records)), windowAfter(hour));

const tagged = (tags: object, record: string): string =>
  record.replace(
    String.raw`\"tags\":\"null\"`,
    JSON.stringify(JSON.stringify({ tags: JSON.stringify(tags) }).slice(1, -1)).slice(1, -1),
  );

beforeAll(async () => {
  stampbook = closeAtEnd(await openStampbook({ now: "2024-02-10T10:20:00Z" }));
  ({ client } = stampbook);
  const { clock } = stampbook;
  clock.set("2024-01-01T00:00:00Z");
  await registerNorth(stampbook);
  await client.register({ ...NORTH, name: "south" }, tokenOf("cloud-south"));
  await client.putLocalSubscriptions("south", [{ localSubscription: ids.local, tenant: ids.tenant }]);
  clock.set("2024-02-10T10:20:00Z");
  await client.map(NORTH, ids.customer);
  clock.set("2024-03-05T12:00:00Z");
  await take([
    hubRecord({ hour: HOUR, quantity: "1.000000000000000000000001", resource: "/one" }),
    hubRecord({ hour: HOUR, quantity: "4", localSubscription: ids.secondLocal, resource: "/two" }),
  ]);
  await take([hubRecord({ hour: NEXT, quantity: "2", resource: "/one/disk" })], NEXT);
  await client.takeIn(
    "north",
    asLines([
      tagged({ env: "prod" }, hubRecord({ hour: NEXT, quantity: "8", resource: "/three" })),
      hubRecord({ hour: NEXT, quantity: "16", meter: "ffff", resource: "/one" }),
      hubRecord({ hour: NEXT, quantity: "32", localSubscription: ids.foreign, resource: "/four" }),
    ]),
    windowAfter(NEXT),
  );
  await take([hubRecord({ hour: HOUR, quantity: "64" })], HOUR, "south");
  // The later version of a conflict waits.
  await take([hubRecord({ hour: NEXT, quantity: "128", resource: "/one/disk" })], NEXT);
  ask = await askAs(stampbook.stampbook);
  return () => ask.close();
});

const quantities = ({ value }: Pick<UsageListInfo, "value">): number[] =>
  value.map(({ quantity }) => Number.parseInt(quantity, 10)).sort((a, b) => a - b);
const list = async (of: UsageListQuery = {}): Promise<number[]> =>
  quantities(await client.usage.page({ ...FEBRUARY, ...of }));
const rowOf = ({ value }: UsageListInfo, quantity: string): UsageRecordInfo =>
  value.find((row) => row.quantity.startsWith(quantity))!;

const faultOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "none",
    (error: unknown) => (error instanceof Refused ? `${error.status} ${error.code}` : String(error)),
  );

describe("a list of usage", () => {
  test("tells each record with who pays for its hour, how it came, and what it waits for", async () => {
    const page = await client.usage.page(FEBRUARY);
    expect(page).toMatchObject({ from: "2024-02-01T00:00:00Z", to: "2024-03-01T00:00:00Z", lastBatch: 5 });
    expect(page.next).toBeUndefined();
    expect(quantities(page)).toEqual([1, 2, 4, 8, 16, 32, 64, 128]);
    expect(rowOf(page, "1.")).toEqual({
      record: expect.stringMatching(/^1\.\d+\.\d+\.[0-9a-f]{16}$/),
      content: expect.stringMatching(/^[0-9a-f]{16}$/),
      registration: 1,
      registrationName: "north",
      localSubscription: ids.local,
      tenant: ids.tenant,
      payer: ids.registration,
      paysBy: "no-mapping",
      mapping: null,
      meter: "9cd92d4c-bafd-4492-b278-bedc2de8232a",
      meterName: "Windows VM Size Hours",
      unit: "vcpu-hour",
      resourceUri: "/one",
      location: "north",
      tags: "",
      additionalInfo: expect.any(String),
      usageStartTime: HOUR,
      usageEndTime: NEXT,
      reportedStartTime: NEXT,
      reportedEndTime: "2024-02-10T12:00:00Z",
      quantity: "1.000000000000000000000001",
      status: "counted",
      reason: null,
      state: "provisional",
      batch: 1,
      position: 1,
      acceptedAt: "2024-03-05T12:00:00Z",
      decision: null,
    });
    expect(rowOf(page, "2")).toMatchObject({ payer: ids.customer, paysBy: "mapping", mapping: expect.any(Number) });
    expect(rowOf(page, "16")).toMatchObject({ status: "parked", reason: "UnknownMeter", payer: ids.customer });
    expect(rowOf(page, "32")).toMatchObject({ reason: "UnknownLocalSubscription", payer: null, tenant: null });
    expect(rowOf(page, "128")).toMatchObject({ status: "parked", reason: "Conflict", record: rowOf(page, "2").record });
    const counted = page.value.filter(({ status }) => status === "counted");
    const totals = await client.totals.page(FEBRUARY);
    expect(totals.value.reduce((so, { records }) => so + records, 0)).toBe(counted.length);
  });

  test("is narrowed by whatever is asked for", async () => {
    expect(await list({ payer: ids.customer })).toEqual([2, 8, 16, 128]);
    expect(await list({ payer: ids.registration })).toEqual([1, 4, 64]);
    expect(await list({ tenant: ids.secondTenant })).toEqual([4]);
    expect(await list({ registration: "south" })).toEqual([64]);
    expect(await list({ localSubscription: ids.foreign })).toEqual([32]);
    expect(await list({ meter: "FFFF" })).toEqual([16]);
    expect(await list({ resource: "/ONE" })).toEqual([1, 2, 16, 128]);
    expect(await list({ resource: "/on" })).toEqual([]);
    expect(await list({ tag: "env" })).toEqual([8]);
    expect(await list({ tag: "env", tagValue: "test" })).toEqual([]);
    const hours = { from: HOUR, to: NEXT };
    expect(quantities(await client.usage.page(hours))).toEqual([1, 4, 64]);
    expect(await list({ asOf: "2024-03-05T11:00:00Z" })).toEqual([]);
  });

  test("goes on page by page as it was when the first one was asked for", async () => {
    stampbook.clock.set("2024-03-06T00:00:00Z");
    const asked = { ...FEBRUARY, registration: "north", limit: 3 };
    const first = await client.usage.page(asked);
    stampbook.clock.set("2024-03-06T00:30:00Z");
    await take([hubRecord({ hour: HOUR, quantity: "256", resource: "/late" })]);
    const [late] = await client.ledger.batches({ limit: 1 });
    stampbook.clock.set("2024-03-06T01:00:00Z");
    await client.ledger.withdraw(2, "sent twice");
    const pages = [first];
    for (let { next } = first; next !== undefined; ) {
      const page = await client.usage.page({ after: next });
      pages.push(page);
      ({ next } = page);
    }
    expect(pages.map(({ value }) => value.length)).toEqual([3, 3, 1]);
    expect(new Set(pages.map(({ asOf, lastBatch }) => `${asOf} ${lastBatch}`)).size).toBe(1);
    expect(quantities({ value: pages.flatMap(({ value }) => value) })).toEqual([1, 2, 4, 8, 16, 32, 128]);
    expect(pages.flatMap(({ value }) => value).map(({ usageStartTime }) => usageStartTime)).toEqual([
      HOUR,
      HOUR,
      NEXT,
      NEXT,
      NEXT,
      NEXT,
      NEXT,
    ]);
    expect(await list({ registration: "north" })).toEqual([1, 4, 8, 16, 32, 128, 256]);
    expect(await list({ registration: "north", asOf: first.asOf })).toEqual([1, 2, 4, 8, 16, 32, 128]);
    await client.ledger.withdraw(late!.batch, "a trial");
  });

  test("refuses what is asked for wrongly, and tokens of others", async () => {
    const wrong: readonly UsageListQuery[] = [
      {},
      { ...FEBRUARY, from: HOUR },
      { from: "2020-02-01T00:00:00Z", to: "2024-02-01T00:00:00Z" },
      { ...FEBRUARY, limit: 1_001 },
      { ...FEBRUARY, tagValue: "prod" },
      { ...FEBRUARY, tag: "x".repeat(513) },
      { ...FEBRUARY, tag: "x", tagValue: "x".repeat(513) },
      { ...FEBRUARY, resource: `/${"x".repeat(2_048)}` },
      { ...FEBRUARY, payer: "'" },
      { after: "made.up" },
    ];
    for (const of of wrong)
      expect(await faultOf(client.usage.page(of)), JSON.stringify(of)).toBe("400 InvalidParameter");
    expect(await faultOf(client.usage.page({ ...FEBRUARY, registration: "nowhere" }))).toBe("404 RegistrationNotFound");
    const { next } = await client.usage.page({ ...FEBRUARY, limit: 1 });
    const { status, body } = await ask("somebody", "GET", `/v1/usage?after=${next}`);
    expect([status, (body as { error: { code: string } }).error.code]).toEqual([400, "InvalidParameter"]);
  });
});

test("a payer sees what it pays for, a registration's reader what is of it, others nothing", async () => {
  const north = `/subscriptions/${ids.registration}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north`;
  await ask.grant("customer", "Tenant Reader", `/subscriptions/${ids.customer}`);
  await ask.grant("stamp", "Billing Reader", north);
  await ask.grant("both", "Billing Reader", north);
  await ask.grant("both", "Tenant Reader", `/subscriptions/${ids.registration}`);
  await ask.grant("bridge", "Azure Stack Registration Owner", north);
  await ask.grant("team", "Billing Reader", "/");
  const sees = async (name: string, filter = ""): Promise<number[]> => {
    const found: UsageRecordInfo[] = [];
    for (let after = ""; ; ) {
      const { status, body } = await ask(name, "GET", `/v1/usage?period=2024-02&limit=2${filter}${after}`);
      expect(status, name).toBe(200);
      const { value, next } = body as unknown as UsageListInfo;
      found.push(...value);
      if (next === undefined) return quantities({ value: found });
      after = `&after=${next}`;
    }
  };
  expect(await sees("team")).toEqual([1, 4, 8, 16, 32, 64, 128]);
  expect(await sees("stamp")).toEqual([1, 4, 8, 16, 32, 128]);
  expect(await sees("stamp", `&payer=${ids.customer}`)).toEqual([8, 16, 128]);
  expect(await sees("both")).toEqual([1, 4, 8, 16, 32, 64, 128]);
  expect(await sees("customer")).toEqual([8, 16, 128]);
  expect(await sees("customer", `&payer=${ids.registration}`)).toEqual([]);
  expect(await sees("customer", "&registration=south")).toEqual([]);
  expect(await sees("customer", "&registration=nowhere")).toEqual([]);
  expect(await sees("bridge")).toEqual([]);
  expect(await sees("nobody")).toEqual([]);
});

test("the command lists a page and tells where the next one begins", async () => {
  const { folder, socketPath } = stampbook;
  writeFileSync(join(folder, "data/server.json"), JSON.stringify({ socketPath, url: "", directory: "" }));
  const usage = (...args: string[]) =>
    command(["usage", ...args, "--data-folder", join(folder, "data")], { cwd: folder });
  const first = await usage("list", "--period", "2024-02", "--resource", "/one", "--limit", "2");
  expect(first).toMatchObject({ status: 0 });
  expect(first.stdout).toContain("1.000000000000000000000001");
  const [, token] = /--after (\S+)/.exec(first.stderr)!;
  const second = JSON.parse((await usage("list", "--after", token!, "--json")).stdout) as UsageListInfo;
  expect(second.value.length).toBe(1);
});
