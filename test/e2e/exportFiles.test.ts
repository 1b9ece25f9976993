import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FOCUS_COLUMNS } from "../../src/domain/focus/columns.ts";
import { decimal, formatDecimal } from "../../src/lib/decimal.ts";
import { askAs } from "../support/askAs.ts";
import { closeAnyway } from "../support/closing.ts";
import { readFocus } from "../support/focusRules.ts";
import { bytesOf, ParquetReader, type ParquetRow as Row } from "../support/parquet.ts";
import { closeAtEnd } from "../support/temporary.ts";
import { asLines, hubRecord, ids, NORTH, openStampbook, registerNorth, type TestStampbook } from "../support/world.ts";

// Goal: Parquet says what CSV says, with exact decimals of its own type; raw usage names for every record who paid for its
// hour and by which mapping, and holds nothing that a spreadsheet would compute.
// Method: one closed month on real engines; files are read by an engine apart from the product.

const PERIOD = "2024-02";
const STRANGER = "40000000-0000-4000-8000-0000000000ff";
let stampbook: TestStampbook;
let reader: ParquetReader;

beforeAll(async () => {
  stampbook = closeAtEnd(await openStampbook({ now: "2024-02-01T00:00:00Z" }));
  reader = new ParquetReader();
  const { client, clock } = stampbook;
  await registerNorth(stampbook);
  await client.map(NORTH, ids.customer);
  clock.set("2024-02-20T10:20:00Z");
  await client.map(NORTH, ids.secondCustomer);
  clock.set("2024-03-05T12:00:00Z");
  const reported = { start: "2024-03-01T00:00:00Z", end: "2024-03-02T00:00:00Z" };
  const records = [
    hubRecord({ hour: "2024-02-20T10:00:00Z", quantity: "1000.12345678901234567890123456", resource: "/r/before" }),
    hubRecord({ hour: "2024-02-20T11:00:00Z", quantity: "0.5", resource: "/r/after" }),
    hubRecord({
      hour: "2024-02-21T11:00:00Z",
      quantity: "7",
      resource: "/r/second",
      localSubscription: ids.secondLocal,
    }),
    hubRecord({ hour: "2024-02-22T11:00:00Z", quantity: "3", resource: "/r/stranger", localSubscription: STRANGER }),
    hubRecord({ hour: "2024-02-23T11:00:00Z", quantity: "4", resource: `=cmd|"x", "y"` }),
  ];
  const { batch } = await client.takeIn("north", asLines(records.slice(0, 1)), reported);
  await client.ledger.withdraw(batch, "sent by mistake");
  await client.takeIn("north", asLines(records), reported);
  await closeAnyway(client, PERIOD);
});

afterAll(() => reader.close());

test("FOCUS as Parquet says what CSV says, row by row, and its decimals are decimals", async () => {
  const { exports } = stampbook.client.closing;
  const csv = readFocus((await bytesOf((on) => exports.focus(PERIOD, "contoso", on))).toString("utf8"));
  const { rows, types } = await reader.read(await bytesOf((on) => exports.focus(PERIOD, "contoso", on, "parquet")));
  expect(rows.length).toBe(csv.length);
  expect(csv.length).toBeGreaterThan(2);
  expect(Object.keys(types)).toEqual(Object.keys(FOCUS_COLUMNS));
  for (const [name, { type }] of Object.entries(FOCUS_COLUMNS)) {
    expect(types[name], name).toContain({ decimal: "Decimal(38, 18)", text: "String", time: "DateTime64" }[type]);
  }
  for (const [i, row] of csv.entries()) {
    for (const [name, { type }] of Object.entries(FOCUS_COLUMNS)) {
      const [inCsv, inParquet] = [row[name] ?? "", rows[i]![name] ?? ""];
      if (type === "decimal" && inCsv !== "") {
        const decimals = inCsv.split(".")[1]!.length;
        if (decimals <= 18) expect(formatDecimal(decimal(inParquet)), name).toBe(formatDecimal(decimal(inCsv)));
        else expect(inParquet.slice(0, inParquet.indexOf(".") + 17)).toBe(inCsv.slice(0, inCsv.indexOf(".") + 17));
      } else if (type === "time") expect(`${inParquet.slice(0, 19).replace(" ", "T")}Z`, name).toBe(inCsv);
      else expect(inParquet, name).toBe(inCsv);
    }
  }
  const [first] = csv;
  const one = await reader.read(await bytesOf((on) => exports.documentFocus(first!["InvoiceId"]!, on, "parquet")));
  expect(one.rows.length).toBe(csv.filter((row) => row["InvoiceId"] === first!["InvoiceId"]).length);
});

