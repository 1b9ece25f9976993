import type { Decimal, Rounding } from "../../lib/decimal.ts";
import type { MeterId } from "../ids.ts";

/**
 * How tiers price a period's quantity. graduated: each part of it at the tier that it lies in; volume: all of it at the
 * tier that the whole of it reaches; package: each package that was begun.
 */
export const PRICE_MODELS = ["graduated", "volume", "package"] as const;
export type PriceModel = (typeof PRICE_MODELS)[number];

/** The unit price of the usage from this cumulative quantity on, up to the next tier; of a package where those are sold. */
export interface PriceTier {
  readonly from: Decimal;
  readonly unitPrice: Decimal;
}

/**
 * high: published; medium: inferred from something published; unsure: no source found; confirmed: by an operator, by
 * name and with a reason. Only high and confirmed count as verified.
 */
export const PRICE_CONFIDENCES = ["high", "medium", "unsure", "confirmed"] as const;
export type PriceConfidence = (typeof PRICE_CONFIDENCES)[number];

export interface Price {
  readonly commerceMeter: MeterId;
  readonly name: string;
  /** What `unitPrice` is for, for example "GB-month". */
  readonly unit: string;
  readonly model: PriceModel;
  /** Units of a package; null unless packages are sold. */
  readonly packageSize: Decimal | null;
  /** The first tier starts at 0. */
  readonly tiers: readonly PriceTier[];
  /** Free of charge in each period, before the first tier. */
  readonly includedQuantity: Decimal;
  /** Set when the meter counts hours and the price is for a month: the amount is divided by it. */
  readonly hoursPerMonth: Decimal | null;
  /** The least that a payer is charged for it in a period in which there is usage; null for none. */
  readonly minimum: Decimal | null;
  /** Counts only where usage is priced for this region; null: everywhere that has no price of its own. */
  readonly region: string | null;
  /** The sheet names this meter as free of charge: unpriced by rule, not priced at 0 by accident. */
  readonly free: boolean;
  readonly confidence: PriceConfidence;
  readonly note: string;
}

/** What a stamp that is billed by its capacity costs: a package for each physical core, whatever runs on it. */
export interface CapacityPackage {
  readonly id: string;
  readonly name: string;
  /** For a core and a year; a day costs its part of the year that it lies in. */
  readonly corePricePerYear: Decimal;
  readonly confidence: PriceConfidence;
  readonly note: string;
}

export type SheetId = string;

/** One version of a price sheet. */
export interface PriceSheet {
  readonly id: SheetId;
  /** Counts from 1. */
  readonly version: number;
  readonly name: string;
  readonly currency: string;
  /** How an amount is brought to the currency's decimals, once per statement line. */
  readonly rounding: { readonly mode: Rounding; readonly scale: number };
  /** By commerce meter, or by commerce meter and region (`priceKey`). */
  readonly prices: ReadonlyMap<string, Price>;
  /** The first one counts for whoever nothing else is said of. */
  readonly capacityPackages: readonly CapacityPackage[];
  /** Local meters that have another commerce meter than themselves (contract/usage.md §5). */
  readonly commerceMeters: ReadonlyMap<MeterId, MeterId>;
}

export const commerceMeterOf = (sheet: PriceSheet, meter: MeterId): MeterId => sheet.commerceMeters.get(meter) ?? meter;

/** The price of a local meter, by way of its commerce meter; undefined when the sheet has none. */
export const priceOf = (sheet: PriceSheet, meter: MeterId): Price | undefined =>
  sheet.prices.get(commerceMeterOf(sheet, meter));

/** An unverified price works, and is marked as such wherever it is shown. */
export const isVerified = (price: Price): boolean => price.confidence === "high" || price.confidence === "confirmed";
