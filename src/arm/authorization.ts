import type { FastifyRequest } from "fastify";
import { covers, type RoleAssignment, scopeKeyOf } from "../domain/access/mayDo.ts";
import { type RoleDefinition, roleById, ROLES } from "../domain/access/roles.ts";
import { Fault } from "../domain/faults/fault.ts";
import { formatInstant } from "../lib/instant.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import { assignRole, removeAssignment } from "../operations/access/assign.ts";
import { principalOf } from "../operations/access/assignments.ts";
import { mustBeGrantable } from "../operations/access/scope.ts";
import type { Context } from "../operations/context.ts";
import { armRoute, GROUP, REGISTRATION, resourceIdOf, SUBSCRIPTION } from "./armRoute.ts";
import { paramOf } from "../http/parameters.ts";
import { invalidContent, propertiesOf, queryOf, textOf } from "./request.ts";

const DEFINITIONS = "/providers/Microsoft.Authorization/roleDefinitions";
const ASSIGNMENTS = "/providers/Microsoft.Authorization/roleAssignments";

const definitionBody = (scope: string, role: RoleDefinition) => ({
  id: `${scope}${DEFINITIONS}/${role.id}`,
  name: role.id,
  type: "Microsoft.Authorization/roleDefinitions",
  properties: {
    roleName: role.name,
    type: "BuiltInRole",
    description: role.description,
    assignableScopes: ["/"],
    permissions: [{ actions: role.actions, notActions: role.notActions, dataActions: [], notDataActions: [] }],
  },
});

const assignmentBody = ({
  id,
  scope,
  principalId,
  principalType,
  roleDefinitionId,
  createdBy,
  createdAtMs,
}: RoleAssignment) => {
  const below = scope === "/" ? "" : scope;
  return {
    id: `${below}${ASSIGNMENTS}/${id}`,
    name: id,
    type: "Microsoft.Authorization/roleAssignments",
    properties: {
      roleDefinitionId: `${below}${DEFINITIONS}/${roleDefinitionId}`,
      principalId,
      principalType,
      scope,
      createdBy,
      createdOn: formatInstant(createdAtMs),
    },
  };
};

const FILTER = /(roleName|principalId|assignedTo)\s*(?:eq\s*'([^']*)'|\('([^']*)'\))/i;

function filterOf(request: FastifyRequest): { readonly by: string; readonly value: string } | undefined {
  const filter = queryOf(request, "$filter");
  if (filter === undefined || filter.trim() === "" || /^\s*atScope\(\)\s*$/i.test(filter)) return undefined;
  const [, by, text, called] = FILTER.exec(filter) ?? [];
  if (by !== undefined) return { by: by.toLowerCase(), value: (text ?? called ?? "").toLowerCase() };
  throw new Fault("InvalidFilterInQueryString", { filter, reason: "roleName, principalId or assignedTo is expected" });
}

async function listDefinitions(_context: Context, request: FastifyRequest, scope: string): Promise<Answer> {
  const filter = filterOf(request);
  const roles = ROLES.filter(({ name }) => filter === undefined || name.toLowerCase() === filter.value);
  return { status: 200, body: { value: roles.map((role) => definitionBody(scope, role)) } };
}

async function showDefinition(_context: Context, request: FastifyRequest, scope: string): Promise<Answer> {
  const id = paramOf(request, "definition");
  const role = roleById(id);
  if (role === undefined) throw new Fault("RoleDefinitionDoesNotExist", { id });
  return { status: 200, body: definitionBody(scope, role) };
}

async function listAssignments({ control }: Context, request: FastifyRequest, scope: string): Promise<Answer> {
  const filter = filterOf(request);
  const assignments = await control.roleAssignments.around(scopeKeyOf(scope));
  const wanted = assignments.filter(({ principalId }) => filter === undefined || principalId === filter.value);
  return { status: 200, body: { value: wanted.map(assignmentBody) } };
}

async function showAssignment({ control }: Context, request: FastifyRequest, scope: string): Promise<Answer> {
  const id = paramOf(request, "assignment");
  const assignment = await control.roleAssignments.find(id);
  if (assignment === undefined || !covers(scopeKeyOf(assignment.scope), scopeKeyOf(scope))) {
    throw new Fault("RoleAssignmentNotFound", { id });
  }
  return { status: 200, body: assignmentBody(assignment) };
}

