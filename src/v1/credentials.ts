import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { isHeldBy, type RoleAssignment, scopeKeyOf } from "../domain/access/mayDo.ts";
import { roleById } from "../domain/access/roles.ts";
import { CREDENTIAL_KINDS, type Credential } from "../domain/identity/credential.ts";
import { LIMITS } from "../domain/limits.ts";
import { allowedRows, mustAllow } from "../http/permissions.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import { formatInstant } from "../lib/instant.ts";
import { type Grantee, grantRole, principalOf, revokeRole, roleOf } from "../operations/access/assignments.ts";
import { mustBeGrantable } from "../operations/access/scope.ts";
import type { Context } from "../operations/context.ts";
import { createCredential } from "../operations/credentials/create.ts";
import { revokeCredential } from "../operations/credentials/revoke.ts";
import { paramOf } from "../http/parameters.ts";
import { bodyOf, queryOf } from "./input.ts";

const CredentialBody = Type.Object({
  kind: Type.Unsafe<Credential["kind"]>({ type: "string", enum: [...CREDENTIAL_KINDS] }),
  clientId: Type.Optional(Type.String()),
  displayName: Type.Optional(Type.String({ maxLength: 256 })),
  redirectUris: Type.Optional(Type.Array(Type.String({ maxLength: 2_048 }), { maxItems: LIMITS.redirectUrisMax })),
  role: Type.Optional(Type.String()),
  scope: Type.Optional(Type.String({ maxLength: LIMITS.resourceUriCharsMax })),
});

const GrantBody = Type.Object({
  role: Type.String(),
  principal: Type.String(),
  issuer: Type.Optional(Type.String()),
  principalType: Type.Optional(
    Type.Unsafe<RoleAssignment["principalType"]>({ type: "string", enum: ["User", "ServicePrincipal"] }),
  ),
});

const READ = "Microsoft.Authorization/roleAssignments/read";
const WRITE = "Microsoft.Authorization/roleAssignments/write";
const DELETE = "Microsoft.Authorization/roleAssignments/delete";

/** The hash of the secret stays where it is. */
const credentialOut = ({ clientId, kind, objectId, displayName, redirectUris, ...so }: Credential) => ({
  clientId,
  kind,
  objectId,
  displayName,
  redirectUris,
  createdAt: formatInstant(so.createdAtMs),
  createdBy: so.createdBy,
  revokedAt: so.revokedAtMs === null ? null : formatInstant(so.revokedAtMs),
});

async function listCredentials({ control }: Context): Promise<Answer> {
  return { status: 200, body: { value: (await control.credentials.list()).map(credentialOut) } };
}

async function create(context: Context, request: FastifyRequest): Promise<Answer> {
  const { role, scope = "/", ...wanted } = bodyOf(request, CredentialBody);
  const caller = callerOf(request);
  const granted = role === undefined ? undefined : roleOf(role);
  if (granted !== undefined) {
    await mustAllow(context, caller, { action: WRITE, scope });
    await mustBeGrantable(context, scope);
  }
  const { credential, secret } = await createCredential(context, caller, {
    ...wanted,
    ...(granted === undefined ? {} : { grant: { roleDefinitionId: granted.id, scope } }),
  });
  const roleOut = granted === undefined ? {} : { role: granted.name, scope };
  const body = { ...credentialOut(credential), ...roleOut, secret: secret ?? null, tenant: context.signIn.directory };
  return { status: 201, headers: { "cache-control": "no-store" }, body };
}

async function revoke(context: Context, request: FastifyRequest): Promise<Answer> {
  const clientId = paramOf(request, "client");
  return { status: 200, body: { clientId, revoked: await revokeCredential(context, callerOf(request), clientId) } };
}

function assignmentOut(so: RoleAssignment, credentials: ReadonlyMap<string, Credential>) {
  return {
    id: so.id,
    role: roleById(so.roleDefinitionId)?.name ?? so.roleDefinitionId,
    scope: so.scope,
    issuer: so.issuer,
    principalId: so.principalId,
    principalType: so.principalType,
    principalName: so.issuer === null ? (credentials.get(so.principalId)?.clientId ?? null) : null,
    createdBy: so.createdBy,
    createdAt: formatInstant(so.createdAtMs),
  };
}

