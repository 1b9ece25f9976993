import { decimal, formatDecimal } from "../../lib/decimal.ts";
import type { MeterId } from "../ids.ts";
import type { CapacityPackage, Price, PriceSheet } from "./priceSheet.ts";
import { type Markup, priceKey, type PriceTerms } from "./priceTerms.ts";

/** A price with exact decimals as text, as JSON carries it: what is stored, exported and imported. */
export type PriceJson = Readonly<
  Omit<Price, "tiers" | "packageSize" | "includedQuantity" | "hoursPerMonth" | "minimum"> & {
    tiers: readonly { readonly from: string; readonly unitPrice: string }[];
    packageSize: string | null;
    includedQuantity: string;
    hoursPerMonth: string | null;
    minimum: string | null;
  }
>;

/** Everything of a version but its name, number, currency and hour. */
export interface SheetContent {
  readonly rounding: PriceSheet["rounding"];
  readonly prices: readonly PriceJson[];
  readonly capacityPackages: readonly (Omit<CapacityPackage, "corePricePerYear"> & {
    readonly corePricePerYear: string;
  })[];
  /** Pairs of a local meter and its commerce meter. */
  readonly commerceMeters: readonly (readonly [MeterId, MeterId])[];
}

const textOrNull = (value: Price["minimum"]): string | null => value && formatDecimal(value);
const decimalOrNull = (text: string | null): Price["minimum"] => (text === null ? null : decimal(text));

export const priceToJson = (price: Price): PriceJson => ({
  commerceMeter: price.commerceMeter,
  name: price.name,
  unit: price.unit,
  model: price.model,
  packageSize: textOrNull(price.packageSize),
  tiers: price.tiers.map(({ from, unitPrice }) => ({ from: formatDecimal(from), unitPrice: formatDecimal(unitPrice) })),
  includedQuantity: formatDecimal(price.includedQuantity),
  hoursPerMonth: textOrNull(price.hoursPerMonth),
  minimum: textOrNull(price.minimum),
  region: price.region,
  free: price.free,
  confidence: price.confidence,
  note: price.note,
});

/** Of text that was checked at the edge. */
export const priceFromJson = (price: PriceJson): Price => ({
  ...price,
  packageSize: decimalOrNull(price.packageSize),
  tiers: price.tiers.map(({ from, unitPrice }) => ({ from: decimal(from), unitPrice: decimal(unitPrice) })),
  includedQuantity: decimal(price.includedQuantity),
  hoursPerMonth: decimalOrNull(price.hoursPerMonth),
  minimum: decimalOrNull(price.minimum),
});

type SheetParts = Pick<PriceSheet, "rounding" | "prices" | "capacityPackages" | "commerceMeters">;

export const sheetContent = ({ rounding, prices, capacityPackages, commerceMeters }: SheetParts): SheetContent => ({
  rounding,
  prices: [...prices.values()].map(priceToJson),
  capacityPackages: capacityPackages.map((so) => ({ ...so, corePricePerYear: formatDecimal(so.corePricePerYear) })),
  commerceMeters: [...commerceMeters],
});

export const sheetParts = ({ rounding, prices, capacityPackages, commerceMeters }: SheetContent): SheetParts => ({
  rounding,
  prices: new Map(prices.map((price) => [priceKey(price.commerceMeter, price.region), priceFromJson(price)])),
  capacityPackages: capacityPackages.map((so) => ({ ...so, corePricePerYear: decimal(so.corePricePerYear) })),
  commerceMeters: new Map(commerceMeters),
});

export interface TermsJson extends Omit<PriceTerms, "markups" | "creditPercent"> {
  readonly markups: readonly {
    readonly commerceMeter: MeterId | null;
    readonly percent: string;
    readonly absolute: string;
  }[];
  readonly creditPercent: string;
}

const markupToJson = ({ commerceMeter, percent, absolute }: Markup) => ({
  commerceMeter,
  percent: formatDecimal(percent),
  absolute: formatDecimal(absolute),
});

export const termsToJson = (terms: PriceTerms): TermsJson => ({
  ...terms,
  markups: terms.markups.map(markupToJson),
  creditPercent: formatDecimal(terms.creditPercent),
});

export const termsFromJson = (terms: TermsJson): PriceTerms => ({
  ...terms,
  markups: terms.markups.map((so) => ({ ...so, percent: decimal(so.percent), absolute: decimal(so.absolute) })),
  creditPercent: decimal(terms.creditPercent),
});
