import type { SubscriptionId } from "../ids.ts";
import type { CatalogueSubscription } from "./subscription.ts";

/** `unreachable` says why in a few words; it becomes MetadataResolverBadGatewayError. */
export type Resolution =
  | { readonly kind: "found"; readonly subscription: CatalogueSubscription }
  | { readonly kind: "unknown" }
  | { readonly kind: "unreachable"; readonly reason: string };

/** Answers who owns a subscription: from the embedded catalogue, or from an upstream service. */
export interface Resolver {
  resolve(subscription: SubscriptionId): Promise<Resolution>;
}
