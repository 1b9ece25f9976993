import { expect, test } from "vitest";
import { Client, Refused } from "../../src/client/client.ts";
import { PARKED_REASONS } from "../../src/domain/statement/classify.ts";
import {
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

// Goal: whoever resolves parked usage sees how much, since when, what it would cost and what to do; and for one record,
// what decided about it.

const HOUR = "2024-02-10T10:00:00Z";
const STRANGER = "40000000-0000-4000-8000-0000000000ff";
const TIER = "worker-tier-medium";
const S40 = "14496322-39cb-4d33-b67d-39b0c2de0c8e";

const codeOf = async (call: Promise<unknown>): Promise<string> =>
  await call.then(
    () => "none",
    (error: unknown) => (error instanceof Refused ? error.code : String(error)),
  );

test("parked usage tells its amount at stake, its age, and what to do, in both languages", async () => {
  const stampbook = await openStampbook({ now: "2024-02-10T13:30:00Z" });
  const { client } = stampbook;
  await registerNorth(stampbook);
  await client.register({ ...NORTH, name: "east" }, tokenOf("cloud-east", "Capacity"));
  const later = "2024-02-10T11:00:00Z";
  const take = (registration: string, records: string[]) =>
    client.takeIn(registration, asPage(hubPage(records)), windowAfter(later));
  await take("north", [
    hubRecord({ hour: later, quantity: "100", localSubscription: STRANGER }),
    hubRecord({ hour: HOUR, quantity: "7", meter: TIER }),
    hubRecord({ hour: HOUR, quantity: "3", meter: S40 }),
    hubRecord({ hour: HOUR, quantity: "1" }),
  ]);
  stampbook.clock.set("2024-02-10T14:30:00Z");
  await take("north", [hubRecord({ hour: HOUR, quantity: "50" })]);
  await take("north", [hubRecord({ hour: HOUR, quantity: "100", localSubscription: STRANGER })]);
  await take("east", [hubRecord({ hour: HOUR, quantity: "5", localSubscription: STRANGER })]);

  const rows = await client.parked();
  const told = rows.map((so) => [
    so.reason,
    so.registration,
    so.quantity,
    so.records,
    so.oldestUsage,
    so.oldestArrival,
    so.ageHours,
    so.amountAtStake ?? so.noAmountBecause,
  ]);
  const [first, second] = ["2024-02-10T13:30:00Z", "2024-02-10T14:30:00Z"];
  expect(told).toEqual([
    ["UnknownLocalSubscription", "north", "200", 2, HOUR, first, 4, "9.20"],
    ["UnknownLocalSubscription", "east", "5", 1, HOUR, second, 4, "BillingModel"],
    ["NoPrice", "north", "3", 1, HOUR, first, 4, "NoPrice"],
    ["Conflict", "north", "50", 1, HOUR, second, 4, "2.30"],
    ["UnknownMeter", "north", "7", 1, HOUR, first, 4, "NoPrice"],
  ]);
  expect(rows[0]).toMatchObject({ currency: "USD", meterName: "Windows VM Size Hours" });
  expect(rows[0]!.remedy[0]).toBe(
    `Say whose it is: stampbook local-subscriptions put north ${STRANGER} --tenant TENANT`,
  );
  const chinese = new Client({ socketPath: stampbook.socketPath }, "zh-Hans");
  const [ofTier] = await chinese.parked({ reason: "unknownmeter" });
  expect(ofTier!.remedy[0]).toBe(`添加它：stampbook meters add workertiermedium --name 名称 --unit 单位 --reason 理由`);

  const reasons = async (of: Record<string, string | number>) => (await client.parked(of)).map(({ reason }) => reason);
  expect(await reasons({ registration: "east" })).toEqual(["UnknownLocalSubscription"]);
  expect(await reasons({ localSubscription: STRANGER, meter: S40 })).toEqual([]);
  expect(await reasons({ limit: 1, offset: 2 })).toEqual(["NoPrice"]);
  expect(await codeOf(client.parked({ reason: "Weather" }))).toBe("InvalidParameter");
  expect(await codeOf(client.parked({ registration: "west" }))).toBe("RegistrationNotFound");
  for (const reason of PARKED_REASONS) expect(await codeOf(client.parked({ reason }))).toBe("none");
  await stampbook.close();
});

test("one record: its versions, tenant, mapping and hour rule, what else would have been, and as of any moment", async () => {
  const stampbook = await openStampbook({ now: "2024-02-10T09:20:00Z" });
  const { client } = stampbook;
  await registerNorth(stampbook);
  await client.map(NORTH, ids.customer);
  stampbook.clock.set("2024-02-10T13:30:00Z");
  const record = hubRecord({ hour: HOUR, quantity: "2" });
  const { batch } = await client.takeIn("north", asPage(hubPage([record])), windowAfter(HOUR));
  stampbook.clock.set("2024-02-10T14:30:00Z");
  await client.takeIn("north", asPage(hubPage([hubRecord({ hour: HOUR, quantity: "3" })])), windowAfter(HOUR));
  await client.unmap(NORTH, ids.customer);

  const meter = "9CD92D4C-BAFD-4492-B278-BEDC2DE8232A";
  const search = { registration: "north", localSubscription: ids.local, meter, hour: "2024-02-10T10:40:00Z" };
  const byPlace = { registration: "north", batch, position: 1 };
  const explanation = await client.explainUsage(search);
  expect(await client.explainUsage(byPlace)).toEqual(explanation);
  expect(explanation.value).toMatchObject([
    {
      usageHour: HOUR,
      tenant: ids.tenant,
      localSubscriptionChange: { recordedBy: "local", rule: "from the beginning", countsFrom: null },
      payer: ids.customer,
      by: "mapping",
      mappingChange: {
        recordedAt: "2024-02-10T09:20:00Z",
        countsFrom: HOUR,
        rule: "next whole hour",
        recordedBy: "local",
      },
      withoutMapping: ids.registration,
      billingModel: "PayAsYouUse",
      factor: "1",
      versions: [
        { quantity: "2", batch, position: 1, outcome: "billed", payer: ids.customer },
        { quantity: "3", outcome: "parked", reason: "Conflict", payer: null },
      ],
    },
  ]);
  const before = await client.explainUsage({ ...search, asOf: "2024-02-10T14:00:00Z" });
  expect(before.value[0]!.versions).toHaveLength(1);

  await client.ledger.withdraw(batch, "a test");
  const [withdrawn] = (await client.explainUsage(byPlace)).value;
  expect(withdrawn!.versions.map(({ outcome }) => outcome)).toEqual(["ended", "parked"]);

  for (const wrong of [
    { ...search, asOf: "2024-02-10T12:00:00Z" },
    { ...search, hour: "2024-02-10T11:00:00Z" },
    { ...search, resource: "/another" },
    { ...byPlace, position: 9 },
  ]) {
    expect(await codeOf(client.explainUsage(wrong))).toBe("UsageRecordNotFound");
  }
  expect(await codeOf(client.explainUsage({ registration: "north" }))).toBe("InvalidParameter");
  expect(await codeOf(client.explainUsage({ ...search, hour: "noon" }))).toBe("InvalidParameter");
  await stampbook.close();
});
