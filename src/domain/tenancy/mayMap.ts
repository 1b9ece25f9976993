import type { Resolution } from "../catalogue/resolver.ts";
import { billingPartnerOf, type CatalogueSubscription, PAYING_STATES } from "../catalogue/subscription.ts";
import type { FaultCode } from "../faults/catalogue.ts";
import type { Registration } from "../registration/registration.ts";
import type { ApprovalState } from "./approval.ts";

/** Refusals that the registration alone decides, in order of precedence (contract/registration.md §6.5). */
const REGISTRATION_REFUSALS = [
  "RegistrationNotFound",
  "CustomerSubscriptionsNotAllowed",
  "UnauthorizedCspRegistration",
] as const satisfies readonly FaultCode[];

/** Refusals that the subscription decides, in order of precedence (contract/registration.md §6.5). */
const SUBSCRIPTION_REFUSALS = [
  "InvalidCustomerSubscriptionId",
  "MetadataResolverBadGatewayError",
  "InvalidCSPSubscription",
  "BadCustomerSubscriptionId",
] as const satisfies readonly FaultCode[];

/** Every refusal of mapping a tenant, in order of precedence. What is refused below is one of these, and nothing else. */
export const MAP_REFUSALS = [...REGISTRATION_REFUSALS, ...SUBSCRIPTION_REFUSALS] as const;

type RegistrationRefusal = (typeof REGISTRATION_REFUSALS)[number];
type SubscriptionRefusal = (typeof SUBSCRIPTION_REFUSALS)[number];

/** What is known without asking the resolver: an unapproved caller must not be able to probe the catalogue. */
export function mayAskResolver(
  registration: Registration | undefined,
  approval: ApprovalState,
): RegistrationRefusal | "allowed" {
  if (registration === undefined) return "RegistrationNotFound";
  if (registration.billingModel !== "PayAsYouUse") return "CustomerSubscriptionsNotAllowed";
  return approval === "approved" ? "allowed" : "UnauthorizedCspRegistration";
}

/** Why a CSP subscription cannot pay, in order of precedence. */
export const BAD_REASONS = ["unknown partner", "another partner", "another reseller", "disabled", "casing"] as const;
export type BadReason = (typeof BAD_REASONS)[number];

/** What a refusal has to tell beyond its code. */
interface RefusalFacts extends Record<SubscriptionRefusal, object> {
  InvalidCustomerSubscriptionId: object;
  MetadataResolverBadGatewayError: { readonly reason: string };
  /** The offer type only of the caller's own partner's subscriptions. */
  InvalidCSPSubscription: { readonly offerType: string | undefined };
  BadCustomerSubscriptionId: { readonly because: BadReason };
}

export type MapRefusal = {
  [Code in SubscriptionRefusal]: { readonly refusal: Code } & RefusalFacts[Code];
}[SubscriptionRefusal];
export type MapOutcome = MapRefusal | { readonly customer: CatalogueSubscription };

/**
 * Whether a subscription may pay for a tenant of an approved pay-as-you-use registration.
 * @param given the id as the caller wrote it: its casing counts (§6.4)
 * @param asked the resolver's answer about the id; `unknown` also when it is no GUID
 * @param own its answer about the registration subscription
 */
export function mayPay(given: string, asked: Resolution, own: Resolution): MapOutcome {
  if (asked.kind === "unknown") return { refusal: "InvalidCustomerSubscriptionId" };
  if (asked.kind === "found" && asked.subscription.state === "Deleted") {
    return { refusal: "InvalidCustomerSubscriptionId" };
  }
  if (asked.kind === "unreachable") return { refusal: "MetadataResolverBadGatewayError", reason: asked.reason };
  if (own.kind === "unreachable") return { refusal: "MetadataResolverBadGatewayError", reason: own.reason };
  const customer = asked.subscription;
  const registered = own.kind === "found" ? own.subscription : undefined;
  if (customer.offerType !== "CSP") {
    const isOwn = registered !== undefined && billingPartnerOf(customer) === billingPartnerOf(registered);
    return { refusal: "InvalidCSPSubscription", offerType: isOwn ? customer.offerType : undefined };
  }
  const because = badReason(given, customer, registered);
  return because === undefined ? { customer } : { refusal: "BadCustomerSubscriptionId", because };
}

function badReason(
  given: string,
  customer: CatalogueSubscription,
  registered: CatalogueSubscription | undefined,
): BadReason | undefined {
  if (registered === undefined) return "unknown partner";
  if (billingPartnerOf(customer) !== billingPartnerOf(registered)) return "another partner";
  const reseller = boundToReseller(registered);
  if (reseller !== null && customer.reseller !== reseller) return "another reseller";
  if (!PAYING_STATES.includes(customer.state)) return "disabled";
  return given === customer.subscription ? undefined : "casing";
}

/**
 * The reseller whose customers alone a registration may map: that of a registration subscription which a reseller owns.
 * An APSS subscription is the direct partner's or the provider's own, whatever else is noted of it (§6.1).
 */
export const boundToReseller = ({ offerType, reseller }: CatalogueSubscription): string | null =>
  offerType === "APSS" ? null : reseller;
