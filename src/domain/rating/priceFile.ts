import { compare, type Decimal, isZero, ZERO } from "../../lib/decimal.ts";
import { Fault, isFault } from "../faults/fault.ts";
import { formatMeter, type MeterId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { currencyOf } from "./currency.ts";
import { positiveNumber, priceNumber } from "./priceNumber.ts";
import {
  confidenceIn,
  decimalsIn,
  isFree,
  kindIn,
  meterIn,
  modelIn,
  neededNumber,
  neededText,
  numberText,
  type PriceFields,
  type PriceRow,
  type RowKind,
  roundingIn,
  rowInvalid,
  textOf,
  WHOLE_PRICE_COLUMNS,
} from "./priceRow.ts";
import type { CapacityPackage, Price, PriceSheet, PriceTier } from "./priceSheet.ts";
import { priceKey } from "./priceTerms.ts";

/** What is wrong with a row; its fault's target is the column. */
export interface RowProblem {
  readonly position: number;
  readonly meter: string | null;
  readonly fault: Fault;
}

/** Everything of a version that a file can say. */
export type SheetParts = Pick<
  PriceSheet,
  "name" | "currency" | "rounding" | "prices" | "capacityPackages" | "commerceMeters"
>;

export interface FileContext {
  /** What counts for whatever a file without a row of kind `sheet` says nothing of: the version before. */
  readonly before: SheetParts;
  /** A version of the sheet that was published: its currency is that of all later ones; undefined where there is none. */
  readonly published?: Pick<PriceSheet, "id" | "version" | "currency"> | undefined;
  /** Meters and commerce meters that somebody has told of. */
  readonly isKnown: (meter: MeterId) => boolean;
}

interface TierRow {
  readonly position: number;
  readonly fields: PriceFields;
  readonly meter: MeterId;
  readonly region: string | null;
  readonly from: Decimal;
  readonly to: Decimal | null;
  readonly unitPrice: Decimal;
}

type Said<Value> = { readonly position: number; readonly value: Value };

/** Reads the rows of a file one by one, and keeps what is wrong with each instead of stopping at the first. */
class FileReader {
  readonly problems: RowProblem[] = [];
  readonly tiers = new Map<string, TierRow[]>();
  readonly packages = new Map<string, Said<CapacityPackage>>();
  readonly mappings = new Map<MeterId, Said<MeterId>>();
  sheet: Said<Pick<SheetParts, "name" | "rounding">> | undefined;
  currency: Said<string> | undefined;

  /** Runs a step; what it refuses is a problem of that row. */
  try<Result>(position: number, meter: string | null, step: () => Result): Result | undefined {
    try {
      return step();
    } catch (error) {
      if (!isFault(error)) throw error;
      this.problems.push({ position, meter, fault: error });
      return undefined;
    }
  }

  read({ position, fields }: PriceRow): void {
    if (isFault(fields)) return void this.problems.push({ position, meter: null, fault: fields });
    const meter = fields.meter ?? null;
    this.try(position, meter, () => this.#readers[kindIn(fields)](position, fields));
    return undefined;
  }

  readonly #readers: Readonly<Record<RowKind, (position: number, fields: PriceFields) => void>> = {
    sheet: (position, fields) => {
      if (this.sheet !== undefined) throw twice("the sheet", this.sheet.position);
      this.#readCurrency(position, fields);
      const rounding = { mode: roundingIn(fields), scale: decimalsIn(fields) };
      this.sheet = { position, value: { name: neededText(fields, "name"), rounding } };
    },
    price: (position, fields) => this.#readTier(position, fields),
    package: (position, fields) => {
      const id = neededText(fields, "meter");
      const before = this.packages.get(id);
      if (before !== undefined) throw twice(id, before.position);
      const value: CapacityPackage = {
        id,
        name: textOf(fields, "name") || id,
        corePricePerYear: priceNumber("unitPrice", neededNumber(fields, "unitPrice")),
        confidence: confidenceIn(fields),
        note: textOf(fields, "note"),
      };
      this.packages.set(id, { position, value });
    },
    mapping: (position, fields) => {
      const [meter, commerceMeter] = [meterIn(fields, "meter"), meterIn(fields, "commerceMeter")];
      const before = this.mappings.get(meter);
      if (before !== undefined) throw twice(formatMeter(meter), before.position);
      this.mappings.set(meter, { position, value: commerceMeter });
    },
  };

  #readCurrency(position: number, fields: PriceFields): void {
    const text = textOf(fields, "currency");
    if (text === "") return;
    const value = currencyOf("currency", text);
    const other = this.currency;
    if (other !== undefined && other.value !== value) {
      throw rowInvalid("currency", text, `row ${other.position} has ${other.value}, and a sheet has one currency`);
    }
    this.currency = { position, value };
  }

  #readTier(position: number, fields: PriceFields): void {
    const meter = meterIn(fields, "meter");
    this.#readCurrency(position, fields);
    const region = textOf(fields, "region") || null;
    const key = priceKey(meter, region);
    const others = this.tiers.get(key) ?? this.tiers.set(key, []).get(key)!;
    const [fromText, toText] = [numberText(fields, "tierFrom"), numberText(fields, "tierTo")];
    const tier: TierRow = {
      position,
      fields,
      meter,
      region,
      from: fromText === "" ? ZERO : priceNumber("tierFrom", fromText),
      to: toText === "" ? null : priceNumber("tierTo", toText),
      unitPrice: priceNumber("unitPrice", neededNumber(fields, "unitPrice")),
    };
    const same = others.find(({ from }) => compare(from, tier.from) === 0);
    if (same !== undefined) throw twice(formatMeter(meter), same.position);
    others.push(tier);
  }
}

