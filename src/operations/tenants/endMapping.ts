import type { ControlStores } from "../../domain/controlStore.ts";
import { type Registration, registrationResourceId } from "../../domain/registration/registration.ts";
import type { CurrentMapping } from "../../domain/tenancy/store.ts";
import { auditedBy, type Caller } from "../context.ts";
import { effectiveHour } from "./effectiveHour.ts";

/** Ends a tenant's mapping at the next whole hour, inside a transaction of the caller's. */
export async function endMapping(
  stores: ControlStores,
  { caller, recordedAtMs }: { readonly caller: Caller; readonly recordedAtMs: number },
  registration: Registration,
  { tenant, customer }: CurrentMapping,
): Promise<void> {
  await stores.tenancy.addChange({
    registration: registration.id,
    tenant,
    customer: null,
    effectiveHour: await effectiveHour(stores, registration.id, tenant, recordedAtMs),
    recordedAtMs,
    recordedBy: caller.name,
  });
  await stores.audit.add({
    ...auditedBy(caller, recordedAtMs),
    action: "Microsoft.AzureStack/registrations/customerSubscriptions/delete",
    target: `${registrationResourceId(registration)}/customerSubscriptions/${customer}`,
    outcome: "done",
    detail: { tenant, before: customer, after: null },
  });
}
