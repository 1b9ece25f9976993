import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import type { Client } from "../../src/client/client.ts";
import type { PriceFileProblemsInfo } from "../../src/client/priceTypes.ts";
import { EXIT_CODES } from "../../src/cli/exitCodes.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import { startServer, stampbook } from "../support/cli.ts";
import { closeAnyway } from "../support/closing.ts";
import { refusal } from "../support/refusal.ts";
import { closeAtEnd, temporaryFolder } from "../support/temporary.ts";
import {
  asPage,
  hubPage,
  hubRecord,
  ids,
  openStampbook,
  registerNorth,
  type TestStampbook,
  windowAfter,
} from "../support/world.ts";

// Goal: prices come in whole or not at all, what is published never changes, and usage is priced by what was assigned
// for its hour. Whatever is wrong with a file is told with code, row and column.

const BASE = "fab6eb84-500b-4a09-a8ca-7358f8bbaea5";
const WINDOWS = "9cd92d4c-bafd-4492-b278-bedc2de8232a";
const BUILT_IN = "default-2019-12";
const csv = (text: string | Buffer) => ({ bytes: [Buffer.from(text)], type: "text/csv" });
const list = (...rows: string[]) => csv(`meter,unit,unitPrice,currency\n${rows.join("\n")}\n`);
const codeOf = async (attempt: Promise<unknown>) => (await refusal(attempt)).code;

let open: TestStampbook;
let client: Client;
beforeAll(async () => {
  open = closeAtEnd(await openStampbook());
  client = open.client;
  await registerNorth(open);
});

const publish = async (sheet: string, from: string) =>
  await client.prices.publish(sheet, { from, reason: "the list of the year" });

