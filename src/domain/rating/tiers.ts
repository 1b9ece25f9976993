import assert from "node:assert/strict";
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
  /** Of a unit, or of a package where those are sold. */
  readonly unitPrice: Decimal;
}

type Tiered = Pick<Price, "includedQuantity" | "tiers">;

/** The bands of a price in order. IncludedQuantity comes first; tiers count from after it (contract/usage.md §7). */
export function bandsOf({ includedQuantity: included, tiers }: Tiered): readonly Band[] {
  const free: Band[] = isZero(included) ? [] : [{ tier: 0, from: ZERO, to: included, unitPrice: ZERO }];
  const charged = tiers.map(({ from, unitPrice }, i): Band => {
    const next = tiers[i + 1];
    return { tier: i + 1, from: add(included, from), to: next ? add(included, next.from) : null, unitPrice };
  });
  return [...free, ...charged];
}

/**
 * How usage is laid on the bands of a price in a period: a stretch of the cumulative quantity, and the band whose price
 * counts there. They follow each other without gap; the last one is open.
 */
export interface Stretch {
  readonly to: Decimal | null;
  readonly band: Band;
}

export interface Layout {
  readonly stretches: readonly Stretch[];
  /** Units of a package, and the cumulative quantity at which the first one begins; null where units are sold. */
  readonly packages: { readonly size: Decimal; readonly from: Decimal } | null;
}

/**
 * Lays a price out for a period. A volume price counts at the last tier that the whole quantity reaches, the bound
 * itself included (contract/usage.md §7); what is included is free of charge with every model.
 * @param total the whole quantity of the period, for prices whose tier depends on it
 * @param measured brings a quantity of the price into the measure in which usage is laid
 */
export function layoutOf(price: Price, total: Decimal, measured: (quantity: Decimal) => Decimal): Layout {
  const bands = bandsOf(price);
  const to = (band: Band): Decimal | null => band.to && measured(band.to);
  const included = bands.filter(({ tier }) => tier === 0).map((band) => ({ to: to(band), band }));
  const charged = bands.filter(({ tier }) => tier > 0);
  if (price.model === "volume") {
    const band = charged.findLast(({ from }) => compare(measured(from), total) <= 0) ?? charged[0]!;
    return { stretches: [...included, { to: null, band }], packages: null };
  }
  const stretches = [...included, ...charged.map((band) => ({ to: to(band), band }))];
  const { packageSize } = price;
  const packages = packageSize && { size: measured(packageSize), from: measured(price.includedQuantity) };
  return { stretches, packages: price.model === "package" ? packages : null };
}

export interface Slice<Key> {
  readonly key: Key;
  readonly quantity: Decimal;
}

export interface BandedQuantity<Key> extends Slice<Key> {
  readonly band: Band;
  /** Packages that were begun; undefined where units are sold. */
  readonly packages: bigint | undefined;
}

/** How many packages begin before a point of the cumulative quantity. */
function begunBefore(point: Decimal, { size, from }: NonNullable<Layout["packages"]>): bigint {
  const { coefficient, scale } = subtract(point, from);
  if (coefficient <= 0n) return 0n;
  const common = Math.max(scale, size.scale);
  const [a, b] = [coefficient * 10n ** BigInt(common - scale), size.coefficient * 10n ** BigInt(common - size.scale)];
  return (a + b - 1n) / b;
}

/** What of a quantity lies in a band. */
interface Part {
  readonly band: Band;
  readonly taken: Decimal;
  /** Packages that it begins; undefined where units are sold. */
  readonly begun: bigint | undefined;
}

/** Lays a quantity on bands from a position on. */
function partsOf(quantity: Decimal, { stretches, packages }: Layout, from: Decimal): readonly Part[] {
  const parts: Part[] = [];
  let [position, rest] = [from, quantity];
  for (const { to, band } of stretches) {
    if (isZero(rest)) break;
    if (to !== null && compare(position, to) >= 0) continue;
    const taken = to === null ? rest : smaller(rest, subtract(to, position));
    const end = add(position, taken);
    const begun = packages === null ? undefined : begunBefore(end, packages) - begunBefore(position, packages);
    parts.push({ band, taken, begun });
    position = end;
    rest = to === null ? ZERO : subtract(rest, taken);
  }
  assert(isZero(rest), "a price has no tier for some usage");
  return parts;
}

/**
 * Lays usage on bands in the order given, which is usage-time order; a boundary splits a slice. All slices climb
 * together, whatever the layout of each: where a price changes inside a period, the new one goes on from the quantity that
 * was reached. Parts of one key in one band are added up. What goes in comes out: no digit is lost.
 */
export function spread<Key>(
  slices: readonly Slice<Key>[],
  layoutFor: (key: Key) => Layout,
): readonly BandedQuantity<Key>[] {
  const [only] = slices;
  if (only !== undefined && slices.length === 1) {
    const { key, quantity } = only;
    return partsOf(quantity, layoutFor(key), ZERO).map(({ band, taken, begun }) => {
      return { key, quantity: taken, band, packages: begun };
    });
  }
  const parts = new Map<Band, Map<Key, { quantity: Decimal; packages: bigint | undefined }>>();
  let position = ZERO;
  for (const { key, quantity } of slices) {
    for (const { band, taken, begun } of partsOf(quantity, layoutFor(key), position)) {
      const keys = parts.get(band) ?? parts.set(band, new Map()).get(band)!;
      const so = keys.get(key);
      keys.set(key, {
        quantity: so === undefined ? taken : add(so.quantity, taken),
        packages: begun === undefined ? undefined : begun + (so?.packages ?? 0n),
      });
    }
    position = add(position, quantity);
  }
  return [...parts].flatMap(([band, keys]) => [...keys].map(([key, part]) => ({ key, ...part, band })));
}

/**
 * Whether the order of several slices can change what each key pays: a boundary lies inside their sum, or somebody has to
 * begin the next package.
 */
export function needsTimeOrder(keys: number, total: Decimal, { stretches, packages }: Layout): boolean {
  if (keys <= 1) return false;
  const end = stretches[0]?.to ?? null;
  return packages !== null || (end !== null && compare(total, end) > 0);
}
