import type { SubscriptionId } from "../ids.ts";
import type { CatalogueSubscription } from "./subscription.ts";

/** What an entry was from a moment on; null content: it was taken out. Changes are only ever added. */
export interface CatalogueChange {
  readonly id: number;
  readonly subscription: SubscriptionId;
  readonly content: CatalogueSubscription | null;
  readonly actor: string;
  readonly recordedAtMs: number;
}

export interface CatalogueStore {
  find(subscription: SubscriptionId): Promise<CatalogueSubscription | undefined>;
  findMany(subscriptions: readonly SubscriptionId[]): Promise<readonly CatalogueSubscription[]>;
  list(): Promise<readonly CatalogueSubscription[]>;
  /** Ordered by subscription, from after `after`, at most `limit`. */
  page(options: { readonly after: string; readonly limit: number }): Promise<readonly CatalogueSubscription[]>;
  /** Whether some entry names a reseller, in this spelling. */
  hasReseller(name: string): Promise<boolean>;
  /** Puts entries, a later one of the same subscription over an earlier one, and adds each to the history. */
  put(subscriptions: readonly CatalogueSubscription[], atMs: number, actor: string): Promise<void>;
  /** False when there was nothing to take out. */
  remove(subscription: SubscriptionId, atMs: number, actor: string): Promise<boolean>;
  /** Changes of one subscription, oldest first, from after the change `after`, at most `limit`. */
  changes(
    subscription: SubscriptionId,
    options: { readonly after: number; readonly limit: number },
  ): Promise<readonly CatalogueChange[]>;
  /**
   * What entries were, by changes up to `newest`. Of one that was taken out what it was before; those that never were are
   * left out.
   * @param subscriptions undefined: all
   */
  asOf(
    subscriptions: readonly SubscriptionId[] | undefined,
    newest: number,
  ): Promise<readonly { readonly entry: CatalogueSubscription; readonly isGone: boolean }[]>;
  /**
   * CSP subscriptions of one billing partner that can take a bill on and whose id holds one of the pieces.
   * @param reseller only those of this reseller; null: whatever their reseller
   */
  holdingPiece(options: {
    readonly billingPartner: string;
    readonly reseller: string | null;
    readonly pieces: readonly string[];
    readonly limit: number;
  }): Promise<readonly CatalogueSubscription[]>;
}