describe("versions", () => {
  test("a draft is replaced until it is published; after that it never changes", async () => {
    const first = await client.prices.import("yearly", list(`${BASE},vCPU-hour,0.010,EUR`));
    expect(first).toMatchObject({ version: 1, priceCount: 1, currency: "EUR", replaced: false, diff: null });
    expect(await client.prices.import("yearly", list(`${BASE},vCPU-hour,0.012,EUR`))).toMatchObject({
      version: 1,
      replaced: true,
    });
    expect(await publish("yearly", "2024-01-01T00:20:00Z")).toEqual({
      sheet: "yearly",
      version: 1,
      from: "2024-01-01T01:00:00Z",
    });
    expect(await codeOf(publish("yearly", "2024-02-01T00:00:00Z"))).toBe("PriceDraftNotFound");
    const second = await client.prices.import("yearly", list(`${BASE},vCPU-hour,0.011,EUR`, `${WINDOWS},h,1,EUR`));
    expect(second.version).toBe(2);
    expect(second.diff?.prices).toEqual([
      { commerceMeter: WINDOWS, region: null, name: WINDOWS, outcome: "added", changes: [] },
      {
        commerceMeter: BASE,
        region: null,
        name: BASE,
        outcome: "changed",
        changes: [
          {
            field: "tiers",
            before: [{ from: "0", unitPrice: "0.012" }],
            after: [{ from: "0", unitPrice: "0.011" }],
          },
        ],
      },
    ]);
    expect(await codeOf(publish("yearly", "2024-01-01T01:00:00Z"))).toBe("PriceVersionHourTaken");
    await publish("yearly", "2024-02-10T11:00:00Z");
    const diff = await client.prices.diff("yearly");
    expect([diff.before, diff.after, diff.prices.length]).toEqual([1, 2, 2]);
    const versions = await client.prices.versions("yearly");
    expect(versions.map(({ state, from }) => [state, from])).toEqual([
      ["published", "2024-01-01T01:00:00Z"],
      ["published", "2024-02-10T11:00:00Z"],
    ]);
    expect(versions[0]).toMatchObject({ publishedBy: expect.any(String), reason: "the list of the year" });
    const { prices } = await client.prices.version("yearly", 1);
    expect(prices).toMatchObject([{ tiers: [{ from: "0", unitPrice: "0.012" }], verified: true }]);
    expect((await client.audit({ target: "/v1/price-sheets/yearly/versions/2" })).length).toBe(1);
  });

  test("a sheet keeps its currency: a later version in another is refused in its row, and by publishing", async () => {
    const { client: own, stampbook } = closeAtEnd(await openStampbook());
    await own.prices.import("kept", list(`${BASE},h,1,EUR`));
    await own.prices.publish("kept", { from: "2024-01-01T00:00:00Z", reason: "x" });
    const error = await refusal(own.prices.import("kept", list(`${BASE},h,2,`, `${WINDOWS},h,2,USD`)));
    const { rows } = error.details as PriceFileProblemsInfo;
    expect(rows).toMatchObject([{ position: 3, column: "currency", code: "PriceCurrencyChanged" }]);
    expect(rows[0]!.message).toContain("is in EUR since version 1, and this would be in USD");
    expect(rows[0]!.remedy[0]).toContain("a sheet of its own");
    expect(await own.prices.versions("kept")).toHaveLength(1);
    // Without a currency a list is in that of the version before.
    expect((await own.prices.import("kept", list(`${BASE},h,2,`))).currency).toBe("EUR");
    // A draft of a release that did not look at it.
    const { control } = stampbook.context;
    const { sheet } = (await control.prices.versions("kept"))[1]!;
    await control.prices.putDraft({ ...sheet, currency: "USD" }, { atMs: 1, name: "x" });
    const published = own.prices.publish("kept", { from: "2024-02-01T00:00:00Z", reason: "x" });
    expect(await codeOf(published)).toBe("PriceCurrencyChanged");
    expect(await own.prices.versions("kept")).toMatchObject([{ state: "published" }, { state: "draft" }]);
  });

  test("a draft can be discarded, and its number is given again", async () => {
    await client.prices.import("spare", list(`${BASE},vCPU-hour,1,USD`));
    await client.prices.discard("spare");
    expect(await codeOf(client.prices.versions("spare"))).toBe("PriceSheetNotFound");
    expect((await client.prices.import("spare", list(`${BASE},vCPU-hour,1,USD`))).version).toBe(1);
    await client.prices.discard("spare");
  });

  test("what is not there, and what may not be changed", async () => {
    const price = { commerceMeter: "nobody", reason: "x" };
    expect(await codeOf(client.prices.version("yearly", 99))).toBe("PriceVersionNotFound");
    expect(await codeOf(client.prices.diff("yearly", { from: 1, to: 99 }))).toBe("PriceVersionNotFound");
    expect(await codeOf(client.prices.confirm("yearly", 1, price))).toBe("PriceNotFound");
    expect(await codeOf(publish("nobody", "2024-01-01T00:00:00Z"))).toBe("PriceSheetNotFound");
    expect(await codeOf(publish(BUILT_IN, "2024-01-01T00:00:00Z"))).toBe("PriceSheetIsBuiltIn");
    expect(await codeOf(client.prices.import(BUILT_IN, list(`${BASE},h,1,USD`)))).toBe("PriceSheetIsBuiltIn");
    expect(await codeOf(client.prices.import("No Name", list(`${BASE},h,1,USD`)))).toBe("InvalidParameter");
    expect(await codeOf(client.prices.file("yearly", 1, "pdf"))).toBe("InvalidParameter");
    const text = { bytes: [Buffer.from("x")], type: "text/plain" };
    expect(await codeOf(client.prices.import("other", text))).toBe("UnsupportedMediaType");
    const broken = { ...csv("x"), encoding: "gzip" };
    expect(await codeOf(client.prices.import("other", broken))).toBe("UsageBodyEncodingBroken");
    const long = gzipSync(Buffer.alloc(LIMITS.priceFileBytesMax + 1, "a"));
    expect(await codeOf(client.prices.import("other", { ...csv(long), encoding: "gzip" }))).toBe("RequestTooLarge");
  });

  test("the built-in sheet goes out in three shapes, and comes in again as the same prices", async () => {
    for (const format of ["csv", "json", "ratecard"]) {
      const file = await client.prices.file(BUILT_IN, 1, format);
      const type = format === "csv" ? "text/csv" : "application/json";
      await client.prices.import(`copy-${format}`, { bytes: [Buffer.from(file)], type });
      expect(await client.prices.file(`copy-${format}`, 1, format)).toBe(file);
      const [copy, original] = await Promise.all([
        client.prices.version(`copy-${format}`, 1),
        client.prices.version(BUILT_IN, 1),
      ]);
      expect(copy.prices).toEqual(original.prices);
      expect(copy.commerceMeters).toEqual(original.commerceMeters);
      expect(copy.capacityPackages).toEqual(original.capacityPackages);
    }
  });

  test("a price that no source backs is confirmed by name and reason; the version stays as it is", async () => {
    const unsure = (await client.prices.version(BUILT_IN, 1)).prices.find(({ verified }) => !verified)!;
    const price = { commerceMeter: unsure.commerceMeter, reason: "agreed with the vendor" };
    const before = await client.prices.file(BUILT_IN, 1, "csv");
    expect(await client.prices.confirm(BUILT_IN, 1, price)).toMatchObject({ changed: true });
    expect(await client.prices.confirm(BUILT_IN, 1, price)).toMatchObject({ changed: false });
    const { prices, confirmations } = await client.prices.version(BUILT_IN, 1);
    expect(prices.find(({ commerceMeter }) => commerceMeter === price.commerceMeter)).toMatchObject({ verified: true });
    expect(confirmations).toMatchObject([{ ...price, region: null }]);
    expect(await client.prices.file(BUILT_IN, 1, "csv")).toBe(before);
    const inForce = (await client.priceSheet()).prices.find((so) => so.commerceMeter === price.commerceMeter);
    expect(inForce).toMatchObject({ verified: true, confidence: "confirmed" });
  });
});

