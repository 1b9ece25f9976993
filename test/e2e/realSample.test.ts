import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { importFile } from "../../src/cli/usageImport.ts";
import { ROOT } from "../support/sources.ts";
import { ids, NORTH, openStampbook, tokenOf } from "../support/world.ts";

// Goal: what a live Hub answered on 2019-12-10 is taken in exactly, counted once and priced as by hand.
// Method: the recorded answer, which is not ours to ship. Where it is not beside the repository this says so and skips.

const SAMPLE = join(ROOT, "../shared/samples/azs-subscriber-usage.2019-12-10T19.hourly.response.json");
const WINDOW = { start: "2019-12-10T19:00:00.0000000+00:00", end: "2019-12-10T20:00:00.0000000+00:00" };
const isThere = existsSync(SAMPLE);
if (!isThere) console.warn(`SKIPPED: the recorded answer of a live Hub is not at ${SAMPLE}`);

interface Row {
  readonly properties: {
    readonly subscriptionId: string;
    readonly meterId: string;
    readonly usageStartTime: string;
    readonly instanceData: string;
  };
}

const canonicalMeter = (meter: string): string => meter.toLowerCase().replaceAll("-", "");

/** Exact sums of the file's own number texts, by meter; written apart from the product's decimals on purpose. */
function sumsOf(text: string, rows: readonly Row[]): Map<string, string> {
  const texts = [...text.matchAll(/"quantity":([-+.eE\d]+)/g)].map((match) => match[1]!);
  expect(texts).toHaveLength(rows.length);
  const SCALE = 40;
  const sums = new Map<string, bigint>();
  rows.forEach(({ properties }, i) => {
    const [, whole, fraction = "", exponent = "0"] = /^(\d+)(?:\.(\d+))?(?:E([-+]\d+))?$/.exec(texts[i]!)!;
    const scaled = BigInt(whole! + fraction) * 10n ** BigInt(SCALE - fraction.length + Number(exponent));
    const meter = canonicalMeter(properties.meterId);
    sums.set(meter, (sums.get(meter) ?? 0n) + scaled);
  });
  const plain = (scaled: bigint): string => {
    const digits = scaled.toString().padStart(SCALE + 1, "0");
    return `${digits.slice(0, -SCALE)}.${digits.slice(-SCALE)}`.replace(/\.?0+$/, "");
  };
  return new Map([...sums].map(([meter, scaled]) => [meter, plain(scaled)]));
}

test.skipIf(!isThere)("the recorded answer of a live Hub, from the file to the statement", async () => {
  const text = readFileSync(SAMPLE, "utf8");
  const rows = (JSON.parse(text) as { value: Row[] }).value;
  const stampbook = await openStampbook({ now: "2020-02-10T20:16:50Z" });
  const { client } = stampbook;
  await client.putCatalogue([{ subscription: ids.registration, offerType: "APSS", partner: "contoso" }]);
  await client.register(NORTH, tokenOf("the-recorded-stamp"));
  const subscriptions = [...new Set(rows.map(({ properties }) => properties.subscriptionId))];
  await client.putLocalSubscriptions(
    "north",
    subscriptions.map((localSubscription) => ({ localSubscription, tenant: ids.tenant })),
  );

  const first = await importFile(client, "north", SAMPLE, { window: WINDOW, progress: false });
  expect(first.counts).toEqual({ accepted: 236, duplicate: 0, conflict: 0, parked: 0, rejected: 0 });
  const again = await importFile(client, "north", SAMPLE, { window: WINDOW, progress: false });
  expect(again.counts).toEqual({ accepted: 0, duplicate: 236, conflict: 0, parked: 0, rejected: 0 });

  const { conservation, unpriced } = await client.runStatements("2019-12");
  const stored = new Map(conservation.meters.map((meter) => [meter.meter, meter.stored]));
  expect(stored).toEqual(sumsOf(text, rows));
  expect(conservation).toMatchObject({
    stored: 236,
    billed: 207,
    unpriced: 29,
    parked: 0,
    difference: 0,
    metersUnequal: 0,
  });

  // Nothing is mapped, so the registration subscription pays. Quantities are sums of the file's texts, prices those of
  // the default sheet; a price for a month is divided by 720 hours, and each line is truncated to cents.
  const [summary, ...others] = await client.statements("2019-12");
  expect(others).toEqual([]);
  const statement = await client.statement(summary!.number);
  expect(statement.payer).toBe(ids.registration);
  expect(
    statement.lines.map(({ meterName, quantity, unitPrice, records, amount }) => [
      meterName,
      quantity,
      unitPrice,
      records,
      amount,
    ]),
  ).toEqual([
    ["Base VM Size Hours", "1", "0.008", 1, "0.00"], //                          1 × 0.008          = 0.008
    ["BlockBlobCapacity", "0.05826568603515625", "0.006", 25, "0.00"], //  0.058… × 0.006 / 720 = 0.0000004…
    ["PageBlobCapacity", "6625.2264587506651959", "0.006", 151, "0.05"], // 6625.2… × 0.006 / 720 = 0.0552…
    ["S10", "0.0013440860215053762", "1.28", 1, "0.00"], //                0.0013… × 1.28         = 0.0017…
    ["TableCapacity", "0.000006448477506637573066", "0.018", 2, "0.00"], //      … × 0.018 / 720
    ["Windows VM Size Hours", "74", "0.046", 27, "3.40"], //                    74 × 0.046          = 3.404
  ]);
  expect([statement.total, statement.currency]).toEqual(["3.45", "USD"]);
  const free = unpriced
    .map(({ meter, records, quantity }) => [meter, records, quantity])
    .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  expect(free).toEqual([
    ["6dab500fa4fd49c4956d229bb9c8c793", 28, "28"],
    ["7ba084ecef9c4d64a1797732c6cb5e28", 1, "0.029588853159258442"],
  ]);

  // Every VM hour has two rows: the VM itself, and its cores on exactly one of two meters.
  const vmMeters = new Map<string, string[]>();
  for (const { properties } of rows) {
    const meter = canonicalMeter(properties.meterId);
    if (!/^(6dab500f|9cd92d4c|fab6eb84)/.test(meter)) continue;
    const { resourceUri } = (JSON.parse(properties.instanceData) as { "Microsoft.Resources": { resourceUri: string } })[
      "Microsoft.Resources"
    ];
    const vmHour = `${resourceUri.toLowerCase()} ${properties.usageStartTime}`;
    vmMeters.set(vmHour, [...(vmMeters.get(vmHour) ?? []), meter.slice(0, 4)].sort());
  }
  expect(vmMeters.size).toBe(28);
  for (const meters of vmMeters.values()) expect(["6dab,9cd9", "6dab,fab6"]).toContain(meters.join(","));

  const windows = await client.explain(statement.number, 6, { limit: 100 });
  expect(windows.records).toMatchObject({ recordsInAll: 27, quantityInAll: "74" });
  expect(windows.records.value).toHaveLength(27);
  expect(windows.decisions).toMatchObject([{ by: "no-mapping", records: 27, quantity: "74", change: null }]);
  await stampbook.close();
});
