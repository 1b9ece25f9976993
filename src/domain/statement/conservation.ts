import { add, type Decimal, decimal, formatDecimal, isZero, subtract, ZERO } from "../../lib/decimal.ts";
import type { MeterId } from "../ids.ts";
import type { MeterFacts } from "../usage/meterCatalogue.ts";
import type { StoredTotal } from "../usage/store.ts";
import { type Charge, recordsOf } from "./charges.ts";

/** One meter's side of the rule that nothing is lost: stored = billed + unpriced by rule + parked, exactly. */
export interface MeterConservation {
  readonly meter: MeterId;
  readonly name: string;
  readonly unit: string;
  readonly stored: string;
  readonly billed: string;
  readonly unpriced: string;
  readonly parked: string;
  readonly difference: string;
}

/** The same in records over all meters, whose quantities have different units and cannot be added. */
export interface Conservation {
  readonly stored: number;
  readonly billed: number;
  readonly unpriced: number;
  readonly parked: number;
  readonly difference: number;
  /** Meters whose quantities do not add up; anything but 0 is a defect. */
  readonly metersUnequal: number;
  readonly meters: readonly MeterConservation[];
}

/** What meters are called. */
export interface MeterNames {
  factsOf(meter: MeterId): MeterFacts | undefined;
}

export interface MeterSum {
  readonly meter: MeterId;
  readonly quantity: string;
  readonly records: number;
}

/** Adds charges up as they are made, payer by payer, so that nobody has to hold all of them. */
export class ChargedSums {
  readonly #sums = new Map<MeterId, { quantity: Decimal; records: number }>();

  /** @param charges all of one payer */
  add(charges: readonly Charge[]): void {
    for (const [meter, own] of Map.groupBy(charges, (charge) => charge.meter)) {
      const so = this.#of(meter);
      for (const { kind, quantity } of own) if (kind === "usage") so.quantity = add(so.quantity, quantity);
      so.records += recordsOf(own);
    }
  }

  /** Usage of a payer that is set aside: it is neither lost nor parked. */
  addUsage(keys: readonly { readonly meter: MeterId; readonly quantity: Decimal; readonly records: number }[]): void {
    for (const { meter, quantity, records } of keys) {
      const so = this.#of(meter);
      so.quantity = add(so.quantity, quantity);
      so.records += records;
    }
  }

  #of(meter: MeterId): { quantity: Decimal; records: number } {
    return this.#sums.get(meter) ?? this.#sums.set(meter, { quantity: ZERO, records: 0 }).get(meter)!;
  }

  get sums(): readonly MeterSum[] {
    return [...this.#sums].map(([meter, { quantity, records }]) => {
      return { meter, quantity: formatDecimal(quantity), records };
    });
  }
}

interface Sides {
  stored: Decimal;
  billed: Decimal;
  unpriced: Decimal;
  parked: Decimal;
}

/**
 * @param stored what the store holds, read apart from everything else here
 * @param charged sums of the lines themselves (`ChargedSums`), so that a line that was lost on the way is found
 */
export function conservation(
  stored: readonly StoredTotal[],
  charged: readonly MeterSum[],
  others: { readonly unpriced: readonly MeterSum[]; readonly parked: readonly MeterSum[]; readonly meters: MeterNames },
): Conservation {
  const sides = new Map<MeterId, Sides>();
  const post = (side: keyof Sides, meter: MeterId, quantity: Decimal): void => {
    const so = sides.get(meter) ?? { stored: ZERO, billed: ZERO, unpriced: ZERO, parked: ZERO };
    sides.set(meter, { ...so, [side]: add(so[side], quantity) });
  };
  for (const { meter, quantity } of stored) post("stored", meter, decimal(quantity));
  for (const { meter, quantity } of charged) post("billed", meter, decimal(quantity));
  for (const { meter, quantity } of others.unpriced) post("unpriced", meter, decimal(quantity));
  for (const { meter, quantity } of others.parked) post("parked", meter, decimal(quantity));

  const meters = [...sides].map(([meter, side]) => meterLine(meter, side, others.meters)).sort(byName);
  const records = (sums: readonly { readonly records: number }[]): number => sums.reduce((n, s) => n + s.records, 0);
  const [storedRecords, billed] = [records(stored), records(charged)];
  const [unpriced, parked] = [records(others.unpriced), records(others.parked)];
  return {
    stored: storedRecords,
    billed,
    unpriced,
    parked,
    difference: storedRecords - billed - unpriced - parked,
    metersUnequal: meters.filter(({ difference }) => difference !== "0").length,
    meters,
  };
}

const byName = (a: MeterConservation, b: MeterConservation): number =>
  `${a.name} ${a.meter}` < `${b.name} ${b.meter}` ? -1 : 1;

function meterLine(meter: MeterId, { stored, billed, unpriced, parked }: Sides, meters: MeterNames): MeterConservation {
  const difference = subtract(stored, add(billed, add(unpriced, parked)));
  return {
    meter,
    name: meters.factsOf(meter)?.name ?? "unknown meter",
    unit: meters.factsOf(meter)?.unit ?? "unknown unit",
    stored: formatDecimal(stored),
    billed: formatDecimal(billed),
    unpriced: formatDecimal(unpriced),
    parked: formatDecimal(parked),
    difference: isZero(difference) ? "0" : formatDecimal(difference),
  };
}
