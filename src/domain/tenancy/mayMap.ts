import type { Resolution } from "../catalogue/resolver.ts";
import type { CatalogueSubscription } from "../catalogue/subscription.ts";
import type { FaultCode } from "../faults/catalogue.ts";
import type { Registration } from "../registration/registration.ts";
import type { ApprovalState } from "./approval.ts";

/** Refusals of mapping a tenant, in order of precedence (contract/registration.md §6.5). */
export const MAP_REFUSALS = [
  "RegistrationNotFound",
  "CustomerSubscriptionsNotAllowed",
  "UnauthorizedCspRegistration",
  "InvalidCustomerSubscriptionId",
  "MetadataResolverBadGatewayError",
  "InvalidCSPSubscription",
  "BadCustomerSubscriptionId",
] as const satisfies readonly FaultCode[];

/** What is known without asking the resolver: an unapproved caller must not be able to probe the catalogue. */
export function mayAskResolver(
  registration: Registration | undefined,
  approval: ApprovalState,
): "RegistrationNotFound" | "CustomerSubscriptionsNotAllowed" | "UnauthorizedCspRegistration" | "allowed" {
  if (registration === undefined) return "RegistrationNotFound";
  if (registration.billingModel !== "PayAsYouUse") return "CustomerSubscriptionsNotAllowed";
  return approval === "approved" ? "allowed" : "UnauthorizedCspRegistration";
}

export type MapOutcome =
  | { readonly refusal: "InvalidCustomerSubscriptionId" }
  | { readonly refusal: "MetadataResolverBadGatewayError"; readonly reason: string }
  | { readonly refusal: "InvalidCSPSubscription"; readonly offerType: string }
  | {
      readonly refusal: "BadCustomerSubscriptionId";
      readonly because: "unknown partner" | "another partner" | "casing";
    }
  | { readonly customer: CatalogueSubscription };

/**
 * Whether a subscription may pay for a tenant of an approved pay-as-you-use registration.
 * @param given the id as the caller wrote it: its casing counts (§6.4)
 * @param resolution the resolver's answer about the id; `unknown` also when it is no GUID
 * @param registrationPartner the partner of the registration subscription, undefined when nobody knows it
 */
export function mayPay(given: string, resolution: Resolution, registrationPartner: string | undefined): MapOutcome {
  if (resolution.kind === "unknown") return { refusal: "InvalidCustomerSubscriptionId" };
  if (resolution.kind === "unreachable") {
    return { refusal: "MetadataResolverBadGatewayError", reason: resolution.reason };
  }
  const customer = resolution.subscription;
  if (customer.offerType !== "CSP") return { refusal: "InvalidCSPSubscription", offerType: customer.offerType };
  if (registrationPartner === undefined) {
    return { refusal: "BadCustomerSubscriptionId", because: "unknown partner" };
  }
  if (customer.partner !== registrationPartner) {
    return { refusal: "BadCustomerSubscriptionId", because: "another partner" };
  }
  return given === customer.subscription ? { customer } : { refusal: "BadCustomerSubscriptionId", because: "casing" };
}
