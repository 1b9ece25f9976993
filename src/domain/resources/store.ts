import type { SubscriptionId } from "../ids.ts";
import type { Tags } from "../registration/registration.ts";

export interface ResourceGroup {
  readonly subscription: SubscriptionId;
  /** Compared without case, shown as it was given. */
  readonly name: string;
  readonly location: string;
  readonly tags: Tags;
  readonly managedBy: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface ResourceGroupStore {
  find(subscription: SubscriptionId, name: string): Promise<ResourceGroup | undefined>;
  /** Ordered by name, from after `after`, at most `limit`. */
  list(subscription: SubscriptionId, after: string, limit: number): Promise<readonly ResourceGroup[]>;
  put(group: ResourceGroup): Promise<void>;
  remove(subscription: SubscriptionId, name: string): Promise<void>;
}

export const LOCK_LEVELS = ["CanNotDelete", "ReadOnly"] as const;
export type LockLevel = (typeof LOCK_LEVELS)[number];

/** Holds for the resource it is on and for everything below (contract/registration.md §7.3). */
export interface ManagementLock {
  /** Resource id of what is locked. */
  readonly scope: string;
  readonly name: string;
  readonly level: LockLevel;
  readonly notes: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
}

export interface LockStore {
  find(scope: string, name: string): Promise<ManagementLock | undefined>;
  /** Locks on exactly these scopes, whatever their case. */
  at(scopes: readonly string[]): Promise<readonly ManagementLock[]>;
  /** Locks on a scope and on everything below. */
  below(scope: string): Promise<readonly ManagementLock[]>;
  put(lock: ManagementLock): Promise<void>;
  remove(scope: string, name: string): Promise<void>;
}

export interface ProviderStore {
  isRegistered(subscription: SubscriptionId, namespace: string): Promise<boolean>;
  set(subscription: SubscriptionId, namespace: string, registered: boolean, atMs: number): Promise<void>;
}
