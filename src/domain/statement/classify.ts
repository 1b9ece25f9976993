import type { Hour, LocalSubscriptionId, RegistrationId, SubscriptionId } from "../ids.ts";
import type { Fraction } from "../../lib/fraction.ts";
import type { PriceBook } from "../rating/priceBook.ts";
import type { Level, SheetTerms, TermedPrice } from "../rating/priceTerms.ts";
import { type MeterMappings, pricingOf } from "../rating/pricing.ts";
import { type BillingModel, isBilledByUsage } from "../registration/registration.ts";
import { INTAKE_PARKED_REASONS, type MeterKnowledge } from "../usage/knowledge.ts";
import type { UsageTotal } from "../usage/store.ts";

/** Everything that classifying needs to know, as of one moment of knowledge. */
export interface ClassifyingFacts {
  readonly attribution: AttributionFacts;
  readonly meters: MeterKnowledge & MeterMappings;
  readonly book: PriceBook;
  /** Whose prices count. */
  readonly level: Level;
}

export interface AttributionFacts {
  /** Undefined when nobody knows the local subscription in that hour. */
  at(
    registration: RegistrationId,
    localSubscription: LocalSubscriptionId,
    hour: Hour,
  ): { readonly payer: { readonly subscription: SubscriptionId }; readonly billingModel: BillingModel } | undefined;
}

export type UnpricedReason = "BillingModel" | "FreeOfCharge";
/** Why usage waits, in order of precedence. */
export const PARKED_REASONS = ["Conflict", ...INTAKE_PARKED_REASONS, "NoPrice"] as const;
export type ParkedReason = (typeof PARKED_REASONS)[number];

export type Classified =
  | { readonly kind: "parked"; readonly reason: ParkedReason }
  | { readonly kind: "unpriced"; readonly reason: UnpricedReason; readonly payer: SubscriptionId }
  | {
      readonly kind: "billed";
      readonly payer: SubscriptionId;
      readonly price: TermedPrice;
      readonly factor: Fraction;
    };

/**
 * What becomes of a sum of usage on a statement run, in order of precedence. A sum without an hour belongs to a local
 * subscription whose attribution does not change in the hours that were added up, nor its meter's pricing.
 * @param from the first of those hours
 */
export function classify(total: UsageTotal, from: Hour, facts: ClassifyingFacts): Classified {
  if (total.held !== "no") return { kind: "parked", reason: total.held === "conflict" ? "Conflict" : "PeriodArchived" };
  const hour = total.hour ?? from;
  const own = attributedIn(total, hour, facts);
  return own === undefined ? UNKNOWN : classifyAttributed(total, hour, { ...facts, ...own });
}

/**
 * The same for very many sums: who pays, and under which terms, is looked up once for sums of one local subscription and
 * hour that follow each other.
 */
export function classifier(facts: ClassifyingFacts): (total: UsageTotal, from: Hour) => Classified {
  let last: { readonly of: UsageTotal; readonly hour: Hour; readonly facts: AttributedFacts | undefined } | undefined;
  return (total, from) => {
    if (total.held !== "no") return classify(total, from, facts);
    const hour = total.hour ?? from;
    const isSame =
      last !== undefined &&
      last.hour === hour &&
      last.of.localSubscription === total.localSubscription &&
      last.of.registration === total.registration;
    if (!isSame) {
      const own = attributedIn(total, hour, facts);
      last = { of: total, hour, facts: own && { ...facts, ...own } };
    }
    return last!.facts === undefined ? UNKNOWN : classifyAttributed(total, hour, last!.facts);
  };
}

const UNKNOWN: Classified = { kind: "parked", reason: "UnknownLocalSubscription" };

/** Who pays for a local subscription's usage of an hour, and under which terms where it is billed by usage. */
interface Own {
  readonly payer: SubscriptionId;
  readonly terms: SheetTerms | undefined;
}

type AttributedFacts = Pick<ClassifyingFacts, "meters" | "book"> & Own;

function attributedIn(
  { registration, localSubscription }: UsageTotal,
  hour: Hour,
  { attribution, book, level }: ClassifyingFacts,
): Own | undefined {
  const attributed = attribution.at(registration, localSubscription, hour);
  if (attributed === undefined) return undefined;
  const payer = attributed.payer.subscription;
  const isBilled = isBilledByUsage(attributed.billingModel);
  return { payer, terms: isBilled ? book.termsAt(level, { subscription: payer, registration }, hour) : undefined };
}

function classifyAttributed({ meter }: UsageTotal, hour: Hour, facts: AttributedFacts): Classified {
  const { meters, payer, terms } = facts;
  if (!meters.isKnown(meter, hour)) return { kind: "parked", reason: "UnknownMeter" };
  if (terms === undefined) return { kind: "unpriced", reason: "BillingModel", payer };
  const { price, factor } = pricingOf(facts, terms, meter, hour);
  if (price === undefined) return { kind: "parked", reason: "NoPrice" };
  return price.free ? { kind: "unpriced", reason: "FreeOfCharge", payer } : { kind: "billed", payer, price, factor };
}
