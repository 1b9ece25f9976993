import { describe, expect, test } from "vitest";
import { expectedTotals } from "../../simulator/truth.ts";
import type { Client } from "../../src/client/client.ts";
import { playDemo } from "../../src/demo/scenario.ts";
import { REFUSAL_CODES } from "../../src/domain/faults/catalogue.ts";
import type { MeterId } from "../../src/domain/ids.ts";
import { DEFAULT_PRICE_SHEET } from "../../src/domain/rating/defaultPriceSheet.ts";
import { type PriceSheet, priceOf } from "../../src/domain/rating/priceSheet.ts";
import { add, decimal, formatDecimal, ZERO } from "../../src/lib/decimal.ts";
import {
  asLines,
  asPage,
  hubPage,
  hubRecord,
  ids,
  NORTH,
  openStampbook,
  registerNorth,
  tokenOf,
  windowAfter,
} from "../support/world.ts";
import { closeAnyway } from "../support/closing.ts";
import { startTroubledUpstream } from "../../src/demo/upstream.ts";
import { troubledSubscription } from "../../src/demo/scenario.ts";

const guid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

// Goal: a whole month comes out as the simulator, which knows the truth, says; and small months as by hand.

describe.each([
  ["a leap February", 7, "2024-02"],
  ["a month of 31 days", 8, "2023-12"],
])("%s of the simulator", (_, seed, period) => {
  test("counts, attribution and conservation equal the truth to the last digit", async () => {
    const upstream = await startTroubledUpstream(troubledSubscription(seed));
    const stampbook = await openStampbook({ resolverUrl: upstream.url });
    const { client, folder } = stampbook;
    let nowMs = 0;
    const clock = { now: () => nowMs, set: (ms: number) => (nowMs = ms) };
    Object.assign(stampbook.stampbook.context.clock, { now: clock.now });
    const listener = { step: () => undefined, progress: () => undefined };
    const result = await playDemo(client, clock, { seed, period, records: 30_000, folder }, listener);
    const truth = expectedTotals(result.world);

    expect(result.refusals.map(({ code }) => code)).toEqual(REFUSAL_CODES);
    const { counts } = truth;
    expect(result.counts.accepted + result.counts.parked).toBe(counts.distinct);
    expect(result.counts.parked).toBe(counts.unknownLocalSubscription + counts.unknownMeter);
    expect(result.counts.conflict).toBe(counts.conflicts);
    expect(result.counts.duplicate - result.again.duplicate).toBe(counts.duplicates);
    expect(result.again.accepted).toBe(0);
    expect(result.counts.rejected).toBe(5);
    expect(result.run.conservation).toMatchObject({ difference: 0, metersUnequal: 0 });
    expect(result.run.conservation.parked).toBe(result.counts.parked + result.counts.conflict);

    expect(await billedByPayer(client, result.statements)).toEqual(expectedBilled(truth, result.world));
    await stampbook.close();
    await upstream.close();
  });
});

/** `payer stamp meter` → quantity on statement lines. */
async function billedByPayer(client: Client, statements: readonly { number: string; payer: string }[]) {
  const names = new Map((await client.registrations()).map(({ registration, name }) => [registration, name]));
  const billed = new Map<string, string>();
  for (const { number, payer } of statements) {
    for (const { kind, registration, meter, quantity } of (await client.statement(number)).lines) {
      if (kind !== "usage") continue;
      billed.set(`${payer} ${names.get(registration)} ${meter}`, quantity);
    }
  }
  return billed;
}

type Truth = ReturnType<typeof expectedTotals>;
type World = Parameters<typeof expectedTotals>[0];

function expectedBilled({ byPayer }: Truth, { stamps }: World): Map<string, string> {
  const sums = new Map<string, string>();
  for (const { payer, stamp, meter, quantity } of byPayer) {
    const { scope, billingModel } = stamps.find(({ name }) => name === stamp)!;
    const price = priceOf(DEFAULT_PRICE_SHEET, meter);
    if (billingModel !== "PayAsYouUse" || price === undefined || price.free) continue;
    const key = `${payer} ${scope.name} ${meter}`;
    sums.set(key, formatDecimal(add(decimal(sums.get(key) ?? "0"), quantity)));
  }
  return sums;
}

