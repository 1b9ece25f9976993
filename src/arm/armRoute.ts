import type { FastifyRequest } from "fastify";
import type { CatalogueSubscription } from "../domain/catalogue/subscription.ts";
import { Fault, isFault } from "../domain/faults/fault.ts";
import type { SubscriptionId } from "../domain/ids.ts";
import { locksAgainst, type LockedOperation, scopesAbove } from "../domain/resources/locks.ts";
import { callerOf, type Method, type Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
import { findSubscription } from "../operations/subscriptions/find.ts";
import { mustMatchDirectory } from "../domain/access/directory.ts";
import { managementVersion, NAMESPACE, type ProviderType, providerVersion } from "./apiVersions.ts";
import { paramOf } from "../http/parameters.ts";
import { queryOf, subscriptionOf } from "./request.ts";

export const SUBSCRIPTION = "/subscriptions/:subscription";
export const GROUP = `${SUBSCRIPTION}/resourceGroups/:resourceGroup`;
export const REGISTRATIONS = `${GROUP}/providers/${NAMESPACE}/registrations`;
export const REGISTRATION = `${REGISTRATIONS}/:registration`;
export const CUSTOMERS = `${REGISTRATION}/customerSubscriptions`;

export interface ArmRoute extends Pick<Route, "method" | "path" | "summary" | "query" | "run"> {
  /** A type of the provider has versions of its own; without one any version of Resource Manager will do. */
  readonly type?: ProviderType;
  /** What a role must allow; without one every signed-in caller may ask, and sees what is theirs. */
  readonly action?: string;
  /** What it is done to, in the notation of `path`: permission and locks are asked there. `path` unless given. */
  readonly at?: string;
  /** Locks do not hold for these: lifting one must be possible, and reading always is. */
  readonly lockFree?: boolean;
}

/** Puts the checks of ARM's front door before a route, in their order (contract/registration.md §5, gate G). */
export function armRoute({ type, action, at, lockFree = false, ...route }: ArmRoute): Route {
  const { method, path } = route;
  const scope = at ?? path;
  const inSubscription = path.startsWith(SUBSCRIPTION);
  return {
    ...route,
    query: { "api-version": type === undefined ? "Any version." : "One of the versions of the type.", ...route.query },
    remembers: method === "GET",
    gateway: type === undefined ? "everything" : "checks",
    access: action === undefined ? "signed-in" : { action, scope: (_context, request) => resourceIdOf(scope, request) },
    front: async (context, request) => {
      versionOf(context, request, type);
      if (inSubscription) await mustKnowSubscription(context, request);
    },
    gates: async (context, request) => {
      if (!inSubscription) return;
      mustBeWritable(method, subscriptions.get(request));
      if (type !== undefined) await mustBeRegistered(context, request);
      // The group itself may be made, looked for and removed when it is not there.
      if (path.startsWith(`${GROUP}/`)) await mustHaveGroup(context, request);
      if (!lockFree) await mustBeUnlocked(context, method, resourceIdOf(scope, request));
    },
  };
}

export const versionOf = ({ leniency }: Context, request: FastifyRequest, type?: ProviderType): string => {
  const given = queryOf(request, "api-version");
  if (type === undefined) return managementVersion(given);
  const forOldScripts = leniency.oldScripts && request.method === "GET" && type.startsWith("registrations");
  return providerVersion(given, type, forOldScripts);
};

/**
 * The resource id that a path template names in this request. A name with a slash in it, which a caller can send as
 * `%2F`, would be more than one segment of the id, and so a scope that is not the one that is acted on.
 * @throws Fault InvalidParameter
 */
export const resourceIdOf = (template: string, request: FastifyRequest): string =>
  template.replace(/:(\w+)/g, (_, name: string) => {
    const value = paramOf(request, name);
    if (!/[/\\]|^\.{1,2}$/.test(value)) return value;
    throw new Fault("InvalidParameter", { parameter: name, value, reason: "it is one segment of a path" });
  });

const subscriptions = new WeakMap<FastifyRequest, CatalogueSubscription>();

const READS: readonly Method[] = ["GET", "HEAD"];

/** @throws Fault InvalidSubscriptionId, SubscriptionNotFound, InvalidAuthenticationTokenTenant, MetadataResolverBadGatewayError */
async function mustKnowSubscription(context: Context, request: FastifyRequest): Promise<void> {
  const id = subscriptionOf(request);
  try {
    const subscription = await findSubscription(context, id);
    mustMatchDirectory(callerOf(request), subscription.tenant);
    subscriptions.set(request, subscription);
  } catch (error) {
    if (!isFault(error) || error.code !== "MetadataResolverBadGatewayError") throw error;
    if (!(await needsNoResolver(context, request, id))) throw error;
  }
}

/**
 * Reading and removing what is stored here asks nobody outside (contract/registration.md §6.5): a resolver that fails
 * refuses only what needs it. Whose directory a subscription trusts does.
 */
async function needsNoResolver(
  { control }: Context,
  request: FastifyRequest,
  subscription: SubscriptionId,
): Promise<boolean> {
  const isWrite = request.method !== "DELETE" && !READS.some((method) => method === request.method);
  if (isWrite || callerOf(request).issuer !== null) return false;
  return (await control.resourceGroups.list(subscription, "", 1)).length > 0;
}

/** A subscription that is not enabled lets its resources be read and deleted (contract/registration.md §7.3). */
function mustBeWritable(method: Method, subscription: CatalogueSubscription | undefined): void {
  if (subscription === undefined || subscription.state === "Enabled") return;
  if (READS.includes(method) || method === "DELETE") return;
  const { state } = subscription;
  throw new Fault("ReadOnlyDisabledSubscription", { subscription: subscription.subscription, state });
}

async function mustBeRegistered({ control }: Context, request: FastifyRequest): Promise<void> {
  if (await control.providers.isRegistered(subscriptionOf(request), NAMESPACE)) return;
  throw new Fault("MissingSubscriptionRegistration", { namespace: NAMESPACE }, { target: NAMESPACE });
}

async function mustHaveGroup({ control }: Context, request: FastifyRequest): Promise<void> {
  const resourceGroup = paramOf(request, "resourceGroup");
  if ((await control.resourceGroups.find(subscriptionOf(request), resourceGroup)) !== undefined) return;
  throw new Fault("ResourceGroupNotFound", { resourceGroup });
}

/** @throws Fault ScopeLocked */
export async function mustBeUnlocked({ control }: Context, method: Method, resourceId: string): Promise<void> {
  if (READS.includes(method)) return;
  const operation: LockedOperation = method === "DELETE" ? "delete" : "write";
  const [lock] = locksAgainst(operation, await control.locks.at(scopesAbove(resourceId)));
  if (lock === undefined) return;
  const { name, level, scope } = lock;
  throw new Fault(
    "ScopeLocked",
    { scope: resourceId, operation, locked: scope, lock: name, level },
    { info: { lock: { name, level, scope, notes: lock.notes } } },
  );
}
