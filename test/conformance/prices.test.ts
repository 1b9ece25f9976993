import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { ControlStore } from "../../src/domain/controlStore.ts";
import type { Hour, MeterId } from "../../src/domain/ids.ts";
import type { Price, PriceSheet } from "../../src/domain/rating/priceSheet.ts";
import { priceKey, type PriceAssignment, type PriceTerms } from "../../src/domain/rating/priceTerms.ts";
import { decimal } from "../../src/lib/decimal.ts";
import { openSqliteControlStore } from "../../src/storage/control/sqlite/controlStore.ts";
import { mustClose, temporaryFolder } from "../support/temporary.ts";

// Goal: prices come back to the last digit, what was published or decided never changes, not even behind the program's
// back, and what a transaction gave up is not there. Method: a store on disk, read again after it was closed and opened.

const HUGE = `${"9".repeat(40)}.${"1".repeat(36)}`;
const VM = "vm" as MeterId;
const BY = { atMs: 5, name: "ann" };
const publishing = (from: number) => ({ from: from as Hour, atMs: 6, by: "bob", reason: "the list of the year" });

const price = (so: Partial<Price> = {}): Price => ({
  commerceMeter: VM,
  name: "VM „quoted“ 虚拟机",
  unit: "hour",
  model: "graduated",
  packageSize: null,
  tiers: [
    { from: decimal("0"), unitPrice: decimal("0.0000083333") },
    { from: decimal(HUGE), unitPrice: decimal("0.1") },
  ],
  includedQuantity: decimal("9.3132257461547852E-10"),
  hoursPerMonth: decimal("720"),
  minimum: decimal(HUGE),
  region: null,
  free: false,
  confidence: "high",
  note: "",
  ...so,
});

const SHEET: PriceSheet = {
  id: "list",
  version: 1,
  name: "List",
  currency: "USD",
  rounding: { mode: "half-even", scale: 3 },
  prices: new Map([
    [VM, price()],
    [priceKey(VM, "west"), price({ region: "west", model: "package", packageSize: decimal("2.5"), minimum: null })],
    ["z" as MeterId, price({ commerceMeter: "z" as MeterId, free: true, hoursPerMonth: null, confidence: "unsure" })],
  ]),
  capacityPackages: [
    { id: "iaas", name: "IaaS", corePricePerYear: decimal("144"), confidence: "unsure", note: "no source" },
  ],
  commerceMeters: new Map([["local" as MeterId, VM]]),
};

const TERMS: PriceTerms = {
  sheet: "list",
  region: "west",
  markups: [
    { commerceMeter: null, percent: decimal("-0.5"), absolute: decimal("0") },
    { commerceMeter: VM, percent: decimal("10"), absolute: decimal("0.000000000000000000000000000001") },
  ],
  creditPercent: decimal("15"),
  billingCurrency: "EUR",
};

const assignment = (so: Partial<PriceAssignment> = {}): Omit<PriceAssignment, "id"> => ({
  level: "reseller",
  party: { kind: "stamp", id: "7" },
  terms: TERMS,
  reason: "contract",
  effectiveHour: 3 as Hour,
  recordedAtMs: 9,
  recordedBy: "ann",
  ...so,
});
const CONFIRMATION = { sheet: "list", version: 1, commerceMeter: VM, region: "west", reason: "agreed" };
const RATE = { period: "2024-02", from: "USD", to: "EUR", rate: "0.92", reason: "central bank" };
const RECORDED = { recordedAtMs: 9, recordedBy: "ann" };

let file: string;
let store: ControlStore;
const open = (): ControlStore => mustClose(openSqliteControlStore(file));

/** Another process that comes after this one. */
async function reopened<Result>(read: (store: ControlStore) => Promise<Result>): Promise<Result> {
  await store.close();
  const other = open();
  try {
    return await read(other);
  } finally {
    await other.close();
  }
}

beforeEach(() => {
  file = join(temporaryFolder(), "control.sqlite");
  store = open();
});

