import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  compare,
  type Decimal,
  decimal,
  formatDecimal,
  multiply,
  subtract,
  sum,
  ZERO,
} from "../../lib/decimal.ts";
import { ONE } from "../../lib/fraction.ts";
import { type Hour, type LocalSubscriptionId, type MeterId, registrationId, type SubscriptionId } from "../ids.ts";
import { DEFAULT_PRICE_SHEET } from "../rating/defaultPriceSheet.ts";
import { PRICE_MODELS, type Price, type PriceModel } from "../rating/priceSheet.ts";
import { plainTerms, termed, type TermedPrice } from "../rating/priceTerms.ts";
import { type BilledTotal, type Charge, groupCharges, groupNeedsTimeOrder, inTimeOrder } from "./charges.ts";
import { rate } from "./rate.ts";

// Goal: what has to hold of every price and every usage, model by model. Method: random prices and usage that is rich in
// bounds; amounts keep 60 decimals, so that nothing is rounded and sums can be compared to the last digit.

const SCALE = 60;
const EPSILON = "0.000000000000000000000000000001";
const BOUNDS = ["10", "20", "22.5", "40"];

const tiered = (model: PriceModel, bounds: readonly string[], unitPrices: readonly string[], more: Partial<Price>) => ({
  commerceMeter: "c" as MeterId,
  name: "c",
  unit: "u",
  model,
  packageSize: model === "package" ? decimal("2.5") : null,
  tiers: ["0", ...bounds].map((from, i) => ({ from: decimal(from), unitPrice: decimal(unitPrices[i]!) })),
  includedQuantity: ZERO,
  hoursPerMonth: null,
  minimum: null,
  region: null,
  free: false,
  confidence: "high" as const,
  note: "",
  ...more,
});

const unitPrices = fc.array(fc.constantFrom("0", "0.006", "0.5", "1", "3.333"), { minLength: 5, maxLength: 5 });
const pricesOf = (...models: PriceModel[]): fc.Arbitrary<Price> =>
  fc
    .record({
      model: fc.constantFrom(...models),
      bounds: fc.subarray(BOUNDS),
      unitPrices,
      included: fc.constantFrom("0", "5", "7.25"),
    })
    .map(({ model, bounds, unitPrices: of, included }) =>
      tiered(model, bounds, of, { includedQuantity: decimal(included) }),
    );
const everyPrice = pricesOf(...PRICE_MODELS);

const under = (price: Price, version = 1): TermedPrice =>
  termed(price, plainTerms({ ...DEFAULT_PRICE_SHEET, id: "s", version, rounding: { mode: "down", scale: SCALE } }));

interface Usage {
  readonly hour: number;
  readonly stamp: number;
  readonly meter: string;
  readonly quantity: string;
}

const quantities = fc.oneof(
  fc.constantFrom("0", "2.5", "5", "10", EPSILON, "9.999999999999999999999999999999"),
  fc.bigInt({ min: 0n, max: 10n ** 12n }).map((units) => formatDecimal(decimal(`${units}e-11`))),
);
const usages: fc.Arbitrary<Usage[]> = fc.array(
  fc.record({
    hour: fc.integer({ min: 0, max: 20 }),
    stamp: fc.constantFrom(1, 2),
    meter: fc.constantFrom("a", "b"),
    quantity: quantities,
  }),
  { minLength: 1, maxLength: 10 },
);

const total = ({ hour, stamp, meter, quantity }: Usage, price: TermedPrice, payer = "p"): BilledTotal => ({
  registration: registrationId(stamp),
  localSubscription: "l" as LocalSubscriptionId,
  meter: meter as MeterId,
  hour: hour as Hour,
  held: "no",
  quantity,
  records: 1,
  payer,
  subscription: payer as SubscriptionId,
  price,
  factor: ONE,
});

/** As a run does it: by sums where the order does not matter. */
const charged = (totals: readonly BilledTotal[]): readonly Charge[] =>
  groupCharges(totals).flatMap((group) => {
    const own = totals.filter(
      ({ payer, price }) => payer === group.payer && price.commerceMeter === group.commerceMeter,
    );
    return rate(group, () => undefined, groupNeedsTimeOrder(group) ? inTimeOrder(own) : undefined);
  });
const amountOf = (charges: readonly Charge[]): Decimal => sum(charges.map(({ amount }) => amount));
const costOf = (usage: readonly Usage[], price: TermedPrice): Decimal =>
  amountOf(charged(usage.map((so) => total(so, price))));
