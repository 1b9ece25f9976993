import type { ControlStores } from "../../domain/controlStore.ts";
import { subscriptionId } from "../../domain/ids.ts";
import type { Registration, RegistrationScope } from "../../domain/registration/registration.ts";
import type { CurrentMapping } from "../../domain/tenancy/store.ts";
import { notAllowed, notMapped, registrationNotFound } from "./refusals.ts";

/** Reading and removing are refused on Capacity registrations only (contract/registration.md §6.5). */
export async function readableRegistration(
  { registrations }: ControlStores,
  scope: RegistrationScope,
): Promise<Registration> {
  const registration = await registrations.find(scope);
  if (registration === undefined) throw registrationNotFound(scope);
  if (registration.billingModel === "Capacity") throw notAllowed(registration);
  return registration;
}

/** @throws Fault RegistrationNotFound, CustomerSubscriptionsNotAllowed, CustomerSubscriptionNotFound */
export async function getMapping(
  stores: ControlStores,
  scope: RegistrationScope,
  customerSubscription: string,
): Promise<{ readonly registration: Registration; readonly mapping: CurrentMapping }> {
  const registration = await readableRegistration(stores, scope);
  const id = subscriptionId(customerSubscription);
  // The id compares with its casing (§6.4).
  const mapping = id === customerSubscription ? await stores.tenancy.findCurrent(registration.id, id) : undefined;
  if (mapping === undefined) throw notMapped(scope, customerSubscription);
  return { registration, mapping };
}

/** @throws Fault RegistrationNotFound, CustomerSubscriptionsNotAllowed */
export async function listMappings(
  stores: ControlStores,
  scope: RegistrationScope,
  page: { readonly after: string; readonly limit: number },
): Promise<{ readonly registration: Registration; readonly mappings: readonly CurrentMapping[] }> {
  const registration = await readableRegistration(stores, scope);
  return { registration, mappings: await stores.tenancy.listCurrent(registration.id, page.after, page.limit) };
}
