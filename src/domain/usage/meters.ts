import { changeHours, type EffectiveChange, type Interval, intervalAt, intervalsOf } from "../history.ts";
import type { Hour, MeterId } from "../ids.ts";
import type { MeterKnowledge } from "./knowledge.ts";
import { METERS, type MeterFacts } from "./meterCatalogue.ts";
import type { MeterChanges, MeterMappingChange, OperatorMeterChange } from "./operatorMeter.ts";

const NONE: readonly never[] = [];

const histories = <Change extends EffectiveChange & { readonly meter: MeterId }>(
  changes: readonly Change[],
  knownUntilMs: number,
): ReadonlyMap<MeterId, readonly Interval<Change>[]> => {
  const known = changes.filter(({ recordedAtMs }) => recordedAtMs <= knownUntilMs);
  return new Map([...Map.groupBy(known, ({ meter }) => meter)].map(([meter, own]) => [meter, intervalsOf(own)]));
};

/**
 * Which meters are known and how they are priced, hour by hour, as it was known at one moment: the catalogue, and what
 * operators added to it. Nothing about it is stored with a record: whether usage waits is decided when it is looked at.
 */
export class Meters implements MeterKnowledge {
  readonly #added: ReadonlyMap<MeterId, readonly Interval<OperatorMeterChange>[]>;
  readonly #mapped: ReadonlyMap<MeterId, readonly Interval<MeterMappingChange>[]>;

  /** @param knownUntilMs changes recorded later are left out */
  constructor({ meters, mappings }: MeterChanges, knownUntilMs: number) {
    this.#added = histories(meters, knownUntilMs);
    this.#mapped = histories(mappings, knownUntilMs);
  }

  /** A meter that was mapped to a commerce meter is known enough to be priced. */
  isKnown(meter: MeterId, hour: Hour): boolean {
    if (METERS.has(meter)) return true;
    if (intervalAt(this.#added.get(meter) ?? NONE, hour) !== undefined) return true;
    return (this.mappingAt(meter, hour)?.mapping ?? null) !== null;
  }

  /** The newest facts: what a meter is called does not depend on the hour. */
  factsOf(meter: MeterId): MeterFacts | undefined {
    return METERS.get(meter) ?? this.#added.get(meter)?.at(-1)?.change;
  }

  /** The operator's mapping that counts in an hour; undefined where there is none. */
  mappingAt(meter: MeterId, hour: Hour): MeterMappingChange | undefined {
    return intervalAt(this.#mapped.get(meter) ?? NONE, hour)?.change;
  }

  /** Every meter that operators said something of. */
  touched(): readonly MeterId[] {
    return [...new Set([...this.#added.keys(), ...this.#mapped.keys()])].sort();
  }

  /**
   * The hours inside [from, to) at which some of these meters become known or are priced in another way, ascending.
   * Usage between two of them can be added up before it is classified.
   */
  cuts(meters: Iterable<MeterId>, from: Hour, to: Hour): readonly Hour[] {
    const hours = new Set<Hour>();
    for (const meter of meters) {
      for (const hour of changeHours((this.#added.get(meter) ?? NONE).slice(0, 1), from, to)) hours.add(hour);
      for (const hour of changeHours(this.#mapped.get(meter) ?? NONE, from, to)) hours.add(hour);
    }
    return [...hours].sort((a, b) => a - b);
  }
}
