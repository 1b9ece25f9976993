import type { FastifyRequest } from "fastify";
import { COMMERCE } from "../arm/apiVersions.ts";
import { SUBSCRIPTION } from "../arm/armRoute.ts";
import { subscriptionOf } from "../arm/request.ts";
import { registrationResourceId } from "../domain/registration/registration.ts";
import type { AttributedSegment } from "../domain/statement/attribution.ts";
import { permissionsOf } from "../http/permissions.ts";
import { type Access, type Answer, callerOf, type Route } from "../http/route.ts";
import { tenantSegments } from "../operations/commerce/reported.ts";
import type { Context } from "../operations/context.ts";
import { findSubscription } from "../operations/subscriptions/find.ts";
import { commerceRoute } from "./commerceRoute.ts";
import { USAGE_QUERY, usagePage } from "./usageAggregates.ts";

const ACTION = `${COMMERCE}/UsageAggregates/read`;

interface Visible {
  readonly segments: readonly AttributedSegment[];
  /** Where the caller has the role that shows them; the subscription itself where there is none. */
  readonly scope: string;
}

/**
 * The hours of a subscription that the caller may see: all with a role on it, those on one stamp with a role there, and
 * those that somebody pays for with a role on that subscription.
 */
async function visibleSegments(context: Context, request: FastifyRequest, asOfMs: number): Promise<Visible> {
  const subscription = subscriptionOf(request);
  const may = await permissionsOf(context, callerOf(request));
  const own = `/subscriptions/${subscription}`;
  const { segments, attribution } = await tenantSegments(context, subscription, asOfMs);
  if (may(ACTION, own)) return { segments, scope: own };
  const scopes = new Map<string, string | undefined>();
  const scopeOf = ({ registration, payer }: AttributedSegment): string | undefined => {
    const key = `${registration} ${payer.subscription}`;
    if (!scopes.has(key)) {
      const wider = [
        registrationResourceId(attribution.registration(registration)),
        `/subscriptions/${payer.subscription}`,
      ];
      scopes.set(
        key,
        wider.find((scope) => may(ACTION, scope)),
      );
    }
    return scopes.get(key);
  };
  const visible = segments.filter((so) => scopeOf(so) !== undefined);
  return { segments: visible, scope: visible.map(scopeOf)[0] ?? own };
}

const access: Access = {
  action: ACTION,
  scope: async (context, request) => (await visibleSegments(context, request, context.clock.now())).scope,
  lookedUp: true,
};

/** A local subscription is none of the catalogue's, and is asked for as on its stamp. */
async function mustBeKnown(context: Context, request: FastifyRequest): Promise<void> {
  const subscription = subscriptionOf(request);
  if ((await tenantSegments(context, subscription, context.clock.now())).segments.length > 0) return;
  await findSubscription(context, subscription);
}

async function run(context: Context, request: FastifyRequest): Promise<Answer> {
  const subscription = subscriptionOf(request);
  return await usagePage(context, request, {
    subscription,
    path: `/subscriptions/${subscription}/providers/${COMMERCE}/UsageAggregates`,
    reporters: async (_asked, { asOfMs }) => {
      const { segments } = await visibleSegments(context, request, asOfMs);
      return { registrations: [...new Set(segments.map(({ registration }) => registration))], segments };
    },
  });
}

export const TENANT_USAGE_ROUTES: readonly Route[] = [
  commerceRoute({
    path: `${SUBSCRIPTION}/providers/${COMMERCE}/UsageAggregates`,
    summary: "Usage of a local subscription, or of what a customer subscription pays for, by reported time.",
    query: USAGE_QUERY,
    access,
    front: mustBeKnown,
    run,
  }),
];
