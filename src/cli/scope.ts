import type { Scope } from "../client/client.ts";
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
