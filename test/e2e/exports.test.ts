import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT_CODES } from "../../src/cli/exitCodes.ts";
import { add, compare, decimal, formatDecimal, multiply, ZERO } from "../../src/lib/decimal.ts";
import { askAs } from "../support/askAs.ts";
import { stampbook as command } from "../support/cli.ts";
import { closeAnyway } from "../support/closing.ts";
import { brokenFocusRules, type FocusRecord, readFocus } from "../support/focusRules.ts";
import { asLines, hubRecord, ids, NORTH, openStampbook, registerNorth, windowAfter } from "../support/world.ts";

// Goal: what other systems read is what was billed: every row keeps the rules of FOCUS 1.2, rows of a document come to its
// total, and a file that is not whole never looks so.
// Method: a closed month with a correction on real engines; rules and sums are checked apart from the product.

const HOUR = "2024-02-10T10:00:00Z";
const PERIOD = "2024-02";

/** A closed February of two payers, and usage that came late and is corrected in March. */
async function closedMonth() {
  const stampbook = await openStampbook({ now: "2024-02-01T00:00:00Z" });
  const { client, clock } = stampbook;
  await registerNorth(stampbook);
  await client.map(NORTH, ids.customer);
  await client.putCatalogue([
    {
      subscription: ids.customer,
      displayName: "=cmd|' /C calc'!A0",
      offerType: "CSP",
      partner: "contoso",
      state: "Enabled",
    },
  ]);
  clock.set("2024-03-05T12:00:00Z");
  const send = (lines: readonly string[]) => client.takeIn("north", asLines(lines), windowAfter(HOUR));
  await send([
    hubRecord({ hour: HOUR, quantity: "1000.123", resource: "/r/1" }),
    hubRecord({ hour: HOUR, quantity: "500", resource: "/r/3", localSubscription: ids.secondLocal }),
  ]);
  await closeAnyway(client, PERIOD);
  await send([hubRecord({ hour: HOUR, quantity: "77", resource: "/r/late" })]);
  await client.closing.issueCorrections(PERIOD, "contoso", "late usage");
  return { ...stampbook, client };
}

async function exported(client: Awaited<ReturnType<typeof closedMonth>>["client"], period: string): Promise<string> {
  const chunks: Buffer[] = [];
  await client.closing.exports.focus(period, "contoso", async (chunk) => {
    chunks.push(chunk);
  });
  return Buffer.concat(chunks).toString("utf8");
}

const totalOf = (rows: readonly FocusRecord[]): string =>
  formatDecimal(rows.reduce((all, row) => add(all, decimal(row["BilledCost"]!)), ZERO));

test("rows keep the rules of FOCUS, come to the documents' totals, and are priced as they say", async () => {
  const { client, ...stampbook } = await closedMonth();
  const february = await exported(client, PERIOD);
  const rows = readFocus(february);
  expect(brokenFocusRules(rows)).toEqual([]);
  expect(rows.every((row) => row["ChargeClass"] === "")).toBe(true);
  const statements = await client.statements(PERIOD);
  expect(new Set(rows.map((row) => row["InvoiceId"]))).toEqual(new Set(statements.map(({ number }) => number)));
  for (const { number, total } of statements) {
    const own = rows.filter((row) => row["InvoiceId"] === number);
    expect(compare(decimal(totalOf(own)), decimal(total)), number).toBe(0);
  }
  for (const row of rows) {
    const quantity = decimal(row["PricingQuantity"]!);
    for (const kind of ["List", "Contracted"]) {
      const cost = multiply(quantity, decimal(row[`${kind}UnitPrice`]!));
      expect(compare(cost, decimal(row[`${kind}Cost`]!)), kind).toBe(0);
    }
    expect(row).toMatchObject({ x_PriceSheet: "default-2019-12", x_PriceVersion: "1.0" });
  }
  // A name that a spreadsheet would compute stands as text.
  expect(february).toContain(`'=cmd|`);

  const march = readFocus(await exported(client, "2024-03"));
  expect(brokenFocusRules(march)).toEqual([]);
  const [correction] = await client.closing.corrections(PERIOD);
  expect(march.map((row) => [row["ChargeClass"], row["InvoiceId"], row["x_Corrects"]])).toEqual([
    ["Correction", correction!.number, correction!.corrects],
  ]);
  expect(compare(decimal(totalOf(march)), decimal(correction!.total))).toBe(0);
  expect(march[0]).toMatchObject({
    BillingPeriodStart: "2024-03-01T00:00:00Z",
    ChargePeriodStart: "2024-02-01T00:00:00Z",
  });
  await stampbook.close();
});