describe("small months by hand", () => {
  test("a tenant that is mapped at 10:20 is paid for by its customer subscription from 11:00", async () => {
    const stampbook = await openStampbook({ now: "2024-02-14T10:20:00Z" });
    const { client, clock } = stampbook;
    await registerNorth(stampbook);
    await client.map(NORTH, ids.customer);
    clock.set("2024-03-02T00:00:00Z");
    for (const hour of [
      "2024-02-14T09:00:00Z",
      "2024-02-14T10:00:00Z",
      "2024-02-14T11:00:00Z",
      "2024-02-29T23:00:00Z",
    ]) {
      await client.takeIn("north", asPage(hubPage([hubRecord({ hour, quantity: "1000.0" })])), windowAfter(hour));
    }
    await client.runStatements("2024-02");
    const statements = await client.statements("2024-02");
    expect(statements.map(({ payer, total }) => [payer, total])).toEqual([
      [ids.registration, "92.00"],
      [ids.customer, "92.00"],
    ]);
    const explained = await client.explain(statements[1]!.number, 1);
    expect(explained.decisions).toMatchObject([
      {
        tenant: ids.tenant,
        by: "mapping",
        from: "2024-02-14T11:00:00Z",
        to: "2024-03-01T00:00:00Z",
        change: { recordedAt: "2024-02-14T10:20:00Z" },
      },
    ]);
    expect(explained.records.value.map(({ usageStart }) => usageStart)).toEqual([
      "2024-02-14T11:00:00Z",
      "2024-02-29T23:00:00Z",
    ]);
    const before = await client.explain(statements[0]!.number, 1);
    expect(before.records).toMatchObject({ recordsInAll: 2, quantityInAll: "2000" });
    await stampbook.close();
  });

  test("what is unknown is parked and visible, and is billed once it is known", async () => {
    const stampbook = await openStampbook();
    const { client } = stampbook;
    await registerNorth(stampbook);
    const hour = "2024-02-10T10:00:00Z";
    const stranger = "40000000-0000-4000-8000-0000000000ff";
    const records = [
      hubRecord({ hour, quantity: "100", localSubscription: stranger }),
      hubRecord({ hour, quantity: "7", meter: "11111111-2222-3333-4444-555555555555" }),
      hubRecord({ hour, quantity: "3", meter: "14496322-39cb-4d33-b67d-39b0c2de0c8e" }),
    ];
    const { counts, problems } = await client.takeIn("north", asPage(hubPage(records)), windowAfter(hour));
    expect(counts).toMatchObject({ accepted: 1, parked: 2 });
    expect(problems.map(({ position, reason }) => [position, reason])).toEqual([
      [1, "UnknownLocalSubscription"],
      [2, "UnknownMeter"],
    ]);
    const parked = async () => new Map((await client.parked()).map(({ reason, quantity }) => [reason, quantity]));
    expect(await parked()).toEqual(
      new Map([
        ["NoPrice", "3"],
        ["UnknownLocalSubscription", "100"],
        ["UnknownMeter", "7"],
      ]),
    );
    expect((await client.runStatements("2024-02")).conservation).toMatchObject({ parked: 3, billed: 0, difference: 0 });
    stampbook.clock.set("2024-03-05T13:00:00Z");
    await client.putLocalSubscriptions("north", [{ localSubscription: stranger, tenant: ids.tenant }]);
    expect(await parked()).toEqual(
      new Map([
        ["NoPrice", "3"],
        ["UnknownMeter", "7"],
      ]),
    );
    expect((await client.runStatements("2024-02")).conservation).toMatchObject({ parked: 2, billed: 1, difference: 0 });
    await stampbook.close();
  });

  test("a conflict keeps the first version on the statement and the second one parked", async () => {
    const stampbook = await openStampbook();
    const { client } = stampbook;
    await registerNorth(stampbook);
    const hour = "2024-02-10T10:00:00Z";
    const version = (quantity: string) => hubRecord({ hour, quantity });
    const window = windowAfter(hour);
    expect(
      (await client.takeIn("north", asLines([version("1.0"), version("1"), version("2")]), window)).counts,
    ).toEqual({
      accepted: 1,
      duplicate: 1,
      conflict: 1,
      parked: 0,
      rejected: 0,
    });
    expect((await client.takeIn("north", asLines([version("2.0"), version("1.00")]), window)).counts).toMatchObject({
      duplicate: 2,
    });
    const { conservation } = await client.runStatements("2024-02");
    expect(conservation).toMatchObject({ stored: 2, billed: 1, parked: 1, difference: 0 });
    expect(conservation.meters).toMatchObject([{ stored: "3", billed: "1", parked: "2", difference: "0" }]);
    await stampbook.close();
  });

  test("tiers are climbed in usage-time order over stamps, and split a line; included usage comes first", async () => {
    const meter = "9cd92d4cbafd4492b278bedc2de8232a" as MeterId;
    const windows = DEFAULT_PRICE_SHEET.prices.get("fb8c0713ea2040bf901f5560fd3f6330")!;
    const tiers = [
      { from: ZERO, unitPrice: decimal("1") },
      { from: decimal("20"), unitPrice: decimal("0.5") },
    ];
    const priceSheet: PriceSheet = {
      ...DEFAULT_PRICE_SHEET,
      prices: new Map([[windows.commerceMeter, { ...windows, tiers, includedQuantity: decimal("5") }]]),
    };
    const stampbook = await openStampbook({ priceSheet });
    const { client } = stampbook;
    await registerNorth(stampbook);
    await client.register({ ...NORTH, name: "south" }, tokenOf("cloud-south"));
    await client.putLocalSubscriptions("south", [{ localSubscription: ids.local, tenant: ids.tenant }]);
    // South is used first, though it is registered and sent last: it gets what is included and the dear tier.
    const [first, second] = ["2024-02-01T00:00:00Z", "2024-02-02T00:00:00Z"];
    await client.takeIn("north", asPage(hubPage([hubRecord({ hour: second, quantity: "30" })])), windowAfter(second));
    await client.takeIn("south", asPage(hubPage([hubRecord({ hour: first, quantity: "15" })])), windowAfter(first));
    const { conservation } = await client.runStatements("2024-02");
    expect(conservation).toMatchObject({ difference: 0, metersUnequal: 0 });
    const [summary] = await client.statements("2024-02");
    const { lines, total } = await client.statement(summary!.number);
    expect(
      lines.map((line) => [line.registration, line.meter === meter, line.tier, line.quantity, line.amount]),
    ).toEqual([
      [1, true, 1, "10", "10.00"],
      [1, true, 2, "20", "10.00"],
      [2, true, 0, "5", "0.00"],
      [2, true, 1, "10", "10.00"],
    ]);
    expect(total).toBe("30.00");

    // So many local subscriptions that each stamp is rated on its own: nothing is other.
    const others = Array.from({ length: 2_501 }, (_, i) => ({ localSubscription: guid(i), tenant: guid(i) }));
    await client.putLocalSubscriptions("north", others);
    const again = await client.runStatements("2024-02");
    expect(again.conservation).toMatchObject({ difference: 0, metersUnequal: 0 });
    expect(again.changes).toMatchObject({ added: 0, removed: 0, changed: 0 });
    const closed = await closeAnyway(client, "2024-02");
    expect((await client.statement(closed.statements[0]!.number)).lines).toEqual(lines);
    expect(await client.closing.verify({ period: "2024-02" })).toMatchObject({ intact: true, documents: 1 });
    await stampbook.close();
  });

  test("a stamp is not charged from the hour on at which it is a capacity one; a run again replaces drafts", async () => {
    const stampbook = await openStampbook({ now: "2024-02-01T00:00:00Z" });
    const { client } = stampbook;
    await registerNorth(stampbook);
    const hour = "2024-02-10T10:00:00Z";
    stampbook.clock.set("2024-02-10T11:20:00Z");
    const take = (of: string) =>
      client.takeIn("north", asPage(hubPage([hubRecord({ hour: of, quantity: "100" })])), windowAfter(of));
    await take(hour);
    await client.runStatements("2024-02");
    await client.runStatements("2024-02");
    expect(await client.statements("2024-02")).toHaveLength(1);
    await client.register(NORTH, tokenOf("cloud-north", "Capacity"));
    stampbook.clock.set("2024-02-10T13:00:00Z");
    await take("2024-02-10T12:00:00Z");
    const { conservation } = await client.runStatements("2024-02");
    expect(conservation).toMatchObject({ billed: 1, unpriced: 1, difference: 0 });
    const [statement] = await client.statements("2024-02");
    expect((await client.statement(statement!.number)).lines).toMatchObject([{ quantity: "100", records: 1 }]);
    expect((await client.explain(statement!.number, 1)).records.value).toMatchObject([{ usageStart: hour }]);
    await stampbook.close();
  });

  test("a local subscription is billed by the tenant of the hour; hours before it was known wait", async () => {
    const stampbook = await openStampbook();
    const { client } = stampbook;
    await registerNorth(stampbook);
    const customer = { offerType: "CSP", partner: "contoso", tenant: ids.secondTenant };
    await client.putCatalogue([{ subscription: ids.enterprise, ...customer }]);
    stampbook.clock.set("2024-02-01T00:00:00Z");
    await client.map(NORTH, ids.customer);
    await client.map(NORTH, ids.enterprise);
    stampbook.clock.set("2024-03-05T12:00:00Z");
    const late = "40000000-0000-4000-8000-0000000000aa";
    const row = { localSubscription: late, tenant: ids.tenant };
    await client.putLocalSubscriptions("north", [
      { ...row, validFrom: "2024-02-10T09:20:00Z" },
      { ...row, tenant: ids.secondTenant, validFrom: "2024-02-10T12:00:00Z" },
    ]);
    const hours = [9, 10, 11, 12].map((hour) => `2024-02-10T${String(hour).padStart(2, "0")}:00:00Z`);
    const records = hours.map((hour, i) => hubRecord({ hour, quantity: `${10 ** i}`, localSubscription: late }));
    const { counts } = await client.takeIn("north", asPage(hubPage(records)), windowAfter(hours[3]!));
    expect(counts).toMatchObject({ accepted: 3, parked: 1 });

    const billed = async () => {
      const { conservation } = await client.runStatements("2024-02");
      expect(conservation).toMatchObject({ difference: 0, metersUnequal: 0 });
      const statements = await client.statements("2024-02");
      return await Promise.all(
        statements.map(async ({ number, payer }) => {
          const { records: shown, line } = await client.explain(number, 1);
          expect(shown.quantityInAll).toBe(line.quantity);
          return [payer, line.quantity];
        }),
      );
    };
    expect(await billed()).toEqual([
      [ids.customer, "110"],
      [ids.enterprise, "1000"],
    ]);
    expect(await client.parked()).toMatchObject([{ reason: "UnknownLocalSubscription", quantity: "1", records: 1 }]);

    stampbook.clock.set("2024-03-05T13:00:00Z");
    await client.putLocalSubscriptions("north", [{ ...row, validFrom: "2024-02-10T00:00:00Z" }]);
    expect(await client.parked()).toEqual([]);
    expect(await billed()).toEqual([
      [ids.customer, "111"],
      [ids.enterprise, "1000"],
    ]);
    const asOf = "2024-03-05T12:30:00Z";
    const tenantAt = async (at: string, known?: string) =>
      (await client.localSubscriptions("north", { at, ...(known ? { asOf: known } : {}) })).find(
        (so) => so.localSubscription === late,
      )?.tenant;
    expect(await tenantAt(hours[0]!)).toBe(ids.tenant);
    expect(await tenantAt(hours[0]!, asOf)).toBeUndefined();
    expect(await tenantAt(hours[3]!)).toBe(ids.secondTenant);
    expect((await client.localSubscriptionHistory("north", late)).map(({ validFrom }) => validFrom)).toEqual([
      hours[1],
      hours[3],
      "2024-02-10T00:00:00Z",
    ]);
    await stampbook.close();
  });
});
