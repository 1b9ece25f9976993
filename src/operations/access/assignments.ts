import type { RoleAssignment } from "../../domain/access/mayDo.ts";
import { scopeKeyOf } from "../../domain/access/mayDo.ts";
import { roleById, type RoleDefinition, roleNamed } from "../../domain/access/roles.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { isGuid } from "../../domain/ids.ts";
import type { SignIn } from "../../domain/identity/signIn.ts";
import { newId } from "../../lib/secret.ts";
import type { Caller, Context } from "../context.ts";
import { assignRole, removeAssignment } from "./assign.ts";

/** @param role name or GUID @throws Fault InvalidParameter */
export function roleOf(role: string): RoleDefinition {
  const found = roleNamed(role) ?? roleById(role);
  if (found !== undefined) return found;
  throw new Fault("InvalidParameter", { parameter: "role", value: role, reason: "there is no such role" });
}

export type Grantee = Pick<RoleAssignment, "issuer" | "principalId" | "principalType">;

interface Told {
  readonly principalType?: RoleAssignment["principalType"] | undefined;
  /** Whose object id it is, as `oidcIssuers` has it. */
  readonly issuer?: string | undefined;
  readonly grantedBy: Caller;
}

/**
 * Who is meant: a credential by its client id, name or object id; else the object id of somebody whom another identity
 * provider knows.
 * @throws Fault InvalidParameter
 */
export async function principalOf(
  { control, signIn }: Pick<Context, "control" | "signIn">,
  text: string,
  { principalType = "ServicePrincipal", issuer, grantedBy }: Told,
): Promise<Grantee> {
  const known =
    (await control.credentials.find(text)) ?? (await control.credentials.findByObjectId(text.toLowerCase()));
  if (known !== undefined && issuer === undefined) {
    const { objectId: principalId, kind } = known;
    return { issuer: null, principalId, principalType: kind === "User" ? "User" : "ServicePrincipal" };
  }
  const principalId = text.toLowerCase();
  if (isGuid(principalId)) return { issuer: issuerOf(signIn, issuer, grantedBy), principalId, principalType };
  const reason = "it is no credential here and no object id";
  throw new Fault("InvalidParameter", { parameter: "principal", value: text, reason }, { target: "principal" });
}

/**
 * Whose object id it is: as told; else, for tools have no word for it, that of whoever grants; else the first one of
 * the setting `oidcIssuers`.
 */
function issuerOf({ issuers }: SignIn, told: string | undefined, { issuer }: Caller): string | null {
  if (told === undefined) return issuer ?? issuers[0]?.issuer ?? null;
  if (issuers.some((known) => known.issuer === told)) return told;
  const reason = "it is no issuer of the setting oidcIssuers";
  throw new Fault("InvalidParameter", { parameter: "issuer", value: told, reason }, { target: "issuer" });
}

/** Grants a role at a scope; granting again what is granted changes nothing. */
export async function grantRole(
  context: Context,
  caller: Caller,
  { role, scope, grantee }: { readonly role: RoleDefinition; readonly scope: string; readonly grantee: Grantee },
): Promise<RoleAssignment> {
  const held = await context.control.roleAssignments.ofPrincipal({
    objectId: grantee.principalId,
    issuer: grantee.issuer,
  });
  const known = held.find((so) => so.roleDefinitionId === role.id && scopeKeyOf(so.scope) === scopeKeyOf(scope));
  return known ?? (await assignRole(context, caller, { id: newId(), scope, ...grantee, roleDefinitionId: role.id }));
}

/** Takes a role back; false when there is no such assignment. */
export async function revokeRole(context: Context, caller: Caller, id: string): Promise<boolean> {
  const assignment = await context.control.roleAssignments.find(id);
  return assignment !== undefined && (await removeAssignment(context, caller, assignment)) !== undefined;
}