const twice = (meter: string, first: number): Fault =>
  new Fault("PriceRowTwice", { meter, first }, { target: "meter" });

const unreadable = (reason: string): Fault => new Fault("PriceFileUnreadable", { reason });

/**
 * Makes a version of the rows of a file; nothing of it unless every row is right.
 * @param rows in the order of the file
 * @throws Fault PriceFileUnreadable when they have no price, or too many
 */
export function sheetOfRows(
  rows: Iterable<PriceRow>,
  context: FileContext,
): { readonly parts: SheetParts } | { readonly problems: readonly RowProblem[] } {
  const reader = new FileReader();
  for (const row of rows) reader.read(row);
  const { sheet, currency, problems } = reader;
  if (currency !== undefined) {
    reader.try(currency.position, null, () => mustKeepCurrency(context.published, currency.value));
  }
  const mapped = new Set([...reader.mappings.values()].map(({ value }) => value));
  const isKnown = (meter: MeterId): boolean => mapped.has(meter) || context.isKnown(meter);
  for (const [meter, { position }] of reader.mappings) {
    reader.try(position, formatMeter(meter), () => mustKnow(context.isKnown, meter));
  }
  const prices = new Map<string, Price>();
  for (const [key, tiers] of reader.tiers) {
    const [first] = tiers;
    if (first === undefined) continue;
    const known = reader.try(first.position, formatMeter(first.meter), () => mustKnow(isKnown, first.meter));
    const price = priceOfTiers(reader, tiers);
    if (price !== undefined && known === true) prices.set(key, price);
  }
  if (problems.length === 0 && prices.size === 0) throw unreadable("it has no price");
  if (prices.size > LIMITS.sheetPricesMax) throw unreadable(`it has more than ${LIMITS.sheetPricesMax} prices`);
  if (problems.length > 0) return { problems: problems.sort((a, b) => a.position - b.position) };
  const { before } = context;
  const own = <Value>(value: Value, inherited: Value): Value => (sheet === undefined ? inherited : value);
  return {
    parts: {
      name: sheet?.value.name ?? before.name,
      currency: currency?.value ?? before.currency,
      rounding: sheet?.value.rounding ?? before.rounding,
      prices,
      capacityPackages:
        reader.packages.size > 0
          ? [...reader.packages.values()].map(({ value }) => value)
          : own([], before.capacityPackages),
      commerceMeters:
        reader.mappings.size > 0
          ? new Map([...reader.mappings].map(([meter, { value }]) => [meter, value]))
          : own<SheetParts["commerceMeters"]>(new Map(), inheritedMappings(before, prices)),
    },
  };
}

/**
 * Versions of a sheet share the minimum of a period, and mark-ups that are amounts: both are in the sheet's currency.
 * @throws Fault PriceCurrencyChanged
 */
export function mustKeepCurrency(published: FileContext["published"], after: string): void {
  if (published === undefined || published.currency === after) return;
  const { id: sheet, version, currency: before } = published;
  throw new Fault("PriceCurrencyChanged", { sheet, version, before, after });
}

/** A meter that the file prices itself is not priced by way of another any more. */
const inheritedMappings = (
  { commerceMeters }: Pick<SheetParts, "commerceMeters">,
  prices: SheetParts["prices"],
): SheetParts["commerceMeters"] => new Map([...commerceMeters].filter(([meter]) => !prices.has(meter)));