async function credentialsById({ control }: Context): Promise<ReadonlyMap<string, Credential>> {
  return new Map((await control.credentials.list()).map((credential) => [credential.objectId, credential]));
}

/** An object id that nobody here has may be of any issuer. */
const isOf = (wanted: Grantee, { issuer, principalId }: RoleAssignment): boolean =>
  principalId === wanted.principalId && (wanted.issuer === null) === (issuer === null);

async function listAccess(context: Context, request: FastifyRequest): Promise<Answer> {
  const caller = callerOf(request);
  const of = queryOf(request, "of");
  const wanted = of === undefined ? undefined : await principalOf(context, of, { grantedBy: caller });
  const around = await context.control.roleAssignments.around(scopeKeyOf(queryOf(request, "scope") ?? "/"));
  const asked = around.filter((so) => wanted === undefined || isOf(wanted, so));
  const scopeOf = ({ scope }: RoleAssignment): string => scope;
  const readable = new Set(await allowedRows(context, caller, { rows: asked, action: READ, scopeOf }));
  // Everybody may know what was granted to them.
  const visible = asked.filter((so) => isHeldBy(so, caller) || readable.has(so));
  const credentials = await credentialsById(context);
  return { status: 200, body: { value: visible.map((so) => assignmentOut(so, credentials)) } };
}

const scopeOfQuery = (request: FastifyRequest): string => queryOf(request, "scope") ?? "/";

async function grant(context: Context, request: FastifyRequest): Promise<Answer> {
  const { role, principal, principalType, issuer } = bodyOf(request, GrantBody);
  const [caller, scope] = [callerOf(request), scopeOfQuery(request)];
  const grantee = await principalOf(context, principal, { principalType, issuer, grantedBy: caller });
  await mustBeGrantable(context, scope);
  const made = await grantRole(context, caller, { role: roleOf(role), scope, grantee });
  return { status: 200, body: assignmentOut(made, await credentialsById(context)) };
}

async function takeBack(context: Context, request: FastifyRequest): Promise<Answer> {
  const id = paramOf(request, "assignment");
  return { status: 200, body: { id, revoked: await revokeRole(context, callerOf(request), id) } };
}

/** Who can sign in, and who may do what. */
export const CREDENTIAL_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/credentials",
    summary: "List the credentials of the built-in issuer, also revoked ones; never a secret.",
    access: { action: "Stampbook/credentials/read" },
    run: listCredentials,
  },
  {
    method: "POST",
    path: "/v1/credentials",
    summary: "Make a credential, and grant it a role. The answer holds its secret, which is told this once.",
    access: { action: "Stampbook/credentials/write" },
    body: CredentialBody,
    run: create,
  },
  {
    method: "DELETE",
    path: "/v1/credentials/:client",
    summary: "Revoke a credential for ever. :client is a client id or the name of a user.",
    access: { action: "Stampbook/credentials/write" },
    run: revoke,
  },
  {
    method: "GET",
    path: "/v1/access",
    summary: "List who was granted which role where: what the caller may see, and the caller's own.",
    access: "signed-in",
    query: { of: "Only of this client id, user name or object id.", scope: "Only at this scope, above and below it." },
    run: listAccess,
  },
  {
    method: "POST",
    path: "/v1/access",
    summary:
      "Grant a role. The principal is a client id, the name of a user or an object id; `issuer` says whose object id.",
    access: { action: WRITE, scope: (_, request) => scopeOfQuery(request) },
    query: { scope: "Resource id; everything unless given." },
    body: GrantBody,
    run: grant,
  },
  {
    method: "DELETE",
    path: "/v1/access/:assignment",
    summary: "Take a role back.",
    access: {
      action: DELETE,
      scope: async ({ control }, request) => {
        return (await control.roleAssignments.find(paramOf(request, "assignment")))?.scope ?? "/";
      },
      lookedUp: true,
    },
    run: takeBack,
  },
];