const HEAD = "meter,region,unit,currency,model,packageSize,tierFrom,tierTo,unitPrice,includedQuantity,free,confidence";
const row = (values: Partial<Record<string, string>>): string =>
  HEAD.split(",")
    .map((column) => ({ meter: BASE, unit: "h", unitPrice: "1", ...values })[column] ?? "")
    .join(",");
const GOOD = row({ meter: WINDOWS });

describe("bad input: nothing of the file is kept", () => {
  test.each<[string, string[], string, string, number]>([
    ["overlapping tiers", [row({ tierTo: "10" }), row({ tierFrom: "9" })], "PriceTiersInvalid", "tierFrom", 4],
    ["a gap between tiers", [row({ tierTo: "10" }), row({ tierFrom: "11" })], "PriceTiersInvalid", "tierFrom", 4],
    [
      "tiers in no order",
      [row({}), row({ tierFrom: "9" }), row({ tierFrom: "3" })],
      "PriceTiersInvalid",
      "tierFrom",
      5,
    ],
    ["a first tier above 0", [row({ tierFrom: "1" })], "PriceTiersInvalid", "tierFrom", 3],
    ["a last tier that ends", [row({ tierTo: "5" })], "PriceTiersInvalid", "tierTo", 3],
    [
      "a tier that ends before it starts",
      [row({}), row({ tierFrom: "5", tierTo: "4" }), row({ tierFrom: "4" })],
      "PriceTiersInvalid",
      "tierTo",
      4,
    ],
    ["a negative price", [row({ unitPrice: "-1" })], "PriceNegative", "unitPrice", 3],
    ["a negative included quantity", [row({ includedQuantity: "-0.1" })], "PriceNegative", "includedQuantity", 3],
    ["a decimal comma", [row({ unitPrice: '"0,008"' })], "PriceNumberInvalid", "unitPrice", 3],
    ["a formula for a price", [row({ unitPrice: "=1+1" })], "PriceNumberInvalid", "unitPrice", 3],
    ["40 digits", [row({ unitPrice: "1".repeat(40) })], "PriceTooManyDigits", "unitPrice", 3],
    ["40 decimals", [row({ unitPrice: `0.${"1".repeat(40)}` })], "PriceTooManyDigits", "unitPrice", 3],
    ["digits of another script", [row({ unitPrice: "\u0661" })], "PriceNumberInvalid", "unitPrice", 3],
    ["thousands", [row({ unitPrice: '"1,234.5"' })], "PriceNumberInvalid", "unitPrice", 3],
    ["a hexadecimal number", [row({ unitPrice: "0x10" })], "PriceNumberInvalid", "unitPrice", 3],
    ["no number at all", [row({ unitPrice: "NaN" })], "PriceNumberInvalid", "unitPrice", 3],
    ["-0, which is not said to be free", [row({ unitPrice: "-0" })], "PriceRowInvalid", "free", 3],
    ["a bound of 45 digits", [row({ tierTo: "1".repeat(45) })], "PriceTooManyDigits", "tierTo", 3],
    ["a line end in a cell", [row({ unit: '"h\nh"' })], "PriceRowInvalid", "unit", 3],
    ["a terminal's control characters", [row({ unit: "h\u001b[31m" })], "PriceRowInvalid", "unit", 3],
    ["a row that ends too early", [`${WINDOWS},,h`], "PriceRowUnreadable", "", 3],
    ["a large exponent", [row({ unitPrice: "1e999" })], "PriceTooManyDigits", "unitPrice", 3],
    ["no currency of the world", [row({ currency: "XQZ" })], "CurrencyUnknown", "currency", 3],
    [
      "two currencies",
      [row({ currency: "EUR" }), row({ meter: "x", currency: "USD" })],
      "PriceRowInvalid",
      "currency",
      4,
    ],
    ["a meter that nobody knows", [row({ meter: "mistyped" })], "PriceMeterUnknown", "meter", 3],
    ["no meter", [row({ meter: "" })], "PriceRowInvalid", "meter", 3],
    ["a row twice", [row({}), row({})], "PriceRowTwice", "meter", 4],
    ["a model that there is not", [row({ model: "Gold" })], "PriceRowInvalid", "model", 3],
    ["packages without a size", [row({ model: "package" })], "PriceRowInvalid", "packageSize", 3],
    ["packages of nothing", [row({ model: "package", packageSize: "0" })], "PriceNumberInvalid", "packageSize", 3],
    ["a size without packages", [row({ packageSize: "5" })], "PriceRowInvalid", "packageSize", 3],
    ["no unit", [row({ unit: "" })], "PriceRowInvalid", "unit", 3],
    ["a price of 0 that is not said", [row({ unitPrice: "0" })], "PriceRowInvalid", "free", 3],
    ["free, and with a price", [row({ free: "yes" })], "PriceRowInvalid", "free", 3],
    ["a confirmation without a name", [row({ confidence: "confirmed" })], "PriceRowInvalid", "confidence", 3],
    ["a value too many", [`${row({})},x`], "PriceRowUnreadable", "", 3],
    ["a quote that is not closed", [row({ unit: '"h' })], "PriceRowUnreadable", "", 3],
    ["tiers that do not agree", [row({}), row({ tierFrom: "5", unit: "other" })], "PriceRowInvalid", "unit", 4],
  ])("%s", async (...[, rows, code, column, position]) => {
    const error = await refusal(client.prices.import("bad", csv(`${HEAD}\n${GOOD}\n${rows.join("\n")}\n`)));
    expect([error.status, error.code]).toEqual([400, "PriceFileInvalid"]);
    const { rows: told, rowsOmitted } = error.details as PriceFileProblemsInfo;
    expect(rowsOmitted).toBe(0);
    const found = told.find((so) => so.code === code)!;
    expect([found?.position, found?.column ?? "", told.map((so) => so.code)]).toEqual([
      position,
      column,
      expect.arrayContaining([code]),
    ]);
    expect(found.message.length).toBeGreaterThan(10);
    expect(found.remedy.length).toBeGreaterThan(0);
    expect(await codeOf(client.prices.versions("bad"))).toBe("PriceSheetNotFound");
  });

  test("Latin-1 is told in the row that is not UTF-8", async () => {
    const bytes = Buffer.from(`meter,name,unit,unitPrice\n${BASE},Gerät,h,1\n`, "latin1");
    const { details } = await refusal(client.prices.import("bad", csv(bytes)));
    expect((details as PriceFileProblemsInfo).rows).toMatchObject([{ position: 2, code: "PriceRowUnreadable" }]);
  });

  test.each<[string, string | Buffer, string, string]>([
    ["nothing", "", "PriceFileUnreadable", "empty"],
    ["a header alone", "meter,unit,unitPrice\n", "PriceFileUnreadable", "no price"],
    ["semicolons", `meter;unit;unitPrice\n${BASE};h;1\n`, "PriceFileUnreadable", "emicolons"],
    ["tabs", `meter\tunit\tunitPrice\n${BASE}\th\t1\n`, "PriceFileUnreadable", "tabs stand between"],
    ["line ends of CR", `meter,unit,unitPrice\r${BASE},h,1\r`, "PriceFileUnreadable", "CR alone"],
    ["UTF-16 without a mark", Buffer.from("meter,unit,unitPrice\n", "utf16le"), "PriceFileUnreadable", "UTF-16"],
    ["a header in Latin-1", Buffer.from("meter,unit,w\u00e4hrung\n", "latin1"), "PriceFileUnreadable", "not UTF-8"],
    ["UTF-16", Buffer.from("\uFEFFmeter,unit,unitPrice\n", "utf16le"), "PriceFileUnreadable", "UTF-16"],
    ["a workbook", Buffer.from("PK\u0003\u0004rest"), "PriceFileUnreadable", "workbook"],
    ["an unknown column", "meter,unit,unitPrice,colour\n", "PriceColumnUnknown", "colour"],
    ["a missing column", "meter,unit\n", "PriceColumnMissing", "unitPrice"],
    ["a column twice", "meter,unit,unitPrice,unit\n", "PriceFileUnreadable", "twice"],
  ])("a file with %s is refused as a whole", async (_, text, code, named) => {
    const error = await refusal(client.prices.import("bad", csv(text)));
    expect([error.status, error.code]).toEqual([400, code]);
    expect(error.message).toContain(named);
  });

  test.each<[string, string, string]>([
    ["no JSON", "{", "PriceFileUnreadable"],
    ["a list", "[]", "PriceFileUnreadable"],
    ["an unknown member", '{"prizes":[]}', "PriceColumnUnknown"],
    ["no prices", '{"prices":[]}', "PriceFileUnreadable"],
    ["prices that are no list", '{"prices":7}', "PriceFileUnreadable"],
    ["a price without tiers", `{"prices":[{"commerceMeter":"${BASE}","unit":"h"}]}`, "PriceFileInvalid"],
    ["a price that is a number", '{"prices":[7]}', "PriceFileInvalid"],
    ["a rate card without rates", `{"Meters":[{"MeterId":"${BASE}","Unit":"h"}]}`, "PriceFileInvalid"],
    ["a rate below 0", `{"Meters":[{"MeterId":"${BASE}","Unit":"h","MeterRates":{"0":-1}}]}`, "PriceFileInvalid"],
  ])("JSON with %s is refused", async (_, text, code) => {
    const stream = { bytes: [Buffer.from(text)], type: "application/json" };
    expect(await codeOf(client.prices.import("bad", stream))).toBe(code);
    expect(await codeOf(client.prices.versions("bad"))).toBe("PriceSheetNotFound");
  });

  test("all wrong rows are told, up to a limit", async () => {
    const wrong = LIMITS.intakeProblemsMax + 5;
    const rows = Array.from({ length: wrong }, (_, i) => row({ tierFrom: String(i), unitPrice: "-1" }));
    const { details } = await refusal(client.prices.import("bad", csv(`${HEAD}\n${rows.join("\n")}\n`)));
    const { rows: told, rowsOmitted } = details as PriceFileProblemsInfo;
    expect([told.length, rowsOmitted]).toEqual([LIMITS.intakeProblemsMax, 5]);
  });

  test("a byte order mark, CRLF and quotes are no mistake, and a formula comes back as the text that it is", async () => {
    const name = '=cmd|" /C calc"!A0';
    const text = `\uFEFFMeter,NAME,unit,unitPrice\r\n"${BASE}","${name.replaceAll('"', '""')}",h,1\r\n`;
    await client.prices.import("quoted", csv(text));
    expect((await client.prices.version("quoted", 1)).prices[0]).toMatchObject({ name });
    const out = await client.prices.file("quoted", 1, "csv");
    expect(out).toContain(`"'=cmd|`);
    await client.prices.import("quoted", csv(out));
    expect((await client.prices.version("quoted", 1)).prices[0]).toMatchObject({ name });
  });

  test("a sheet has a limited number of versions", { timeout: 120_000 }, async () => {
    const { stampbook: inside } = await openInside();
    const { control } = inside.stampbook.context;
    const { sheet } = (await control.prices.versions("many"))[0]!;
    await control.transaction(async ({ prices }) => {
      for (let version = 2; version <= LIMITS.sheetVersionsMax; version += 1) {
        await prices.putDraft({ ...sheet, version }, { atMs: 1, name: "x" });
        await prices.publish("many", version, { from: (1_000 + version) as never, atMs: 1, by: "x", reason: "x" });
      }
    });
    await inside.client.prices.publish("many", { from: "2024-01-01T00:00:00Z", reason: "x" });
    expect(await codeOf(inside.client.prices.import("many", list(`${BASE},h,1,USD`)))).toBe("PriceSheetsTooMany");
  });
});

