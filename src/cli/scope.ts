import type { Client, Scope } from "../client/client.ts";
import { Fault } from "../domain/faults/fault.ts";

const RESOURCE_ID =
  /^\/?subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.AzureStack\/registrations\/([^/]+)$/i;

/** @throws Fault InvalidParameter */
export function scopeOfResourceId(resourceId: string): Scope {
  const [, subscription, resourceGroup, name] = RESOURCE_ID.exec(resourceId) ?? [];
  if (subscription !== undefined && resourceGroup !== undefined && name !== undefined) {
    return { subscription, resourceGroup, name };
  }
  const reason = "/subscriptions/S/resourceGroups/G/providers/Microsoft.AzureStack/registrations/N is needed";
  throw new Fault("InvalidParameter", { parameter: "resource-id", value: resourceId, reason });
}

/**
 * The scope of a registration that was named by its number, name, cloud id or resource id.
 * @throws Fault RegistrationNotFound, RegistrationAmbiguous
 */
export async function findScope(client: Client, wanted: string): Promise<Scope> {
  if (wanted.includes("/")) return scopeOfResourceId(wanted);
  const list = await client.registrations();
  const exact = list.find(({ registration, cloudId }) => String(registration) === wanted || cloudId === wanted);
  if (exact !== undefined) return exact;
  const named = list.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (named.length > 1) throw new Fault("RegistrationAmbiguous", { registration: wanted, count: named.length });
  if (named[0] !== undefined) return named[0];
  throw new Fault("RegistrationNotFound", { registration: wanted, resourceGroup: "*", subscription: "*" });
}
