import type { LocalSubscriptionId, RegistrationId, TenantId } from "../ids.ts";

/** A subscription on a stamp and the tenant it belongs to; kept after it is deleted there (contract/usage.md §6). */
export interface LocalSubscription {
  readonly registration: RegistrationId;
  readonly localSubscription: LocalSubscriptionId;
  readonly tenant: TenantId;
  readonly displayName: string;
  readonly state: string;
}

export interface LocalSubscriptionStore {
  put(subscriptions: readonly LocalSubscription[], atMs: number): Promise<void>;
  list(registration?: RegistrationId): Promise<readonly LocalSubscription[]>;
}
