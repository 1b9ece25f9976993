import type { MeterId } from "../ids.ts";
import type { SheetParts } from "./priceFile.ts";
import { type PriceJson, priceToJson, type SheetContent, sheetContent } from "./priceJson.ts";

export interface FieldChange {
  readonly field: string;
  /** As JSON carries it; null: it is not there. */
  readonly before: unknown;
  readonly after: unknown;
}

/** What became of the price of a commerce meter. */
export interface PriceChange {
  readonly commerceMeter: MeterId;
  readonly region: string | null;
  readonly name: string;
  readonly outcome: "added" | "removed" | "changed";
  readonly changes: readonly FieldChange[];
}

export interface SheetDiff {
  /** Of the version as a whole: name, currency, rounding, packages and commerce meters. */
  readonly changes: readonly FieldChange[];
  readonly prices: readonly PriceChange[];
}

type Members = Readonly<Record<string, unknown>>;

function fieldChanges(before: Members, after: Members): readonly FieldChange[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields
    .map((field) => ({ field, before: before[field] ?? null, after: after[field] ?? null }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
}

const wholeOf = ({ name, currency, ...parts }: SheetParts): Members => {
  const { prices: _, ...content }: SheetContent = sheetContent(parts);
  const mappings = content.commerceMeters.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { name, currency, ...content, commerceMeters: mappings };
};

/** What one version says otherwise than another, meter by meter; the order of prices does not count. */
export function diffSheets(before: SheetParts, after: SheetParts): SheetDiff {
  const keys = [...new Set([...before.prices.keys(), ...after.prices.keys()])].sort();
  const prices = keys.flatMap((key): readonly PriceChange[] => {
    const [old, now] = [before.prices.get(key), after.prices.get(key)];
    const { commerceMeter, region, name } = (now ?? old)!;
    const members = (price: PriceJson | undefined): Members => ({ ...price });
    const changes = fieldChanges(members(old && priceToJson(old)), members(now && priceToJson(now)));
    if (changes.length === 0) return [];
    const outcome = old === undefined ? "added" : now === undefined ? "removed" : "changed";
    return [{ commerceMeter, region, name, outcome, changes: outcome === "changed" ? changes : [] }];
  });
  return { changes: fieldChanges(wholeOf(before), wholeOf(after)), prices };
}
