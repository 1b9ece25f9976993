import type { RoleAssignment } from "../../domain/access/mayDo.ts";
import { scopeKeyOf } from "../../domain/access/mayDo.ts";
import { roleById, type RoleDefinition, roleNamed } from "../../domain/access/roles.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { isGuid } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import { newId } from "../../lib/secret.ts";
import type { Caller, Context } from "../context.ts";
import { assignRole, removeAssignment } from "./assign.ts";

/** @param role name or GUID @throws Fault InvalidParameter */
export function roleOf(role: string): RoleDefinition {
  const found = roleNamed(role) ?? roleById(role);
  if (found !== undefined) return found;
  throw new Fault("InvalidParameter", { parameter: "role", value: role, reason: "there is no such role" });
}

interface Grantee {
  readonly principalId: string;
  readonly principalType: RoleAssignment["principalType"];
}

/**
 * Who is meant: a credential by its client id, name or object id; else the object id of somebody whom another
 * identity provider knows.
 * @throws Fault InvalidParameter
 */
export async function principalOf(
  { control }: Pick<Context, "control">,
  text: string,
  principalType: RoleAssignment["principalType"] = "ServicePrincipal",
): Promise<Grantee> {
  const known = (await control.credentials.find(text)) ?? (await control.credentials.findByObjectId(text));
  if (known !== undefined) {
    return { principalId: known.objectId, principalType: known.kind === "User" ? "User" : "ServicePrincipal" };
  }
  const principalId = text.toLowerCase();
  if (isGuid(principalId)) return { principalId, principalType };
  const reason = "it is no credential here and no object id";
  throw new Fault("InvalidParameter", { parameter: "principal", value: text, reason }, { target: "principal" });
}

/** @throws Fault InvalidParameter */
export function checkScope(scope: string): string {
  const isPath = /^\/[^\s?#%\\]*$/.test(scope) && !scope.split("/").some((part) => part === "." || part === "..");
  if (isPath && scope.length <= LIMITS.resourceUriCharsMax) return scope;
  const reason = "it must be a resource id, which begins with a slash";
  throw new Fault("InvalidParameter", { parameter: "scope", value: scope, reason }, { target: "scope" });
}

/** Grants a role at a scope; granting again what is granted changes nothing. */
export async function grantRole(
  context: Context,
  caller: Caller,
  { role, scope, grantee }: { readonly role: RoleDefinition; readonly scope: string; readonly grantee: Grantee },
): Promise<RoleAssignment> {
  const held = await context.control.roleAssignments.ofPrincipal(grantee.principalId);
  const known = held.find((so) => so.roleDefinitionId === role.id && scopeKeyOf(so.scope) === scopeKeyOf(scope));
  return known ?? (await assignRole(context, caller, { id: newId(), scope, ...grantee, roleDefinitionId: role.id }));
}

/** Takes a role back; false when there is no such assignment. */
export async function revokeRole(context: Context, caller: Caller, id: string): Promise<boolean> {
  const assignment = await context.control.roleAssignments.find(id);
  return assignment !== undefined && (await removeAssignment(context, caller, assignment)) !== undefined;
}
