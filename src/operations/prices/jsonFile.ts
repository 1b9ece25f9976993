import { Fault } from "../../domain/faults/fault.ts";
import { formatMeter, type Hour, hourStartMs } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import { type PriceColumn, type PriceFields, type PriceRow } from "../../domain/rating/priceRow.ts";
import type { SheetParts } from "../../domain/rating/priceFile.ts";
import { rowsOfSheet } from "../../domain/rating/priceRowsOf.ts";
import type { Price } from "../../domain/rating/priceSheet.ts";
import { compare, formatDecimal, parseDecimal, ZERO } from "../../lib/decimal.ts";
import { exactNumber, parseExact } from "../../lib/exactJson.ts";
import { formatInstant } from "../../lib/instant.ts";
import { faultOr, unreadable, utf8Of } from "./csvFile.ts";

type Members = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The rows of a price file in JSON: a version as it is exported, or a rate card, which has `Meters`.
 * @throws Fault PriceFileUnreadable
 */
export function jsonRows(bytes: Buffer): readonly PriceRow[] {
  const text = utf8Of(bytes);
  let value: unknown;
  try {
    value = parseExact(text);
  } catch (error) {
    throw unreadable(`it is no JSON: ${(error as Error).message}`);
  }
  if (!isObject(value)) throw unreadable("it is no JSON object");
  const rows = Array.isArray(value["Meters"]) ? rateCardRows(value, value["Meters"]) : versionRows(value);
  if (rows.length > LIMITS.priceRowsMax) throw unreadable(`it has more than ${LIMITS.priceRowsMax} rows`);
  return rows;
}

const brokenRow = (reason: string): Fault => new Fault("PriceRowUnreadable", { reason });

/** Members by the names of columns; a member that is no column is refused. */
function fieldsOf(value: unknown, names: Readonly<Record<string, PriceColumn>>): PriceFields {
  if (!isObject(value)) throw brokenRow("it is no JSON object");
  return Object.fromEntries(
    Object.entries(value).map(([name, so]) => {
      const column = Object.hasOwn(names, name) ? names[name] : undefined;
      if (column === undefined) {
        throw new Fault("PriceColumnUnknown", { column: name, columns: Object.keys(names).join(", ") });
      }
      if (so !== null && typeof so !== "string" && typeof so !== "boolean") {
        const reason = "a text, a number, true, false or null is needed";
        throw new Fault("PriceRowInvalid", { column: name, value: JSON.stringify(so), reason }, { target: column });
      }
      return [column, so === null ? "" : String(so)];
    }),
  );
}

function listIn(value: Members, name: string): readonly unknown[] {
  const list = value[name] ?? [];
  if (Array.isArray(list)) return list;
  throw unreadable(`its ${name} are no list`);
}

const PRICE_NAMES = {
  commerceMeter: "meter",
  name: "name",
  unit: "unit",
  model: "model",
  packageSize: "packageSize",
  includedQuantity: "includedQuantity",
  hoursPerMonth: "hoursPerMonth",
  minimum: "minimum",
  region: "region",
  free: "free",
  confidence: "confidence",
  note: "note",
} as const satisfies Record<string, PriceColumn>;
const TIER_NAMES = { from: "tierFrom", to: "tierTo", unitPrice: "unitPrice" } as const;
const PACKAGE_NAMES = {
  id: "meter",
  name: "name",
  corePricePerYear: "unitPrice",
  confidence: "confidence",
  note: "note",
} as const;
const MAPPING_NAMES = { meter: "meter", commerceMeter: "commerceMeter" } as const;
const SHEET_MEMBERS = ["name", "currency", "rounding", "prices", "capacityPackages", "commerceMeters"];

