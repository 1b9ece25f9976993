import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startTroubledUpstream } from "../../src/demo/upstream.ts";
import { playDemo, troubledSubscription } from "../../src/demo/scenario.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import type { Client } from "../../src/client/client.ts";
import type { ComparisonInfo } from "../../src/client/comparisonTypes.ts";
import { add, compare, decimal, divide, formatDecimal, isZero, multiply } from "../../src/lib/decimal.ts";
import { stampbook as command } from "../support/cli.ts";
import { closeAnyway } from "../support/closing.ts";
import { closeAtEnd } from "../support/temporary.ts";
import { refusal } from "../support/refusal.ts";
import { asLines, hubRecord, openStampbook, windowAfter } from "../support/world.ts";

// Goal: what somebody else says of a month is compared to the last digit, and every planted difference is named with its
// cause, and nothing else is. Method: a month of the simulator is closed; the test writes Partner Center's daily-rated file
// of it, from the totals of usage and the prices on the statements, plants differences in copies of it and compares.

const PERIOD = "2024-02";
const COLUMNS = [
  "PartnerId",
  "CustomerName",
  "InvoiceNumber",
  "SubscriptionId",
  "ChargeStartDate",
  "ChargeEndDate",
  "UsageDate",
  "MeterId",
  "MeterName",
  "Unit",
  "UnitPrice",
  "Quantity",
  "BillingPreTaxTotal",
  "BillingCurrency",
  "PricingPreTaxTotal",
  "PricingCurrency",
  "Tags",
  "AdditionalInfo",
  "EffectiveUnitPrice",
  "PCToBCExchangeRate",
] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string>>;

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const csvOf = (rows: readonly Row[], columns: readonly (keyof Row)[] = COLUMNS): string =>
  [columns, ...rows.map((row) => columns.map((name) => row[name]))]
    .map((cells) => `${cells.map(quoted).join(",")}\r\n`)
    .join("");

interface Priced {
  readonly commerceMeter: string;
  readonly effectiveUnitPrice: string;
  readonly hoursPerMonth: string | null;
}

const guidOf = (meter: string): string => meter.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

function priced(row: Row, { effectiveUnitPrice, hoursPerMonth }: Omit<Priced, "commerceMeter">): Row {
  const exact = multiply(decimal(row.Quantity), decimal(effectiveUnitPrice));
  const amount = hoursPerMonth === null ? exact : divide(exact, decimal(hoursPerMonth), 24, "half-even");
  const total = formatDecimal(amount);
  return { ...row, EffectiveUnitPrice: effectiveUnitPrice, BillingPreTaxTotal: total, PricingPreTaxTotal: total };
}

interface Used {
  readonly payer: string;
  readonly meterName: string;
  readonly unit: string;
  readonly quantity: string;
  readonly from: string;
}

const rowOf = ({ payer, meterName, unit, quantity, from }: Used, line: Priced): Row => ({
  PartnerId: "contoso",
  CustomerName: "=cmd|' /C calc'!A0",
  InvoiceNumber: "G000001",
  SubscriptionId: payer.toUpperCase(),
  ChargeStartDate: "2024-02-01",
  ChargeEndDate: "2024-02-29",
  UsageDate: from,
  MeterId: guidOf(line.commerceMeter),
  MeterName: meterName,
  Unit: unit,
  UnitPrice: line.effectiveUnitPrice,
  Quantity: quantity,
  BillingPreTaxTotal: "",
  BillingCurrency: "USD",
  PricingPreTaxTotal: "",
  PricingCurrency: "USD",
  Tags: '{"cost,centre":"a ""b"""}',
  AdditionalInfo: "",
  EffectiveUnitPrice: "",
  PCToBCExchangeRate: "1",
});

/** The month as Partner Center would tell it: a row for each payer, stamp, meter and day. */
async function dailyRated(client: Client): Promise<readonly Row[]> {
  const lines = new Map<string, Priced>();
  const rows: Row[] = [];
  for (const { number, payer } of await client.statements(PERIOD)) {
    for (const line of (await client.statement(number)).lines) {
      lines.set(`${payer} ${guidOf(line.meter)}`, line);
      if (line.kind !== "capacity") continue;
      // Cores are charged once for the whole period.
      const used = { ...line, payer, quantity: line.pricedQuantity, from: "2024-02-01T00:00:00Z" };
      const row = rowOf(used, line);
      rows.push({ ...priced(row, line), BillingPreTaxTotal: line.amount });
    }
  }
  let after: number | undefined;
  do {
    const of = { period: PERIOD, groupBy: "payer,registration", by: "day", limit: 10_000 };
    const page = await client.totals.page({ ...of, ...(after === undefined ? {} : { after }) });
    for (const { payer = "", meter, meterName, unit, quantity, from } of page.value) {
      const line = lines.get(`${payer} ${meter}`);
      if (line === undefined) continue;
      const row = rowOf({ payer, meterName, unit, quantity, from }, line);
      rows.push(priced(row, line));
    }
    after = page.next;
  } while (after !== undefined);
  return rows;
}

