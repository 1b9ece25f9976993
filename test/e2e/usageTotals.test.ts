import { describe, expect, test } from "vitest";
import { Refused } from "../../src/client/client.ts";
import type { UsageTotalsInfo, UsageTotalsQuery } from "../../src/client/totalTypes.ts";
import { add, decimal, formatDecimal, ZERO } from "../../src/lib/decimal.ts";
import { askAs } from "../support/askAs.ts";
import { mustClose } from "../support/temporary.ts";
import { wire } from "../support/http.ts";
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

// Goal: totals are exact, as of any moment, told apart by what is asked for, and seen by nobody whom they are not for;
// and what is stored is what is attributed and what waits. Method: real stores and routes; sums by hand.

const HOUR = "2024-02-10T10:00:00Z";
const WINDOWS = "9cd92d4c-bafd-4492-b278-bedc2de8232a";

const take = (client: TestStampbook["client"], records: readonly string[], hour = HOUR, registration = "north") =>
  client.takeIn(registration, asPage(hubPage(records)), windowAfter(hour));

/** North with two tenants, of which the first is mapped from 2024-02-10T11:00 on, and usage in three hours. */
async function worldWithUsage(): Promise<TestStampbook> {
  const stampbook = await openStampbook({ now: "2024-02-10T10:20:00Z" });
  const { client, clock } = stampbook;
  clock.set("2024-01-01T00:00:00Z");
  await registerNorth(stampbook);
  clock.set("2024-02-10T10:20:00Z");
  await client.map(NORTH, ids.customer);
  clock.set("2024-03-05T12:00:00Z");
  await take(client, [
    hubRecord({ hour: HOUR, quantity: "1.000000000000000000000001", resource: "/one" }),
    hubRecord({ hour: HOUR, quantity: "4", localSubscription: ids.secondLocal, resource: "/two" }),
  ]);
  await take(
    client,
    [hubRecord({ hour: "2024-02-10T11:00:00Z", quantity: "2", resource: "/one" })],
    "2024-02-10T11:00:00Z",
  );
  await take(
    client,
    [
      hubRecord({ hour: "2024-02-11T00:00:00Z", quantity: "8", resource: "/one" }),
      hubRecord({ hour: "2024-02-11T00:00:00Z", quantity: "16", meter: "ffff", resource: "/one" }),
      hubRecord({ hour: "2024-02-11T00:00:00Z", quantity: "32", localSubscription: ids.foreign, resource: "/three" }),
    ],
    "2024-02-11T00:00:00Z",
  );
  return stampbook;
}

const SHOWN = ["registrationName", "payer", "tenant", "localSubscription", "resource", "location", "tag"] as const;

const brief = ({ value }: Pick<UsageTotalsInfo, "value">): string[] =>
  value.map((row) => {
    const hours = `${row.from.slice(8, 13)}-${row.to.slice(8, 13)}`;
    const meter = row.meter === WINDOWS ? [] : [row.meter];
    const shown = SHOWN.flatMap((name) => (row[name] === undefined ? [] : [String(row[name])]));
    return [hours, ...shown, ...meter, row.quantity, row.records].join(" ");
  });

const faultOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "none",
    (error: unknown) => (error instanceof Refused ? `${error.status} ${error.code}` : String(error)),
  );

const FEBRUARY = { period: "2024-02" };

