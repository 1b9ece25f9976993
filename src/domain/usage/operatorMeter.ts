import type { Fraction } from "../../lib/fraction.ts";
import type { EffectiveChange } from "../history.ts";
import type { MeterId } from "../ids.ts";
import type { MeterFacts } from "./meterCatalogue.ts";

/** From an hour on, a meter that an operator added is so. */
export interface OperatorMeterChange extends EffectiveChange, MeterFacts {
  readonly meter: MeterId;
  readonly reason: string;
}

/** The commerce meter that prices a meter, and how many of its units one unit of the meter is. */
export interface MeterMapping {
  readonly commerceMeter: MeterId;
  readonly factor: Fraction;
}

/** From an hour on, a meter is priced by way of another one; null: as the price sheet says again. */
export interface MeterMappingChange extends EffectiveChange {
  readonly meter: MeterId;
  readonly mapping: MeterMapping | null;
  readonly reason: string;
}

export interface MeterChanges {
  readonly meters: readonly OperatorMeterChange[];
  readonly mappings: readonly MeterMappingChange[];
}

export interface MeterStore {
  addMeter(change: Omit<OperatorMeterChange, "id">): Promise<void>;
  addMapping(change: Omit<MeterMappingChange, "id">): Promise<void>;
  /** All of both, in the order of recording. */
  changes(): Promise<MeterChanges>;
}
