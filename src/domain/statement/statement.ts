import { canonicalJson } from "../../lib/canonicalJson.ts";
import { canonical, type Decimal, formatDecimal, formatFixed, ZERO } from "../../lib/decimal.ts";
import { sha256 } from "../../lib/digest.ts";
import { formatFraction } from "../../lib/fraction.ts";
import { formatMeter, type MeterId, type RegistrationId } from "../ids.ts";
import { isVerified, type PriceSheet } from "../rating/priceSheet.ts";
import type { TermedPrice } from "../rating/priceTerms.ts";
import type { Band } from "../rating/tiers.ts";
import { amountOf, type Charge, type ChargeKind } from "./charges.ts";
import type { MeterNames } from "./conservation.ts";
import type { Level } from "../rating/priceTerms.ts";
import type { Period } from "./period.ts";
import { Sums } from "./sums.ts";

export interface StatementLine {
  /** Counts from 1. */
  readonly line: number;
  readonly kind: ChargeKind;
  readonly registration: RegistrationId;
  readonly meter: MeterId;
  readonly commerceMeter: MeterId;
  readonly meterName: string;
  readonly unit: string;
  /** In the meter's unit. */
  readonly quantity: string;
  /** How many of the price's units one unit of the meter is, for example 1/1073741824; 1 where nothing is converted. */
  readonly factor: string;
  /** The quantity in the price's unit, which the tiers count. */
  readonly pricedQuantity: string;
  /** 0: included quantity; else the tier, counting from 1. */
  readonly tier: number;
  readonly tierFrom: string;
  readonly tierTo: string | null;
  /** As the price sheet has it. */
  readonly listPrice: string;
  /** With the mark-up. */
  readonly unitPrice: string;
  /** After the credit: the amount is made of it. */
  readonly effectiveUnitPrice: string;
  readonly priceUnit: string;
  readonly hoursPerMonth: string | null;
  readonly pricingCurrency: string;
  /** In the price sheet's currency. */
  readonly pricedAmount: string;
  /** What one unit of that currency was worth; null where the statement is in it. */
  readonly fxRate: string | null;
  /** In the statement's currency. */
  readonly amount: string;
  readonly priceSheet: string;
  readonly priceVersion: number;
  /** The assignment that says so; null where nobody assigned anything. */
  readonly priceAssignment: number | null;
  readonly priceVerified: boolean;
  readonly records: number;
  /** Mappings by which the payer pays for this stamp's usage in the period, by their numbers. */
  readonly mappingChanges: readonly number[];
}

/** draft: made anew by each run; closed: never changed; corrected: closed, and corrections were issued for it. */
export type StatementState = "draft" | "closed" | "corrected";

/** What a statement says; everything that its hash is made from. */
export interface StatementContent {
  readonly level: Level;
  /** Of customers their subscription; of resellers and providers their name in the catalogue. */
  readonly payer: string;
  readonly issuer: string;
  /** For whom it is closed. */
  readonly partner: string;
  readonly period: string;
  readonly currency: string;
  readonly priceSheet: string;
  readonly total: string;
  readonly lines: readonly StatementLine[];
}

export interface Statement extends StatementContent {
  /** Of a draft only good until the next run. */
  readonly number: string;
  readonly state: StatementState;
  /** SHA-256 of the content; null while it is a draft. */
  readonly hash: string | null;
}

export type StatementSummary = Omit<Statement, "lines"> & { readonly lineCount: number };

/** Whose statement it is. */
export type StatementHead = Pick<StatementContent, "level" | "payer" | "issuer" | "partner">;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What a charge is billed in. */
export const currencyOf = ({ price: { terms } }: Pick<Charge, "price">): string =>
  terms.billingCurrency ?? terms.sheet.currency;

/**
 * The decimals of a charge's amounts: those that its sheet rounds to. What tops up to a minimum has more where an older
 * version of the sheet rounded to more.
 */
function decimalsShown({ price, pricedAmount, amount }: Charge): number {
  const { scale } = price.terms.sheet.rounding;
  return pricedAmount.scale <= scale && amount.scale <= scale
    ? scale
    : Math.max(scale, canonical(pricedAmount).scale, canonical(amount).scale);
}

/**
 * The statement of one payer; lines by stamp, meter, price and tier.
 * @param charges all of the payer in one currency
 * @param mappingsOf the mappings by which the payer pays for a registration's usage
 */
export function buildStatement(
  head: StatementHead,
  charges: readonly Charge[],
  {
    period,
    meters,
    mappingsOf,
  }: {
    readonly period: Pick<Period, "name">;
    readonly meters: MeterNames;
    readonly mappingsOf: (registration: RegistrationId) => readonly number[];
  },
): StatementContent {
  const names = new Map<MeterId, string>();
  const nameOf = ({ meter }: Charge): string =>
    names.get(meter) ?? names.set(meter, `${meters.factsOf(meter)?.name ?? ""} ${meter}`).get(meter)!;
  const byStampMeterTier = (a: Charge, b: Charge): number =>
    a.registration - b.registration ||
    (a.meter === b.meter ? 0 : compareText(nameOf(a), nameOf(b))) ||
    compareText(formatFraction(a.factor), formatFraction(b.factor)) ||
    (a.price === b.price ? 0 : compareText(priceName(a.price), priceName(b.price))) ||
    a.band.tier - b.band.tier ||
    compareText(a.kind, b.kind) * -1;
  const [first] = charges;
  return {
    ...head,
    period: period.name,
    currency: currencyOf(first!),
    priceSheet: sheetNames(new Set(charges.map(({ price }) => price.terms.sheet))),
    total: formatFixed(amountOf(charges), Math.max(...charges.map(decimalsShown))),
    lines: [...charges]
      .sort(byStampMeterTier)
      .map((charge, n) => statementLine(charge, n + 1, { meters, mappings: mappingsOf(charge.registration) })),
  };
}