describe("totals", () => {
  test("by payer and more, from entries and from rollups alike, cut at the hour of a mapping", async () => {
    const stampbook = await worldWithUsage();
    const { client } = stampbook;
    const page = async (of: UsageTotalsQuery) => brief(await client.totals.page({ ...FEBRUARY, ...of }));
    for (const roll of [false, true]) {
      if (roll) {
        stampbook.clock.set("2024-03-05T13:00:00Z");
        expect(await client.totals.rollUp()).toEqual({ days: 2 });
        expect(await client.totals.rollUp()).toEqual({ days: 0 });
      }
      expect(await page({})).toEqual(["01T00-01T00 15.000000000000000000000001 4"]);
      expect(await page({ groupBy: "payer" })).toEqual([
        `01T00-01T00 ${ids.registration} 5.000000000000000000000001 2`,
        `01T00-01T00 ${ids.customer} 10 2`,
      ]);
      expect(await page({ groupBy: "tenant,payer", by: "day" })).toEqual([
        `10T00-11T00 ${ids.registration} ${ids.tenant} 1.000000000000000000000001 1`,
        `10T00-11T00 ${ids.registration} ${ids.secondTenant} 4 1`,
        `10T00-11T00 ${ids.customer} ${ids.tenant} 2 1`,
        `11T00-12T00 ${ids.customer} ${ids.tenant} 8 1`,
      ]);
      expect(await page({ groupBy: "registration,localSubscription", by: "month", payer: ids.customer })).toEqual([
        `01T00-01T00 north ${ids.local} 10 2`,
      ]);
      expect(await page({ groupBy: "resource,location", by: "hour", tenant: ids.tenant })).toEqual([
        "10T10-10T11 /one north 1.000000000000000000000001 1",
        "10T11-10T12 /one north 2 1",
        "11T00-11T01 /one north 8 1",
      ]);
      expect(await page({ localSubscription: ids.secondLocal })).toEqual(["01T00-01T00 4 1"]);
      expect(await page({ meter: WINDOWS.toUpperCase(), payer: ids.registration })).toEqual([
        "01T00-01T00 5.000000000000000000000001 2",
      ]);
      expect(await page({ meter: "ffff" })).toEqual([]);
      const hours = { from: "2024-02-10T11:00:00Z", to: "2024-02-11T01:00:00Z" };
      expect(brief(await client.totals.page({ ...hours, by: "day" }))).toEqual(["10T11-11T00 2 1", "11T00-11T01 8 1"]);
    }
    const all = await client.totals.page(FEBRUARY);
    expect(all).toMatchObject({ lastBatch: 3, batchesNotCounted: 0, truncated: false });
    expect(all.freshness).toEqual([
      { registration: 1, registrationName: "north", reportedUntil: "2024-02-11T02:00:00Z" },
    ]);
    expect(all.value[0]).toMatchObject({ meterName: "Windows VM Size Hours", unit: "vcpu-hour", state: "provisional" });
    await client.runStatements("2024-02");
    expect((await client.totals.page(FEBRUARY)).value[0]!.state).toBe("provisional");
    await stampbook.close();
  });

  test("as of a moment: neither usage nor mappings nor local subscriptions that came later count", async () => {
    const stampbook = await worldWithUsage();
    const { client, clock } = stampbook;
    clock.set("2024-03-06T00:00:00Z");
    await client.totals.rollUp();
    const groupBy = "payer";
    const before = await client.totals.page({ ...FEBRUARY, groupBy });
    clock.set("2024-03-07T00:00:00Z");
    await take(client, [hubRecord({ hour: HOUR, quantity: "100", resource: "/late" })]);
    const [batch] = await client.ledger.batches({ limit: 1 });
    await client.ledger.withdraw(1, "sent twice");
    clock.set("2024-03-08T00:00:00Z");
    await client.putLocalSubscriptions("north", [{ localSubscription: ids.foreign, tenant: ids.tenant }]);
    for (const roll of [false, true]) {
      if (roll) await client.totals.rollUp();
      const then = await client.totals.page({ ...FEBRUARY, groupBy, asOf: "2024-03-06T00:00:00Z" });
      expect(then.value).toEqual(before.value);
      expect(then.freshness).toEqual(before.freshness);
      expect(brief(await client.totals.page({ ...FEBRUARY, groupBy }))).toEqual([
        `01T00-01T00 ${ids.registration} 100 1`,
        `01T00-01T00 ${ids.customer} 42 3`,
      ]);
    }
    expect(batch!.batch).toBe(4);
    await stampbook.close();
  });

  test("in pages, and as lines whose last one tells that nothing was cut off", async () => {
    const stampbook = await worldWithUsage();
    const { client } = stampbook;
    const asked = { ...FEBRUARY, groupBy: "payer,resource", by: "hour" };
    const whole = await client.totals.page(asked);
    expect(whole.value.length).toBe(4);
    const first = await client.totals.page({ ...asked, limit: 3 });
    expect([first.truncated, first.next]).toEqual([true, 3]);
    await take(client, [hubRecord({ hour: HOUR, quantity: "100", resource: "/late" })]);
    const { asOf } = first;
    const second = await client.totals.page({ ...asked, limit: 3, after: first.next!, asOf });
    expect([second.truncated, second.next]).toEqual([false, undefined]);
    stampbook.clock.set("2024-03-05T12:30:00Z");

    const url = "/v1/usage/totals?period=2024-02&groupBy=payer,resource&by=hour";
    const call = wire(stampbook.socketPath);
    const { status, text, headers } = await call("GET", url, { headers: { accept: "application/x-ndjson" } });
    expect([status, headers["content-type"]]).toEqual([200, "application/x-ndjson"]);
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(Object.keys(lines[0]!)).toEqual(["totals"]);
    expect(lines.at(-1)).toEqual({ end: { rows: 5, truncated: false } });
    expect(lines.slice(1, -1).map(({ quantity }) => quantity)).toContain("100");
    await stampbook.close();
  });

  test("what is asked for wrongly is refused, and names of tags are data", async () => {
    const stampbook = await worldWithUsage();
    const { client } = stampbook;
    const wrong: readonly UsageTotalsQuery[] = [
      {},
      { ...FEBRUARY, from: "2024-02-01T00:00:00Z" },
      { from: "2024-02-01T00:30:00Z", to: "2024-02-02T00:00:00Z" },
      { from: "2024-02-01T00:00:00Z", to: "2024-02-01T00:00:00Z" },
      { from: "2020-02-01T00:00:00Z", to: "2024-02-01T00:00:00Z" },
      { ...FEBRUARY, groupBy: "payer,colour" },
      { ...FEBRUARY, by: "minute" },
      { ...FEBRUARY, groupBy: "tag" },
      { ...FEBRUARY, tag: "env" },
      { ...FEBRUARY, groupBy: "tag", tag: "a\u001fb" },
      { ...FEBRUARY, groupBy: "tag", tag: "x".repeat(513) },
      { ...FEBRUARY, payer: "'; drop table usage_entry" },
      { ...FEBRUARY, meter: "a'b" },
      { ...FEBRUARY, limit: 10_001 },
      { ...FEBRUARY, asOf: "yesterday" },
    ];
    for (const of of wrong)
      expect(await faultOf(client.totals.page(of)), JSON.stringify(of)).toBe("400 InvalidParameter");
    expect(await faultOf(client.totals.page({ period: "2024-13" }))).toBe("400 PeriodInvalid");
    expect(await faultOf(client.totals.page({ ...FEBRUARY, registration: "nowhere" }))).toBe(
      "404 RegistrationNotFound",
    );
    const odd = `'); drop table usage_entry; --`;
    expect(brief(await client.totals.page({ ...FEBRUARY, groupBy: "tag", tag: odd }))).toEqual([
      "01T00-01T00 null 15.000000000000000000000001 4",
    ]);
    await stampbook.close();
  });

  test("by the value of a tag", async () => {
    const stampbook = await worldWithUsage();
    const { client } = stampbook;
    const tagged = (tags: object, resource: string): string =>
      hubRecord({ hour: "2024-02-12T00:00:00Z", quantity: "1", resource }).replace(
        String.raw`\"tags\":\"null\"`,
        JSON.stringify(JSON.stringify({ tags: JSON.stringify(tags) }).slice(1, -1)).slice(1, -1),
      );
    const records = [
      tagged({ env: "prod" }, "/a"),
      tagged({ env: "prod", x: "1" }, "/b"),
      tagged({ env: "test" }, "/c"),
    ];
    const { counts } = await client.takeIn("north", asLines(records), windowAfter("2024-02-12T00:00:00Z"));
    expect(counts).toMatchObject({ accepted: 3 });
    const totals = await client.totals.page({ ...FEBRUARY, groupBy: "tag", tag: "env" });
    expect(totals.value.map(({ tag, records: of }) => [tag, of])).toEqual([
      ["prod", 2],
      ["test", 1],
      [null, 4],
    ]);
    await stampbook.close();
  });
});

