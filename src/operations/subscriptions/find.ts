import type { CatalogueSubscription } from "../../domain/catalogue/subscription.ts";
import { Fault } from "../../domain/faults/fault.ts";
import type { SubscriptionId } from "../../domain/ids.ts";
import type { Context } from "../context.ts";

/** Nobody knows now what a subscription is. */
export const unresolved = (id: SubscriptionId, reason: string): Fault =>
  new Fault("MetadataResolverBadGatewayError", { customerSubscription: id, reason }, { target: "subscriptionId" });

/**
 * A subscription that resources can be in: one that the partner catalogue or the upstream resolver knows.
 * @throws Fault SubscriptionNotFound, MetadataResolverBadGatewayError
 */
export async function findSubscription({ resolver }: Context, id: SubscriptionId): Promise<CatalogueSubscription> {
  const resolution = await resolver.resolve(id);
  if (resolution.kind === "unreachable") {
    throw unresolved(id, resolution.reason);
  }
  if (resolution.kind === "found" && resolution.subscription.state !== "Deleted") return resolution.subscription;
  throw new Fault("SubscriptionNotFound", { subscription: id });
}
