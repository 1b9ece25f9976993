import { COMMERCE, COMMERCE_ADMIN } from "../arm/apiVersions.ts";
import { Fault } from "../domain/faults/fault.ts";
import type { Route } from "../http/route.ts";
import { commerceRoute } from "./commerceRoute.ts";
import { PROVIDER_USAGE_ROUTES } from "./provider.ts";
import { RATE_CARD_ROUTES } from "./rateCard.ts";
import { TENANT_USAGE_ROUTES } from "./tenant.ts";

const operation = (namespace: string, name: string, resource: string, description: string) => ({
  name: `${namespace}/${name}`,
  display: { provider: "Stampbook", resource, operation: `Read ${resource}`, description },
});

const OPERATIONS = [
  operation(COMMERCE_ADMIN, "subscriberUsageAggregates/read", "subscriber usage", "See usage on a provider's stamps."),
  operation(COMMERCE, "UsageAggregates/read", "usage", "See the usage of a subscription."),
  operation(COMMERCE, "RateCard/read", "rate card", "See the prices of a subscription."),
];

/** Addresses in which a client left its subscription out: `/subscriptions//providers/…` reads as the second one. */
const WITHOUT_SUBSCRIPTION = [
  `/providers/${COMMERCE}/UsageAggregates`,
  `/subscriptions/providers/${COMMERCE}/UsageAggregates`,
  `/providers/${COMMERCE_ADMIN}/subscriberUsageAggregates`,
  `/subscriptions/providers/${COMMERCE_ADMIN}/subscriberUsageAggregates`,
];

/** The Commerce APIs of a Hub and of Azure; contract/usage.md §1 to §4. */
export const COMMERCE_ROUTES: readonly Route[] = [
  ...TENANT_USAGE_ROUTES,
  ...PROVIDER_USAGE_ROUTES,
  ...RATE_CARD_ROUTES,
  commerceRoute({
    path: `/providers/${COMMERCE_ADMIN}/operations`,
    summary: "List what can be asked of the Commerce APIs.",
    access: "signed-in",
    run: async () => ({ status: 200, body: { value: OPERATIONS } }),
  }),
  ...WITHOUT_SUBSCRIPTION.map((path) =>
    commerceRoute({
      path,
      summary: "Says that the address names no subscription.",
      access: "signed-in",
      run: async () => {
        throw new Fault("SubscriptionIdMissingInRequest", {});
      },
    }),
  ),
];