const upstream = await startTroubledUpstream(troubledSubscription(7));
const stampbook = closeAtEnd(await openStampbook({ resolverUrl: upstream.url }));
const { client, folder } = stampbook;
const listener = { step: () => undefined, progress: () => undefined };
let nowMs = 0;
const clock = { now: () => nowMs, set: (ms: number) => void (nowMs = ms) };
Object.assign(stampbook.stampbook.context.clock, { now: clock.now });
const { world } = await playDemo(client, clock, { seed: 7, period: PERIOD, records: 5_000, folder }, listener);
await upstream.close();
await closeAnyway(client, PERIOD);
const rows = await dailyRated(client);

const sent = (text: string | Buffer) => ({ bytes: [Buffer.from(text)], type: "text/csv" });
const compared = (all: readonly Row[]): Promise<ComparisonInfo> =>
  client.closing.compareWithFile(PERIOD, sent(csvOf(all)));

const keyOf = ({ SubscriptionId, MeterId }: Row): string => `${SubscriptionId} ${MeterId}`;
const groups = Map.groupBy(rows, keyOf);

const base = new Set(world.stamps.map(({ scope }) => scope.subscription.toUpperCase()));

/** A payer and meter for each plant, none of them twice. */
function* plots(): Generator<readonly [key: string, rows: readonly Row[]]> {
  for (const [key, own] of groups) {
    const [first] = own;
    const isPlain =
      !base.has(first!.SubscriptionId) && first!.UsageDate < "2024-02-29" && !isZero(decimal(first!.UnitPrice));
    if (isPlain) yield [key, own];
  }
}

interface Planted {
  readonly cause: string;
  readonly payer: string;
  readonly meter: string;
  readonly day: string | null;
}

const at = (cause: string, row: Row, day: string | null = row.UsageDate.slice(0, 10)): Planted => ({
  cause,
  payer: row.SubscriptionId.toLowerCase(),
  meter: row.MeterId.toLowerCase(),
  day,
});
const byText = (planted: readonly Planted[]): readonly string[] => planted.map((so) => JSON.stringify(so)).sort();
const told = ({ differences }: ComparisonInfo): readonly string[] =>
  byText(differences.map(({ cause, payer, meter, day }) => ({ cause, payer, meter, day })));

const dayAfter = (row: Row): Row => {
  const day = String(Number.parseInt(row.UsageDate.slice(8, 10), 10) + 1).padStart(2, "0");
  return { ...row, UsageDate: `2/${day}/2024 12:00:00 AM` };
};

/** A copy of the month in which one thing of each kind is wrong, and what has to be told of it. */
function doctored(): { readonly file: readonly Row[]; readonly planted: readonly Planted[] } {
  const plot = plots();
  const take = () => plot.next().value as readonly [string, readonly Row[]];
  const planted: Planted[] = [];
  const changed = new Map<Row, Row | undefined>();

  const [, [moved]] = take();
  const onDay = groups.get(keyOf(moved!))!.filter(({ UsageDate }) => UsageDate === moved!.UsageDate);
  for (const row of onDay) changed.set(row, dayAfter(row));
  planted.push(at("arrived-day", moved!));

  const [, dear] = take();
  for (const row of dear) {
    const effectiveUnitPrice = formatDecimal(add(decimal(row.EffectiveUnitPrice), decimal("0.001")));
    changed.set(row, priced(row, { effectiveUnitPrice, hoursPerMonth: null }));
  }
  planted.push(at("price", dear[0]!, null));

  const [, rounded] = take();
  for (const row of rounded) {
    const up = add(divide(decimal(row.BillingPreTaxTotal), decimal("1"), 2, "down"), decimal("0.01"));
    changed.set(row, { ...row, BillingPreTaxTotal: formatDecimal(up) });
  }
  planted.push(at("rounding", rounded[0]!, null));

  const [, gone] = take();
  for (const row of gone) changed.set(row, undefined);
  const days = new Set(gone.map(({ UsageDate }) => UsageDate));
  planted.push(at("missing", gone[0]!, days.size > 1 ? null : gone[0]!.UsageDate.slice(0, 10)));

  const [, unmapped] = take();
  const registration = [...base][0]!;
  for (const row of unmapped) {
    const wrong = { ...row, SubscriptionId: registration };
    changed.set(row, wrong);
  }
  for (const day of new Set(unmapped.map(({ UsageDate }) => UsageDate))) {
    const row = { ...unmapped[0]!, UsageDate: day };
    planted.push(at("unmapped", row), at("unmapped", { ...row, SubscriptionId: registration }));
  }

  const stranger = { ...moved!, MeterId: "00000000-0000-4000-8000-00000000abcd", MeterName: "a meter of theirs" };
  planted.push(at("extra", stranger));
  const file = rows.flatMap((row) => (changed.has(row) ? (changed.get(row) ?? []) : row));
  return { file: [...file, stranger], planted };
}

