import { Fault } from "../../domain/faults/fault.ts";
import { resellerOfScope } from "../../domain/access/resellerScope.ts";
import { subscriptionId } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { Context } from "../context.ts";
import { resourceNotFound } from "../resources/move.ts";
import { findSubscription } from "../subscriptions/find.ts";

const SCOPE =
  /^\/subscriptions\/(?<subscription>[^/]+)(?:\/resourceGroups\/(?<resourceGroup>[^/]+)(?:\/providers\/Microsoft\.AzureStack\/registrations\/(?<name>[^/]+))?)?$/i;

/**
 * Where a role can be granted: at `/`, at a subscription, resource group or registration that is there, or at a reseller
 * that the catalogue names. A role on
 * what is yet to be made would be held by whoever makes it.
 * @throws Fault InvalidParameter, SubscriptionNotFound, ResourceGroupNotFound, ResourceNotFound,
 * MetadataResolverBadGatewayError
 */
export async function mustBeGrantable(context: Context, scope: string): Promise<void> {
  if (scope === "/") return;
  const reseller = resellerOfScope(scope);
  if (reseller !== undefined && (await context.control.catalogue.hasReseller(reseller))) return;
  const parts = scope.length <= LIMITS.resourceUriCharsMax ? SCOPE.exec(scope)?.groups : undefined;
  const subscription = subscriptionId(parts?.["subscription"] ?? "");
  if (parts === undefined || subscription === undefined) {
    const reason =
      "it must be /, the resource id of a subscription, a resource group or a registration, or /resellers/ and the name of a reseller of the catalogue, percent-encoded";
    throw new Fault("InvalidParameter", { parameter: "scope", value: scope, reason }, { target: "scope" });
  }
  await findSubscription(context, subscription);
  const { resourceGroup, name } = parts;
  const { resourceGroups, registrations } = context.control;
  if (resourceGroup === undefined) return;
  if ((await resourceGroups.find(subscription, resourceGroup)) === undefined) {
    throw new Fault("ResourceGroupNotFound", { resourceGroup });
  }
  if (name === undefined) return;
  const registration = { subscription, resourceGroup, name };
  if ((await registrations.find(registration)) === undefined) throw resourceNotFound(registration);
}
