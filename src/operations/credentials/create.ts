import { Fault } from "../../domain/faults/fault.ts";
import { isGuid } from "../../domain/ids.ts";
import { type Credential, type CredentialKind, redirectUriProblem } from "../../domain/identity/credential.ts";
import { LIMITS } from "../../domain/limits.ts";
import { hashSecret, newId, newSecret } from "../../lib/secret.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";

export interface NewCredential {
  readonly kind: CredentialKind;
  /** A user's name, or the GUID that a public client comes with; a new GUID otherwise. */
  readonly clientId?: string;
  readonly displayName?: string;
  readonly redirectUris?: readonly string[];
  /** Granted together with it. */
  readonly grant?: { readonly roleDefinitionId: string; readonly scope: string };
}

/** The secret is nowhere else: whoever made it sees it once. Undefined for a public client. */
export interface CreatedCredential {
  readonly credential: Credential;
  readonly secret: string | undefined;
}

const USER = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,127}$/u;
function refuse(parameter: string, value: string, reason: string): never {
  throw new Fault("InvalidParameter", { parameter, value, reason }, { target: parameter });
}

function clientIdOf({ kind, clientId }: NewCredential): string {
  if (kind !== "User") {
    const id = (clientId ?? newId()).toLowerCase();
    return isGuid(id) ? id : refuse("clientId", id, "it must be a GUID");
  }
  if (clientId === undefined) return refuse("clientId", "", "a user needs a name");
  const reason = "it must be 1 to 128 letters, digits, or . _ @ + - and begin with a letter or digit";
  return USER.test(clientId) ? clientId : refuse("clientId", clientId, reason);
}

function redirectUrisOf({ kind, redirectUris = [] }: NewCredential): readonly string[] {
  if (kind === "User" && redirectUris.length > 0) refuse("redirectUris", redirectUris[0]!, "a user has none");
  if (redirectUris.length > LIMITS.redirectUrisMax) {
    refuse("redirectUris", String(redirectUris.length), `at most ${LIMITS.redirectUrisMax} can be kept`);
  }
  for (const uri of redirectUris) {
    const problem = redirectUriProblem(uri);
    if (problem !== undefined) refuse("redirectUris", uri, problem);
  }
  return redirectUris;
}

/**
 * Makes a credential of the built-in issuer, and grants it a role if one is named.
 * @throws Fault InvalidParameter, CredentialExists
 */
export async function createCredential(
  { control, clock }: Pick<Context, "control" | "clock">,
  caller: Caller,
  wanted: NewCredential,
): Promise<CreatedCredential> {
  const { kind, grant } = wanted;
  const [clientId, redirectUris] = [clientIdOf(wanted), redirectUrisOf(wanted)];
  const displayName = (wanted.displayName ?? clientId).slice(0, 256);
  const secret = kind === "PublicClient" ? undefined : newSecret();
  const createdAtMs = clock.now();
  const credential: Credential = {
    clientId,
    kind,
    objectId: newId(),
    displayName,
    secretHash: secret === undefined ? "" : await hashSecret(secret),
    redirectUris,
    createdAtMs,
    createdBy: caller.name,
    revokedAtMs: null,
  };
  await control.transaction(async ({ credentials, roleAssignments, audit }) => {
    if (!(await credentials.add(credential))) throw new Fault("CredentialExists", { clientId });
    if (grant !== undefined) {
      await roleAssignments.add({
        id: newId(),
        ...grant,
        issuer: null,
        principalId: credential.objectId,
        principalType: kind === "User" ? "User" : "ServicePrincipal",
        createdBy: caller.name,
        createdAtMs,
      });
    }
    await audit.add({
      ...auditedBy(caller, createdAtMs),
      action: "Stampbook/credentials/write",
      target: clientId,
      outcome: "done",
      detail: { kind, objectId: credential.objectId, displayName, redirectUris, ...grant },
    });
  });
  return { credential, secret };
}
