import type { ControlStores } from "../../domain/controlStore.ts";
import { Attribution } from "../../domain/statement/attribution.ts";

/** @param knownUntilMs changes recorded later are left out */
export async function loadAttribution(stores: ControlStores, knownUntilMs: number): Promise<Attribution> {
  const known = { recordedUntilMs: knownUntilMs };
  return new Attribution({
    registrations: await stores.registrations.list({ withDeleted: true }),
    locals: await stores.localSubscriptions.changes(known),
    mappings: await stores.tenancy.changes(known),
    billingModels: await stores.registrations.billingModelChanges(known),
  });
}
