import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isFault } from "../../domain/faults/fault.ts";
import { type MeterId, meterId } from "../../domain/ids.ts";
import { DEFAULT_PRICE_SHEET } from "../../domain/rating/defaultPriceSheet.ts";
import { diffSheets } from "../../domain/rating/priceDiff.ts";
import { type SheetParts, sheetOfRows } from "../../domain/rating/priceFile.ts";
import { sheetContent } from "../../domain/rating/priceJson.ts";
import type { PriceRow } from "../../domain/rating/priceRow.ts";
import { rowsOfSheet } from "../../domain/rating/priceRowsOf.ts";
import type { Price } from "../../domain/rating/priceSheet.ts";
import { priceKey } from "../../domain/rating/priceTerms.ts";
import { add, canonical, decimal, type Decimal, formatDecimal, ZERO } from "../../lib/decimal.ts";
import { csvRows, csvText } from "./csvFile.ts";
import { jsonRows, rateCardText, versionText } from "./jsonFile.ts";

// Goal: a version goes out and comes in again as the same version, whatever is in it; nothing else comes in. Method:
// properties over made-up versions for each of the shapes, and a table of what is wrong.

const EMPTY: SheetParts = {
  name: "before",
  currency: "USD",
  rounding: { mode: "down", scale: 2 },
  prices: new Map(),
  capacityPackages: [],
  commerceMeters: new Map(),
};
const anything = { before: EMPTY, isKnown: () => true };
const built = { before: DEFAULT_PRICE_SHEET, isKnown: () => true };

function partsOf(rows: readonly PriceRow[], context = anything): SheetParts {
  const read = sheetOfRows(rows, context);
  if ("problems" in read) throw new Error(read.problems.map((so) => `${so.position} ${so.fault.message}`).join("\n"));
  return read.parts;
}

const shown = ({ name, currency, ...parts }: SheetParts) => ({ name, currency, ...sheetContent(parts) });

const text = fc
  .string({ unit: fc.constantFrom(..."a b , \" ; ' = + - @ 价 é ＝ | %".split(" "), " "), maxLength: 12 })
  .map((so) => so.trim());
const name = text.filter((so) => so !== "");
const number = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }), fc.integer({ min: 0, max: 20 }))
  .map(([coefficient, scale]) => canonical({ coefficient, scale }));
const positive = number.filter(({ coefficient }) => coefficient > 0n);
const maybe = <Value>(so: fc.Arbitrary<Value>) => fc.option(so, { nil: null });
const meter = fc.stringMatching(/^[0-9a-f]{32}$/).map((so) => so as MeterId);
const confidence = fc.constantFrom("high" as const, "medium" as const, "unsure" as const);

const tiersOf = (first: Decimal, steps: readonly (readonly [Decimal, Decimal])[]): Price["tiers"] => {
  let from = ZERO;
  return [
    { from, unitPrice: first },
    ...steps.map(([step, unitPrice]) => ({ from: (from = canonical(add(from, step))), unitPrice })),
  ];
};

const small = positive.map(({ coefficient, scale }) => canonical({ coefficient: coefficient % 1000n || 1n, scale }));
const price: fc.Arbitrary<Price> = fc
  .record({
    commerceMeter: meter,
    name,
    unit: name,
    kind: fc.constantFrom("graduated" as const, "volume" as const, "package" as const, "free" as const),
    size: positive,
    first: positive,
    steps: fc.array(fc.tuple(small, number), { maxLength: 4 }),
    includedQuantity: number,
    hoursPerMonth: maybe(positive),
    minimum: maybe(number),
    region: maybe(name),
    confidence,
    note: text,
  })
  .map(({ kind, size, first, steps, ...rest }): Price => {
    const free = kind === "free";
    return {
      ...rest,
      model: free ? "graduated" : kind,
      packageSize: kind === "package" ? size : null,
      tiers: free ? [{ from: ZERO, unitPrice: ZERO }] : tiersOf(first, steps),
      minimum: free ? null : rest.minimum,
      free,
    };
  });

const sheet: fc.Arbitrary<SheetParts> = fc.record({
  name,
  currency: fc.constantFrom("USD", "EUR", "CNY"),
  rounding: fc.record({
    mode: fc.constantFrom("down" as const, "half-even" as const, "half-up" as const),
    scale: fc.integer({ min: 0, max: 9 }),
  }),
  prices: fc.array(price, { minLength: 1, maxLength: 6 }).map((prices) => {
    return new Map(prices.map((so) => [priceKey(so.commerceMeter, so.region), so]));
  }),
  capacityPackages: fc.uniqueArray(fc.record({ id: name, name, corePricePerYear: number, confidence, note: text }), {
    maxLength: 3,
    selector: ({ id }) => id,
  }),
  commerceMeters: fc.array(fc.tuple(meter, meter), { maxLength: 4 }).map((pairs) => new Map(pairs)),
});

