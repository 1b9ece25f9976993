import { describe, expect, test } from "vitest";
import { add, decimal, formatDecimal, multiply, ZERO } from "../../lib/decimal.ts";
import { followsFrom, isSamePrice } from "./amounts.ts";
import { causeOf } from "./cause.ts";
import { compareSides } from "./compare.ts";
import type { QuantityFacts } from "./quantities.ts";
import { Side } from "./side.ts";

// Goal: each rule names what it is for, in order of precedence, and nothing that differs is passed over.
// Method: small sides by hand; a row is payer, meter, day, quantity, price and what the amount is rounded to.

const says = { quantity: true, price: true, amount: true };
const NOTHING: QuantityFacts = { late: () => [], unmappedPayers: new Set(["base"]), waiting: () => ZERO };

type Row = readonly [payer: string, meter: string, day: string, quantity: string, price?: string, amount?: string];

function sideOf(rows: readonly Row[], isOurs = false): Side {
  const side = new Side();
  for (const [payer, meter, day, quantityText, price = "0.5", amountText] of rows) {
    const entry = side.at({ payer, stamp: "", meter }, { meterName: meter, currency: "USD" });
    const quantity = decimal(quantityText);
    const amount = amountText === undefined ? multiply(quantity, decimal(price)) : decimal(amountText);
    side.addQuantity(entry, day, quantity);
    const follows = followsFrom(amount, { quantity, price: decimal(price) }, 2);
    const rounding = isOurs ? { rounding: { mode: "down", scale: 2 } as const } : {};
    side.addPart(entry, {
      price: decimal(price),
      quantity,
      amount,
      hoursPerMonth: null,
      rate: null,
      follows,
      ...rounding,
    });
  }
  return side;
}

const compared = async (ours: readonly Row[], theirs: readonly Row[], facts: Partial<QuantityFacts> = {}) =>
  (
    await compareSides(sideOf(ours, true), sideOf(theirs), {
      says,
      factsOf: () => Promise.resolve({ ...NOTHING, ...facts }),
    })
  ).map((so) =>
    `${causeOf(so.situation)} ${so.payer} ${so.meter} ${so.day || "-"} ${so.difference} ${so.other}`.trim(),
  );

describe("quantities", () => {
  test("are the same to the last digit, or they are not", async () => {
    expect(await compared([["a", "m", "1", "1.0"]], [["a", "m", "1", "1"]])).toEqual([]);
    const digit = "1.000000000000000000000000000001";
    expect(await compared([["a", "m", "1", "1"]], [["a", "m", "1", digit]])).toEqual([
      "quantity a m 1 0.000000000000000000000000000001",
    ]);
  });

  test("late comes before every other cause", async () => {
    const late = () => [decimal("5")];
    expect(await compared([], [["base", "m", "1", "5"]], { late })).toEqual(["late base m 1 5"]);
    expect(await compared([["a", "m", "1", "5"]], [["a", "m", "1", "10"]], { late })).toEqual(["late a m 1 5"]);
    expect(await compared([["a", "m", "1", "5"]], [["a", "m", "1", "11"]], { late })).toEqual(["quantity a m 1 6"]);
  });

  test("what arrives later adds up to nothing and never runs ahead", async () => {
    const ours: Row[] = [
      ["a", "m", "1", "3"],
      ["a", "m", "2", "4"],
    ];
    const split: Row[] = [
      ["a", "m", "2", "5"],
      ["a", "m", "3", "2"],
    ];
    expect(await compared(ours, split)).toEqual(["arrived-day a m 1 -1 2", "arrived-day a m 1 -2 3"]);
    expect(await compared(split, ours)).toEqual(["extra a m 1 3", "quantity a m 2 -1", "missing a m 3 -2"]);
    expect(await compared([...ours, ["a", "m", "5", "9"]], split)).toEqual(
      expect.arrayContaining(["missing a m 5 -9"]),
    );
  });

  test("one later day with the same quantity, beside something else", async () => {
    const ours: Row[] = [
      ["a", "m", "1", "3"],
      ["a", "m", "4", "8"],
    ];
    const theirs: Row[] = [
      ["a", "m", "2", "3"],
      ["a", "m", "4", "7"],
    ];
    expect(await compared(ours, theirs)).toEqual(["arrived-day a m 1 -3 2", "quantity a m 4 -1"]);
  });

  test("unmapped: whoever pays for what is not mapped has it on the other side", async () => {
    const [mapped, unmapped]: [Row, Row] = [
      ["a", "m", "1", "3"],
      ["base", "m", "1", "3"],
    ];
    expect(await compared([mapped], [unmapped])).toEqual(["unmapped a m 1 -3 base", "unmapped base m 1 3 a"]);
    expect(await compared([unmapped], [mapped])).toEqual(["unmapped a m 1 3 base", "unmapped base m 1 -3 a"]);
    // Two payers that are both mapped are no such thing.
    expect(await compared([mapped], [["b", "m", "1", "3"]])).toEqual(["missing a m 1 -3", "extra b m 1 3"]);
    const both: Row[] = [mapped, ["b", "m", "1", "4"]];
    expect(await compared(both, [["base", "m", "1", "7"]])).toEqual([
      "unmapped a m 1 -3 base",
      "unmapped b m 1 -4 base",
      "unmapped base m 1 7 a, b",
    ]);
    const waiting = () => decimal("3");
    expect(await compared([], [["c", "m", "1", "3"]], { waiting })).toEqual(["unmapped c m 1 3"]);
  });

  test("a place that a side has nothing of is told once", async () => {
    const days: Row[] = [
      ["a", "m", "1", "1"],
      ["a", "m", "2", "2"],
    ];
    expect(await compared(days, [])).toEqual(["missing a m - -3"]);
    expect(await compared([], days)).toEqual(["extra a m - 3"]);
  });
});

