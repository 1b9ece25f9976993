import { describe, expect, test } from "vitest";
import { decimal, formatDecimal, formatFixed, ZERO } from "../../lib/decimal.ts";
import { ONE } from "../../lib/fraction.ts";
import type { Hour, LocalSubscriptionId, MeterId, SubscriptionId } from "../ids.ts";
import { registrationId } from "../ids.ts";
import { DEFAULT_PRICE_SHEET } from "../rating/defaultPriceSheet.ts";
import type { FxRate } from "../rating/priceBook.ts";
import type { Price, PriceModel, PriceSheet } from "../rating/priceSheet.ts";
import { plainTerms, type PriceTerms, type SheetTerms, termed, type TermedPrice } from "../rating/priceTerms.ts";
import type { Registration } from "../registration/registration.ts";
import { capacityCharges } from "./capacity.ts";
import { type BilledTotal, groupCharges, groupNeedsTimeOrder, inTimeOrder } from "./charges.ts";
import { parsePeriod } from "./period.ts";
import { type FxRates, rate } from "./rate.ts";
import { buildStatement } from "./statement.ts";

// Goal: every model, the minimum, versions inside a period, other currencies and capacity are rated as the docs say.
// Method: lines worked out by hand, each a row of docs/concepts/rating.md or next to one.

const NO_RATES: FxRates = () => undefined;

interface Given {
  readonly model?: PriceModel;
  readonly tiers: readonly (readonly [from: string, unitPrice: string])[];
  readonly included?: string;
  readonly minimum?: string;
  readonly packageSize?: string;
}

const price = ({ model = "graduated", tiers, included = "0", minimum, packageSize }: Given): Price => ({
  commerceMeter: "c" as MeterId,
  name: "c",
  unit: "u",
  model,
  packageSize: packageSize === undefined ? null : decimal(packageSize),
  tiers: tiers.map(([from, unitPrice]) => ({ from: decimal(from), unitPrice: decimal(unitPrice) })),
  includedQuantity: decimal(included),
  hoursPerMonth: null,
  minimum: minimum === undefined ? null : decimal(minimum),
  region: null,
  free: false,
  confidence: "high",
  note: "",
});

const sheetOf = (version: number): PriceSheet => ({ ...DEFAULT_PRICE_SHEET, id: "s", version });
const under = (of: Price, terms: Partial<PriceTerms> = {}, version = 1): TermedPrice =>
  termed(of, { ...plainTerms(sheetOf(version)), ...terms } as SheetTerms);

const total = (hour: number, quantity: string, of: TermedPrice, more: Partial<BilledTotal> = {}): BilledTotal => ({
  registration: registrationId(1),
  localSubscription: "l" as LocalSubscriptionId,
  meter: "m" as MeterId,
  hour: hour as Hour,
  held: "no",
  quantity,
  records: 1,
  payer: "p",
  subscription: "p" as SubscriptionId,
  price: of,
  factor: ONE,
  ...more,
});

/** What hourly totals cost, as the run does it: by sums where the order does not matter. */
function lines(totals: readonly BilledTotal[], fxRates = NO_RATES): readonly string[] {
  return groupCharges(totals).flatMap((group) =>
    rate(group, fxRates, groupNeedsTimeOrder(group) ? inTimeOrder(totals) : undefined).map((charge) => {
      const { kind, registration, quantity, band, pricedQuantity, amount, price: own } = charge;
      const told = kind === "usage" ? "" : `${kind} `;
      const version = own.terms.sheet.version === 1 ? "" : ` v${own.terms.sheet.version}`;
      const priced = formatDecimal(pricedQuantity);
      return `${told}${registration}: ${formatDecimal(quantity)} as ${priced} in ${band.tier}${version} = ${formatFixed(amount, 2)}`;
    }),
  );
}

const SOUTH = { registration: registrationId(2) };

