import type { Decimal, Rounding } from "../../lib/decimal.ts";
import type { MeterId } from "../ids.ts";

/** Graduated: the unit price of the usage from this cumulative quantity on, up to the next tier. */
export interface PriceTier {
  readonly from: Decimal;
  readonly unitPrice: Decimal;
}

/** high: published; medium: inferred from something published; unsure: no source found. Only high counts as verified. */
export type PriceConfidence = "high" | "medium" | "unsure";

export interface Price {
  readonly commerceMeter: MeterId;
  readonly name: string;
  /** What `unitPrice` is for, for example "GB-month". */
  readonly unit: string;
  /** The first tier starts at 0. */
  readonly tiers: readonly PriceTier[];
  /** Free of charge in each period, before the first tier. */
  readonly includedQuantity: Decimal;
  /** Set when the meter counts hours and the price is for a month: the amount is divided by it. */
  readonly hoursPerMonth: Decimal | null;
  /** The sheet names this meter as free of charge: unpriced by rule, not priced at 0 by accident. */
  readonly free: boolean;
  readonly confidence: PriceConfidence;
  readonly note: string;
}

export interface PriceSheet {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
  /** How an amount is brought to the currency's decimals, once per statement line. */
  readonly rounding: { readonly mode: Rounding; readonly scale: number };
  /** By commerce meter. */
  readonly prices: ReadonlyMap<MeterId, Price>;
  /** Local meters that have another commerce meter than themselves (contract/usage.md §5). */
  readonly commerceMeters: ReadonlyMap<MeterId, MeterId>;
}

export const commerceMeterOf = (sheet: PriceSheet, meter: MeterId): MeterId => sheet.commerceMeters.get(meter) ?? meter;

/** The price of a local meter, by way of its commerce meter; undefined when the sheet has none. */
export const priceOf = (sheet: PriceSheet, meter: MeterId): Price | undefined =>
  sheet.prices.get(commerceMeterOf(sheet, meter));

/** An unverified price works, and is marked as such wherever it is shown. */
export const isVerified = (price: Price): boolean => price.confidence === "high";
