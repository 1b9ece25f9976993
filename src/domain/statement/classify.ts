import type { Hour, LocalSubscriptionId, RegistrationId, SubscriptionId } from "../ids.ts";
import { type PriceSheet, priceOf } from "../rating/priceSheet.ts";
import { type BillingModel, isBilledByUsage } from "../registration/registration.ts";
import type { IntakeParkedReason } from "../usage/knowledge.ts";
import { METERS } from "../usage/meterCatalogue.ts";
import type { UsageTotal } from "../usage/store.ts";

/** Everything that classifying needs to know, as of one moment of knowledge. */
export interface AttributionFacts {
  /** Undefined when nobody knows the local subscription in that hour. */
  at(
    registration: RegistrationId,
    localSubscription: LocalSubscriptionId,
    hour: Hour,
  ): { readonly payer: { readonly subscription: SubscriptionId }; readonly billingModel: BillingModel } | undefined;
}

export type UnpricedReason = "BillingModel" | "FreeOfCharge";
export type ParkedReason = "Conflict" | IntakeParkedReason | "NoPrice";

export type Classified =
  | { readonly kind: "parked"; readonly reason: ParkedReason }
  | { readonly kind: "unpriced"; readonly reason: UnpricedReason; readonly payer: SubscriptionId }
  | { readonly kind: "billed"; readonly payer: SubscriptionId };

/**
 * What becomes of a sum of usage on a statement run, in order of precedence. A sum without an hour belongs to a local
 * subscription whose attribution does not change in the period.
 */
export function classify(total: UsageTotal, periodFrom: Hour, facts: AttributionFacts, sheet: PriceSheet): Classified {
  if (total.held !== "no") return { kind: "parked", reason: total.held === "conflict" ? "Conflict" : "PeriodArchived" };
  const attributed = facts.at(total.registration, total.localSubscription, total.hour ?? periodFrom);
  if (attributed === undefined) return { kind: "parked", reason: "UnknownLocalSubscription" };
  if (!METERS.has(total.meter)) return { kind: "parked", reason: "UnknownMeter" };
  const { billingModel } = attributed;
  const payer = attributed.payer.subscription;
  if (!isBilledByUsage(billingModel)) return { kind: "unpriced", reason: "BillingModel", payer };
  const price = priceOf(sheet, total.meter);
  if (price === undefined) return { kind: "parked", reason: "NoPrice" };
  return price.free ? { kind: "unpriced", reason: "FreeOfCharge", payer } : { kind: "billed", payer };
}
