import { describe, expect, test } from "vitest";
import { formatFraction, parseFraction } from "../../lib/fraction.ts";
import { type Hour, type MeterId, meterId } from "../ids.ts";
import { DEFAULT_PRICE_SHEET } from "../rating/defaultPriceSheet.ts";
import { PriceBook } from "../rating/priceBook.ts";
import { pricingOf } from "../rating/pricing.ts";
import { CUSTOM_WORKER_TIER, METERS } from "./meterCatalogue.ts";
import { Meters } from "./meters.ts";
import type { MeterMappingChange, OperatorMeterChange } from "./operatorMeter.ts";

const NO_PRICES = { sheets: [], assignments: [], confirmations: [], fxRates: [] };
const BOOK = new PriceBook(DEFAULT_PRICE_SHEET, NO_PRICES, { knownUntilMs: 0, sellersOf: () => undefined });
const TERMS = BOOK.termsOfEveryone("customer", 0 as Hour);

// Goal: which meters are known and how they are priced is a matter of the hour and of what was known when.

const TIER = meterId("worker-tier-medium")!;
const S4 = meterId("380874f9-300c-48e0-95a0-d2d9a21ade8f")!;
const M30 = meterId("8b251e8f-ce5e-4a58-a6e5-2b8f0d176e3a")!;
const APP = meterId("190c935e-9ada-48ff-9ab8-56ea1cf9adaa")!;

const recorded = (id: number, hour: number) => ({
  id,
  effectiveHour: hour as Hour,
  recordedAtMs: id,
  recordedBy: "test",
  reason: "test",
});
const added = (id: number, hour: number, name: string): OperatorMeterChange => ({
  ...CUSTOM_WORKER_TIER,
  ...recorded(id, hour),
  meter: TIER,
  name,
});
const mapped = (id: number, hour: number, commerceMeter: MeterId | null, factor = "1"): MeterMappingChange => ({
  ...recorded(id, hour),
  meter: TIER,
  mapping: commerceMeter && { commerceMeter, factor: parseFraction(factor)! },
});

describe("a meter that operators add at hour 5, rename at 9, and price by way of App Service from 7 to 12", () => {
  const changes = {
    meters: [added(1, 5, "Medium tier"), added(4, 9, "Medium workers")],
    mappings: [mapped(2, 7, APP, "4"), mapped(3, 12, null)],
  };
  const meters = new Meters(changes, 9);

  test.each([
    [4, false, [TIER, "1"]],
    [5, true, [TIER, "1"]],
    [7, true, [APP, "4"]],
    [12, true, [TIER, "1"]],
  ])("hour %i: known %s, priced by way of %j", (hour, isKnown, expected) => {
    expect(meters.isKnown(TIER, hour as Hour)).toBe(isKnown);
    const pricing = pricingOf({ book: BOOK, meters: meters }, TERMS, TIER, hour as Hour);
    expect([pricing.commerceMeter, formatFraction(pricing.factor)]).toEqual(expected);
  });

  test("is cut where that changes; a new name is no reason to", () => {
    expect(meters.cuts([TIER], 0 as Hour, 20 as Hour)).toEqual([5, 7, 12]);
    expect(meters.cuts([TIER], 7 as Hour, 12 as Hour)).toEqual([]);
    expect(meters.cuts([S4], 0 as Hour, 20 as Hour)).toEqual([]);
  });

  test("was not known before it was recorded", () => {
    expect(meters.factsOf(TIER)?.name).toBe("Medium workers");
    expect(new Meters(changes, 3).factsOf(TIER)?.name).toBe("Medium tier");
    expect(new Meters(changes, 0).isKnown(TIER, 6 as Hour)).toBe(false);
    expect(new Meters(changes, 1).mappingAt(TIER, 8 as Hour)).toBeUndefined();
  });
});

test("a meter that is mapped is known, also when nobody added it; a mapping that was taken back leaves it unknown", () => {
  const meters = new Meters({ meters: [], mappings: [mapped(1, 3, APP), mapped(2, 6, null)] }, 9);
  expect([2, 3, 6].map((hour) => meters.isKnown(TIER, hour as Hour))).toEqual([false, true, false]);
  expect(meters.factsOf(TIER)).toBeUndefined();
  expect(meters.touched()).toEqual([TIER]);
});

test("an operator's mapping goes before the price sheet's", () => {
  const s30 = meterId("5b1db88a-8596-4002-8052-347947c26940")!;
  const none = new Meters({ meters: [], mappings: [] }, 9);
  expect(pricingOf({ book: BOOK, meters: none }, TERMS, s30, 1 as Hour)).toMatchObject({
    commerceMeter: M30,
    change: undefined,
  });
  const meters = new Meters({ meters: [], mappings: [{ ...mapped(1, 0, APP, "1/2"), meter: s30 }] }, 9);
  const pricing = pricingOf({ book: BOOK, meters: meters }, TERMS, s30, 1 as Hour);
  expect([pricing.commerceMeter, formatFraction(pricing.factor), pricing.change?.id]).toEqual([APP, "1/2", 1]);
});

test("the catalogue has every row of the contract: 85 ids and one family, each with its FOCUS facts", () => {
  expect(METERS.size).toBe(85);
  for (const { focus, unit } of [...METERS.values(), CUSTOM_WORKER_TIER]) {
    expect(Object.values(focus).every((fact) => fact.length > 0)).toBe(true);
    expect(unit.length).toBeGreaterThan(0);
  }
  expect(METERS.get(S4)).toMatchObject({
    name: "S4",
    resourceProvider: "Microsoft.Compute",
    unit: "disk-month",
    focus: {
      serviceCategory: "Storage",
      serviceSubcategory: "Block Storage",
      serviceName: "Managed Disks",
      consumedUnit: "Disk-Months",
    },
  });
});
