import { type Fraction, ONE } from "../../lib/fraction.ts";
import type { Hour, MeterId } from "../ids.ts";
import type { MeterMappingChange } from "../usage/operatorMeter.ts";
import { commerceMeterOf, type Price, type PriceSheet } from "./priceSheet.ts";

/** How usage of a meter is priced in one hour. */
export interface Pricing {
  readonly commerceMeter: MeterId;
  /** How many units of the commerce meter one unit of the meter is. */
  readonly factor: Fraction;
  /** Undefined where the sheet has none: the usage waits. */
  readonly price: Price | undefined;
  /** The operator's decision; undefined where the price sheet's own mapping counts. */
  readonly change: MeterMappingChange | undefined;
}

/** Operators' mappings of meters, hour by hour. */
export interface MeterMappings {
  mappingAt(meter: MeterId, hour: Hour): MeterMappingChange | undefined;
}

/** The operator's mapping of the hour decides; without one the price sheet's, unit by unit. */
export function pricingOf(sheet: PriceSheet, mappings: MeterMappings, meter: MeterId, hour: Hour): Pricing {
  const change = mappings.mappingAt(meter, hour);
  const { commerceMeter, factor } = change?.mapping ?? { commerceMeter: commerceMeterOf(sheet, meter), factor: ONE };
  return { commerceMeter, factor, price: sheet.prices.get(commerceMeter), change };
}
