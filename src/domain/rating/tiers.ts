import { add, compare, type Decimal, isZero, smaller, subtract, ZERO } from "../../lib/decimal.ts";
import type { Price } from "./priceSheet.ts";

/** Where a part of the usage falls: the included quantity, or a tier by its place on the price, counting from 1. */
export interface Band {
  /** 0 is the included quantity. */
  readonly tier: number;
  /** Cumulative quantity of the period at which the band starts, the included quantity counted in. */
  readonly from: Decimal;
  /** Null: open end. */
  readonly to: Decimal | null;
  readonly unitPrice: Decimal;
}

/** The bands of a price in order. IncludedQuantity comes first; tiers count from after it (contract/usage.md §7). */
export function bandsOf(price: Price): readonly Band[] {
  const { includedQuantity: included, tiers } = price;
  const free: Band[] = isZero(included) ? [] : [{ tier: 0, from: ZERO, to: included, unitPrice: ZERO }];
  const charged = tiers.map(({ from, unitPrice }, i): Band => {
    const next = tiers[i + 1];
    return { tier: i + 1, from: add(included, from), to: next ? add(included, next.from) : null, unitPrice };
  });
  return [...free, ...charged];
}

export interface Slice<Key> {
  readonly key: Key;
  readonly quantity: Decimal;
}

export interface BandedQuantity<Key> extends Slice<Key> {
  readonly band: Band;
}

/**
 * Lays usage on the bands in the order given, which is usage-time order; a boundary splits a slice. Slices of one key
 * in one band are added up. What goes in comes out: no digit is lost.
 */
export function spread<Key>(slices: readonly Slice<Key>[], bands: readonly Band[]): readonly BandedQuantity<Key>[] {
  const parts = new Map<Band, Map<Key, Decimal>>(bands.map((band) => [band, new Map()]));
  let position = ZERO;
  let at = 0;
  for (const { key, quantity } of slices) {
    let rest = quantity;
    while (!isZero(rest)) {
      const band = bands[at]!;
      const room = band.to === null ? rest : subtract(band.to, position);
      const taken = smaller(rest, room);
      const keys = parts.get(band)!;
      keys.set(key, add(keys.get(key) ?? ZERO, taken));
      position = add(position, taken);
      rest = subtract(rest, taken);
      if (band.to !== null && compare(position, band.to) === 0) at += 1;
    }
  }
  return [...parts].flatMap(([band, keys]) => [...keys].map(([key, quantity]) => ({ key, quantity, band })));
}

/** Whether the order of the slices can change what each key pays: several keys, and a boundary inside their sum. */
export function needsTimeOrder(keys: number, total: Decimal, bands: readonly Band[]): boolean {
  const first = bands[0];
  return keys > 1 && first !== undefined && first.to !== null && compare(total, first.to) > 0;
}