const wholeOf = (usage: readonly Usage[]): Decimal => sum(usage.map(({ quantity }) => decimal(quantity)));
/** Lines without the objects behind them, in no order. */
const told = (charges: readonly Charge[]): readonly string[] =>
  charges
    .map(({ kind, registration, meter, price, band, quantity, amount }) =>
      [kind, registration, meter, price.commerceMeter, band.tier, formatDecimal(quantity), formatDecimal(amount)].join(
        " ",
      ),
    )
    .sort();

const late = (quantity: string): Usage => ({ hour: 99, stamp: 1, meter: "a", quantity });

describe("every model", () => {
  test("the order of arrival is irrelevant", () => {
    const arrivals = usages.chain((usage) =>
      fc.tuple(fc.constant(usage), fc.shuffledSubarray(usage, { minLength: usage.length })),
    );
    fc.assert(
      fc.property(everyPrice, arrivals, (price, [usage, arrived]) => {
        const of = under(price);
        const lines = (so: readonly Usage[]) => told(charged(so.map((one) => total(one, of))));
        expect(lines(arrived)).toEqual(lines(usage));
      }),
    );
  });

  test("usage of an hour may come in any number of parts", () => {
    fc.assert(
      fc.property(everyPrice, usages, fc.integer({ min: 2, max: 5 }), (price, usage, parts) => {
        const of = under(price);
        const split = usage.flatMap((so) => {
          const part = multiply(decimal(so.quantity), decimal("0.1"));
          const rest = subtract(decimal(so.quantity), multiply(part, decimal(String(parts - 1))));
          return [...Array.from({ length: parts - 1 }, () => part), rest].map((quantity) => ({
            ...so,
            quantity: formatDecimal(quantity),
          }));
        });
        const lines = (so: readonly Usage[]) => told(charged(so.map((one) => total(one, of))));
        expect(lines(split)).toEqual(lines(usage));
      }),
    );
  });

  test("a period that a version splits, which says the same, costs the same", () => {
    fc.assert(
      fc.property(everyPrice, usages, fc.integer({ min: 0, max: 21 }), (price, usage, from) => {
        const [old, fresh] = [under(price), under(price, 2)];
        const split = usage.map((so) => total(so, so.hour < from ? old : fresh));
        expect(compare(amountOf(charged(split)), costOf(usage, old))).toBe(0);
      }),
    );
  });

  test("all usage is on lines, once", () => {
    fc.assert(
      fc.property(everyPrice, usages, (price, usage) => {
        const of = under(price);
        const charges = charged(usage.map((so) => total(so, of)));
        expect(compare(sum(charges.map(({ quantity }) => quantity)), wholeOf(usage))).toBe(0);
      }),
    );
  });

  test("merging two payers' disjoint meters changes nothing", () => {
    fc.assert(
      fc.property(everyPrice, everyPrice, usages, usages, (price, other, usage, more) => {
        const [of, and] = [under(price), under({ ...other, commerceMeter: "d" as MeterId })];
        const both = (payer: string) => [
          ...usage.map((so) => total(so, of)),
          ...more.map((so) => total({ ...so, meter: `d ${so.meter}` }, and, payer)),
        ];
        expect(told(charged(both("p")))).toEqual(told(charged(both("q"))));
      }),
    );
  });

  test("a month of prices of zero is zero", () => {
    fc.assert(
      fc.property(everyPrice, usages, (price, usage) => {
        const free = { ...price, tiers: price.tiers.map((tier) => ({ ...tier, unitPrice: ZERO })) };
        expect(compare(costOf(usage, under(free)), ZERO)).toBe(0);
      }),
    );
  });

  test("with a minimum it costs that, or what it costs without if that is more", () => {
    fc.assert(
      fc.property(everyPrice, usages, fc.constantFrom("0.01", "5", "60"), (price, usage, minimum) => {
        const plain = costOf(usage, under(price));
        const least = decimal(minimum);
        const expected = compare(plain, least) < 0 ? least : plain;
        expect(compare(costOf(usage, under({ ...price, minimum: least })), expected)).toBe(0);
      }),
    );
  });

  test("usage inside the included quantity costs nothing", () => {
    fc.assert(
      fc.property(everyPrice, usages, (price, usage) => {
        const of = under({ ...price, includedQuantity: wholeOf(usage) });
        expect(compare(costOf(usage, of), ZERO)).toBe(0);
      }),
    );
  });
});