describe("versions", () => {
  test("a version comes back to the last digit, with everything that its file said, in its order", async () => {
    await store.prices.putDraft(SHEET, BY);
    await store.prices.publish("list", 1, publishing(10));
    await store.prices.putDraft({ ...SHEET, id: "a-list" }, BY);
    await store.prices.putDraft({ ...SHEET, version: 2, name: "Next" }, BY);
    const { all, own, none, records } = await reopened(async ({ prices }) => ({
      all: await prices.versions(),
      own: await prices.versions("list"),
      none: await prices.versions("nobody"),
      records: await prices.records(),
    }));
    expect(all.map(({ sheet, state }) => [sheet.id, sheet.version, state])).toEqual([
      ["a-list", 1, "draft"],
      ["list", 1, "published"],
      ["list", 2, "draft"],
    ]);
    expect(none).toEqual([]);
    const [first, draft] = own;
    expect(first).toEqual({
      sheet: SHEET,
      state: "published",
      from: 10,
      createdAtMs: 5,
      createdBy: "ann",
      publishedAtMs: 6,
      publishedBy: "bob",
      reason: "the list of the year",
    });
    expect([...first!.sheet.prices.keys()]).toEqual([...SHEET.prices.keys()]);
    expect(draft).toMatchObject({ sheet: { name: "Next" }, from: undefined, publishedBy: undefined, reason: "" });
    // Drafts price nothing.
    expect(records.sheets).toEqual([{ ...SHEET, from: 10, publishedAtMs: 6 }]);
  });

  test("a draft takes the place of the one before it and can be discarded; a published version cannot", async () => {
    await store.prices.putDraft(SHEET, BY);
    await store.prices.putDraft({ ...SHEET, currency: "EUR", prices: new Map() }, { atMs: 8, name: "bob" });
    expect(await store.prices.versions("list")).toMatchObject([
      { sheet: { currency: "EUR", prices: new Map() }, createdAtMs: 8, createdBy: "bob" },
    ]);
    await store.prices.removeDraft("list", 1);
    expect(await store.prices.versions("list")).toEqual([]);

    await store.prices.putDraft(SHEET, BY);
    await store.prices.publish("list", 1, publishing(10));
    await store.prices.removeDraft("list", 1);
    await expect(store.prices.putDraft({ ...SHEET, name: "other" }, BY)).rejects.toThrow("never changed");
    await expect(store.prices.publish("list", 1, publishing(11))).rejects.toThrow("never changed");
    await expect(store.prices.publish("list", 2, publishing(11))).rejects.toThrow("no draft");
    expect(await reopened(({ prices }) => prices.versions())).toMatchObject([{ sheet: SHEET, from: 10 }]);
  });

  test("of one sheet two versions do not count from one hour; of two sheets they do", async () => {
    for (const [id, version] of [
      ["list", 1],
      ["list", 2],
      ["other", 1],
    ] as const) {
      await store.prices.putDraft({ ...SHEET, id, version }, BY);
    }
    await store.prices.publish("list", 1, publishing(10));
    await expect(store.prices.publish("list", 2, publishing(10))).rejects.toThrow("UNIQUE");
    await store.prices.publish("other", 1, publishing(10));
    await store.prices.publish("list", 2, publishing(9));
    expect((await store.prices.records()).sheets.map(({ id, version, from }) => [id, version, from])).toEqual([
      ["list", 1, 10],
      ["list", 2, 9],
      ["other", 1, 10],
    ]);
    await store.close();
  });
});

describe("decisions", () => {
  test("assignments, confirmations and rates come back as they were recorded, in that order", async () => {
    const ended = assignment({ party: { kind: "everyone", id: "" }, terms: null, level: "customer" });
    await store.prices.assign(assignment());
    await store.prices.assign(ended);
    await store.prices.confirm({ ...CONFIRMATION, ...RECORDED });
    await store.prices.confirm({ ...CONFIRMATION, ...RECORDED, region: null });
    await store.prices.addFxRate({ ...RATE, ...RECORDED });
    await store.prices.addFxRate({ ...RATE, ...RECORDED, rate: `0.${"1".repeat(36)}` });
    const { records, mark } = await reopened(async ({ prices, attributionLog }) => ({
      records: await prices.records(),
      mark: await attributionLog.newest(),
    }));
    expect(records).toEqual({
      sheets: [],
      assignments: [
        { ...assignment(), id: 1 },
        { ...ended, id: 2 },
      ],
      confirmations: [
        { ...CONFIRMATION, ...RECORDED },
        { ...CONFIRMATION, ...RECORDED, region: null },
      ],
      fxRates: [
        { ...RATE, ...RECORDED, id: 1 },
        { ...RATE, ...RECORDED, id: 2, rate: `0.${"1".repeat(36)}` },
      ],
    });
    // A close tells by these numbers what it knew.
    expect(mark).toMatchObject({ priceAssignments: 2, priceConfirmations: 2, fxRates: 2 });
  });

  test("what a transaction gave up is not there, nor is its number", async () => {
    const given = store.transaction(async ({ prices }) => {
      await prices.putDraft(SHEET, BY);
      await prices.publish("list", 1, publishing(10));
      await prices.assign(assignment());
      await prices.addFxRate({ ...RATE, ...RECORDED });
      throw new Error("changed our mind");
    });
    await expect(given).rejects.toThrow("changed our mind");
    expect(await store.prices.versions()).toEqual([]);
    expect(await store.prices.records()).toEqual({ sheets: [], assignments: [], confirmations: [], fxRates: [] });
    await store.prices.assign(assignment());
    expect((await reopened(({ prices }) => prices.records())).assignments).toMatchObject([{ id: 1 }]);
  });
});

test.each([
  "update price_sheet_version set currency = 'EUR'",
  "delete from price_sheet_version",
  "update price_assignment set effective_hour = 0",
  "delete from price_assignment",
  "update price_confirmation set reason = 'other'",
  "delete from price_confirmation",
  "update fx_rate set rate = '2'",
  "delete from fx_rate",
])("the database itself refuses: %s", async (statement) => {
  await store.prices.putDraft(SHEET, BY);
  await store.prices.publish("list", 1, publishing(10));
  await store.prices.assign(assignment());
  await store.prices.confirm({ ...CONFIRMATION, ...RECORDED });
  await store.prices.addFxRate({ ...RATE, ...RECORDED });
  await store.close();
  const database = new DatabaseSync(file);
  expect(() => database.exec(statement)).toThrow(/never (changed|deleted)/);
  database.close();
});