async function openInside() {
  const inside = closeAtEnd(await openStampbook());
  await inside.client.prices.import("many", list(`${BASE},h,1,USD`));
  return { stampbook: inside };
}

describe("who is priced by what", () => {
  const HOURS = ["2024-02-10T10:00:00Z", "2024-02-10T11:00:00Z"];
  const everyone = { kind: "everyone" };

  test("usage is priced by the version of its hour, with mark-up and credit, for whoever it was assigned to", async () => {
    const records = HOURS.map((hour) => hubRecord({ hour, quantity: "1000", meter: BASE }));
    await client.takeIn("north", asPage(hubPage(records)), windowAfter(HOURS[1]!));
    const assignment = {
      party: { kind: "customer", id: ids.registration.toUpperCase() },
      sheet: "yearly",
      markups: [{ percent: "10" }, { commerceMeter: WINDOWS, absolute: "5" }],
      creditPercent: "50",
      from: "2024-02-01T00:00:00Z",
      reason: "contract of 2024",
    };
    expect(await client.prices.assign(assignment)).toEqual({ changed: true });
    expect(await client.prices.assign(assignment)).toEqual({ changed: false });
    const other = { ...assignment, party: { kind: "customer", id: ids.customer } };
    await client.prices.assign(other);
    await client.runStatements("2024-02");
    const lines = [];
    for (const { number } of await client.statements("2024-02")) lines.push(...(await client.statement(number)).lines);
    const ours = lines.filter(({ priceSheet }) => priceSheet === "yearly");
    // 0.012 × 1.1 × 0.5 in the first hour, 0.011 × 1.1 × 0.5 in the second one.
    expect(ours.map((so) => [so.priceVersion, so.listPrice, so.unitPrice, so.effectiveUnitPrice, so.amount])).toEqual([
      [1, "0.012", "0.0132", "0.0066", "6.60"],
      [2, "0.011", "0.0121", "0.00605", "6.05"],
    ]);
    // Ended: what is less specific counts again.
    await client.prices.assign({ ...other, sheet: null, reason: "the contract ended" });
    await client.prices.assign({ ...assignment, sheet: null, reason: "the contract ended" });
    await client.runStatements("2024-02");
    const [statement] = await client.statements("2024-02");
    const after = (await client.statement(statement!.number)).lines;
    expect(after.map(({ priceSheet, amount }) => [priceSheet, amount])).toEqual([[BUILT_IN, "16.00"]]);
    const told = await client.prices.assignments();
    expect(told.map(({ terms, party }) => [party.kind, terms?.sheet ?? null])).toEqual([
      ["customer", "yearly"],
      ["customer", "yearly"],
      ["customer", null],
      ["customer", null],
    ]);
    expect(told[0]!.terms).toMatchObject({ creditPercent: "50", markups: [{ percent: "10" }, { absolute: "5" }] });
  });

  test.each<[string, object, string]>([
    ["a sheet that nobody has made", { sheet: "nothing" }, "PriceSheetNotFound"],
    ["an hour before the first version", { from: "2023-12-31T00:00:00Z" }, "PriceSheetNotInForce"],
    ["a currency that there is not", { billingCurrency: "XQZ" }, "CurrencyUnknown"],
    ["a mark-up that takes off more than all", { markups: [{ percent: "-100.1" }] }, "InvalidParameter"],
    ["an amount below 0", { markups: [{ absolute: "-1" }] }, "PriceNegative"],
    ["two mark-ups for one meter", { markups: [{ percent: "1" }, { percent: "2" }] }, "InvalidParameter"],
    ["a credit of more than all", { creditPercent: "101" }, "InvalidParameter"],
    ["a credit of 40 digits", { creditPercent: `1.${"1".repeat(40)}` }, "PriceTooManyDigits"],
    ["a level that there is not", { level: "king" }, "InvalidRequestContent"],
    ["a name for everyone", { party: { ...everyone, id: "x" } }, "InvalidParameter"],
    ["a customer that is no subscription", { party: { kind: "customer", id: "x" } }, "InvalidParameter"],
    ["a stamp that is not there", { party: { kind: "stamp", id: "nobody" } }, "RegistrationNotFound"],
    ["no reason", { reason: "" }, "InvalidRequestContent"],
  ])("%s is refused", async (_, wrong, code) => {
    const count = (await client.prices.assignments()).length;
    const right = { party: everyone, sheet: "yearly", from: "2024-03-01T00:00:00Z", reason: "x" };
    expect(await codeOf(client.prices.assign({ ...right, ...wrong }))).toBe(code);
    expect((await client.prices.assignments()).length).toBe(count);
  });

  test("a rate is fixed for a period, and can be changed while nothing is closed", async () => {
    const rate = { period: "2024-02", from: "USD", to: "EUR", rate: "0.92", reason: "central bank" };
    expect(await client.prices.setFxRate(rate)).toEqual({ changed: true });
    expect(await client.prices.setFxRate({ ...rate, rate: "0.920" })).toEqual({ changed: false });
    expect(await client.prices.setFxRate({ ...rate, rate: "0.93" })).toEqual({ changed: true });
    expect((await client.prices.fxRates()).map((so) => so.rate)).toEqual(["0.92", "0.93"]);
    expect(await codeOf(client.prices.setFxRate({ ...rate, rate: "0" }))).toBe("PriceNumberInvalid");
    expect(await codeOf(client.prices.setFxRate({ ...rate, to: "usd" }))).toBe("InvalidParameter");
    expect(await codeOf(client.prices.setFxRate({ ...rate, to: "XQZ" }))).toBe("CurrencyUnknown");
    expect(await codeOf(client.prices.setFxRate({ ...rate, period: "2024-13" }))).toBe("PeriodInvalid");
  });

  test("meters with usage and no price are listed with what waits", async () => {
    await client.meters.put("gpu-hours", { name: "GPU hours", unit: "hour", reason: "new cards" });
    const records = HOURS.map((hour) => hubRecord({ hour, quantity: "0.1", meter: "gpu-hours" }));
    await client.takeIn("north", asPage(hubPage(records)), windowAfter(HOURS[1]!));
    expect(await client.prices.unpriced()).toMatchObject([
      { meter: "gpuhours", name: "GPU hours", quantity: "0.2", records: 2, registrations: 1 },
    ]);
    // Known now, so it can be priced.
    await client.prices.import("gpu", list("gpu-hours,hour,3,USD"));
    await publish("gpu", "2024-01-01T00:00:00Z");
    const assignment = { party: { kind: "stamp", id: "north" }, sheet: "gpu", reason: "x" };
    await client.prices.assign({ ...assignment, from: "2024-02-01T00:00:00Z" });
    // An assignment wins whole: the sheet that counts now has no price for anything else.
    expect((await client.prices.unpriced()).map(({ meter }) => meter)).toEqual([BASE]);
  });
});

