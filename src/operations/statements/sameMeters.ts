import type { MeterId } from "../../domain/ids.ts";
import type { TermedPrice } from "../../domain/rating/priceTerms.ts";
import { compare } from "../../lib/decimal.ts";
import { formatFraction } from "../../lib/fraction.ts";
import type { RatedGroup } from "./ratedPayer.ts";

/** What a price comes to with the same usage, as text: of prices that are other objects too. */
const priceTexts = new WeakMap<TermedPrice, string>();

function priceText(price: TermedPrice): string {
  const known = priceTexts.get(price);
  if (known !== undefined) return known;
  const { terms, ...own } = price;
  const { billingCurrency, sheet } = terms;
  const all = { ...own, billingCurrency, currency: sheet.currency, rounding: sheet.rounding };
  const text = JSON.stringify(all, (_name, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
  priceTexts.set(price, text);
  return text;
}

type Key = RatedGroup["group"]["keys"][number];

const sameKey = (a: Key, b: Key | undefined): boolean =>
  b !== undefined &&
  a.registration === b.registration &&
  a.meter === b.meter &&
  a.records === b.records &&
  compare(a.quantity, b.quantity) === 0 &&
  formatFraction(a.factor) === formatFraction(b.factor) &&
  priceText(a.price) === priceText(b.price);

/** Where the order of hours counts, groups are rated again, whatever they look like. */
const sameGroup = (a: RatedGroup, b: RatedGroup | undefined): boolean =>
  a.ordered === undefined &&
  b?.ordered === undefined &&
  a.group.sheet === b?.group.sheet &&
  a.group.keys.length === b.group.keys.length &&
  a.group.keys.every((key, i) => sameKey(key, b.group.keys[i]));

/** The commerce meters of a payer all of whose usage is rated alike on both sides. */
export function sameMeters(old: readonly RatedGroup[], now: readonly RatedGroup[]): ReadonlySet<MeterId> {
  const [was, is] = [old, now].map((groups) => Map.groupBy(groups, ({ group }) => group.commerceMeter));
  const same = new Set<MeterId>();
  for (const [meter, groups] of was!) {
    const others = is!.get(meter) ?? [];
    if (groups.length === others.length && groups.every((group, i) => sameGroup(group, others[i]))) same.add(meter);
  }
  return same;
}
