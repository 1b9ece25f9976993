import { mappingEtag, registrationEtag } from "../domain/registration/etag.ts";
import { type Registration, registrationResourceId, type Write } from "../domain/registration/registration.ts";
import type { CurrentMapping } from "../domain/tenancy/store.ts";
import { formatInstant } from "../lib/instant.ts";
import type { ProviderApiVersion } from "./apiVersions.ts";

/** contract/registration.md §2.11 */
const systemDataOf = (created: Write, updated: Write) => ({
  createdBy: created.by,
  createdByType: created.byType,
  createdAt: formatInstant(created.atMs),
  lastModifiedBy: updated.by,
  lastModifiedByType: updated.byType,
  lastModifiedAt: formatInstant(updated.atMs),
});

/** A mapping is one decision: a new one takes its place, it is never changed. */
function mappingSystemData({ recordedBy, recordedAtMs }: CurrentMapping) {
  const at = formatInstant(recordedAtMs);
  return { createdBy: recordedBy, createdAt: at, lastModifiedBy: recordedBy, lastModifiedAt: at };
}

const hasSystemData = (version: string): boolean => version === "2020-06-01-preview";

/** contract/registration.md §2.1; the token itself is never given back, and tags are shown only where there are some. */
export const registrationBody = (registration: Registration, version: ProviderApiVersion) => ({
  id: registrationResourceId(registration),
  name: registration.name,
  type: "Microsoft.AzureStack/registrations",
  etag: registrationEtag(registration),
  location: "global",
  ...(Object.keys(registration.tags).length === 0 ? {} : { tags: registration.tags }),
  ...(hasSystemData(version)
    ? { kind: "AzureStack", systemData: systemDataOf(registration.created, registration.updated) }
    : {}),
  properties: {
    objectId: registration.objectId,
    cloudId: registration.cloudId,
    billingModel: registration.billingModel,
  },
});

/** contract/registration.md §2.3: the name has two parts. */
export const customerSubscriptionBody = (
  registration: Registration,
  mapping: CurrentMapping,
  version: ProviderApiVersion,
) => ({
  id: `${registrationResourceId(registration)}/customerSubscriptions/${mapping.customer}`,
  name: `${registration.name}/${mapping.customer}`,
  type: "Microsoft.AzureStack/registrations/customerSubscriptions",
  etag: mappingEtag(mapping),
  ...(hasSystemData(version) ? { systemData: mappingSystemData(mapping) } : {}),
  properties: { tenantId: mapping.tenant },
});