function versionRows(value: Members): readonly PriceRow[] {
  const unknown = Object.keys(value).find((name) => !SHEET_MEMBERS.includes(name));
  if (unknown !== undefined) {
    throw new Fault("PriceColumnUnknown", { column: unknown, columns: SHEET_MEMBERS.join(", ") });
  }
  const { name, currency = "", rounding } = value;
  const sheet: PriceRow[] = [];
  if (name !== undefined || rounding !== undefined) {
    const fields = faultOr(() => ({
      kind: "sheet",
      ...fieldsOf({ name: name ?? "", currency }, { name: "name", currency: "currency" }),
      ...fieldsOf(rounding ?? {}, { mode: "rounding", scale: "decimals" }),
    }));
    sheet.push({ position: 1, fields });
  }
  const prices = listIn(value, "prices").flatMap((price, i) => priceRows(price, i + 1, String(currency)));
  const others = (name: string, kind: string, names: Readonly<Record<string, PriceColumn>>): readonly PriceRow[] =>
    listIn(value, name).map((so, i) => ({
      position: i + 1,
      fields: faultOr(() => ({ kind, ...fieldsOf(so, names) })),
    }));
  return [
    ...sheet,
    ...prices,
    ...others("capacityPackages", "package", PACKAGE_NAMES),
    ...others("commerceMeters", "mapping", MAPPING_NAMES),
  ];
}

function priceRows(price: unknown, position: number, currency: string): readonly PriceRow[] {
  const fields = faultOr((): readonly PriceFields[] => {
    if (!isObject(price)) throw brokenRow("it is no JSON object");
    const { tiers, ...rest } = price;
    if (!Array.isArray(tiers) || tiers.length === 0) throw brokenRow("it has no list of tiers");
    const whole = fieldsOf(rest, PRICE_NAMES);
    const { meter = "", region = "" } = whole;
    return tiers.map((tier, i) => {
      const own = fieldsOf(tier, TIER_NAMES);
      return i === 0 ? { ...whole, currency, ...own } : { meter, region, ...own };
    });
  });
  return fields instanceof Fault ? [{ position, fields }] : fields.map((so) => ({ position, fields: so }));
}

/** Microsoft's name for wherever a stamp is. */
const ANY_REGION = "Azure Stack";

const RATE_CARD_NAMES = {
  MeterId: "meter",
  MeterName: "name",
  Unit: "unit",
  MeterRegion: "region",
  IncludedQuantity: "includedQuantity",
  x_model: "model",
  x_packageSize: "packageSize",
  x_hoursPerMonth: "hoursPerMonth",
  x_minimum: "minimum",
  x_free: "free",
  x_confidence: "confidence",
  x_note: "note",
} as const satisfies Record<string, PriceColumn>;

/** What is no number is refused later, wherever it stands. */
const lowerBound = ({ tierFrom = "" }: PriceFields) =>
  (tierFrom.length > LIMITS.quantityCharsMax ? undefined : parseDecimal(tierFrom)) ?? ZERO;

/** A rate card has members that say nothing of prices; they are passed over. */
function rateCardRows({ Currency }: Members, meters: readonly unknown[]): readonly PriceRow[] {
  return meters.flatMap((meter, i): readonly PriceRow[] => {
    const position = i + 1;
    const fields = faultOr((): readonly PriceFields[] => {
      if (!isObject(meter)) throw brokenRow("it is no JSON object");
      const rates = meter["MeterRates"];
      if (!isObject(rates) || Object.keys(rates).length === 0) throw brokenRow("it has no MeterRates");
      const known = Object.entries(meter).filter(([name]) => Object.hasOwn(RATE_CARD_NAMES, name));
      const whole = fieldsOf(Object.fromEntries(known), RATE_CARD_NAMES);
      const region = whole.region === ANY_REGION ? "" : (whole.region ?? "");
      const tiers = Object.entries(rates).map(([from, unitPrice]): PriceFields => {
        return fieldsOf({ from, unitPrice }, TIER_NAMES);
      });
      // Keys that are whole numbers come first in a JSON object, whatever their order was.
      const ordered = tiers.toSorted((a, b) => compare(lowerBound(a), lowerBound(b)));
      // A rate card has no other way to say that a meter is free of charge.
      const free = whole.free || (tiers.every(({ unitPrice }) => /^0(\.0*)?$/.test(unitPrice!)) && !whole.minimum);
      const currency = typeof Currency === "string" ? Currency : "";
      const first: PriceFields = { ...whole, region, currency, free: String(free) };
      return ordered.map((tier, at) =>
        at === 0 ? { ...first, ...tier } : { meter: whole.meter ?? "", region, ...tier },
      );
    });
    return fields instanceof Fault ? [{ position, fields }] : fields.map((so) => ({ position, fields: so }));
  });
}

