import type { Hour, LocalSubscriptionId, RegistrationId, SubscriptionId, TenantId } from "../ids.ts";
import { type PriceSheet, priceOf } from "../rating/priceSheet.ts";
import { type BillingModel, isBilledByUsage } from "../registration/registration.ts";
import type { MappingInterval } from "../tenancy/mapping.ts";
import { payerAt } from "../tenancy/payer.ts";
import type { IntakeParkedReason } from "../usage/judge.ts";
import { METERS } from "../usage/meterCatalogue.ts";
import type { UsageTotal } from "../usage/store.ts";

/** Everything that attribution needs to know, as of one moment of knowledge. */
export interface AttributionFacts {
  registration(id: RegistrationId): { readonly subscription: SubscriptionId; readonly billingModel: BillingModel };
  /** Undefined when nobody knows the local subscription. */
  tenantOf(registration: RegistrationId, localSubscription: LocalSubscriptionId): TenantId | undefined;
  mappings(registration: RegistrationId, tenant: TenantId): readonly MappingInterval[];
}

export type UnpricedReason = "BillingModel" | "FreeOfCharge";
export type ParkedReason = "Conflict" | IntakeParkedReason | "NoPrice";

export type Classified =
  | { readonly kind: "parked"; readonly reason: ParkedReason }
  | { readonly kind: "unpriced"; readonly reason: UnpricedReason; readonly payer: SubscriptionId }
  | { readonly kind: "billed"; readonly payer: SubscriptionId };

/**
 * What becomes of a sum of usage on a statement run, in order of precedence. A sum without an hour belongs to a local
 * subscription whose payer does not change in the period.
 */
export function classify(total: UsageTotal, periodFrom: Hour, facts: AttributionFacts, sheet: PriceSheet): Classified {
  if (total.conflict) return { kind: "parked", reason: "Conflict" };
  const tenant = facts.tenantOf(total.registration, total.localSubscription);
  if (tenant === undefined) return { kind: "parked", reason: "UnknownLocalSubscription" };
  if (!METERS.has(total.meter)) return { kind: "parked", reason: "UnknownMeter" };
  const { subscription, billingModel } = facts.registration(total.registration);
  const mappings = facts.mappings(total.registration, tenant);
  const payer = payerAt(total.hour ?? periodFrom, mappings, subscription).subscription;
  if (!isBilledByUsage(billingModel)) return { kind: "unpriced", reason: "BillingModel", payer };
  const price = priceOf(sheet, total.meter);
  if (price === undefined) return { kind: "parked", reason: "NoPrice" };
  return price.free ? { kind: "unpriced", reason: "FreeOfCharge", payer } : { kind: "billed", payer };
}
