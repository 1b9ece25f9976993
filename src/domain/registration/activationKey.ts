import { addYears, formatInstant, type InstantMs } from "../../lib/instant.ts";
import type { BillingModel, Registration, TokenFacts } from "./registration.ts";

/** What a key that never expires says. */
const NEVER = "9999-12-30T23:59:59.9999999Z";

/** A Capacity agreement is for a year (contract/registration.md §4.3). */
const expiresOf = (billingModel: BillingModel, nowMs: InstantMs): string =>
  billingModel === "Capacity" ? formatInstant(addYears(nowMs, 1)) : NEVER;

const HARDWARE_MEMBERS = ["name", "uuid", "numCores", "bios", "nic", "cpu", "disk", "memory"];

/** A host in the order of a recorded key; members that no recording has follow. */
function hostOf(host: unknown): unknown {
  if (typeof host !== "object" || host === null || Array.isArray(host)) return host;
  const known = HARDWARE_MEMBERS.flatMap((name) =>
    name in host ? [[name, (host as Record<string, unknown>)[name]]] : [],
  );
  return { ...Object.fromEntries(known), ...without(host, HARDWARE_MEMBERS) };
}

const without = (members: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));

function factsOf(facts: TokenFacts): TokenFacts {
  const { hardwareInfo } = facts;
  return Array.isArray(hardwareInfo) ? { ...facts, hardwareInfo: hardwareInfo.map(hostOf) } : facts;
}

/**
 * The payload of an activation key: its members in the order of the recorded ones (contract/registration.md §4.3).
 * What the stamp's token said goes in as it said it; what the token did not have stays out.
 * @param armUrl where the stamp finds this server
 */
export function activationKeyPayload(
  registration: Registration,
  { armUrl, nowMs }: { readonly armUrl: string; readonly nowMs: InstantMs },
): Readonly<Record<string, unknown>> {
  const { subscription, resourceGroup, name, cloudId, objectId, billingModel, tokenFacts } = registration;
  return {
    subscriptionId: subscription,
    resourceGroupName: resourceGroup,
    registrationName: name,
    certPinningRootSubjects: [],
    certPinningIntermediateThumbprints: [],
    usageEndpoint: armUrl,
    marketplaceEndpoint: armUrl,
    usageResourceUri: armUrl,
    marketplaceResourceUri: armUrl,
    expires: expiresOf(billingModel, nowMs),
    cloudId,
    objectId,
    billingModel,
    ...factsOf(tokenFacts),
  };
}
