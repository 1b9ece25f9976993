import type { LocalSubscriptionId, RegistrationId, TenantId } from "../ids.ts";

/** A subscription on a stamp and the tenant it belongs to; kept after it is deleted there (contract/usage.md §6). */
export interface LocalSubscription {
  readonly registration: RegistrationId;
  readonly localSubscription: LocalSubscriptionId;
  readonly tenant: TenantId;
  readonly displayName: string;
  readonly state: string;
}

export interface LocalSubscriptionCounts {
  readonly added: number;
  readonly changed: number;
}

export interface LocalSubscriptionStore {
  /** Records what is new or different; what is known already is passed over. */
  put(subscriptions: readonly LocalSubscription[], atMs: number): Promise<LocalSubscriptionCounts>;
  /** As it was known up to and including an instant; now, unless said. */
  list(of?: {
    readonly registration?: RegistrationId;
    readonly recordedUntilMs?: number;
  }): Promise<readonly LocalSubscription[]>;
}