async function bytesOf(write: (onBytes: (chunk: Buffer) => Promise<void>) => Promise<void>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await write(async (chunk) => void chunks.push(chunk));
  return Buffer.concat(chunks);
}

describe("a month of the simulator", () => {
  test("as it was billed compares with no difference", async () => {
    expect(rows.length).toBeGreaterThan(100);
    const comparison = await compared(rows);
    expect(comparison).toMatchObject({ against: "daily-rated-usage", rows: rows.length, causes: {} });
    expect(comparison.differences).toEqual([]);
    expect(comparison.places).toBe(groups.size);
  });

  test("as it is exported, day by day and as FOCUS, compares with no difference", async () => {
    const daily = await bytesOf((onBytes) => client.closing.exports.dailyRated(PERIOD, "contoso", onBytes));
    const ofDays = await client.closing.compareWithFile(PERIOD, sent(daily));
    expect(ofDays.differences).toEqual([]);
    expect(ofDays.against).toBe("daily-rated-usage");
    const focus = await bytesOf((onBytes) => client.closing.exports.focus(PERIOD, "contoso", onBytes));
    const ofLines = await client.closing.compareWithFile(PERIOD, sent(focus));
    expect(ofLines.differences).toEqual([]);
    expect(ofLines.against).toBe("focus");
  });

  test("with a difference of each kind planted, names each with its cause and nothing else", async () => {
    const { file, planted } = doctored();
    const comparison = await compared(file);
    expect(told(comparison)).toEqual(byText(planted));
    for (const { explanation } of comparison.differences) expect(explanation).toMatch(/^[A-Z].*: .*\.$/);
    const rounding = comparison.differences.find(({ cause }) => cause === "rounding")!;
    expect(rounding.measure).toBe("amount");
    const [theirs, ours] = [decimal(rounding.theirs!), decimal(rounding.ours!)];
    expect(compare(theirs, ours)).toBeGreaterThan(0);
    const chinese = JSON.parse(
      await client.call<string>({
        method: "POST",
        path: `/v1/periods/${PERIOD}/comparisons`,
        stream: sent(csvOf(file)),
        language: "zh-Hans",
        asText: true,
      }),
    ) as ComparisonInfo;
    expect(told(chinese)).toEqual(byText(planted));
    expect(chinese.differences[0]!.explanation).toMatch(/。$/);
  });

  test("of other columns, with a map; of one payer; on the command line", async () => {
    const [{ SubscriptionId }] = rows as readonly [Row];
    const own = rows.filter((row) => row.SubscriptionId === SubscriptionId);
    const payer = SubscriptionId.toLowerCase();
    const lines = own.map((row) => [row.SubscriptionId, row.MeterId, row.Quantity].join(","));
    const bare = `\uFEFFwho,what,"how, much"\n${lines.join("\n")}\n`;
    const columns = { payer: "who", meter: "what", quantity: "how, much" };
    expect(await client.closing.compareWithFile(PERIOD, sent(bare), { columns, payer })).toMatchObject({
      against: null,
      rows: own.length,
      differencesInAll: 0,
    });
    const all = await client.closing.compareWithFile(PERIOD, sent(bare), { columns });
    expect(Object.keys(all.causes)).toEqual(["missing"]);
    expect(new Set(all.differences.map((so) => so.payer))).not.toContain(payer);
    expect(await client.closing.comparePeriods(PERIOD, PERIOD)).toMatchObject({ differencesInAll: 0, rows: null });
  });

  test("late usage that is on the file and not on the statement", async () => {
    nowMs += 86_400_000;
    const { name } = world.stamps.find((stamp) => stamp.name === "north")!.scope;
    const hour = "2024-02-10T10:00:00Z";
    const [local] = world.localSubscriptions(world.stamps.find((stamp) => stamp.name === "north")!);
    const localSubscription = local!.localSubscription;
    const late = hubRecord({ hour, quantity: "1234.5", resource: "/r/late", localSubscription });
    await client.takeIn(name, asLines([late]), windowAfter(hour));
    const [correction] = (await client.closing.previewCorrections(PERIOD, "contoso")).value;
    const line = correction!.lines[0]!.new!;
    const row = priced(rowOf({ ...line, payer: correction!.payer, quantity: "1234.5", from: hour }, line), line);
    const comparison = await compared([...rows, row]);
    expect(told(comparison)).toEqual(byText([at("late", row)]));
    expect(comparison.differences[0]).toMatchObject({ difference: "1234.5", situation: "late-theirs" });
    await client.closing.issueCorrections(PERIOD, "contoso", "late usage");
    expect((await compared([...rows, row])).differences).toEqual([]);
    const without = await compared(rows);
    expect(told(without)).toEqual(byText([at("late", row)]));
    expect(without.differences[0]).toMatchObject({ difference: "-1234.5", situation: "late-ours" });
  });
});