describe("who sees which totals", () => {
  test("a payer what it pays, a registration's reader what is of it, others nothing", async () => {
    const stampbook = await worldWithUsage();
    const { client } = stampbook;
    await client.register({ ...NORTH, name: "south" }, tokenOf("cloud-south"));
    await client.putLocalSubscriptions("south", [{ localSubscription: ids.local, tenant: ids.tenant }]);
    await take(client, [hubRecord({ hour: HOUR, quantity: "64" })], HOUR, "south");
    const ask = mustClose(await askAs(stampbook.stampbook));
    const north = `/subscriptions/${ids.registration}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north`;
    await ask.grant("customer", "Tenant Reader", `/subscriptions/${ids.customer}`);
    await ask.grant("stamp", "Billing Reader", north);
    await ask.grant("bridge", "Azure Stack Registration Owner", north);
    await ask.grant("team", "Billing Reader", "/");
    const sees = async (name: string, filter = "") => {
      const { status, body } = await ask(name, "GET", `/v1/usage/totals?period=2024-02&groupBy=payer${filter}`);
      expect(status, name).toBe(200);
      const page = body as unknown as UsageTotalsInfo;
      return [...brief(page), ...page.freshness.map(({ registrationName }) => registrationName)];
    };
    const paid = `01T00-01T00 ${ids.customer} 10 2`;
    const own = "5.000000000000000000000001 2";
    expect(await sees("customer")).toEqual([paid, "north"]);
    expect(await sees("customer", `&payer=${ids.registration}`)).toEqual([]);
    expect(await sees("customer", "&registration=south")).toEqual([]);
    expect(await sees("customer", "&registration=nowhere")).toEqual([]);
    expect(await sees("stamp")).toEqual([`01T00-01T00 ${ids.registration} ${own}`, paid, "north"]);
    expect(await sees("bridge")).toEqual([]);
    expect(await sees("nobody")).toEqual([]);
    expect(await sees("team")).toEqual([
      `01T00-01T00 ${ids.registration} 69.000000000000000000000001 3`,
      paid,
      "north",
      "south",
    ]);
    const conservation = "/v1/usage/conservation?period=2024-02";
    const statuses = ["customer", "stamp", "bridge", "team"].map(async (name) => [
      (await ask(name, "GET", conservation)).status,
      (await ask(name, "GET", `${conservation}&registration=north`)).status,
    ]);
    expect(await Promise.all(statuses)).toEqual([
      [403, 403],
      [403, 200],
      [403, 403],
      [200, 200],
    ]);
    await ask.close();
    await stampbook.close();
  });
});

