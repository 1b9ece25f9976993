import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compare, decimal, formatDecimal, formatFixed, multiply, sum, ZERO } from "../../lib/decimal.ts";
import type { MeterId } from "../ids.ts";
import { METERS } from "../usage/meterCatalogue.ts";
import { DEFAULT_PRICE_SHEET } from "./defaultPriceSheet.ts";
import { lineAmount } from "./lineAmount.ts";
import { commerceMeterOf, type Price, priceOf } from "./priceSheet.ts";
import { layoutOf, needsTimeOrder, spread } from "./tiers.ts";

const price = (included: string, tiers: [from: string, unitPrice: string][]): Price => ({
  commerceMeter: "m" as MeterId,
  name: "m",
  unit: "u",
  model: "graduated",
  packageSize: null,
  tiers: tiers.map(([from, unitPrice]) => ({ from: decimal(from), unitPrice: decimal(unitPrice) })),
  includedQuantity: decimal(included),
  hoursPerMonth: null,
  minimum: null,
  region: null,
  free: false,
  confidence: "high",
  note: "",
});
const GRADUATED = price("10", [
  ["0", "1.00"],
  ["100", "0.50"],
  ["1000", "0.25"],
]);
const laid = (on: Price, total = ZERO) => layoutOf(on, total, (quantity) => quantity);
const spreadText = (slices: [string, string][], on = GRADUATED) =>
  spread(
    slices.map(([key, quantity]) => ({ key, quantity: decimal(quantity) })),
    () => laid(on),
  ).map(({ key, quantity, band }) => `${key} ${formatDecimal(quantity)} in ${band.tier}`);

describe("tiers", () => {
  test.each([
    ["9.999999999999999999999999999999", ["a 9.999999999999999999999999999999 in 0"]],
    ["10", ["a 10 in 0"]],
    ["10.000000000000000000000000000001", ["a 10 in 0", "a 0.000000000000000000000000000001 in 1"]],
    ["110", ["a 10 in 0", "a 100 in 1"]],
    ["110.5", ["a 10 in 0", "a 100 in 1", "a 0.5 in 2"]],
    ["2000", ["a 10 in 0", "a 100 in 1", "a 900 in 2", "a 990 in 3"]],
    ["0", []],
  ])("%s lies on %j", (quantity, expected) => {
    expect(spreadText([["a", quantity]])).toEqual(expected);
  });

  test("whoever comes first gets the included quantity and the dear tier", () => {
    const slices: [string, string][] = [
      ["a", "60"],
      ["b", "60"],
      ["a", "60"],
    ];
    expect(spreadText(slices)).toEqual(["a 10 in 0", "a 50 in 1", "b 50 in 1", "b 10 in 2", "a 60 in 2"]);
  });

  const quantities = fc.array(
    fc.tuple(fc.constantFrom("a", "b", "c"), fc.bigInt({ min: 0n, max: 10n ** 12n }).map(String)),
    { maxLength: 12 },
  );
  const cost = (slices: [string, string][]) =>
    sum(
      spread(
        slices.map(([key, q]) => ({ key, quantity: decimal(`${q}e-9`) })),
        () => laid(GRADUATED),
      ).map(({ quantity, band }) => multiply(quantity, band.unitPrice)),
    );
  test("nothing is lost, order does not change the sum, more usage never costs less", () => {
    fc.assert(
      fc.property(quantities, (slices) => {
        const parts = spread(
          slices.map(([key, q]) => ({ key, quantity: decimal(`${q}e-9`) })),
          () => laid(GRADUATED),
        );
        expect(compare(sum(parts.map((p) => p.quantity)), sum(slices.map(([, q]) => decimal(`${q}e-9`))))).toBe(0);
        expect(compare(cost(slices), cost([...slices].reverse()))).toBe(0);
        expect(compare(cost([...slices, ["a", "1"]]), cost(slices))).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test("time order matters only for several keys across a boundary", () => {
    expect(needsTimeOrder(1, decimal("50"), laid(GRADUATED))).toBe(false);
    expect(needsTimeOrder(2, decimal("10"), laid(GRADUATED))).toBe(false);
    expect(needsTimeOrder(2, decimal("10.1"), laid(GRADUATED))).toBe(true);
    expect(needsTimeOrder(2, decimal("10.1"), laid(price("0", [["0", "1"]])))).toBe(false);
  });
});

describe("lineAmount", () => {
  const amount = (quantity: string, unitPrice: string, hours: string | null = null) =>
    formatFixed(
      lineAmount(
        { quantity: decimal(quantity), common: 1n },
        decimal(unitPrice),
        hours === null ? null : decimal(hours),
        {
          mode: "down",
          scale: 2,
        },
      ),
      2,
    );
  test.each([
    ["16", "0.046", null, "0.73"], // 0.736, truncated, never rounded up
    ["1.999999", "1", null, "1.99"],
    ["720", "0.006", "720", "0.00"], // 1 GB for a month: 0.006
    ["120000", "0.006", "720", "1.00"], // exactly 1: 0.0000083333 an hour would give 0.99
  ])("%s × %s / %s = %s", (quantity, unitPrice, hours, expected) => {
    expect(amount(quantity, unitPrice, hours)).toBe(expected);
  });
});

describe("the default price sheet", () => {
  test("prices known meters only, and folds S30 and P30 into one commerce meter", () => {
    const local = new Map([...DEFAULT_PRICE_SHEET.commerceMeters].map(([from, to]) => [to, from]));
    for (const { commerceMeter } of DEFAULT_PRICE_SHEET.prices.values()) {
      expect(METERS.has(local.get(commerceMeter) ?? commerceMeter)).toBe(true);
    }
    const [s30, p30] = ["5b1db88a859640028052347947c26940", "06bde7249f9443c084c3d0fc54538369"] as MeterId[];
    expect(commerceMeterOf(DEFAULT_PRICE_SHEET, s30!)).toBe(commerceMeterOf(DEFAULT_PRICE_SHEET, p30!));
    expect(formatDecimal(priceOf(DEFAULT_PRICE_SHEET, s30!)!.tiers[0]!.unitPrice)).toBe("10.24");
  });
  test("a price of 0 is free of charge by name, not by accident; a free meter costs nothing", () => {
    for (const { free, tiers } of DEFAULT_PRICE_SHEET.prices.values()) {
      expect(compare(tiers[0]!.unitPrice, ZERO) === 0).toBe(free);
    }
  });
});
