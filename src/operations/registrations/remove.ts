import { scopeKeyOf } from "../../domain/access/mayDo.ts";
import type { ControlStores } from "../../domain/controlStore.ts";
import { registrationEtag } from "../../domain/registration/etag.ts";
import {
  type Registration,
  type RegistrationScope,
  registrationResourceId,
} from "../../domain/registration/registration.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { noPrecondition, type Precondition } from "../precondition.ts";
import { endMapping } from "../tenants/endMapping.ts";

/**
 * Deletes a registration: its mappings end at the next whole hour, its approval, locks and role assignments go with it,
 * and its name and cloud id are free again. Usage that was taken in stays and is billed. False when there was none.
 */
export async function removeRegistration(
  { control, clock }: Context,
  caller: Caller,
  scope: RegistrationScope,
  precondition: Precondition = noPrecondition,
): Promise<boolean> {
  return await control.transaction(async (stores) => {
    const registration = await stores.registrations.find(scope);
    precondition(registration && registrationEtag(registration));
    if (registration === undefined) return false;
    await removeWithin(stores, caller, registration, clock.now());
    return true;
  });
}

/** The same inside a transaction of the caller's, for groups that are deleted with what is in them. */
export async function removeWithin(
  stores: ControlStores,
  caller: Caller,
  registration: Registration,
  atMs: number,
): Promise<void> {
  const target = registrationResourceId(registration);
  for (let after = ""; ; ) {
    const mappings = await stores.tenancy.listCurrent(registration.id, after, 1_000);
    for (const mapping of mappings) await endMapping(stores, { caller, recordedAtMs: atMs }, registration, mapping);
    const last = mappings.at(-1);
    if (last === undefined) break;
    after = last.customer;
  }
  await stores.roleAssignments.removeBelow(scopeKeyOf(target));
  for (const lock of await stores.locks.below(target)) await stores.locks.remove(lock.scope, lock.name);
  await stores.registrations.remove(registration.id, atMs);
  const { cloudId, billingModel } = registration;
  await stores.audit.add({
    ...auditedBy(caller, atMs),
    action: "Microsoft.AzureStack/registrations/delete",
    target,
    outcome: "done",
    detail: { before: { registration: registration.id, cloudId, billingModel }, after: null },
  });
}