async function putAssignment(context: Context, request: FastifyRequest, scope: string): Promise<Answer> {
  const properties = propertiesOf(request);
  const roleDefinition = textOf(properties, "roleDefinitionId");
  const principalId = textOf(properties, "principalId");
  if (roleDefinition === undefined) throw invalidContent("roleDefinitionId is missing", "properties.roleDefinitionId");
  if (principalId === undefined) throw invalidContent("principalId is missing", "properties.principalId");
  const principalType = textOf(properties, "principalType") === "User" ? "User" : "ServicePrincipal";
  const caller = callerOf(request);
  await mustBeGrantable(context, scope);
  const assignment = await assignRole(context, caller, {
    id: paramOf(request, "assignment"),
    scope,
    ...(await principalOf(context, principalId, { principalType, grantedBy: caller })),
    roleDefinitionId: roleDefinition.split("/").at(-1) ?? "",
  });
  return { status: 201, body: assignmentBody(assignment) };
}

async function unassign(context: Context, request: FastifyRequest, scope: string): Promise<Answer> {
  const removed = await removeAssignment(context, callerOf(request), { id: paramOf(request, "assignment"), scope });
  return removed === undefined ? { status: 204 } : { status: 200, body: assignmentBody(removed) };
}

const permissions = async ({ control }: Context, request: FastifyRequest, scope: string): Promise<Answer> => {
  const caller = callerOf(request);
  const assignments = await control.roleAssignments.ofPrincipal(caller);
  const held =
    caller.kind === "Local"
      ? [ROLES[0]!]
      : assignments
          .filter((so) => covers(scopeKeyOf(so.scope), scopeKeyOf(scope)))
          .flatMap(({ roleDefinitionId }) => roleById(roleDefinitionId) ?? []);
  return { status: 200, body: { value: held.map(({ actions, notActions }) => ({ actions, notActions })) } };
};

type Run = (context: Context, request: FastifyRequest, scope: string) => Promise<Answer>;
const ACTION = "Microsoft.Authorization";

const routesAt = (scope: string, what: string): readonly Route[] => {
  const at =
    (run: Run) =>
    (context: Context, request: FastifyRequest): Promise<Answer> =>
      run(context, request, resourceIdOf(scope, request));
  const spec = { at: scope } as const;
  const [definitions, assignments] = [`${scope}${DEFINITIONS}`, `${scope}${ASSIGNMENTS}`];
  const one = `${assignments}/:assignment`;
  return [
    armRoute({
      ...spec,
      method: "GET",
      path: definitions,
      summary: `List the roles for ${what}.`,
      query: { $filter: "roleName eq '…'." },
      run: at(listDefinitions),
    }),
    armRoute({
      ...spec,
      method: "GET",
      path: `${definitions}/:definition`,
      summary: `Show a role for ${what}.`,
      run: at(showDefinition),
    }),
    armRoute({
      ...spec,
      method: "GET",
      path: assignments,
      summary: `List who has a role that matters for ${what}.`,
      action: `${ACTION}/roleAssignments/read`,
      query: { $filter: "principalId eq '…'." },
      run: at(listAssignments),
    }),
    armRoute({
      ...spec,
      method: "GET",
      path: one,
      summary: `Show a role assignment on ${what}.`,
      action: `${ACTION}/roleAssignments/read`,
      run: at(showAssignment),
    }),
    armRoute({
      ...spec,
      method: "PUT",
      path: one,
      summary: `Give somebody a role on ${what}.`,
      action: `${ACTION}/roleAssignments/write`,
      run: at(putAssignment),
    }),
    armRoute({
      ...spec,
      method: "DELETE",
      path: one,
      summary: `Take a role on ${what} back.`,
      action: `${ACTION}/roleAssignments/delete`,
      run: at(unassign),
    }),
    armRoute({
      ...spec,
      method: "GET",
      path: `${scope}/providers/Microsoft.Authorization/permissions`,
      summary: `What the caller may do to ${what}.`,
      run: at(permissions),
    }),
  ];
};

export const AUTHORIZATION_ROUTES: readonly Route[] = [
  ...routesAt(SUBSCRIPTION, "a subscription"),
  ...routesAt(GROUP, "a resource group"),
  ...routesAt(REGISTRATION, "a registration"),
];
