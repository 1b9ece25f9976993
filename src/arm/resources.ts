import { type Registration, registrationResourceId } from "../domain/registration/registration.ts";
import type { CurrentMapping } from "../domain/tenancy/store.ts";

/** contract/registration.md §2.1; the token itself is never given back. */
export const registrationBody = (registration: Registration) => ({
  id: registrationResourceId(registration),
  name: registration.name,
  type: "Microsoft.AzureStack/registrations",
  location: "global",
  properties: {
    objectId: registration.objectId,
    cloudId: registration.cloudId,
    billingModel: registration.billingModel,
  },
});

/** contract/registration.md §2.3: the name has two parts. */
export const customerSubscriptionBody = (registration: Registration, { customer, tenant }: CurrentMapping) => ({
  id: `${registrationResourceId(registration)}/customerSubscriptions/${customer}`,
  name: `${registration.name}/${customer}`,
  type: "Microsoft.AzureStack/registrations/customerSubscriptions",
  properties: { tenantId: tenant },
});
