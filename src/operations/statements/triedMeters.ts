import type { MeterId } from "../../domain/ids.ts";
import type { Price, PriceSheet } from "../../domain/rating/priceSheet.ts";
import type { Period } from "../../domain/statement/period.ts";
import type { CommonKnowledge } from "./classified.ts";

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_name, so: unknown) =>
    typeof so === "bigint" ? `${so}n` : so instanceof Map ? [...so] : so,
  ) ?? "";

/** What of a sheet bears on every meter that it prices. */
const generalText = ({ currency, rounding, commerceMeters, capacityPackages }: PriceSheet): string =>
  textOf({ currency, rounding, commerceMeters, capacityPackages });

/** Commerce meters that not all of these versions price alike. */
function changedMeters(versions: readonly PriceSheet[]): ReadonlySet<MeterId> {
  const changed = new Set<MeterId>();
  for (const key of new Set(versions.flatMap(({ prices }) => [...prices.keys()]))) {
    const prices = versions.map((version): Price | undefined => version.prices.get(key));
    if (new Set(prices.map(textOf)).size === 1) continue;
    for (const price of prices) if (price !== undefined) changed.add(price.commerceMeter);
  }
  return changed;
}

/**
 * The meters whose usage may be priced otherwise when another version of a sheet counts: all usage that climbs tiers together
 * with such usage is of them too.
 * @param used meters in use
 * @param knowledge the ways to rate that are compared
 * @returns undefined where it may be all of them
 */
export function metersTouched(
  sheet: string,
  period: Period,
  used: readonly MeterId[],
  knowledge: readonly CommonKnowledge[],
): readonly MeterId[] | undefined {
  const { from, to } = period;
  const versions = new Set<PriceSheet>();
  for (const { book } of knowledge) {
    for (const hour of [from, ...book.cuts(from, to)]) {
      const version = book.sheetAt(sheet, hour);
      if (version === undefined) return undefined;
      versions.add(version);
    }
  }
  const all = [...versions];
  if (new Set(all.map(generalText)).size > 1) return undefined;
  const changed = changedMeters(all);
  const mayBe = (meter: MeterId): boolean =>
    all.some(({ commerceMeters }) => changed.has(commerceMeters.get(meter) ?? meter)) ||
    knowledge.some(({ meters }) =>
      [from, ...meters.cuts([meter], from, to)].some((hour) => {
        const mapped = meters.mappingAt(meter, hour)?.mapping;
        return mapped !== undefined && mapped !== null && changed.has(mapped.commerceMeter);
      }),
    );
  return used.filter(mayBe);
}