test("raw usage: every record that was not withdrawn, its payer and mapping as of the hour, exactly", async () => {
  const { exports } = stampbook.client.closing;
  const text = (await bytesOf((on) => exports.usage(PERIOD, {}, on))).toString("utf8");
  const rows: Row[] = parse(text, { columns: true });
  rows.sort((a, b) => (a["UsageHour"]! < b["UsageHour"]! ? -1 : 1));
  expect(
    rows.map((row) => [
      row["UsageHour"],
      row["ExactQuantity"],
      row["PayerSubscriptionId"],
      row["PaidBy"],
      row["State"],
    ]),
  ).toEqual([
    ["2024-02-20T10:00:00Z", "1000.12345678901234567890123456", ids.customer, "mapping", "counted"],
    ["2024-02-20T11:00:00Z", "0.5", ids.secondCustomer, "mapping", "counted"],
    ["2024-02-21T11:00:00Z", "7", ids.registration, "no-mapping", "counted"],
    ["2024-02-22T11:00:00Z", "3", "", "", "counted"],
    ["2024-02-23T11:00:00Z", "4", ids.secondCustomer, "mapping", "counted"],
  ]);
  expect(rows[4]!["ResourceUri"]).toBe(`'=cmd|"x", "y"`);
  expect(new Set(rows.map((row) => row["Stamp"]))).toEqual(new Set(["north"]));
  const changes = rows.map((row) => row["MappingChange"]);
  expect(changes[0]).toMatch(/^\d+$/);
  expect(changes[1]).not.toBe(changes[0]);
  expect(changes.slice(2, 4)).toEqual(["", ""]);

  const parquet = await reader.read(
    await bytesOf((on) => exports.usage(PERIOD, { registration: "north", format: "parquet" }, on)),
  );
  const byHour = [...parquet.rows].sort((a, b) => (a["UsageHour"]! < b["UsageHour"]! ? -1 : 1));
  expect(
    byHour.map((row) => [row["ExactQuantity"], row["PayerSubscriptionId"] ?? "", row["MappingChange"] ?? ""]),
  ).toEqual(rows.map((row) => [row["ExactQuantity"], row["PayerSubscriptionId"], row["MappingChange"]]));
  expect(parquet.types["Quantity"]).toContain("Decimal(38, 18)");
  expect(parquet.types["UsageHour"]).toContain("DateTime64");
  // Text of Parquet is as it was sent: nobody computes it.
  expect(byHour[4]!["ResourceUri"]).toBe(`=cmd|"x", "y"`);
});

test("whoever may not see usage gets none, and nothing is left in the folder of files that are being exported", async () => {
  const ask = await askAs(stampbook.stampbook);
  await ask.grant("customer", "Tenant Reader", `/subscriptions/${ids.customer}`);
  expect((await ask("customer", "GET", `/v1/periods/${PERIOD}/exports/usage`)).status).toBe(403);
  const asked = stampbook.client.closing.exports.usage(PERIOD, { format: "xml" as "csv" }, async () => undefined);
  await expect(asked).rejects.toMatchObject({ status: 400, code: "InvalidParameter" });
  await ask.close();
  expect(await stampbook.stampbook.context.exportSpool.count()).toBe(0);
});
