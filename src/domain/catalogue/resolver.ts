import type { SubscriptionId } from "../ids.ts";
import type { CatalogueSubscription } from "./subscription.ts";

/** Where an answer comes from, and how old it is. */
export interface ResolutionSource {
  readonly from: "catalogue" | "upstream" | "cache";
  readonly ageMs: number;
}

/** `unreachable` says why in a few words; it becomes MetadataResolverBadGatewayError. */
export type Resolution =
  | { readonly kind: "found"; readonly subscription: CatalogueSubscription; readonly source: ResolutionSource }
  | { readonly kind: "unknown" }
  | { readonly kind: "unreachable"; readonly reason: string };

/** How the upstream service fares. */
export interface UpstreamHealth {
  /** `open`: it failed too often and is left alone for a while; `half-open`: one question goes to it to see. */
  readonly breaker: "closed" | "open" | "half-open";
  readonly failuresInARow: number;
  readonly lastFailure: { readonly reason: string; readonly atMs: number } | undefined;
  readonly cached: number;
  /** Of the answers in the cache; undefined when it is empty. */
  readonly oldestAgeMs: number | undefined;
}

/** Answers who owns a subscription: from the embedded catalogue, or from an upstream service. */
export interface Resolver {
  resolve(subscription: SubscriptionId): Promise<Resolution>;
  /** Undefined when there is no upstream service. */
  health(): UpstreamHealth | undefined;
}
