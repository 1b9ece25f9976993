import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compare, decimal, type Decimal, formatDecimal, sum, ZERO } from "../../lib/decimal.ts";
import { type Fraction, parseFraction } from "../../lib/fraction.ts";
import { type MeterId, registrationId, type SubscriptionId } from "../ids.ts";
import { DEFAULT_PRICE_SHEET } from "../rating/defaultPriceSheet.ts";
import type { Price } from "../rating/priceSheet.ts";
import { plainTerms, priceUnder } from "../rating/priceTerms.ts";
import type { LocalSubscriptionId } from "../ids.ts";
import { type BilledTotal, groupCharges, groupNeedsTimeOrder } from "./charges.ts";
import { rate } from "./rate.ts";

// Goal: usage that is converted is rated exactly, and not a digit of it is lost on the way over tiers.
// Method: lines by hand; then random factors and quantities, whose parts must add up to what went in.

const ROUNDING = { mode: "down", scale: 2 } as const;

const price = (tiers: [from: string, unitPrice: string][], hoursPerMonth: string | null = null): Price => ({
  commerceMeter: "c" as MeterId,
  name: "c",
  unit: "u",
  tiers: tiers.map(([from, unitPrice]) => ({ from: decimal(from), unitPrice: decimal(unitPrice) })),
  includedQuantity: ZERO,
  model: "graduated",
  packageSize: null,
  minimum: null,
  region: null,
  hoursPerMonth: hoursPerMonth === null ? null : decimal(hoursPerMonth),
  free: false,
  confidence: "high",
  note: "",
});
const FLAT = price([["0", "2"]]);
const TIERS = price([
  ["0", "1"],
  ["10", "0.5"],
]);

/** The same object for the same price: usage is grouped by it. */
const TERMED = new Map<Price, BilledTotal["price"]>();
function termed(of: Price): BilledTotal["price"] {
  const sheet = { ...DEFAULT_PRICE_SHEET, rounding: ROUNDING, prices: new Map([[of.commerceMeter, of]]) };
  const made = TERMED.get(of) ?? priceUnder(plainTerms(sheet), of.commerceMeter)!;
  TERMED.set(of, made);
  return made;
}

const total = (meter: string, quantity: string, factor: string, of: Price = FLAT): BilledTotal => ({
  registration: registrationId(1),
  localSubscription: "l" as LocalSubscriptionId,
  meter: meter as MeterId,
  hour: null,
  held: "no",
  quantity,
  records: 1,
  payer: "p",
  subscription: "p" as SubscriptionId,
  price: termed(of),
  factor: parseFraction(factor)!,
});

const lines = (totals: BilledTotal[]) =>
  groupCharges(totals).flatMap((group) =>
    rate(group, () => undefined).map(({ meter, quantity, pricedQuantity, band, amount }) =>
      [meter, formatDecimal(quantity), formatDecimal(pricedQuantity), band.tier, formatDecimal(amount)].join(" "),
    ),
  );

describe("conversion", () => {
  test("bytes of an hour are priced as GiB of an hour, exactly", () => {
    const bytes = String(3 * 2 ** 30);
    expect(lines([total("m", bytes, "1/1073741824")])).toEqual([`m ${bytes} 3 1 6`]);
  });

  test("a factor that is no finite decimal is not rounded before the amount is", () => {
    expect(lines([total("m", "3", "1/3")])).toEqual(["m 3 1 1 2"]);
    expect(lines([total("m", "2", "1/3")])).toEqual(["m 2 0.666666666666666666666666666667 1 1.33"]);
  });

  test("meters with different factors climb the same tiers, in the price's unit", () => {
    expect(lines([total("a", "4", "2", TIERS), total("b", "9", "1/3", TIERS)])).toEqual([
      "a 4 8 1 8",
      "b 6 2 1 2",
      "b 3 1 2 0.5",
    ]);
  });

  test("a tier boundary that is no finite decimal of the meter loses nothing", () => {
    expect(lines([total("m", "4", "3", TIERS)])).toEqual([
      "m 3.333333333333333333333333333333 10 1 10",
      "m 0.666666666666666666666666666667 2 2 1",
    ]);
  });

  test("one meter with two factors is two keys", () => {
    expect(lines([total("m", "1", "1"), total("m", "1", "2")])).toEqual(["m 1 1 1 2", "m 1 2 1 4"]);
  });

  test("whether order matters is a question of converted usage", () => {
    const group = (factor: string) =>
      groupCharges([total("a", "4", factor, TIERS), total("b", "5", factor, TIERS)])[0]!;
    expect(groupNeedsTimeOrder(group("1"))).toBe(false);
    expect(groupNeedsTimeOrder(group("2"))).toBe(true);
  });

  test("usage of nothing keeps its line", () => {
    expect(lines([total("m", "0", "1/3")])).toEqual(["m 0 0 1 0"]);
  });
});

test("whatever the factors: the lines of each key add up to its usage, and none is negative", () => {
  const factor = fc
    .tuple(fc.bigInt({ min: 1n, max: 10_000n }), fc.bigInt({ min: 1n, max: 10_000n }))
    .map(([a, b]) => `${a}/${b}`);
  const usage = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), factor, fc.bigInt({ min: 0n, max: 10n ** 15n })), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(usage, (rows) => {
      const totals = rows.map(([meter, by, units]) => total(meter, formatDecimal(decimal(`${units}e-12`)), by, TIERS));
      for (const group of groupCharges(totals)) {
        const charges = rate(group, () => undefined);
        for (const key of group.keys) {
          const own = charges.filter(({ meter, factor: by }) => meter === key.meter && same(by, key.factor));
          const whole: Decimal = sum(own.map(({ quantity }) => quantity));
          expect(compare(whole, key.quantity)).toBe(0);
          expect(own.every(({ quantity }) => compare(quantity, ZERO) >= 0)).toBe(true);
        }
      }
    }),
  );
});

const same = (a: Fraction, b: Fraction): boolean => a.numerator === b.numerator && a.denominator === b.denominator;
