import type { EffectiveChange } from "../history.ts";
import type { RegistrationId, SubscriptionId } from "../ids.ts";

/** contract/registration.md §4.2 and §9. */
export const BILLING_MODELS = ["PayAsYouUse", "Capacity", "Development", "Custom", "Ruggedized"] as const;
export type BillingModel = (typeof BILLING_MODELS)[number];

/** Where a registration is found in ARM. Case is kept as given; two scopes are the same whatever their case. */
export interface RegistrationScope {
  readonly subscription: SubscriptionId;
  readonly resourceGroup: string;
  readonly name: string;
}

export interface Registration extends RegistrationScope {
  readonly id: RegistrationId;
  readonly cloudId: string;
  readonly objectId: string;
  readonly billingModel: BillingModel;
  readonly tags: Tags;
  /** Counts the writes; the etag is made of it. */
  readonly version: number;
  /** What else the stamp's token said, as it goes into the activation key. */
  readonly tokenFacts: TokenFacts;
  /** SHA-256 of the token; the token itself is not kept. */
  readonly tokenDigest: string;
  readonly remoteManagement: boolean;
  readonly created: Write;
  readonly updated: Write;
  /** Only where it was removed. */
  readonly deletedAtMs?: number;
}

/** From an hour on, a registration has this billing model. */
export interface BillingModelChange extends EffectiveChange {
  readonly registration: RegistrationId;
  readonly billingModel: BillingModel;
  /** Physical cores of the stamp; null where nobody knows. */
  readonly cores: number | null;
}

export type Tags = Readonly<Record<string, string>>;
export type TokenFacts = Readonly<Record<string, unknown>>;

/** contract/registration.md §2.11 */
export type WriterType = "User" | "Application";

export interface Write {
  readonly atMs: number;
  readonly by: string;
  readonly byType: WriterType;
}

/** One text for every spelling of a scope. */
export const scopeKey = (scope: RegistrationScope): string =>
  `${scope.subscription}/${scope.resourceGroup}/${scope.name}`.toLowerCase();

export const registrationResourceId = (scope: RegistrationScope): string =>
  `/subscriptions/${scope.subscription}/resourceGroups/${scope.resourceGroup}/providers/Microsoft.AzureStack/registrations/${scope.name}`;

/**
 * Only pay-as-you-use stamps are charged by usage; Capacity pays by core, Development is free, Ruggedized pays for the
 * device and Custom by contract (contract/usage.md §6, §9; docs/decisions/0007).
 */
export const isBilledByUsage = (billingModel: BillingModel): boolean => billingModel === "PayAsYouUse";
