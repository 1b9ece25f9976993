import type { SubscriptionId } from "../ids.ts";
import type { CatalogueSubscription } from "./subscription.ts";

export interface CatalogueStore {
  find(subscription: SubscriptionId): Promise<CatalogueSubscription | undefined>;
  /** Ordered by subscription id, from after `after`. */
  page(after: string, limit: number): Promise<readonly CatalogueSubscription[]>;
  list(): Promise<readonly CatalogueSubscription[]>;
  put(subscriptions: readonly CatalogueSubscription[], atMs: number): Promise<void>;
}
