import { add, decimal, type Decimal, multiply, ZERO } from "../../lib/decimal.ts";
import type { EffectiveChange } from "../history.ts";
import type { MeterId } from "../ids.ts";
import type { Price, PriceSheet } from "./priceSheet.ts";

/** The links of the chain that usage is rated for, each by its own sheets: who pays is a customer, a reseller, a provider. */
export const LEVELS = ["customer", "reseller", "provider"] as const;
export type Level = (typeof LEVELS)[number];

/** Whom an assignment is for; the most specific first, which wins. */
export const PARTY_KINDS = ["customer", "stamp", "reseller", "partner", "everyone"] as const;
export type PartyKind = (typeof PARTY_KINDS)[number];

/** A subscription, a registration's number, a partner's name; empty for everyone. */
export interface Party {
  readonly kind: PartyKind;
  readonly id: string;
}

/** What is laid on top of a list price: first the percentage, then the amount. */
export interface Markup {
  /** Null: every meter that has no mark-up of its own. */
  readonly commerceMeter: MeterId | null;
  readonly percent: Decimal;
  /** Per unit of the price, in the sheet's currency. */
  readonly absolute: Decimal;
}

/** How somebody's usage is priced. */
export interface PriceTerms {
  readonly sheet: string;
  /** Prices of this region count before those of no region. */
  readonly region: string | null;
  readonly markups: readonly Markup[];
  /** Taken off every unit price, for example the credit that a partner earns; 0 for none. */
  readonly creditPercent: Decimal;
  /** What the statement is in; null: the sheet's currency. */
  readonly billingCurrency: string | null;
}

/** From an hour on, somebody's usage is priced so; null: by what is less specific again. */
export interface PriceAssignment extends EffectiveChange {
  readonly level: Level;
  readonly party: Party;
  readonly terms: PriceTerms | null;
  readonly reason: string;
}

/** A version of a sheet with its terms: everything that prices some usage of one hour, but for the meter. */
export interface SheetTerms extends Pick<PriceTerms, "region" | "markups" | "creditPercent" | "billingCurrency"> {
  readonly sheet: PriceSheet;
  /** The assignment that decided; undefined where nobody assigned anything. */
  readonly assignment: PriceAssignment | undefined;
}

export const plainTerms = (sheet: PriceSheet): SheetTerms => ({
  sheet,
  region: null,
  markups: [],
  creditPercent: ZERO,
  billingCurrency: null,
  assignment: undefined,
});

/** A price with what somebody's terms make of it. `tiers` has what is charged: marked up, and the credit taken off. */
export interface TermedPrice extends Price {
  readonly terms: SheetTerms;
  /** Unit prices of the sheet, tier by tier. */
  readonly listPrices: readonly Decimal[];
  /** Unit prices before the credit, tier by tier. */
  readonly unitPrices: readonly Decimal[];
}

const ONE = decimal("1");
const HUNDREDTH = decimal("0.01");

/** A meter's own mark-up beats the one for every meter. */
const markupOf = (markups: readonly Markup[], meter: MeterId): Markup | undefined =>
  markups.find(({ commerceMeter }) => commerceMeter === meter) ??
  markups.find(({ commerceMeter }) => commerceMeter === null);

/** Exact: nothing is rounded before the line's amount. */
const changedBy = (value: Decimal, percent: Decimal): Decimal =>
  multiply(value, add(ONE, multiply(percent, HUNDREDTH)));

const negated = ({ coefficient, scale }: Decimal): Decimal => ({ coefficient: -coefficient, scale });

/** The price of a commerce meter under these terms; undefined where the sheet has none. */
export function priceUnder(terms: SheetTerms, meter: MeterId): TermedPrice | undefined {
  const { sheet, region } = terms;
  const price = (region === null ? undefined : sheet.prices.get(priceKey(meter, region))) ?? sheet.prices.get(meter);
  return price && termed(price, terms);
}

/** A price with the mark-up and the credit of these terms. */
export function termed(price: Price, terms: SheetTerms): TermedPrice {
  const { markups, creditPercent } = terms;
  const markup = markupOf(markups, price.commerceMeter);
  const listPrices = price.tiers.map(({ unitPrice }) => unitPrice);
  const unitPrices = listPrices.map((list) =>
    markup === undefined ? list : add(changedBy(list, markup.percent), markup.absolute),
  );
  const tiers = price.tiers.map(({ from }, i) => {
    return { from, unitPrice: changedBy(unitPrices[i]!, negated(creditPercent)) };
  });
  return { ...price, tiers, terms, listPrices, unitPrices };
}

/** Under which a sheet keeps a price: a price for a region stands beside the one without. */
export const priceKey = (commerceMeter: MeterId, region: string | null): string =>
  region === null ? commerceMeter : `${commerceMeter} ${region}`;
