import { afterAll, beforeAll, expect, test } from "vitest";
import type { SettingName } from "../../src/settings.ts";
import { CLUSTER, type ClickhouseServers, startClickhouse } from "../support/clickhouseServer.ts";
import { closeAnyway } from "../support/closing.ts";
import { bytesOf, ParquetReader } from "../support/parquet.ts";
import { asLines, hubRecord, ids, NORTH, openStampbook, registerNorth } from "../support/world.ts";

// Goal: exports that the usage engine writes hold the same on the embedded engine, on a server and on a cluster.
// Method: one closed month through the whole product, opened by settings alone; what was exported is compared.

const PERIOD = "2024-02";
const HOURS = ["2024-02-20T10:00:00Z", "2024-02-20T11:00:00Z"];
let one: ClickhouseServers;
let two: ClickhouseServers;
let reader: ParquetReader;

beforeAll(async () => {
  one = await startClickhouse(1);
  two = await startClickhouse(2);
  reader = new ParquetReader();
});
afterAll(async () => {
  reader.close();
  await one.close();
  await two.close();
});

async function exported(settings: Partial<Record<SettingName, string>>) {
  const stampbook = await openStampbook({ now: "2024-02-01T00:00:00Z", settings });
  const { client, clock } = stampbook;
  await registerNorth(stampbook);
  await client.map(NORTH, ids.customer);
  clock.set("2024-02-20T10:20:00Z");
  await client.map(NORTH, ids.secondCustomer);
  clock.set("2024-03-05T12:00:00Z");
  const reported = { start: "2024-03-01T00:00:00Z", end: "2024-03-02T00:00:00Z" };
  // Line ends of every kind in a text, and what a spreadsheet would compute.
  const odd = "=1+1\u2028\u2029\n\r\t'\"";
  const records = HOURS.map((hour, i) => hubRecord({ hour, quantity: `${i + 1}.5`, resource: `/r/${i}` }));
  await client.takeIn(
    "north",
    asLines([...records, hubRecord({ hour: HOURS[0]!, quantity: "3", resource: odd })]),
    reported,
  );
  await client.putCatalogue([
    { subscription: ids.customer, displayName: "a\u2028b\u2029c", offerType: "CSP", partner: "contoso" },
  ]);
  await closeAnyway(client, PERIOD);
  const { exports } = client.closing;
  const usage = async (format: "csv" | "parquet") => await bytesOf((on) => exports.usage(PERIOD, { format }, on));
  const csv = (await usage("csv")).toString("utf8");
  const parquet = await reader.read(await usage("parquet"));
  const focus = await reader.read(await bytesOf((on) => exports.focus(PERIOD, "contoso", on, "parquet")));
  await stampbook.close();
  // Rows of raw usage have no order, and the time of acceptance is the test's own.
  const sorted = [...parquet.rows].map((row) => JSON.stringify(row)).sort();
  return { csvChars: csv.length, usage: sorted, types: parquet.types, focus };
}

test("raw usage and FOCUS are the same on one process, one server and two shards", async () => {
  const embedded = await exported({});
  expect(embedded.usage.length).toBe(3);
  expect(embedded.focus.rows.map((row) => row["BillingAccountName"])).toContain("a\u2028b\u2029c");
  expect(await exported({ usageEngineUrl: one.urls })).toEqual(embedded);
  expect(await exported({ usageEngineUrl: two.urls, usageCluster: CLUSTER })).toEqual(embedded);
});
