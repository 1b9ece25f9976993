import { expect, test } from "vitest";
import { Refused } from "../../src/client/client.ts";
import { asPage, hubPage, hubRecord, openStampbook, registerNorth, windowAfter } from "../support/world.ts";

// Goal: what operators say of meters makes usage billable that waited, priced and converted as of its hour, and is
// told with reason, author and time.

const TIER = "worker-tier-medium";
const BASE = "fab6eb84-500b-4a09-a8ca-7358f8bbaea5";
const BYTES = "8a409390-1913-40ae-917b-08d0f16f3c38";
const BLOB = "8a913f38-33b4-4772-9488-e89522fc09e5";

const codeOf = async (call: Promise<unknown>): Promise<string> =>
  await call.then(
    () => "none",
    (error: unknown) => (error instanceof Refused ? error.code : String(error)),
  );

test("usage of an unknown meter waits, and is billed by the next run once the meter is known and mapped", async () => {
  const stampbook = await openStampbook();
  const { client } = stampbook;
  await registerNorth(stampbook);
  const hours = ["2024-02-10T10:00:00Z", "2024-02-10T11:00:00Z"];
  const take = (meter: string, quantities: string[]) =>
    client.takeIn(
      "north",
      asPage(hubPage(quantities.map((quantity, i) => hubRecord({ hour: hours[i]!, quantity, meter })))),
      windowAfter(hours[1]!),
    );
  expect((await take(TIER, ["1000", "2000"])).counts).toMatchObject({ accepted: 0, parked: 2 });
  const parked = async () => (await client.parked()).map(({ reason, quantity }) => [reason, quantity]);
  expect(await parked()).toEqual([["UnknownMeter", "3000"]]);

  // Added: known, but nothing prices it yet.
  const facts = { name: "Medium workers", unit: "core-hour", reason: "tier of the web farm" };
  expect(await client.meters.put(TIER, facts)).toMatchObject({ changed: true });
  expect(await client.meters.put(TIER, facts)).toMatchObject({ changed: false });
  expect(await parked()).toEqual([["NoPrice", "3000"]]);

  // Mapped from the second hour on, two units for one.
  const mapping = { commerceMeter: BASE, factor: "2", reason: "two cores each", validFrom: hours[1]! };
  expect(await client.meters.map(TIER, mapping)).toMatchObject({ commerceMeter: BASE, changed: true });
  expect(await parked()).toEqual([["NoPrice", "1000"]]);
  const { conservation } = await client.runStatements("2024-02");
  expect(conservation).toMatchObject({ billed: 1, parked: 1, difference: 0, metersUnequal: 0 });
  expect(conservation.meters).toMatchObject([
    { name: "Medium workers", unit: "core-hour", billed: "2000", parked: "1000" },
  ]);
  const [statement] = await client.statements("2024-02");
  const { lines } = await client.statement(statement!.number);
  // 2000 × 2 × 0.008
  expect(lines).toMatchObject([{ quantity: "2000", factor: "2", pricedQuantity: "4000", amount: "32.00" }]);
  const { arithmetic, records } = await client.explain(statement!.number, 1);
  expect(arithmetic).toBe("2000 core-hour × 2 = 4000 × 0.008 per vCPU-hour, truncated to 2 decimals = 32.00");
  expect(records).toMatchObject({ recordsInAll: 1, quantityInAll: "2000" });

  // New usage is not parked at intake any more.
  expect((await take(TIER, ["1000", "2000"])).counts).toMatchObject({ duplicate: 2 });
  const resource = "/subscriptions/x/other";
  const next = hubRecord({ hour: hours[1]!, quantity: "1", meter: TIER.toUpperCase(), resource });
  expect((await client.takeIn("north", asPage(hubPage([next])), windowAfter(hours[1]!))).counts).toMatchObject({
    accepted: 1,
  });
  await stampbook.close();
});

test("bytes are priced as GiB, exactly; a meter of the catalogue keeps its past", async () => {
  const stampbook = await openStampbook({ now: "2024-02-10T10:20:00Z" });
  const { client } = stampbook;
  await registerNorth(stampbook);
  const mapping = { commerceMeter: BLOB, factor: "1/1073741824", reason: "bytes" };
  await client.meters.map(BYTES, mapping);
  stampbook.clock.set("2024-03-05T12:00:00Z");
  const bytes = String(720 * 1_000 * 2 ** 30);
  const records = ["10", "11"].map((hour) =>
    hubRecord({ hour: `2024-02-10T${hour}:00:00Z`, quantity: bytes, meter: BYTES }),
  );
  await client.takeIn("north", asPage(hubPage(records)), windowAfter("2024-02-10T11:00:00Z"));
  const { conservation } = await client.runStatements("2024-02");
  expect(conservation).toMatchObject({ billed: 1, parked: 1, difference: 0, metersUnequal: 0 });
  const [statement] = await client.statements("2024-02");
  expect((await client.statement(statement!.number)).lines).toMatchObject([
    { quantity: bytes, factor: "1/1073741824", pricedQuantity: "720000", amount: "6.00" },
  ]);
  const { mappings } = await client.meters.history(BYTES);
  expect(mappings).toMatchObject([
    {
      commerceMeter: BLOB,
      factor: "1/1073741824",
      validFrom: "2024-02-10T11:00:00Z",
      recordedBy: "local",
      reason: "bytes",
    },
  ]);
  const listed = async (of: { at?: string; asOf?: string }) =>
    (await client.meters.list(of)).find(({ meter }) => meter === BYTES)?.mappedBy;
  expect(await listed({ at: "2024-02-10T10:00:00Z" })).toBe("nobody");
  expect(await listed({ at: "2024-02-10T11:00:00Z" })).toBe("operator");
  expect(await listed({ asOf: "2024-02-10T10:00:00Z" })).toBe("nobody");

  await client.meters.map(BYTES, { reason: "no more" });
  expect((await client.meters.history(BYTES)).mappings.map(({ commerceMeter }) => commerceMeter)).toEqual([BLOB, null]);
  const audited = await client.audit({ target: BYTES });
  expect(audited.map(({ action, actor }) => `${action} ${actor}`)).toEqual([
    "Stampbook/meters/map local",
    "Stampbook/meters/map local",
  ]);
  await stampbook.close();
});

test("what cannot be said of a meter is refused", async () => {
  const stampbook = await openStampbook();
  const { client } = stampbook;
  const reason = "test";
  expect(await codeOf(client.meters.put(BASE, { name: "mine", reason }))).toBe("MeterIsBuiltIn");
  for (const factor of ["0", "-1", "1/0", "half", "1e9"]) {
    expect(await codeOf(client.meters.map(TIER, { commerceMeter: BASE, factor, reason }))).toBe(
      "ConversionFactorInvalid",
    );
  }
  expect(await codeOf(client.meters.map(TIER, { commerceMeter: "no meter!", reason }))).toBe("InvalidParameter");
  expect(await codeOf(client.meters.put("no meter!", { name: "x", reason }))).toBe("InvalidParameter");
  expect(await codeOf(client.meters.put(TIER, { name: "x" }))).toBe("InvalidRequestContent");
  expect(await codeOf(client.meters.map(TIER, { commerceMeter: BASE, validFrom: "soon", reason }))).toBe(
    "InvalidParameter",
  );
  expect(await client.meters.history(TIER)).toMatchObject({ facts: [], mappings: [] });
  await stampbook.close();
});
