import type { SubscriptionId } from "../ids.ts";
import type { CatalogueSubscription } from "./subscription.ts";

export interface CatalogueStore {
  find(subscription: SubscriptionId): Promise<CatalogueSubscription | undefined>;
  list(): Promise<readonly CatalogueSubscription[]>;
  put(subscriptions: readonly CatalogueSubscription[], atMs: number): Promise<void>;
}
