import { canonicalJson } from "../../lib/canonicalJson.ts";
import { formatFixed } from "../../lib/decimal.ts";
import { sha256 } from "../../lib/digest.ts";
import { formatFraction } from "../../lib/fraction.ts";
import type { MeterId, RegistrationId } from "../ids.ts";
import type { PriceSheet } from "../rating/priceSheet.ts";
import type { TermedPrice } from "../rating/priceTerms.ts";
import { amountOf, type Charge, type ChargeKind } from "./charges.ts";
import type { MeterNames } from "./conservation.ts";
import type { Level } from "../rating/priceTerms.ts";
import { amountsOf, decimalsShown, lineFactsOf, lineOf } from "./lineFacts.ts";
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

/** What a statement is made with. */
export interface StatementFacts {
  readonly period: Pick<Period, "name">;
  readonly meters: MeterNames;
  /** The mappings by which the payer pays for a registration's usage. */
  readonly mappingsOf: (registration: RegistrationId) => readonly number[];
}

/**
 * The statement of one payer; lines by stamp, meter, price and tier.
 * @param charges all of the payer in one currency
 */
export function buildStatement(
  head: StatementHead,
  charges: readonly Charge[],
  { period, meters, mappingsOf }: StatementFacts,
): StatementContent {
  const lines = orderedCharges(charges, meters).map((charge, n) => {
    const { registration, records } = charge;
    const own = { ...amountsOf(charge), registration, records, mappingChanges: mappingsOf(registration) };
    return lineOf(lineFactsOf(charge, meters), { line: n + 1, ...own });
  });
  return { ...statementTotals(head, charges, period), lines };
}

/** What a statement says apart from its lines. */
export const statementTotals = (
  head: StatementHead,
  charges: readonly Charge[],
  period: Pick<Period, "name">,
): Omit<StatementContent, "lines"> => ({
  ...head,
  period: period.name,
  currency: currencyOf(charges[0]!),
  priceSheet: sheetNames(new Set(charges.map(({ price }) => price.terms.sheet))),
  total: formatFixed(amountOf(charges), Math.max(...charges.map(decimalsShown))),
});

/** By what lines of meters are put in order. */
const namesOf = new WeakMap<MeterNames, Map<MeterId, string>>();

/** Charges in the order of their lines. */
export function orderedCharges(charges: readonly Charge[], meters: MeterNames): readonly Charge[] {
  const names = namesOf.get(meters) ?? namesOf.set(meters, new Map()).get(meters)!;
  const nameOf = ({ meter }: Charge): string =>
    names.get(meter) ?? names.set(meter, `${meters.factsOf(meter)?.name ?? ""} ${meter}`).get(meter)!;
  return [...charges].sort(
    (a, b) =>
      a.registration - b.registration ||
      (a.meter === b.meter ? 0 : compareText(nameOf(a), nameOf(b))) ||
      compareText(formatFraction(a.factor), formatFraction(b.factor)) ||
      (a.price === b.price ? 0 : compareText(priceName(a.price), priceName(b.price))) ||
      a.band.tier - b.band.tier ||
      compareText(a.kind, b.kind) * -1,
  );
}

const priceName = ({ terms: { sheet, assignment } }: TermedPrice): string =>
  `${sheet.id} ${String(sheet.version).padStart(9, "0")} ${String(assignment?.id ?? 0).padStart(12, "0")}`;

/** Versions of price sheets, for people. */
export const sheetNames = (sheets: Iterable<Pick<PriceSheet, "id" | "version">>): string =>
  [...new Set([...sheets].map(({ id, version }) => `${id} v${version}`))].sort().join(", ");

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