describe("volume", () => {
  const volume = price({
    model: "volume",
    tiers: [
      ["0", "1"],
      ["100", "0.5"],
    ],
  });
  test.each([
    ["99.99", ["1: 99.99 as 99.99 in 1 = 99.99"]],
    ["100", ["1: 100 as 100 in 2 = 50.00"]],
    ["250", ["1: 250 as 250 in 2 = 125.00"]],
  ])("%s units are all priced at the tier that they reach", (quantity, expected) => {
    expect(lines([total(1, quantity, under(volume))])).toEqual(expected);
  });

  test("what is included is free and does not count; stamps reach the tier together", () => {
    const own = under({ ...volume, includedQuantity: decimal("10") });
    expect(lines([total(1, "60", own), total(2, "50", own, SOUTH)])).toEqual([
      "1: 10 as 10 in 0 = 0.00",
      "1: 50 as 50 in 2 = 25.00",
      "2: 50 as 50 in 2 = 25.00",
    ]);
  });
});

describe("package", () => {
  const packages = price({
    model: "package",
    packageSize: "10",
    tiers: [
      ["0", "3"],
      ["20", "2"],
    ],
  });
  test.each([
    ["0", ["1: 0 as 0 in 1 = 0.00"]],
    ["0.01", ["1: 0.01 as 1 in 1 = 3.00"]],
    ["10", ["1: 10 as 1 in 1 = 3.00"]],
    ["10.01", ["1: 10.01 as 2 in 1 = 6.00"]],
    ["31", ["1: 20 as 2 in 1 = 6.00", "1: 11 as 2 in 2 = 4.00"]],
  ])("%s units cost each package that was begun", (quantity, expected) => {
    expect(lines([total(1, quantity, under(packages))])).toEqual(expected);
  });

  test("whoever begins a package pays for it", () => {
    const own = under(packages);
    expect(lines([total(2, "6", own), total(1, "6", own, SOUTH)])).toEqual([
      "2: 6 as 1 in 1 = 3.00",
      "1: 6 as 1 in 1 = 3.00",
    ]);
    expect(lines([total(2, "2", own), total(1, "6", own, SOUTH)])).toEqual([
      "2: 6 as 1 in 1 = 3.00",
      "1: 2 as 0 in 1 = 0.00",
    ]);
  });
});

describe("minimum", () => {
  const own = under(price({ tiers: [["0", "1"]], minimum: "5" }));
  test.each([
    ["4.99", ["1: 4.99 as 4.99 in 1 = 4.99", "minimum 1: 0 as 0 in 1 = 0.01"]],
    ["5", ["1: 5 as 5 in 1 = 5.00"]],
    ["0", ["1: 0 as 0 in 1 = 0.00", "minimum 1: 0 as 0 in 1 = 5.00"]],
  ])("%s units are topped up to it, once for payer and price", (quantity, expected) => {
    expect(lines([total(1, quantity, own)])).toEqual(expected);
  });
  test("no usage, no minimum", () => expect(lines([])).toEqual([]));
});

test("a version that begins inside the period goes on from the quantity that was reached, on its own tiers", () => {
  const tiers = (dear: string, cheap: string) =>
    price({
      tiers: [
        ["0", dear],
        ["100", cheap],
      ],
    });
  const [old, fresh] = [under(tiers("1", "0.5")), under(tiers("2", "0.25"), {}, 2)];
  expect(lines([total(1, "60", old), total(10, "60", fresh)])).toEqual([
    "1: 60 as 60 in 1 = 60.00",
    "1: 40 as 40 in 1 v2 = 80.00",
    "1: 20 as 20 in 2 v2 = 5.00",
  ]);
});

test("sheets that round to different decimals make one statement, and no digit of its total is cut", () => {
  const rounded = (version: number, scale: number, minimum: string): TermedPrice => {
    const sheet = { ...sheetOf(version), rounding: { mode: "down", scale } } as const;
    return termed(price({ tiers: [["0", "0.001"]], minimum }), plainTerms(sheet));
  };
  const [old, fresh] = [rounded(1, 3, "5"), rounded(2, 2, "5")];
  const charges = groupCharges([total(1, "1234", old), total(9, "100", fresh)]).flatMap((so) => rate(so, NO_RATES));
  const head = { level: "customer", payer: "p", issuer: "i", partner: "i" } as const;
  const { total: whole, lines: own } = buildStatement(head, charges, {
    period: parsePeriod("2024-02"),
    meters: { factsOf: () => undefined },
    mappingsOf: () => [],
  });
  expect(own.map(({ kind, amount }) => `${kind} ${amount}`)).toEqual(["usage 1.234", "usage 0.10", "minimum 3.666"]);
  expect(whole).toBe("5.000");
});

