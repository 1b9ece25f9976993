import { isHeldBy, type RoleAssignment, scopeKeyOf } from "../../domain/access/mayDo.ts";
import { roleById } from "../../domain/access/roles.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { isGuid } from "../../domain/ids.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";

/** @throws Fault InvalidParameter */
function guidOf(parameter: string, value: string): string {
  if (isGuid(value.toLowerCase())) return value.toLowerCase();
  throw new Fault("InvalidParameter", { parameter, value, reason: "it must be a GUID" }, { target: parameter });
}

const shown = ({ id, issuer, principalId, roleDefinitionId }: RoleAssignment) => ({
  id,
  ...(issuer === null ? {} : { issuer }),
  principalId,
  role: roleById(roleDefinitionId)?.name ?? "",
});

/**
 * Gives somebody a role. Giving the same role under the same id again changes nothing.
 * @throws Fault InvalidParameter, RoleDefinitionDoesNotExist, RoleAssignmentExists
 */
export async function assignRole(
  { control, clock }: Context,
  caller: Caller,
  wanted: Omit<RoleAssignment, "createdBy" | "createdAtMs">,
): Promise<RoleAssignment> {
  const role = roleById(wanted.roleDefinitionId);
  if (role === undefined) throw new Fault("RoleDefinitionDoesNotExist", { id: wanted.roleDefinitionId });
  const assignment: RoleAssignment = {
    ...wanted,
    id: guidOf("roleAssignmentName", wanted.id),
    principalId: guidOf("principalId", wanted.principalId),
    roleDefinitionId: role.id,
    createdBy: caller.name,
    createdAtMs: clock.now(),
  };
  return await control.transaction(async ({ roleAssignments, audit }) => {
    const known = await roleAssignments.find(assignment.id);
    const same =
      known !== undefined &&
      scopeKeyOf(known.scope) === scopeKeyOf(assignment.scope) &&
      isHeldBy(known, { issuer: assignment.issuer, objectId: assignment.principalId }) &&
      known.roleDefinitionId === role.id;
    if (same) return known;
    if (known !== undefined || !(await roleAssignments.add(assignment))) throw new Fault("RoleAssignmentExists", {});
    await audit.add({
      ...auditedBy(caller, assignment.createdAtMs),
      action: "Microsoft.Authorization/roleAssignments/write",
      target: assignment.scope,
      outcome: "done",
      detail: { before: null, after: shown(assignment) },
    });
    return assignment;
  });
}

/** Takes a role back; undefined when there was no such assignment at that scope. */
export async function removeAssignment(
  { control, clock }: Context,
  caller: Caller,
  { id, scope }: { readonly id: string; readonly scope: string },
): Promise<RoleAssignment | undefined> {
  return await control.transaction(async ({ roleAssignments, audit }) => {
    const known = await roleAssignments.find(id);
    if (known === undefined || scopeKeyOf(known.scope) !== scopeKeyOf(scope)) return undefined;
    await roleAssignments.remove(known.id);
    await audit.add({
      ...auditedBy(caller, clock.now()),
      action: "Microsoft.Authorization/roleAssignments/delete",
      target: known.scope,
      outcome: "done",
      detail: {
        before: shown(known),
        after: null,
      },
    });
    return known;
  });
}