const priceName = ({ terms: { sheet, assignment } }: TermedPrice): string =>
  `${sheet.id} ${String(sheet.version).padStart(9, "0")} ${String(assignment?.id ?? 0).padStart(12, "0")}`;

/** Versions of price sheets, for people. */
export const sheetNames = (sheets: Iterable<Pick<PriceSheet, "id" | "version">>): string =>
  [...new Set([...sheets].map(({ id, version }) => `${id} v${version}`))].sort().join(", ");

/** What a line tells of its price and band: the same on very many lines. */
type PriceFacts = Pick<
  StatementLine,
  "tierFrom" | "tierTo" | "listPrice" | "unitPrice" | "effectiveUnitPrice" | "hoursPerMonth"
>;

const priceFacts = new WeakMap<TermedPrice, WeakMap<Band, PriceFacts>>();

function priceFactsOf({ price, band }: Pick<Charge, "price" | "band">): PriceFacts {
  const known = priceFacts.get(price) ?? priceFacts.set(price, new WeakMap()).get(price)!;
  const own = known.get(band);
  if (own !== undefined) return own;
  // The included quantity costs nothing, whatever the first tier does.
  const tierPrice = (prices: readonly Decimal[]): string =>
    formatDecimal(band.tier === 0 ? ZERO : prices[band.tier - 1]!);
  const facts: PriceFacts = {
    tierFrom: formatDecimal(band.from),
    tierTo: band.to === null ? null : formatDecimal(band.to),
    listPrice: tierPrice(price.listPrices),
    unitPrice: tierPrice(price.unitPrices),
    effectiveUnitPrice: formatDecimal(band.unitPrice),
    hoursPerMonth: price.hoursPerMonth === null ? null : formatDecimal(price.hoursPerMonth),
  };
  known.set(band, facts);
  return facts;
}

function statementLine(
  charge: Charge,
  line: number,
  { meters, mappings }: { readonly meters: MeterNames; readonly mappings: readonly number[] },
): StatementLine {
  const { price, band, meter } = charge;
  const { sheet, assignment } = price.terms;
  const facts = priceFactsOf(charge);
  const known = meters.factsOf(meter);
  const decimals = decimalsShown(charge);
  return {
    line,
    kind: charge.kind,
    registration: charge.registration,
    meter,
    commerceMeter: price.commerceMeter,
    meterName: known?.name ?? (charge.kind === "capacity" ? price.name : formatMeter(meter)),
    unit: known?.unit ?? (charge.kind === "capacity" ? "core-day" : ""),
    quantity: formatDecimal(charge.quantity),
    factor: formatFraction(charge.factor),
    pricedQuantity: formatDecimal(charge.pricedQuantity),
    tier: band.tier,
    tierFrom: facts.tierFrom,
    tierTo: facts.tierTo,
    listPrice: facts.listPrice,
    unitPrice: facts.unitPrice,
    effectiveUnitPrice: facts.effectiveUnitPrice,
    priceUnit: price.unit,
    hoursPerMonth: facts.hoursPerMonth,
    pricingCurrency: sheet.currency,
    pricedAmount: formatFixed(charge.pricedAmount, decimals),
    fxRate: charge.fxRate?.rate ?? null,
    amount: formatFixed(charge.amount, decimals),
    priceSheet: sheet.id,
    priceVersion: sheet.version,
    priceAssignment: assignment?.id ?? null,
    priceVerified: isVerified(price),
    records: charge.records,
    mappingChanges: mappings,
  };
}

/** What a statement's lines come to, stamp by stamp and meter by meter, in the order of the lines. */
export function subtotalsOf(lines: readonly Pick<StatementLine, "registration" | "meter" | "meterName" | "amount">[]) {
  const [stamps, meters] = [new Sums<RegistrationId>(), new Sums<MeterId>()];
  for (const { registration, meter, meterName, amount } of lines) {
    stamps.add(registration, "", amount);
    meters.add(meter, meterName, amount);
  }
  return {
    byStamp: stamps.all.map(({ key: registration, amount, lines: count }) => ({ registration, amount, lines: count })),
    byMeter: meters.all.map(({ key: meter, label: meterName, ...sum }) => ({ meter, meterName, ...sum })),
  };
}

/** Goes up when what a document's hash is made from changes, so that older ones can still be told apart. */
const CONTENT_FORMAT = 1;

/** What the hash is made from, with its format. */
export const hashedContent = (content: object): object => ({ format: CONTENT_FORMAT, ...content });

/** SHA-256 over the canonical JSON of a document's content, its number with it. */
export const contentHash = (content: object): string => sha256(canonicalJson(hashedContent(content)));

/** A statement's lines as they are kept with a draft: JSON; and what tells two drafts of one payer apart. */
export function draftLines({ lines }: Pick<StatementContent, "lines">): {
  readonly linesJson: string;
  readonly content: string;
} {
  // Lines are made in one place, so their members are always in one order.
  const linesJson = JSON.stringify(lines);
  return { linesJson, content: sha256(linesJson) };
}
