import { Fault } from "../../domain/faults/fault.ts";
import type { Registration, RegistrationScope } from "../../domain/registration/registration.ts";
import type { ApprovalState } from "../../domain/tenancy/approval.ts";
import type { MapOutcome } from "../../domain/tenancy/mayMap.ts";

/** The refusals of the registration plane with the values that their messages need. */
export const registrationNotFound = ({ subscription, resourceGroup, name }: RegistrationScope): Fault =>
  new Fault("RegistrationNotFound", { registration: name, resourceGroup, subscription });

export const notAllowed = ({ name, billingModel }: Registration): Fault =>
  new Fault("CustomerSubscriptionsNotAllowed", { registration: name, billingModel });

export const unauthorized = ({ name }: Registration, approval: ApprovalState): Fault =>
  new Fault("UnauthorizedCspRegistration", { registration: name, approval });

export const notMapped = ({ name }: RegistrationScope, customerSubscription: string): Fault =>
  new Fault("CustomerSubscriptionNotFound", { registration: name, customerSubscription });

const BAD_BECAUSE = {
  "unknown partner": "nobody knows which partner the registration's own subscription belongs to",
  "another partner": "it belongs to another partner",
  casing: "the id must be written in lower case",
} as const;

export function refusalOf(
  outcome: Extract<MapOutcome, { refusal: unknown }>,
  registration: Registration,
  customerSubscription: string,
): Fault {
  switch (outcome.refusal) {
    case "InvalidCustomerSubscriptionId":
      return new Fault(outcome.refusal, { customerSubscription });
    case "MetadataResolverBadGatewayError":
      return new Fault(outcome.refusal, { customerSubscription, reason: outcome.reason });
    case "InvalidCSPSubscription":
      return new Fault(outcome.refusal, { customerSubscription, offerType: outcome.offerType });
    case "BadCustomerSubscriptionId": {
      const reason = BAD_BECAUSE[outcome.because];
      return new Fault(outcome.refusal, { customerSubscription, registration: registration.name, reason });
    }
  }
}