describe("conservation at any moment", () => {
  test("stored = attributed + parked, with what it waits for", async () => {
    const stampbook = await worldWithUsage();
    const { client, clock } = stampbook;
    await take(client, [hubRecord({ hour: HOUR, quantity: "9", resource: "/one" })]);
    for (const roll of [false, true]) {
      if (roll) {
        clock.set("2024-03-06T00:00:00Z");
        await client.totals.rollUp();
      }
      const { conserved, value, lastBatch } = await client.totals.conservation("2024-02", { registration: "north" });
      expect([conserved, lastBatch]).toEqual([true, 4]);
      const told = value.map(({ meter, stored, attributed, parked, parkedBy, difference }) => [
        meter === WINDOWS ? "windows" : meter,
        [stored, attributed, parked, difference].map(({ quantity, records }) => `${quantity} of ${records}`),
        Object.fromEntries(Object.entries(parkedBy).map(([reason, { quantity }]) => [reason, quantity])),
      ]);
      expect(told).toEqual([
        [
          "windows",
          ["56.000000000000000000000001 of 6", "15.000000000000000000000001 of 4", "41 of 2", "0 of 0"],
          { Conflict: "9", UnknownLocalSubscription: "32" },
        ],
        ["ffff", ["16 of 1", "0 of 0", "16 of 1", "0 of 0"], { UnknownMeter: "16" }],
      ]);
    }
    const then = await client.totals.conservation("2024-02", { asOf: "2024-03-05T11:59:59Z" });
    expect([then.conserved, then.value]).toEqual([true, []]);
    await stampbook.close();
  });

  test("it holds, and totals are its attributed side, while usage and withdrawals come in and days are rolled up", async () => {
    const stampbook = await worldWithUsage();
    const { client, clock } = stampbook;
    let minute = 0;
    const writes = async (from: number): Promise<void> => {
      for (let n = from; n < from + 12; n += 1) {
        const hour = `2024-02-${String(1 + (n % 9)).padStart(2, "0")}T0${n % 10}:00:00Z`;
        const local = n % 4 === 0 ? ids.foreign : ids.local;
        const records = [1, 2, 3].map((i) =>
          hubRecord({ hour, quantity: `${n}.${i}`, resource: `/r${n}-${i}`, localSubscription: local }),
        );
        const { batch } = await take(client, records, hour);
        if (n % 5 === 0) await client.ledger.withdraw(batch, "tried");
        minute += 11;
        clock.set(new Date(Date.UTC(2024, 2, 5, 12, minute)).toISOString());
        await client.totals.rollUp();
      }
    };
    const writers = Promise.all([writes(0), writes(12)]);
    for (let asked = 0; asked < 12; asked += 1) {
      const found = await client.totals.conservation("2024-02");
      expect(found.conserved, JSON.stringify(found)).toBe(true);
      const { asOf } = found;
      const [again, totals] = await Promise.all([
        client.totals.conservation("2024-02", { asOf }),
        client.totals.page({ ...FEBRUARY, groupBy: "localSubscription,payer", by: "day", asOf }),
      ]);
      expect(again.conserved).toBe(true);
      const attributed = again.value.reduce((so, line) => add(so, decimal(line.attributed.quantity)), ZERO);
      const summed = totals.value.reduce((so, row) => add(so, decimal(row.quantity)), ZERO);
      if (again.lastBatch === totals.lastBatch) expect(formatDecimal(summed)).toBe(formatDecimal(attributed));
    }
    await writers;
    const last = await client.totals.conservation("2024-02");
    expect(last.value.reduce((so, { stored }) => so + stored.records, 0)).toBeGreaterThan(50);
    await stampbook.close();
  });
});