describe("what is no file to compare with", () => {
  const refused = (text: string | Buffer, options = {}) =>
    refusal(client.closing.compareWithFile(PERIOD, sent(text), options));
  const [row] = rows as readonly [Row];
  const wrong = (change: Partial<Row>): string => csvOf([row, { ...row, ...change }]);

  test.each([
    ["an empty one", "", "it is empty"],
    ["semicolons", csvOf([row]).replaceAll(",", ";"), "semicolons"],
    ["UTF-16", Buffer.from(csvOf([row]), "utf16le"), "UTF-16"],
    ["a column twice", csvOf([row], [...COLUMNS, "Quantity"]), "twice"],
  ])("%s: ReconciliationFileUnreadable", async (_, text, reason) => {
    const { code, message } = await refused(text);
    expect(code).toBe("ReconciliationFileUnreadable");
    expect(message).toContain(reason);
  });

  test("a column that is not there: ReconciliationColumnMissing", async () => {
    expect(await refused("x\n1\n")).toMatchObject({ code: "ReconciliationColumnMissing" });
    const named = await refused(csvOf([row]), { columns: { payer: "Nobody" } });
    expect(named.message).toContain("'Nobody'");
    expect(await refused(csvOf([row]), { columns: { nothing: "Nobody" } })).toMatchObject({ code: "InvalidParameter" });
  });

  test.each([
    ["40 digits", wrong({ Quantity: "1234567890123456789012345678901234567890" }), "Quantity", "PriceTooManyDigits"],
    ["a formula", wrong({ Quantity: "=1+1" }), "Quantity", "PriceNumberInvalid"],
    ["a decimal comma", wrong({ BillingPreTaxTotal: "1,5" }), "BillingPreTaxTotal", "PriceNumberInvalid"],
    ["no GUID", wrong({ SubscriptionId: "Total" }), "SubscriptionId", "ReconciliationValueInvalid"],
    ["day before month", wrong({ UsageDate: "31/12/2024" }), "UsageDate", "ReconciliationValueInvalid"],
    ["broken JSON", wrong({ AdditionalInfo: "{x" }), "AdditionalInfo", "ReconciliationValueInvalid"],
    ["a value too many", `${csvOf([row])}1,2\r\n`, null, "ReconciliationRowUnreadable"],
    ["Latin-1", Buffer.from(wrong({ CustomerName: "Müller" }), "latin1"), null, "ReconciliationRowUnreadable"],
  ])("%s: row, column, code and remedy", async (_, text, column, code) => {
    const refusedWith = await refused(text);
    expect(refusedWith.code).toBe("ReconciliationFileInvalid");
    const details = refusedWith.details as { readonly rows: readonly Record<string, unknown>[] };
    expect(details.rows).toHaveLength(1);
    expect(details.rows[0]).toMatchObject({ position: 3, column, code });
    expect(details.rows[0]!["remedy"]).not.toEqual([]);
  });

  test("more than fits: ReconciliationTooLarge", async () => {
    const fits = LIMITS.reconciliationCellsMax;
    LIMITS.reconciliationCellsMax = 50;
    try {
      expect(await refused(csvOf(rows))).toMatchObject({ code: "ReconciliationTooLarge" });
    } finally {
      LIMITS.reconciliationCellsMax = fits;
    }
  });

  test("a period that nobody made statements of", async () => {
    expect(await refusal(client.closing.comparePeriods("2023-01", PERIOD))).toMatchObject({
      code: "StatementRunNotFound",
    });
  });
});

test("the command tells differences, with a map from a file", async () => {
  const { file } = doctored();
  writeFileSync(join(folder, "theirs.csv"), csvOf(file));
  writeFileSync(join(folder, "map.json"), JSON.stringify({ additionalInfo: null }));
  await stampbook.close();
  const run = (...more: readonly string[]) =>
    command(["--data-folder", `${folder}/data`, "statements", "compare", "--period", PERIOD, ...more], { cwd: folder });
  const text = await run("--with", "theirs.csv", "--columns", "map.json", "--column", "day=UsageDate");
  expect(text.stdout).toMatch(/^ *\d+ +price /m);
  expect(text.stdout).toMatch(/Differences: \d+ \(/);
});