describe("export and import", () => {
  test("CSV gives the same version again, and no cell is a formula", async () => {
    await fc.assert(
      fc.asyncProperty(sheet, async (parts) => {
        const csv = csvText(rowsOfSheet(parts));
        const rows = await csvRows(Buffer.from(csv));
        expect(shown(partsOf(rows))).toEqual(shown(parts));
        const cells = parse(csv, { trim: false }).flat();
        expect(cells.filter((cell) => /^[=+\-@＝＋－＠\t\r]/.test(cell))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("JSON gives the same version again", () => {
    fc.assert(
      fc.property(sheet, (parts) => {
        expect(shown(partsOf(jsonRows(Buffer.from(versionText(parts)))))).toEqual(shown(parts));
      }),
      { numRuns: 300 },
    );
  });

  test("a rate card gives the same prices again, to the last digit", () => {
    fc.assert(
      fc.property(sheet, (parts) => {
        const again = partsOf(jsonRows(Buffer.from(rateCardText(parts, undefined))));
        expect(shown(again).prices).toEqual(shown(parts).prices);
        expect(again.currency).toBe(parts.currency);
      }),
      { numRuns: 300 },
    );
  });

  test("the built-in sheet goes through all three", async () => {
    const same = shown(DEFAULT_PRICE_SHEET);
    expect(shown(partsOf(await csvRows(Buffer.from(csvText(rowsOfSheet(DEFAULT_PRICE_SHEET))))))).toEqual(same);
    expect(shown(partsOf(jsonRows(Buffer.from(versionText(DEFAULT_PRICE_SHEET)))))).toEqual(same);
    const card = rateCardText(DEFAULT_PRICE_SHEET, undefined);
    expect(shown(partsOf(jsonRows(Buffer.from(card)), built))).toEqual(same);
  });

  test("a version differs from itself in nothing, and from another in what was changed", () => {
    fc.assert(
      fc.property(sheet, price, (parts, other) => {
        expect(diffSheets(parts, parts)).toEqual({ changes: [], prices: [] });
        const key = priceKey(other.commerceMeter, other.region);
        const wider = { ...parts, name: `${parts.name}x`, prices: new Map([...parts.prices, [key, other]]) };
        const diff = diffSheets(parts, wider);
        expect(diff.changes.map(({ field }) => field)).toEqual(["name"]);
        expect(diff.prices.length).toBeLessThanOrEqual(1);
        expect(diffSheets(wider, parts).prices.map(({ outcome }) => outcome)).toEqual(
          diff.prices.map(({ outcome }) => (outcome === "added" ? "removed" : outcome)),
        );
      }),
    );
  });
});

describe("plain price lists", () => {
  test("what a list says nothing of stays as it was; a meter that it prices itself is priced by that", async () => {
    const local = meterId("9cd92d4c-bafd-4492-b278-bedc2de8232a")!;
    const csv = `meter,unit,unitPrice,currency\n${local},vCPU-hour,0.05,EUR\n`;
    const parts = partsOf(await csvRows(Buffer.from(csv)), built);
    expect(parts.currency).toBe("EUR");
    expect(parts.rounding).toEqual(DEFAULT_PRICE_SHEET.rounding);
    expect(parts.prices.size).toBe(1);
    expect(parts.commerceMeters.has(local)).toBe(false);
    expect(parts.commerceMeters.size).toBe(DEFAULT_PRICE_SHEET.commerceMeters.size - 1);
  });

  test("a rate card's numbers keep all digits, and its bounds are put in order", () => {
    const card = `{"Currency":"USD","Meters":[{"MeterId":"m","MeterName":"M","Unit":"1 Hour","MeterRegion":"Azure Stack",
      "MeterRates":{"0":0.1234567890123456789,"1e3":0.05,"100":8.3333e-06},"IncludedQuantity":5,"Extra":{"a":[1]}}]}`;
    const [price] = [...partsOf(jsonRows(Buffer.from(card))).prices.values()];
    expect(price!.region).toBe(null);
    expect(price!.tiers.map((so) => [formatDecimal(so.from), formatDecimal(so.unitPrice)])).toEqual([
      ["0", "0.1234567890123456789"],
      ["100", "0.0000083333"],
      ["1000", "0.05"],
    ]);
    expect(formatDecimal(price!.includedQuantity)).toBe("5");
  });

  test("a rate of 0 is free of charge in a rate card, and has to be said to be in a price file", async () => {
    const card = `{"Currency":"USD","Meters":[{"MeterId":"m","Unit":"u","MeterRates":{"0":0}}]}`;
    expect([...partsOf(jsonRows(Buffer.from(card))).prices.values()][0]!.free).toBe(true);
    const read = sheetOfRows(await csvRows(Buffer.from("meter,unit,unitPrice\nm,u,0\n")), anything);
    expect("problems" in read && read.problems.map(({ fault }) => fault.code)).toEqual(["PriceRowInvalid"]);
  });

  test("amounts of 40 digits are refused before they are computed with", async () => {
    for (const value of ["1".repeat(40), `0.${"1".repeat(40)}`, "1e9999", "1e-9999", "9".repeat(100_000)]) {
      const rows = [{ position: 1, fields: { meter: "m", unit: "u", unitPrice: value } }];
      const read = sheetOfRows(rows, anything);
      expect("problems" in read && read.problems.map(({ fault }) => fault.code)).toEqual(["PriceTooManyDigits"]);
    }
    const most = "123456789012345.123456789012345678901234567891";
    const { prices } = partsOf([{ position: 1, fields: { meter: "m", unit: "u", unitPrice: most } }]);
    expect([...prices.values()][0]!.tiers[0]!.unitPrice).toEqual(decimal(most));
  });
});

test("any bytes are refused with a fault, or read", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      for (const read of [csvRows, async (so: Buffer) => jsonRows(so)]) {
        const error: unknown = await read(Buffer.from(bytes)).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error === undefined || isFault(error)).toBe(true);
      }
    }),
  );
});
