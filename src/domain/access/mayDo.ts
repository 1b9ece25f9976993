import type { Principal } from "./caller.ts";
import { allows, roleById } from "./roles.ts";

export interface RoleAssignment {
  /** GUID */
  readonly id: string;
  /** Resource id; `/` is everything. */
  readonly scope: string;
  /** Whose object id it is: null for our own directory. An object id is unique within its issuer only. */
  readonly issuer: string | null;
  readonly principalId: string;
  readonly principalType: "User" | "ServicePrincipal";
  readonly roleDefinitionId: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
}

/** One text for every spelling of a scope. */
export const scopeKeyOf = (scope: string): string => {
  const key = scope.toLowerCase().replace(/\/+/g, "/").replace(/\/$/, "");
  return key === "" ? "/" : key.startsWith("/") ? key : `/${key}`;
};

/** Whether a scope holds another: itself, or what is below it. Both as `scopeKeyOf` spells them. */
export const covers = (outer: string, inner: string): boolean =>
  outer === "/" || outer === inner || inner.startsWith(`${outer}/`);

/** Whether an assignment is somebody's. */
export const isHeldBy = (
  { issuer, principalId }: Pick<RoleAssignment, "issuer" | "principalId">,
  principal: Pick<Principal, "issuer" | "objectId">,
): boolean => principalId === principal.objectId && issuer === principal.issuer;

/**
 * Whether somebody may do something to a resource: what a role at the scope, or at one above it, allows.
 * @param assignments those of the principal
 */
export function mayDo(
  principal: Principal,
  assignments: readonly RoleAssignment[],
  action: string,
  scope: string,
): boolean {
  if (principal.kind === "Local") return true;
  const key = scopeKeyOf(scope);
  return assignments.some((so) => {
    const { scope: granted, roleDefinitionId } = so;
    if (!isHeldBy(so, principal) || !covers(scopeKeyOf(granted), key)) return false;
    const role = roleById(roleDefinitionId);
    return role !== undefined && allows(role, action);
  });
}
