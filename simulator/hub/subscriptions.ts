import { DAY_MS, type InstantMs } from "../../src/lib/instant.ts";
import { hash32 } from "../../src/lib/prng.ts";
import type { LocalSubscriptionOfStamp } from "../stamps.ts";
import type { HubFaults } from "./faults.ts";
import type { Timeline } from "./timeline.ts";

/** Subscriptions of the stamp, listed or not. */
export interface HubSubscriptions {
  /** Those that the list shows at a time. */
  listed(nowMs: InstantMs): readonly LocalSubscriptionOfStamp[];
  /** One that is or was listed. */
  find(subscription: string): LocalSubscriptionOfStamp | undefined;
  /** Whether it can have usage: one that was never listed too, which was deleted before the Hub's time. */
  knows(subscription: string): boolean;
  ofTenant(tenant: string): readonly LocalSubscriptionOfStamp[];
}

/** A deleted subscription leaves the list on one of so many days from the beginning. */
const DELETED_DAYS_MAX = 30;

export function createSubscriptions(timeline: Timeline, seed: number, faults: HubFaults): HubSubscriptions {
  const world = timeline.worldAt(timeline.fromMs);
  const all = world.localSubscriptions(timeline.stamp);
  const byId = new Map(all.map((each) => [each.localSubscription as string, each]));
  const countedAsDeleted = new Set<number>();
  const isDeleted = (nth: number, nowMs: InstantMs): boolean => {
    if (!faults.holds("deletedSubscriptions", nth)) return false;
    const deletedAtMs = timeline.fromMs + (1 + (hash32(seed, nth, 71) % DELETED_DAYS_MAX)) * DAY_MS;
    if (nowMs < deletedAtMs) return false;
    if (!countedAsDeleted.has(nth)) faults.count("deletedSubscriptions");
    countedAsDeleted.add(nth);
    return true;
  };
  return {
    listed: (nowMs) => all.filter((_, nth) => !isDeleted(nth, nowMs)),
    find: (subscription) => byId.get(subscription),
    knows: (subscription) => byId.has(subscription) || subscription === world.unknownLocalSubscription,
    ofTenant: (tenant) => all.filter((each) => each.tenant === tenant),
  };
}

/** As the subscriptions service of a stamp's administrator lists them. */
export const adminEntry = (timeline: Timeline, each: LocalSubscriptionOfStamp) => {
  const { providerSubscription, location } = timeline.stamp;
  const provider = `/subscriptions/${providerSubscription}/providers/Microsoft.Subscriptions.Admin`;
  return {
    delegatedProviderSubscriptionId: providerSubscription,
    displayName: each.displayName,
    externalReferenceId: null,
    id: `${provider}/subscriptions/${each.localSubscription}`,
    offerId: `/delegatedProviders/${providerSubscription}/offers/${location}-standard`,
    owner: `owner@${each.tenant}.example`,
    routingResourceManagerType: "Default",
    state: each.state,
    subscriptionId: each.localSubscription,
    tenantId: each.tenant,
  };
};