describe("prices and amounts", () => {
  test("another price, and that of another tier", async () => {
    expect(await compared([["a", "m", "1", "2"]], [["a", "m", "1", "2", "0.6"]])).toEqual(["price a m - 0.1"]);
    const tiers = (first: string, second: string): Row[] => [
      ["a", "m", "1", first, "1"],
      ["a", "m", "1", second, "0.5"],
    ];
    expect(await compared(tiers("10", "5"), tiers("10", "5"))).toEqual([]);
    expect(await compared(tiers("10", "5"), tiers("12", "3"))).toEqual(["price a m - 2 1", "price a m - -2 0.5"]);
  });

  test("rounding is what comes of quantity and price, and nothing else is", async () => {
    const ours: Row = ["a", "m", "1", "2.01", "0.5", "1.00"];
    for (const same of ["1.005", "1.00"])
      expect(await compared([ours], [["a", "m", "1", "2.01", "0.5", same]])).toEqual([]);
    expect(await compared([ours], [["a", "m", "1", "2.01", "0.5", "1.01"]])).toEqual(["rounding a m - 0.01"]);
    expect(await compared([ours], [["a", "m", "1", "2.01", "0.5", "1.02"]])).toEqual(["amount a m - 0.02"]);
  });

  test("an amount is exactly a product, a rounding of it, or neither", () => {
    const of = { quantity: decimal("2"), price: decimal("0.006"), hours: decimal("720") };
    expect(followsFrom(decimal("0.012"), of, 2)).toBe("exactly");
    expect(followsFrom(decimal("0.0000166666666666"), of, 2)).toBe("exactly");
    expect(followsFrom(decimal("0.00002"), of, 2)).toBe("rounded");
    expect(followsFrom(decimal("0.03"), of, 2)).toBe("no");
    const converted = { quantity: decimal("1.999"), price: decimal("1"), rate: decimal("10") };
    expect(followsFrom(decimal("19.9"), converted, 2)).toBe("rounded");
    expect(followsFrom(decimal("19.99"), converted, 2)).toBe("exactly");
    expect(followsFrom(decimal("19.8"), converted, 2)).toBe("no");
  });

  test("an hourly price is a monthly one in its own digits", () => {
    expect(isSamePrice(decimal("0.0000083333"), decimal("0.006"), decimal("720"))).toBe(true);
    expect(isSamePrice(decimal("0.0000083335"), decimal("0.006"), decimal("720"))).toBe(false);
    expect(isSamePrice(decimal("0.006"), decimal("0.006"), null)).toBe(true);
  });
});

test("differences of quantities add up to the difference of the sides", async () => {
  const of = (seed: number): Row[] =>
    Array.from({ length: 40 }, (_, i): Row => {
      const n = (i * 7 + seed * 13) % 11;
      return [["a", "b", "base"][i % 3]!, `m${i % 4}`, String(1 + (i % 5)), String(n)];
    });
  const sum = (rows: readonly Row[]) => rows.reduce((all, row) => add(all, decimal(row[3])), ZERO);
  for (let seed = 0; seed < 50; seed += 1) {
    const [ours, theirs] = [of(seed), of(seed + 1)];
    const differences = await compareSides(sideOf(ours, true), sideOf(theirs), {
      says,
      factsOf: () => Promise.resolve(NOTHING),
    });
    // A shift takes from one day what it gives to another.
    const told = differences.filter((so) => so.measure === "quantity" && so.situation !== "arrived-later");
    const all = told.reduce((so, { difference }) => add(so, decimal(difference!)), ZERO);
    const apart = add(sum(theirs), multiply(sum(ours), decimal("-1")));
    expect(formatDecimal(all), `seed ${seed}`).toBe(formatDecimal(apart));
  }
});
