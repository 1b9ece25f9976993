import type { Caller } from "../domain/access/caller.ts";
import { directoryMatches, wrongDirectory } from "../domain/access/directory.ts";
import { mayDo, scopeKeyOf } from "../domain/access/mayDo.ts";
import type { CatalogueSubscription } from "../domain/catalogue/subscription.ts";
import { Fault } from "../domain/faults/fault.ts";
import { type SubscriptionId, subscriptionId } from "../domain/ids.ts";
import type { Context } from "../operations/context.ts";
import { unresolved } from "../operations/subscriptions/find.ts";

/** What a caller's roles let them do, looked up once for many questions. */
export async function permissionsOf(
  { control }: Context,
  caller: Caller,
): Promise<(action: string, scope: string) => boolean> {
  if (caller.kind === "Local") return () => true;
  const assignments = await control.roleAssignments.ofPrincipal(caller);
  return (action, scope) => mayDo(caller, assignments, action, scope);
}

/** The subscription that a scope is in; undefined for what is in none. */
const subscriptionOfScope = (scope: string): SubscriptionId | undefined => {
  const [, kind, id = ""] = scopeKeyOf(scope).split("/");
  return kind === "subscriptions" ? subscriptionId(id) : undefined;
};

/** What is known of a scope's subscription. @throws Fault MetadataResolverBadGatewayError */
async function ownerOf({ resolver }: Context, scope: string): Promise<CatalogueSubscription | undefined> {
  const id = subscriptionOfScope(scope);
  if (id === undefined) return undefined;
  const resolution = await resolver.resolve(id);
  if (resolution.kind === "unreachable") throw unresolved(id, resolution.reason);
  return resolution.kind === "found" ? resolution.subscription : undefined;
}

/** Scopes of which a role at one is enough; whose directory counts is that of the first. */
export type Scopes = string | readonly string[];

const firstOf = (scopes: Scopes): string => (typeof scopes === "string" ? scopes : scopes[0]!);

const mayAtAny = (may: (action: string, scope: string) => boolean, action: string, scopes: Scopes): boolean =>
  typeof scopes === "string" ? may(action, scopes) : scopes.some((scope) => may(action, scope));

/**
 * A role is needed, and a directory that the scope's subscription trusts. The directory comes last: whoever has no role
 * learns nothing of the subscription.
 * @param shown what a refusal calls the scope
 * @throws Fault AuthorizationFailed, InvalidAuthenticationTokenTenant, MetadataResolverBadGatewayError
 */
export async function mustAllow(
  context: Context,
  caller: Caller,
  {
    action,
    scope,
    shown = firstOf(scope),
  }: { readonly action: string; readonly scope: Scopes; readonly shown?: string },
): Promise<void> {
  const may = await permissionsOf(context, caller);
  if (!mayAtAny(may, action, scope)) {
    const { name, objectId } = caller;
    throw new Fault("AuthorizationFailed", { client: name, objectId, action, scope: shown });
  }
  if (caller.issuer === null) return;
  const tenant = (await ownerOf(context, firstOf(scope)))?.tenant;
  if (!directoryMatches(caller, tenant)) throw wrongDirectory(caller.tenant, tenant ?? "");
}

/** Of some rows those that a caller may do something to. What cannot be resolved now is left out for strangers. */
export async function allowedRows<Row>(
  context: Context,
  caller: Caller,
  {
    rows,
    action,
    scopeOf,
  }: { readonly rows: readonly Row[]; readonly action: string; readonly scopeOf: (row: Row) => Scopes },
): Promise<readonly Row[]> {
  const may = await permissionsOf(context, caller);
  const allowed = rows.filter((row) => mayAtAny(may, action, scopeOf(row)));
  if (caller.issuer === null) return allowed;
  const trusted = new Map<SubscriptionId | undefined, boolean>();
  for (const scope of allowed.map((row) => firstOf(scopeOf(row)))) {
    const id = subscriptionOfScope(scope);
    if (!trusted.has(id)) trusted.set(id, await isTrusted(context, caller, scope));
  }
  return allowed.filter((row) => trusted.get(subscriptionOfScope(firstOf(scopeOf(row)))) === true);
}

async function isTrusted(context: Context, caller: Caller, scope: string): Promise<boolean> {
  try {
    return directoryMatches(caller, (await ownerOf(context, scope))?.tenant);
  } catch {
    return false;
  }
}
