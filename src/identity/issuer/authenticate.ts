import type { FastifyRequest } from "fastify";
import { LOCAL_ADMINISTRATOR } from "../../domain/access/caller.ts";
import {
  type Client,
  type Credential,
  type CredentialKind,
  WELL_KNOWN_CLIENTS,
} from "../../domain/identity/credential.ts";
import { correlationOf } from "../../http/server.ts";
import { SECOND_MS } from "../../lib/instant.ts";
import { isSecret } from "../../lib/secret.ts";
import { auditedBy, type Context } from "../../operations/context.ts";
import { OAuthError, tooMany } from "./oauth.ts";

const NAME_CHARS_MAX = 128;
const SECRET_CHARS_MAX = 1_024;

/** Slows an address down that asks too often. @throws OAuthError */
export function mustBeSlow({ signIn, clock }: Context, request: FastifyRequest): void {
  const waitMs = signIn.attempts.waitOfAddressMs(request.ip, clock.now());
  if (waitMs > 0) throw tooMany(waitMs);
}

/**
 * A wrong secret goes into the audit, but only so many in an hour: anybody can send some. The lock of somebody who is known
 * always does.
 */
async function auditFailure(
  context: Context,
  request: FastifyRequest,
  { name, known, locked }: { readonly name: string; readonly known: Credential | undefined; readonly locked: boolean },
): Promise<void> {
  const nowMs = context.clock.now();
  const leftOut = context.signIn.failures.record(nowMs, { always: locked && known !== undefined });
  if (leftOut === undefined) return;
  const caller = {
    ...LOCAL_ADMINISTRATOR,
    name,
    // Nobody knows who that was; least of all was it whoever has the data folder.
    objectId: known?.objectId ?? "",
    address: request.ip,
    correlationId: correlationOf(request),
  };
  await context.control.audit.add({
    ...auditedBy(caller, nowMs),
    action: "Stampbook/credentials/signIn",
    target: name,
    outcome: locked ? "locked" : "failed",
    detail: { known: known !== undefined, ...(leftOut === 0 ? {} : { leftOut }) },
  });
}

/**
 * Checks a name and a secret. An unknown name, a revoked one, one of another kind and a wrong secret look the same and
 * take as long. Undefined when they do not fit.
 * @throws OAuthError when the name is locked, or too many are being checked
 */
export async function authenticate(
  context: Context,
  request: FastifyRequest,
  { name, secret, kind }: { readonly name: string; readonly secret: string; readonly kind: CredentialKind },
): Promise<Credential | undefined> {
  const { control, clock, signIn } = context;
  if (name.length > NAME_CHARS_MAX || secret.length > SECRET_CHARS_MAX) return undefined;
  const key = name.toLowerCase();
  const lockedMs = signIn.attempts.lockOfNameMs(key, clock.now());
  if (lockedMs > 0) throw tooMany(lockedMs);
  const found = await control.credentials.find(name);
  const usable = found !== undefined && found.revokedAtMs === null && found.kind === kind ? found : undefined;
  const checked = await signIn.secretChecks.run(() => isSecret(secret, usable?.secretHash));
  if (checked === undefined) throw tooMany(SECOND_MS);
  if (checked.result && usable !== undefined) {
    signIn.attempts.succeeded(key);
    return usable;
  }
  const locked = signIn.attempts.failed(key, clock.now());
  await auditFailure(context, request, { name: key, known: found, locked });
  return undefined;
}

export interface ClientSecret {
  readonly clientId: string;
  readonly secret: string | undefined;
  /** Whether it came in an Authorization header, which is answered with a header of its own. */
  readonly basic: boolean;
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new OAuthError("invalid_request", "The Authorization header cannot be read.");
  }
};

/** Client id and secret from the form, or from a Basic header (RFC 6749 §2.3.1). */
export function clientSecretOf(request: FastifyRequest, form: Readonly<Record<string, string>>): ClientSecret {
  const [, basic] = /^Basic +([\w+/=-]+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (basic === undefined) {
    return { clientId: form["client_id"] ?? "", secret: form["client_secret"] || undefined, basic: false };
  }
  const text = Buffer.from(basic, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) throw new OAuthError("invalid_request", "The Authorization header cannot be read.");
  return { clientId: decoded(text.slice(0, colon)), secret: decoded(text.slice(colon + 1)), basic: true };
}

const invalidClient = ({ basic }: ClientSecret): OAuthError =>
  new OAuthError("invalid_client", "The client id or the client secret is wrong, or the credential was revoked.", {
    status: 401,
    headers: basic ? { "www-authenticate": 'Basic realm="stampbook"' } : {},
  });

/** An application with its secret. @throws OAuthError */
export async function authenticateApplication(
  context: Context,
  request: FastifyRequest,
  given: ClientSecret,
): Promise<Credential> {
  const { clientId: name, secret = "" } = given;
  if (name === "" || secret === "") {
    throw new OAuthError("invalid_client", "client_id and client_secret are needed.", { status: 401 });
  }
  const application = await authenticate(context, request, { name, secret, kind: "Application" });
  if (application === undefined) throw invalidClient(given);
  return application;
}

/** A program that users sign in with; undefined when there is none of that id. */
export async function findClient({ control }: Context, clientId: string): Promise<Client | undefined> {
  const known = WELL_KNOWN_CLIENTS.find((client) => client.clientId === clientId.toLowerCase());
  if (known !== undefined || clientId === "") return known;
  const found = await control.credentials.find(clientId);
  return found !== undefined && found.revokedAtMs === null && found.kind !== "User" ? found : undefined;
}

/** The program itself, where a user signs in: one with a secret has to show it. @throws OAuthError */
export async function authenticateClient(
  context: Context,
  request: FastifyRequest,
  given: ClientSecret,
): Promise<Client> {
  const client = await findClient(context, given.clientId);
  if (client === undefined) throw invalidClient(given);
  return client.kind === "PublicClient" ? client : await authenticateApplication(context, request, given);
}