/** True, so that a caller can tell it from a refusal. @throws Fault PriceMeterUnknown */
function mustKnow(isKnown: (meter: MeterId) => boolean, meter: MeterId): true {
  if (isKnown(meter)) return true;
  throw new Fault("PriceMeterUnknown", { meter: formatMeter(meter) }, { target: "meter" });
}

/** The price that rows of one meter and region make; undefined where something is wrong with one of them. */
function priceOfTiers(reader: FileReader, tiers: readonly TierRow[]): Price | undefined {
  const first = tiers[0]!;
  const { fields, position, meter, region } = first;
  const faultless = tiers.map((tier, i) => {
    return reader.try(tier.position, formatMeter(meter), () => mustFollow(tier, tiers[i - 1], first));
  });
  if (tiers.at(-1)!.to !== null) {
    reader.try(tiers.at(-1)!.position, formatMeter(meter), () => {
      throw tiersInvalid(first, "tierTo", "its last tier ends, and usage beyond it would have no price");
    });
    return undefined;
  }
  const price = reader.try(position, formatMeter(meter), (): Price => {
    const model = modelIn(fields);
    const number = (
      column: "packageSize" | "includedQuantity" | "hoursPerMonth" | "minimum",
      read: typeof priceNumber,
    ): Decimal | null => {
      const text = numberText(fields, column);
      return text === "" ? null : read(column, text);
    };
    const packageSize = number("packageSize", positiveNumber);
    if ((model === "package") !== (packageSize !== null)) {
      const reason = model === "package" ? "packages need a size" : "only a price of model package has packages";
      throw rowInvalid("packageSize", textOf(fields, "packageSize"), reason);
    }
    const free = isFree(fields);
    const minimum = number("minimum", priceNumber);
    mustBeMeant({ free, minimum, tiers });
    return {
      commerceMeter: meter,
      name: textOf(fields, "name") || formatMeter(meter),
      unit: neededText(fields, "unit"),
      model,
      packageSize,
      tiers: tiers.map(({ from, unitPrice }): PriceTier => ({ from, unitPrice })),
      includedQuantity: number("includedQuantity", priceNumber) ?? ZERO,
      hoursPerMonth: number("hoursPerMonth", positiveNumber),
      minimum,
      region,
      free,
      confidence: confidenceIn(fields),
      note: textOf(fields, "note"),
    };
  });
  return faultless.includes(undefined) ? undefined : price;
}

/** A price of 0 is said aloud, so that no meter is free by an empty cell. @throws Fault PriceRowInvalid */
function mustBeMeant({
  free,
  minimum,
  tiers,
}: Pick<Price, "free" | "minimum"> & { readonly tiers: readonly TierRow[] }): void {
  const costs = tiers.some(({ unitPrice }) => !isZero(unitPrice)) || (minimum !== null && !isZero(minimum));
  if (free && costs) throw rowInvalid("free", "true", "it has a price above 0");
  if (!free && !costs) throw rowInvalid("free", "", "every price is 0: say true where the meter is free of charge");
}

const tiersInvalid = ({ meter }: Pick<TierRow, "meter">, column: string, reason: string): Fault =>
  new Fault("PriceTiersInvalid", { meter: formatMeter(meter), reason }, { target: column });

/** True, so that a caller can tell it from a refusal. @throws Fault PriceTiersInvalid, PriceRowInvalid */
function mustFollow(tier: TierRow, before: TierRow | undefined, first: TierRow): true {
  if (before === undefined) {
    if (!isZero(tier.from)) throw tiersInvalid(tier, "tierFrom", "its first tier does not start at 0");
  } else {
    if (compare(tier.from, before.from) < 0) {
      throw tiersInvalid(tier, "tierFrom", `this tier starts before that of row ${before.position}`);
    }
    const order = before.to === null ? 0 : compare(before.to, tier.from);
    if (order > 0) throw tiersInvalid(tier, "tierFrom", `this tier overlaps that of row ${before.position}`);
    if (order < 0) throw tiersInvalid(tier, "tierFrom", `there is a gap after the tier of row ${before.position}`);
    for (const column of WHOLE_PRICE_COLUMNS) {
      const [own, whole] = [textOf(tier.fields, column), textOf(first.fields, column)];
      if (own !== "" && own !== whole) {
        throw rowInvalid(column, own, `row ${first.position} of the same price has '${whole}'`);
      }
    }
  }
  if (tier.to !== null && compare(tier.to, tier.from) <= 0) {
    throw tiersInvalid(tier, "tierTo", "this tier ends before it starts");
  }
  return true;
}