describe("terms", () => {
  const list = price({ tiers: [["0", "0.10"]] });
  const percent = (value: string) => [{ commerceMeter: null, percent: decimal(value), absolute: ZERO }];

  test.each([
    [{ markups: percent("20") }, "0.12", "12.00"],
    [{ markups: percent("-50") }, "0.05", "5.00"],
    [
      { markups: [{ commerceMeter: "c" as MeterId, percent: ZERO, absolute: decimal("0.01") }, ...percent("99")] },
      "0.11",
      "11.00",
    ],
    [{ markups: percent("20"), creditPercent: decimal("15") }, "0.102", "10.20"],
  ])("%# mark-up first, then the credit: 100 units at %s", (terms, unitPrice, amount) => {
    const own = under(list, terms);
    expect(formatDecimal(own.tiers[0]!.unitPrice)).toBe(unitPrice);
    expect(lines([total(1, "100", own)])).toEqual([`1: 100 as 100 in 1 = ${amount}`]);
  });

  test("another currency: the line is rounded in the sheet's own first, then converted and rounded again", () => {
    const fx: FxRate = {
      id: 1,
      period: "2024-02",
      from: "USD",
      to: "EUR",
      rate: "0.925",
      reason: "",
      recordedAtMs: 0,
      recordedBy: "",
    };
    const own = under(list, { billingCurrency: "EUR" });
    // 33.39 × 0.10 = 3.339, 3.33 USD; × 0.925 = 3.08025, 3.08 EUR.
    expect(lines([total(1, "33.39", own)], () => fx)).toEqual(["1: 33.39 as 33.39 in 1 = 3.08"]);
    expect(() => lines([total(1, "1", own)])).toThrow("EUR");
  });
});

describe("capacity", () => {
  const period = parsePeriod("2024-02");
  const registration = {
    id: registrationId(7),
    name: "north",
    created: { atMs: Date.UTC(2024, 0, 1) },
  } as Registration;
  const billing =
    (from: number, cores: number | null, after: number | null = cores) =>
    (hour: Hour) =>
      ({
        billingModel: hour < from ? "PayAsYouUse" : "Capacity",
        cores: hour < from + 24 * 10 ? cores : after,
      }) as const;
  const terms = plainTerms(DEFAULT_PRICE_SHEET);
  const cost = (
    of: Partial<Registration>,
    billingAt: ReturnType<typeof billing>,
    knownUntilMs = Date.UTC(2024, 5, 1),
  ) =>
    capacityCharges({ registration: { ...registration, ...of }, billingAt, termsAt: () => terms }, period, {
      knownUntilMs,
      fxRates: NO_RATES,
    }).map(({ quantity, amount }) => `${formatDecimal(quantity)} core-days = ${formatFixed(amount, 2)}`);

  const whole = billing(0, 10);
  test.each<readonly [string, () => readonly string[], readonly string[]]>([
    // 64 cores × 29 days × 144 / 366 = 730.229…
    ["a whole February", () => cost({}, billing(0, 64)), ["1856 core-days = 730.22"]],
    ["from its tenth day on", () => cost({}, billing(period.from + 9 * 24, 64)), ["1280 core-days = 503.60"]],
    [
      "with other hosts after ten days",
      () => cost({}, billing(period.from, 64, 128)),
      ["640 core-days = 251.80", "2432 core-days = 956.85"],
    ],
    [
      "registered on the 28th",
      () => cost({ created: { atMs: Date.UTC(2024, 1, 28, 15), by: "", byType: "User" } }, whole),
      ["20 core-days = 7.86"],
    ],
    ["removed on the 2nd", () => cost({ deletedAtMs: Date.UTC(2024, 1, 2, 1) }, whole), ["20 core-days = 7.86"]],
    ["as far as the month has come", () => cost({}, whole, Date.UTC(2024, 1, 3)), ["20 core-days = 7.86"]],
    ["never", () => cost({}, billing(Number.MAX_SAFE_INTEGER, 64)), []],
  ])("%s", (_, told, expected) => {
    expect(told()).toEqual(expected);
  });

  test("cores that nobody knows are a fault, and no 0", () => {
    expect(() => cost({}, billing(0, null))).toThrow("cores");
  });
});
