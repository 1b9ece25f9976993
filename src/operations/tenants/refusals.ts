import { Fault } from "../../domain/faults/fault.ts";
import type { Registration, RegistrationScope } from "../../domain/registration/registration.ts";
import type { ApprovalState } from "../../domain/tenancy/approval.ts";
import type { BadReason, MapRefusal } from "../../domain/tenancy/mayMap.ts";
import type { Candidate } from "./candidates.ts";

/** The refusals of the registration plane with the values that their messages need. */
export const registrationNotFound = ({ subscription, resourceGroup, name }: RegistrationScope): Fault =>
  new Fault("RegistrationNotFound", { registration: name, resourceGroup, subscription });

export const notAllowed = ({ name, billingModel }: Registration): Fault =>
  new Fault("CustomerSubscriptionsNotAllowed", { registration: name, billingModel });

export const unauthorized = ({ name }: Registration, approval: ApprovalState): Fault =>
  new Fault("UnauthorizedCspRegistration", { registration: name, approval });

export const notMapped = ({ name }: RegistrationScope, customerSubscription: string): Fault =>
  new Fault("CustomerSubscriptionNotFound", { registration: name, customerSubscription });

const BAD_BECAUSE: Readonly<Record<BadReason, string>> = {
  "unknown partner": "nobody knows which partner the registration's own subscription belongs to",
  "another partner": "it belongs to another partner",
  "another reseller": "it belongs to another reseller than the registration's own subscription",
  disabled: "it is disabled and takes no bill on",
  casing: "the id must be written in lower case",
};

/** @param candidates what the caller may have meant; goes into the details of the refusal */
export function refusalOf(
  outcome: MapRefusal,
  registration: Registration,
  customerSubscription: string,
  candidates: readonly Candidate[],
): Fault {
  const more = candidates.length === 0 ? {} : { info: { candidates } };
  switch (outcome.refusal) {
    case "InvalidCustomerSubscriptionId":
      return new Fault(outcome.refusal, { customerSubscription }, more);
    case "MetadataResolverBadGatewayError":
      return new Fault(outcome.refusal, { customerSubscription, reason: outcome.reason });
    case "InvalidCSPSubscription": {
      const offerType = outcome.offerType ?? "other than CSP";
      return new Fault(outcome.refusal, { customerSubscription, offerType }, more);
    }
    case "BadCustomerSubscriptionId": {
      const reason = BAD_BECAUSE[outcome.because];
      return new Fault(outcome.refusal, { customerSubscription, registration: registration.name, reason }, more);
    }
  }
}