test("a customer exports its own statements and corrections, and nobody else's", async () => {
  const { client, ...opened } = await closedMonth();
  const ask = await askAs(opened.stampbook);
  await ask.grant("customer", "Tenant Reader", `/subscriptions/${ids.customer}`);
  const statements = await client.statements(PERIOD);
  const corrections = await client.closing.corrections(PERIOD);
  const documents = [...statements, ...corrections];
  const payers = new Set(documents.map(({ payer }) => payer));
  expect(payers.size).toBeGreaterThan(1);
  for (const { number, payer, total } of documents) {
    const { status, text, body } = await ask("customer", "GET", `/v1/documents/${number}/exports/focus`);
    if (payer === ids.customer) {
      const rows = readFocus(text);
      expect(status, number).toBe(200);
      expect(brokenFocusRules(rows)).toEqual([]);
      expect(new Set(rows.map((row) => row["InvoiceId"]))).toEqual(new Set([number]));
      expect(compare(decimal(totalOf(rows)), decimal(total))).toBe(0);
    } else {
      expect([status, body.error.code], number).toEqual([403, "AuthorizationFailed"]);
    }
  }
  expect((await ask("customer", "GET", `/v1/periods/${PERIOD}/partners/contoso/exports/focus`)).status).toBe(403);
  await ask.close();
  await opened.close();
});

test("the command writes a whole file with its manifest, or none", async () => {
  const { client, folder, ...stampbook } = await closedMonth();
  const cost = totalOf(readFocus(await exported(client, PERIOD)));
  await stampbook.close();
  const data = join(folder, "data");
  const run = (...args: string[]) => command(["--data-folder", data, ...args], { cwd: folder });
  const file = join(folder, "focus.csv");
  const done = await run("export", "focus", PERIOD, "contoso", "--output", file, "--json");
  expect(done).toMatchObject({ status: 0 });
  const manifest = JSON.parse(done.stdout) as Record<string, unknown>;
  const bytes = readFileSync(file);
  expect(manifest).toEqual({
    file,
    bytes: bytes.length,
    rows: readFocus(bytes.toString("utf8")).length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  });
  expect(JSON.parse(readFileSync(`${file}.manifest.json`, "utf8"))).toEqual(manifest);
  expect(totalOf(readFocus(bytes.toString("utf8")))).toBe(cost);

  const [{ InvoiceId: number } = {}] = readFocus(bytes.toString("utf8"));
  const one = join(folder, "one.csv");
  expect((await run("export", "focus", "--document", number!, "--output", one)).stdout).toContain(one);
  expect(new Set(readFocus(readFileSync(one, "utf8")).map((row) => row["InvoiceId"]))).toEqual(new Set([number]));
  expect((await run("export", "focus", PERIOD, "--output", one)).status).toBe(EXIT_CODES.usage.status);

  const none = join(folder, "none.csv");
  const refused = await run("export", "focus", "2024-01", "contoso", "--output", none);
  expect(refused.stderr).toContain("PeriodNotClosed");
  expect(refused.status).not.toBe(0);
  expect([none, `${none}.part`, `${none}.manifest.json`].filter((path) => existsSync(path))).toEqual([]);
});
