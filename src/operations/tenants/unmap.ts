import { subscriptionId } from "../../domain/ids.ts";
import { mappingEtag } from "../../domain/registration/etag.ts";
import type { RegistrationScope } from "../../domain/registration/registration.ts";
import type { Caller, Context } from "../context.ts";
import { noPrecondition, type Precondition } from "../precondition.ts";
import { endMapping } from "./endMapping.ts";
import { readableRegistration } from "./read.ts";

/**
 * Ends a mapping at the next whole hour; from there the registration subscription pays. False when nothing was mapped:
 * that is no error (contract/registration.md §6.5).
 * @throws Fault RegistrationNotFound, CustomerSubscriptionsNotAllowed
 */
export async function unmapTenant(
  { control, clock }: Context,
  caller: Caller,
  { scope, customerSubscription }: { readonly scope: RegistrationScope; readonly customerSubscription: string },
  precondition: Precondition = noPrecondition,
): Promise<boolean> {
  return await control.transaction(async (stores) => {
    const registration = await readableRegistration(stores, scope);
    const id = subscriptionId(customerSubscription);
    // The id compares with its casing (§6.4).
    const mapping = id === customerSubscription ? await stores.tenancy.findCurrent(registration.id, id) : undefined;
    precondition(mapping && mappingEtag(mapping));
    if (mapping === undefined) return false;
    await endMapping(stores, { caller, recordedAtMs: clock.now() }, registration, mapping);
    return true;
  });
}