test("prices of a closed period change only as a correction, and its rates not at all", async () => {
  const shut = closeAtEnd(await openStampbook({ now: "2024-03-05T12:00:00Z" }));
  const { prices } = shut.client;
  await registerNorth(shut);
  const record = hubRecord({ hour: "2024-02-10T10:00:00Z", quantity: "1000" });
  await shut.client.takeIn("north", asPage(hubPage([record])), windowAfter("2024-02-10T10:00:00Z"));
  const rate = { period: "2024-02", from: "USD", to: "EUR", rate: "0.92", reason: "central bank" };
  await prices.setFxRate(rate);
  await closeAnyway(shut.client, "2024-02");
  await prices.import("late", list(`${BASE},vCPU-hour,0.01,USD`));
  const version = { from: "2024-02-01T00:00:00Z", reason: "the list was wrong" };
  const error = await refusal(prices.publish("late", version));
  expect([error.status, error.code]).toEqual([409, "PriceChangeInClosedPeriod"]);
  expect(error.message).toContain("2024-02");
  expect(await prices.versions("late")).toMatchObject([{ state: "draft" }]);
  expect(await prices.publish("late", { ...version, correction: true })).toMatchObject({ version: 1 });
  const assignment = { party: { kind: "everyone" }, sheet: "late", from: version.from, reason: "x" };
  expect(await codeOf(prices.assign(assignment))).toBe("PriceChangeInClosedPeriod");
  expect(await prices.assign({ ...assignment, correction: true })).toEqual({ changed: true });
  expect(await codeOf(prices.setFxRate({ ...rate, rate: "0.93" }))).toBe("FxRateInUse");
  expect(await prices.setFxRate({ ...rate, period: "2024-03" })).toEqual({ changed: true });
});

