import type { FastifyRequest } from "fastify";
import { COMMERCE, COMMERCE_ADMIN } from "../arm/apiVersions.ts";
import { SUBSCRIPTION } from "../arm/armRoute.ts";
import { subscriptionOf } from "../arm/request.ts";
import { type Registration, registrationResourceId } from "../domain/registration/registration.ts";
import { permissionsOf } from "../http/permissions.ts";
import { type Access, type Answer, callerOf, type Route } from "../http/route.ts";
import { directTenant, registrationsOf } from "../operations/commerce/reported.ts";
import type { Context } from "../operations/context.ts";
import { findSubscription } from "../operations/subscriptions/find.ts";
import { commerceRoute } from "./commerceRoute.ts";
import { USAGE_QUERY, usagePage } from "./usageAggregates.ts";

const ACTION = `${COMMERCE_ADMIN}/subscriberUsageAggregates/read`;

/** The provider's stamps that the caller may see: all of them, or those on which a partner or reseller has a role. */
async function visibleStamps(context: Context, request: FastifyRequest): Promise<readonly Registration[]> {
  const may = await permissionsOf(context, callerOf(request));
  const stamps = await registrationsOf(context, subscriptionOf(request));
  return stamps.filter((stamp) => may(ACTION, registrationResourceId(stamp)));
}

/** A role on the subscription is asked for, unless there is one on a stamp in it. */
const access: Access = {
  action: ACTION,
  scope: async (context, request) => {
    const scope = `/subscriptions/${subscriptionOf(request)}`;
    const may = await permissionsOf(context, callerOf(request));
    if (may(ACTION, scope)) return scope;
    const [stamp] = await visibleStamps(context, request);
    return stamp === undefined ? scope : registrationResourceId(stamp);
  },
  lookedUp: true,
};

/** What is stored of a subscription's stamps can be read whether or not the catalogue still knows the subscription. */
async function mustBeKnown(context: Context, request: FastifyRequest): Promise<void> {
  const subscription = subscriptionOf(request);
  if ((await registrationsOf(context, subscription)).length > 0) return;
  await findSubscription(context, subscription);
}

async function run(context: Context, request: FastifyRequest): Promise<Answer> {
  const subscription = subscriptionOf(request);
  const stamps = await visibleStamps(context, request);
  return await usagePage(context, request, {
    subscription,
    path: `/subscriptions/${subscription}/providers/${COMMERCE_ADMIN}/subscriberUsageAggregates`,
    reporters: async ({ subscriber }) => {
      const registrations = stamps.map(({ id }) => id);
      if (subscriber === "") return { registrations };
      return { registrations, localSubscription: await directTenant(context, { subscriber, subscription }, stamps) };
    },
  });
}

/** Where clients look for it: today's namespace, the older one, and what Get-AzureRmResource made of it. */
const PATHS = [
  `${SUBSCRIPTION}/providers/${COMMERCE_ADMIN}/subscriberUsageAggregates`,
  `${SUBSCRIPTION}/providers/${COMMERCE}/subscriberUsageAggregates`,
  `${SUBSCRIPTION}/providers/${COMMERCE_ADMIN}/locations/../subscriberUsageAggregates`,
] as const;

export const PROVIDER_USAGE_ROUTES: readonly Route[] = PATHS.map((path) =>
  commerceRoute({
    path,
    summary: "Usage on the stamps of a provider by reported time, 1,000 rows a page.",
    query: { ...USAGE_QUERY, subscriberId: "Of one local subscription only." },
    access,
    front: mustBeKnown,
    run,
  }),
);