describe("graduated and package", () => {
  test("more usage never costs less, wherever in the period it is", () => {
    fc.assert(
      fc.property(pricesOf("graduated", "package"), usages, quantities, fc.integer({ min: 0, max: 21 }), (...given) => {
        const [price, usage, quantity, hour] = given;
        const of = under(price);
        const more = [...usage, { ...late(quantity), hour }];
        expect(compare(costOf(more, of), costOf(usage, of))).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("volume", () => {
  test("all that is charged has one price, that of the last tier that the whole reaches", () => {
    fc.assert(
      fc.property(pricesOf("volume"), usages, (price, usage) => {
        const whole = wholeOf(usage);
        const beyond = subtract(whole, price.includedQuantity);
        const paid = compare(beyond, ZERO) > 0 ? beyond : ZERO;
        const { unitPrice } = price.tiers.findLast(({ from }) => compare(from, paid) <= 0)!;
        expect(compare(costOf(usage, under(price)), multiply(paid, unitPrice))).toBe(0);
      }),
    );
  });

  test("more usage may cost less, where it reaches a cheaper tier: that is what the model says", () => {
    const of = under(tiered("volume", ["10"], ["1", "0.5"], {}));
    expect(formatDecimal(costOf([late("9.99")], of))).toBe("9.99");
    expect(formatDecimal(costOf([late("10")], of))).toBe("5");
  });
});

describe("package", () => {
  test("one price: as many packages as cover the usage, and never one more", () => {
    fc.assert(
      fc.property(usages, fc.constantFrom("1", "2.5", "7"), (usage, size) => {
        const of = under(tiered("package", [], ["1"], { packageSize: decimal(size) }));
        const covered = multiply(costOf(usage, of), decimal(size));
        const whole = wholeOf(usage);
        expect(compare(covered, whole)).toBeGreaterThanOrEqual(0);
        expect(compare(subtract(covered, decimal(size)), whole)).toBeLessThan(compare(whole, ZERO) === 0 ? 1 : 0);
      }),
    );
  });
});

describe("a bound, by the last digit", () => {
  const at = (bound: string) => {
    const [edge, step] = [decimal(bound), decimal(EPSILON)];
    return [subtract(edge, step), edge, add(edge, step)].map(formatDecimal);
  };
  /** Each part as its quantity, or its number of packages, and the tier that prices it. */
  const parts = (model: PriceModel, included: string, quantity: string): string => {
    const of = under(tiered(model, ["10", "20"], ["1", "2", "3"], { includedQuantity: decimal(included) }));
    return charged([total(late(quantity), of)])
      .map(({ pricedQuantity, band }) => `${formatDecimal(pricedQuantity)} in ${band.tier}`)
      .join(", ");
  };
  test.each<readonly [PriceModel, string, string, readonly string[]]>([
    ["graduated", "0", "10", ["9.999999999999999999999999999999 in 1", "10 in 1", `10 in 1, ${EPSILON} in 2`]],
    ["graduated", "5", "5", ["4.999999999999999999999999999999 in 0", "5 in 0", `5 in 0, ${EPSILON} in 1`]],
    [
      "graduated",
      "5",
      "25",
      [
        "5 in 0, 10 in 1, 9.999999999999999999999999999999 in 2",
        "5 in 0, 10 in 1, 10 in 2",
        `5 in 0, 10 in 1, 10 in 2, ${EPSILON} in 3`,
      ],
    ],
    [
      "volume",
      "0",
      "10",
      ["9.999999999999999999999999999999 in 1", "10 in 2", "10.000000000000000000000000000001 in 2"],
    ],
    [
      "volume",
      "5",
      "15",
      [
        "5 in 0, 9.999999999999999999999999999999 in 1",
        "5 in 0, 10 in 2",
        "5 in 0, 10.000000000000000000000000000001 in 2",
      ],
    ],
    ["package", "0", "2.5", ["1 in 1", "1 in 1", "2 in 1"]],
    ["package", "0", "10", ["4 in 1", "4 in 1", "4 in 1, 1 in 2"]],
    ["package", "5", "5", ["0 in 0", "0 in 0", "0 in 0, 1 in 1"]],
  ])("%s with %s included, below, at and above %s", (model, included, bound, expected) => {
    expect(at(bound).map((quantity) => parts(model, included, quantity))).toEqual(expected);
  });
});
