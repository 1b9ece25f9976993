import { Fault } from "../domain/faults/fault.ts";

/** Newest stable first: clients take the first one that is no preview (contract/registration.md §2.13, §3). */
export const PROVIDER_API_VERSIONS = ["2022-06-01", "2020-06-01-preview", "2017-06-01", "2016-01-01"] as const;
export type ProviderApiVersion = (typeof PROVIDER_API_VERSIONS)[number];

export const NAMESPACE = "Microsoft.AzureStack";

/** What the namespace has, and in which versions (contract/registration.md §1a, §3). */
const WITHOUT_2016 = PROVIDER_API_VERSIONS.slice(0, 3);
export const RESOURCE_TYPES: Readonly<Record<string, readonly ProviderApiVersion[]>> = {
  registrations: PROVIDER_API_VERSIONS,
  "registrations/customerSubscriptions": WITHOUT_2016,
  "registrations/enableRemoteManagement": WITHOUT_2016,
  cloudManifestFiles: WITHOUT_2016,
  generateDeploymentLicense: ["2022-06-01"],
  operations: PROVIDER_API_VERSIONS,
};
export type ProviderType = keyof typeof RESOURCE_TYPES;

/** What clients see as resource types; actions are none. */
export const PUBLISHED_TYPES = [
  "registrations",
  "registrations/customerSubscriptions",
  "cloudManifestFiles",
  "generateDeploymentLicense",
  "operations",
] as const;

/** Namespaces that are served beside it, in one version (contract/usage.md §1). */
export const COMMERCE_VERSION = "2015-06-01-preview";
export const COMMERCE = "Microsoft.Commerce";
export const COMMERCE_ADMIN = "Microsoft.Commerce.Admin";
export const COMMERCE_TYPES: Readonly<Record<string, readonly string[]>> = {
  [COMMERCE]: ["UsageAggregates", "RateCard"],
  [COMMERCE_ADMIN]: ["subscriberUsageAggregates", "operations"],
};

/** @throws Fault NoApiVersion, InvalidApiVersionParameter */
export function mustBeCommerceVersion(given: string | undefined): void {
  if (given === undefined || given === "") throw new Fault("NoApiVersion", { supported: COMMERCE_VERSION });
  if (given.toLowerCase() === COMMERCE_VERSION) return;
  throw new Fault("InvalidApiVersionParameter", { version: given, supported: COMMERCE_VERSION });
}

const FORM = /^\d{4}-\d{2}-\d{2}(-(preview|alpha|beta|rc|privatepreview))?$/i;

/** What Get-AzResource of older Azure PowerShell sends when nobody names a version (contract/registration.md §8.4). */
const OLD_SCRIPTS_VERSION = "2016-09-01";

/**
 * The version of a call to the provider.
 * @param forOldScripts whether the version that no type has is taken for the one that scripts mean (§11 row 19)
 * @throws Fault MissingApiVersionParameter, NoRegisteredProviderFound, InvalidResourceType
 */
export function providerVersion(
  given: string | undefined,
  type: ProviderType,
  forOldScripts: boolean,
): ProviderApiVersion {
  if (given === undefined || given === "") throw new Fault("MissingApiVersionParameter", {});
  if (forOldScripts && given === OLD_SCRIPTS_VERSION) return "2017-06-01";
  const version = PROVIDER_API_VERSIONS.find((known) => known === given.toLowerCase());
  if (version === undefined) {
    const supported = PROVIDER_API_VERSIONS.join(", ");
    throw new Fault("NoRegisteredProviderFound", { version: given, type: `${NAMESPACE}/${type}`, supported });
  }
  if (RESOURCE_TYPES[type]!.includes(version)) return version;
  throw invalidResourceType(type, version);
}

export const invalidResourceType = (type: string, version: string, namespace: string = NAMESPACE): Fault =>
  new Fault("InvalidResourceType", {
    type,
    namespace,
    version,
    supported: namespace === NAMESPACE ? (RESOURCE_TYPES[type] ?? PROVIDER_API_VERSIONS).join(", ") : COMMERCE_VERSION,
  });

/**
 * Versions of Azure Resource Manager itself: clients send many, also ones that are not out yet, and what we answer is
 * the same in all of them; so any that looks like one will do.
 * @throws Fault MissingApiVersionParameter, InvalidApiVersionParameter
 */
export function managementVersion(given: string | undefined): string {
  if (given === undefined || given === "") throw new Fault("MissingApiVersionParameter", {});
  if (FORM.test(given) || given === "1.0") return given.toLowerCase();
  throw new Fault("InvalidApiVersionParameter", { version: given, supported: "2022-12-01, 2021-04-01, 2016-06-01" });
}