const named = (fields: PriceFields, names: Readonly<Record<string, PriceColumn>>): Record<string, string> =>
  Object.fromEntries(Object.entries(names).map(([name, column]) => [name, fields[column] ?? ""]));

/** A version as JSON, which `jsonRows` reads back; decimals are texts. */
export function versionText(parts: SheetParts): string {
  const rows = rowsOfSheet(parts);
  const of = (kind: string): readonly PriceFields[] => rows.filter((row) => row.kind === kind);
  const prices = [...parts.prices.values()].map(({ tiers, ...price }) => ({
    ...named(rowOf({ ...price, tiers }), PRICE_NAMES),
    packageSize: price.packageSize && formatDecimal(price.packageSize),
    includedQuantity: formatDecimal(price.includedQuantity),
    hoursPerMonth: price.hoursPerMonth && formatDecimal(price.hoursPerMonth),
    minimum: price.minimum && formatDecimal(price.minimum),
    region: price.region,
    free: price.free,
    tiers: tiers.map(({ from, unitPrice }) => ({ from: formatDecimal(from), unitPrice: formatDecimal(unitPrice) })),
  }));
  const { name, currency, rounding } = parts;
  const body = {
    name,
    currency,
    rounding,
    prices,
    capacityPackages: of("package").map((so) => named(so, PACKAGE_NAMES)),
    commerceMeters: of("mapping").map((so) => named(so, MAPPING_NAMES)),
  };
  return `${JSON.stringify(body, undefined, 2)}\n`;
}

const rowOf = (price: Price): PriceFields => ({
  meter: formatMeter(price.commerceMeter),
  name: price.name,
  unit: price.unit,
  model: price.model,
  confidence: price.confidence,
  note: price.note,
});

const exact = (value: Price["includedQuantity"]): unknown => exactNumber(formatDecimal(value));

/** A version in the shape of a rate card; what that shape has no place for is in members that begin with `x_`. */
export function rateCardText({ currency, prices }: SheetParts, from: Hour | undefined): string {
  const EffectiveDate = formatInstant(from === undefined ? 0 : hourStartMs(from));
  const Meters = [...prices.values()].map((price) => ({
    MeterId: formatMeter(price.commerceMeter),
    MeterName: price.name,
    MeterCategory: "Azure Stack Hub",
    MeterSubCategory: "",
    Unit: price.unit,
    MeterTags: [],
    MeterRegion: price.region ?? "",
    MeterRates: Object.fromEntries(price.tiers.map((so) => [formatDecimal(so.from), exact(so.unitPrice)])),
    EffectiveDate,
    IncludedQuantity: exact(price.includedQuantity),
    x_model: price.model,
    x_packageSize: price.packageSize && exact(price.packageSize),
    x_hoursPerMonth: price.hoursPerMonth && exact(price.hoursPerMonth),
    x_minimum: price.minimum && exact(price.minimum),
    x_free: price.free,
    x_confidence: price.confidence,
    x_note: price.note,
  }));
  const card = { Currency: currency, Locale: "en-US", IsTaxIncluded: false, OfferTerms: [], Meters };
  return `${JSON.stringify(card, undefined, 1)}\n`;
}