test("the commands: import, publish, show, export, diff, assign, confirm and rates", { timeout: 120_000 }, async () => {
  const cwd = temporaryFolder();
  const server = await startServer(join(cwd, "data"));
  const run = async (...args: string[]) => await stampbook([...args, "--data-folder", join(cwd, "data")], { cwd });
  const done = async (...args: string[]) => {
    const result = await run("prices", ...args);
    expect(result.stderr).toBe("");
    expect(result.status).toBe(0);
    return result.stdout;
  };
  const file = join(cwd, "list.csv");
  writeFileSync(file, `meter,name,unit,unitPrice,currency\n${BASE},Cores,vCPU-hour,0.01,EUR\n`);
  expect(await done("import", "mine", file)).toContain("draft 1 with 1 prices in EUR");
  expect(await done("publish", "mine", "--from", "2024-01-01T00:00:00Z", "--reason", "x")).toContain("version 1");
  expect(await done("show", "mine")).toContain("Cores");
  writeFileSync(file, `meter,name,unit,unitPrice,currency\n${BASE},Cores,vCPU-hour,-1,EUR\n${BASE},,,2,\n`);
  const refused = await run("prices", "import", "mine", file);
  expect(refused.status).toBe(EXIT_CODES.refused.status);
  expect(refused.stderr).toContain("row 2, unitPrice: PriceNegative");
  expect(refused.stderr).toMatch(/PriceNegative: .*\n {4}→ \S/);
  expect(refused.stderr).toContain("PriceFileInvalid");
  writeFileSync(file, `meter,name,unit,unitPrice,currency\n${BASE},Cores,vCPU-hour,0.02,EUR\n`);
  expect(await done("import", "mine", file)).toContain("tiers");
  expect(await done("diff", "mine")).toContain("0.02");
  expect(await done("versions", "mine")).toContain("draft");
  const out = join(cwd, "out.json");
  await run("prices", "export", "mine", "1", "--format", "json", "--output", out);
  expect(JSON.parse(readFileSync(out, "utf8"))).toMatchObject({ prices: [{ tiers: [{ unitPrice: "0.01" }] }] });
  expect(await done("export", "mine", "2")).toContain(`${BASE},,Cores`);
  expect(await done("discard", "mine")).toContain("no draft");
  const assign = ["assign", "mine", "--everyone", "--markup", "10", "--meter-markup", `${BASE}=5+0.1`, "--reason", "x"];
  expect(await done(...assign, "--from", "2024-01-01T00:00:00Z")).toContain("recorded");
  expect(await done("assignments")).toContain(`${BASE} mark-up 5 % + 0.1`);
  expect(await done()).toContain("(mine, version 1, EUR)");
  expect(await done("assign", "--everyone", "--end", "--reason", "x")).toContain("recorded");
  const unsure = "380874f9-300c-48e0-95a0-d2d9a21ade8f";
  expect(await done("confirm", BUILT_IN, "1", unsure, "--reason", "agreed")).toContain("recorded");
  expect(await done("fx", "set", "2024-02", "USD", "EUR", "0.9", "--reason", "x")).toContain("recorded");
  expect(await done("fx", "list")).toContain("0.9");
  expect(await done("unpriced")).toContain("No usage waits");
  expect(await done("sheets")).toContain("mine");
  expect((await run("prices", "assign", "mine", "--reason", "x")).status).toBe(EXIT_CODES.usage.status);
  await server.kill("SIGTERM");
});
