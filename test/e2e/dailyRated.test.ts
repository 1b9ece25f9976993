import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { DAILY_RATED_COLUMNS } from "../../src/domain/dailyRated/columns.ts";
import { DEFAULT_PRICE_SHEET } from "../../src/domain/rating/defaultPriceSheet.ts";
import type { PriceSheet } from "../../src/domain/rating/priceSheet.ts";
import { add, decimal, divide, formatDecimal, multiply, ZERO } from "../../src/lib/decimal.ts";
import { askAs } from "../support/askAs.ts";
import { closeAnyway } from "../support/closing.ts";
import { asLines, hubRecord, ids, instant, NORTH, openStampbook, registerNorth, tokenOf } from "../support/world.ts";

// Goal: days of daily rated usage come to the closed documents, to the last digit, with tiers over several stamps, prices
// per month, and a payer that changes in the middle of a day; what the rounding of lines makes of it stands on its own.
// Method: a closed month on real engines; days, prices and sums are worked out here again from the records.

const PERIOD = "2024-02";
const WINDOWS = "fb8c0713ea2040bf901f5560fd3f6330";

/** Two tiers per month of 700 hours: no day is a finite decimal. */
function tieredSheet(): PriceSheet {
  const windows = DEFAULT_PRICE_SHEET.prices.get(WINDOWS)!;
  const tiers = [
    { from: ZERO, unitPrice: decimal("1") },
    { from: decimal("300"), unitPrice: decimal("0.5") },
  ];
  const price = { ...windows, tiers, includedQuantity: decimal("7"), hoursPerMonth: decimal("700") };
  return { ...DEFAULT_PRICE_SHEET, prices: new Map([[windows.commerceMeter, price]]) };
}

const DAYS = Array.from({ length: 29 }, (_, i) => `2024-02-${String(i + 1).padStart(2, "0")}`);

type Row = Readonly<Record<string, string>>;
const rowsOf = (text: string): readonly Row[] => parse(text, { columns: true }) as Row[];
const totalOf = (rows: readonly Row[], column = "BillingPreTaxTotal"): string =>
  formatDecimal(rows.reduce((all, row) => add(all, decimal(row[column]!)), ZERO));

async function closedMonth() {
  const stampbook = await openStampbook({ now: "2024-02-01T00:00:00Z", priceSheet: tieredSheet() });
  const { client, clock } = stampbook;
  await registerNorth(stampbook);
  await client.register({ ...NORTH, name: "south" }, tokenOf("cloud-south"));
  await client.putLocalSubscriptions("south", [{ localSubscription: ids.local, tenant: ids.tenant }]);
  await client.map(NORTH, ids.customer);
  // From eleven on somebody else pays for the north.
  clock.set("2024-02-20T10:20:00Z");
  await client.map(NORTH, ids.secondCustomer);
  clock.set("2024-03-05T12:00:00Z");
  const reported = { start: "2024-03-01T00:00:00Z", end: "2024-03-02T00:00:00Z" };
  const send = (stamp: string, lines: readonly string[]) => client.takeIn(stamp, asLines(lines), reported);
  const hours = DAYS.flatMap((day) => ["08", "10", "15"].map((hour) => `${day}T${hour}:00:00Z`));
  await send(
    "north",
    hours.map((hour, i) => hubRecord({ hour, quantity: `${i}.123456789` })),
  );
  await send(
    "south",
    hours.map((hour, i) => hubRecord({ hour, quantity: `${100 - i}.7` })),
  );
  await closeAnyway(client, PERIOD);
  return { ...stampbook, client, send };
}

test("days come to the statements, priced by their tiers; rounding stands on its own, corrections as they were issued", async () => {
  const { client, send, ...stampbook } = await closedMonth();
  await send("north", [hubRecord({ hour: "2024-02-10T10:00:00Z", quantity: "77", resource: "/r/late" })]);
  await client.closing.issueCorrections(PERIOD, "contoso", "late usage");
  const statements = await client.statements(PERIOD);
  const corrections = await client.closing.corrections(PERIOD);
  const ask = await askAs(stampbook.stampbook);
  await ask.grant("customer", "Tenant Reader", `/subscriptions/${ids.customer}`);
  const path = (period: string) => `/v1/periods/${period}/partners/contoso/exports/daily-rated`;
  expect((await ask("customer", "GET", path(PERIOD))).status).toBe(403);
  await ask.close();

  const read = async (period: string): Promise<string> => {
    const chunks: Buffer[] = [];
    await client.closing.exports.dailyRated(period, "contoso", async (chunk) => void chunks.push(chunk));
    return Buffer.concat(chunks).toString("utf8");
  };
  const text = await read(PERIOD);
  expect(text.split("\r\n")[0]).toBe(Object.keys(DAILY_RATED_COLUMNS).join(","));
  const rows = rowsOf(text);
  expect(statements.length).toBe(3);
  expect(new Set(rows.map((row) => row["InvoiceNumber"]))).toEqual(new Set(statements.map(({ number }) => number)));
  for (const { number, total, payer } of statements) {
    const own = rows.filter((row) => row["InvoiceNumber"] === number);
    expect(totalOf(own), payer).toBe(formatDecimal(decimal(total)));
    const { lines } = await client.statement(number);
    for (const line of lines) {
      const days = own.filter((row) => info(row)["stampbook.Line"] === line.line);
      expect(totalOf(days)).toBe(formatDecimal(decimal(line.amount)));
      const used = days.reduce((all, row) => add(all, decimal(String(info(row)["stampbook.Quantity"]))), ZERO);
      expect(formatDecimal(used)).toBe(line.quantity);
    }
  }
  const usage = rows.filter((row) => row["ChargeType"] === "Usage");
  for (const row of usage) {
    const cost = multiply(decimal(String(info(row)["stampbook.Quantity"])), decimal(row["EffectiveUnitPrice"]!));
    expect(row["BillingPreTaxTotal"]).toBe(formatDecimal(divide(cost, decimal("700"), 30, "half-even")));
  }
  const rounding = rows.filter((row) => row["ChargeType"] === "Rounding");
  expect(rounding.length).toBeGreaterThan(0);
  // Lines are truncated, and each by less than a cent.
  expect(rounding.every((row) => row["BillingPreTaxTotal"]!.startsWith("-0.00"))).toBe(true);
  expect(rows.length).toBe(usage.length + rounding.length);
  // Of the day on which the payer changes, each pays the own hours.
  const onTheDay = usage.filter(
    (row) => row["UsageDate"] === "2024-02-20T00:00:00Z" && row["ResourceLocation"] === "north",
  );
  expect(new Set(onTheDay.map((row) => row["SubscriptionId"]))).toEqual(new Set([ids.customer, ids.secondCustomer]));
  expect(new Set(usage.map((row) => instant(row["UsageDate"]!))).size).toBe(DAYS.length);

  const corrected = rowsOf(await read("2024-03"));
  expect(corrected.every((row) => row["ChargeType"] === "Correction")).toBe(true);
  for (const { number, total } of corrections) {
    const own = corrected.filter((row) => row["InvoiceNumber"] === number);
    expect(totalOf(own)).toBe(formatDecimal(decimal(total)));
  }
  await stampbook.close();
});

const info = (row: Row): Readonly<Record<string, string | number>> =>
  JSON.parse(row["AdditionalInfo"]!) as Record<string, string | number>;
