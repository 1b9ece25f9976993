import type { Principal } from "./caller.ts";
import { allows, roleById } from "./roles.ts";

export interface RoleAssignment {
  /** GUID */
  readonly id: string;
  /** Resource id; `/` is everything. */
  readonly scope: string;
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
  return assignments.some(({ scope: granted, roleDefinitionId, principalId }) => {
    if (principalId !== principal.objectId || !covers(scopeKeyOf(granted), key)) return false;
    const role = roleById(roleDefinitionId);
    return role !== undefined && allows(role, action);
  });
}
