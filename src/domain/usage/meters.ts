import { changeHours, type EffectiveChange, type Interval, intervalAt, intervalsOf } from "../history.ts";
import type { Hour, MeterId } from "../ids.ts";
import type { MeterKnowledge } from "./knowledge.ts";
import { METERS, type MeterFacts } from "./meterCatalogue.ts";
import type { CountingMeter } from "./store.ts";
import type { MeterChanges, MeterMappingChange, OperatorMeterChange } from "./operatorMeter.ts";

const NONE: readonly never[] = [];

const histories = <Change extends EffectiveChange & { readonly meter: MeterId }>(
  changes: readonly Change[],
  knownUntilMs: number,
): ReadonlyMap<MeterId, readonly Interval<Change>[]> => {
  const known = changes.filter(({ recordedAtMs }) => recordedAtMs <= knownUntilMs);
  return new Map([...Map.groupBy(known, ({ meter }) => meter)].map(([meter, own]) => [meter, intervalsOf(own)]));
};

/** Stretches of one meter, without cuts between those that meet. */
function joined(stretches: readonly CountingMeter[]): readonly CountingMeter[] {
  const whole: CountingMeter[] = [];
  for (const stretch of stretches) {
    const last = whole.at(-1);
    if (last?.to === stretch.from) whole[whole.length - 1] = { ...last, to: stretch.to };
    else whole.push(stretch);
  }
  return whole;
}

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

  /** The meters that are known, each with the hours of [from, to) in which it is. */
  knownIn(from: Hour, to: Hour): readonly CountingMeter[] {
    const always = [...METERS.keys()].map((meter) => ({ meter, from, to }));
    const sometimes = this.touched()
      .filter((meter) => !METERS.has(meter))
      .flatMap((meter) => {
        const begins = [from, ...this.cuts([meter], from, to)];
        const stretches = begins.map((begin, i) => ({ meter, from: begin, to: begins[i + 1] ?? to }));
        return joined(stretches.filter((stretch) => this.isKnown(meter, stretch.from)));
      });
    return [...always, ...sometimes];
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
