import type { Hour, LocalSubscriptionId, RegistrationId, SubscriptionId } from "../ids.ts";
import type { Fraction } from "../../lib/fraction.ts";
import type { PriceBook } from "../rating/priceBook.ts";
import type { Level, TermedPrice } from "../rating/priceTerms.ts";
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
export const PARKED_REASONS = ["Conflict", "PeriodArchived", ...INTAKE_PARKED_REASONS, "NoPrice"] as const;
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
  const { attribution, meters, book, level } = facts;
  if (total.held !== "no") return { kind: "parked", reason: total.held === "conflict" ? "Conflict" : "PeriodArchived" };
  const hour = total.hour ?? from;
  const attributed = attribution.at(total.registration, total.localSubscription, hour);
  if (attributed === undefined) return { kind: "parked", reason: "UnknownLocalSubscription" };
  if (!meters.isKnown(total.meter, hour)) return { kind: "parked", reason: "UnknownMeter" };
  const { billingModel } = attributed;
  const payer = attributed.payer.subscription;
  if (!isBilledByUsage(billingModel)) return { kind: "unpriced", reason: "BillingModel", payer };
  const terms = book.termsAt(level, { subscription: payer, registration: total.registration }, hour);
  const { price, factor } = pricingOf(facts, terms, total.meter, hour);
  if (price === undefined) return { kind: "parked", reason: "NoPrice" };
  return price.free ? { kind: "unpriced", reason: "FreeOfCharge", payer } : { kind: "billed", payer, price, factor };
}
