import { subscriptionId } from "../../domain/ids.ts";
import { type RegistrationScope, registrationResourceId } from "../../domain/registration/registration.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { effectiveHour } from "./effectiveHour.ts";
import { readableRegistration } from "./read.ts";

/**
 * Ends a mapping at the next whole hour; from there the registration subscription pays. False when nothing was mapped:
 * that is no error (contract/registration.md §6.5).
 * @throws Fault RegistrationNotFound, CustomerSubscriptionsNotAllowed
 */
export async function unmapTenant(
  { control, clock }: Context,
  caller: Caller,
  scope: RegistrationScope,
  customerSubscription: string,
): Promise<boolean> {
  const registration = await readableRegistration(control, scope);
  const id = subscriptionId(customerSubscription);
  if (id === undefined || id !== customerSubscription) return false;
  return await control.transaction(async (stores) => {
    const { tenancy, audit } = stores;
    const mapping = await tenancy.findCurrent(registration.id, id);
    if (mapping === undefined) return false;
    const recordedAtMs = clock.now();
    await tenancy.addChange({
      registration: registration.id,
      tenant: mapping.tenant,
      customer: null,
      effectiveHour: await effectiveHour(stores, registration.id, mapping.tenant, recordedAtMs),
      recordedAtMs,
      recordedBy: caller.name,
    });
    await audit.add({
      ...auditedBy(caller, recordedAtMs),
      action: "Microsoft.AzureStack/registrations/customerSubscriptions/delete",
      target: `${registrationResourceId(registration)}/customerSubscriptions/${id}`,
      outcome: "done",
      detail: { tenant: mapping.tenant, before: id, after: null },
    });
    return true;
  });
}
