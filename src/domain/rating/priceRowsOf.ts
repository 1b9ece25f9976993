import { type Decimal, formatDecimal, isZero } from "../../lib/decimal.ts";
import { formatMeter } from "../ids.ts";
import type { SheetParts } from "./priceFile.ts";
import type { PriceFields } from "./priceRow.ts";
import type { Price } from "./priceSheet.ts";

const textOr = (value: Decimal | null): string => (value === null ? "" : formatDecimal(value));

function tierRows(price: Price): readonly PriceFields[] {
  const { tiers, includedQuantity } = price;
  const key = { kind: "price", meter: formatMeter(price.commerceMeter), region: price.region ?? "" };
  const whole: PriceFields = {
    name: price.name,
    unit: price.unit,
    model: price.model,
    packageSize: textOr(price.packageSize),
    includedQuantity: isZero(includedQuantity) ? "" : formatDecimal(includedQuantity),
    hoursPerMonth: textOr(price.hoursPerMonth),
    minimum: textOr(price.minimum),
    free: price.free ? "true" : "",
    confidence: price.confidence,
    note: price.note,
  };
  return tiers.map(({ from, unitPrice }, i) => ({
    ...key,
    ...(i === 0 ? whole : {}),
    tierFrom: formatDecimal(from),
    tierTo: textOr(tiers[i + 1]?.from ?? null),
    unitPrice: formatDecimal(unitPrice),
  }));
}

/** A version as the rows of a file, from which the same version can be made again. */
export function rowsOfSheet({
  name,
  currency,
  rounding,
  prices,
  capacityPackages,
  commerceMeters,
}: SheetParts): readonly PriceFields[] {
  return [
    { kind: "sheet", name, currency, rounding: rounding.mode, decimals: String(rounding.scale) },
    ...[...prices.values()].flatMap(tierRows),
    ...capacityPackages.map((so): PriceFields => {
      const { id, confidence, note } = so;
      const unitPrice = formatDecimal(so.corePricePerYear);
      return { kind: "package", meter: id, name: so.name, unit: "core-year", unitPrice, confidence, note };
    }),
    ...[...commerceMeters].map(([meter, commerceMeter]): PriceFields => {
      return { kind: "mapping", meter: formatMeter(meter), commerceMeter: formatMeter(commerceMeter) };
    }),
  ];
}
