import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { Credential } from "../../domain/identity/credential.ts";
import { issuersAt } from "../../domain/identity/signIn.ts";
import { type Answer, formOf } from "../../http/route.ts";
import type { Context } from "../../operations/context.ts";
import { type Wanted, wantedAudience } from "./audience.ts";
import {
  authenticate,
  authenticateApplication,
  authenticateClient,
  clientSecretOf,
  mustBeSlow,
} from "./authenticate.ts";
import { mintAccessToken, mintIdToken, TOKEN_LIFE_S } from "./mint.ts";
import { NO_STORE, OAuthError, oauthRefusal } from "./oauth.ts";

/** Which of the shapes of endpoints was used; tokens name their issuer accordingly. */
export type Flavour = keyof ReturnType<typeof issuersAt>;

type Form = Readonly<Record<string, string>>;

interface Issued {
  readonly credential: Credential;
  readonly clientId: string;
  readonly wanted: Wanted;
  readonly nonce?: string | undefined;
}

/** An application for itself. Its answer holds no id token: MSAL refuses one (contract/clients.md, finding 5). */
async function clientCredentials(context: Context, request: FastifyRequest, form: Form, base: string): Promise<Issued> {
  const credential = await authenticateApplication(context, request, clientSecretOf(request, form));
  const wanted = wantedAudience(context.signIn, base, form);
  return { credential, clientId: credential.clientId, wanted: { ...wanted, openId: false } };
}

/** Whether a verifier is the one whose S256 was given at the sign-in (RFC 7636 §4.6). */
function isVerifier(verifier: string, challenge: string): boolean {
  if (!/^[\w.~-]{43,128}$/.test(verifier)) return false;
  const [made, wanted] = [createHash("sha256").update(verifier).digest(), Buffer.from(challenge, "base64url")];
  return made.length === wanted.length && timingSafeEqual(made, wanted);
}

async function authorizationCode(context: Context, request: FastifyRequest, form: Form): Promise<Issued> {
  const { clientId } = await authenticateClient(context, request, clientSecretOf(request, form));
  const grant = context.signIn.codes.take(form["code"] ?? "", context.clock.now());
  const isTheirs =
    grant !== undefined &&
    grant.clientId.toLowerCase() === clientId.toLowerCase() &&
    grant.redirectUri === form["redirect_uri"] &&
    isVerifier(form["code_verifier"] ?? "", grant.codeChallenge);
  const user = isTheirs ? await context.control.credentials.find(grant.userClientId) : undefined;
  if (grant === undefined || user === undefined || user.revokedAtMs !== null) {
    const reason = "The code is wrong, too old or used already, or it was given to another program.";
    throw new OAuthError("invalid_grant", reason);
  }
  const { audience, openId, nonce } = grant;
  return { credential: user, clientId, wanted: { audience, openId, scope: `${audience}/.default` }, nonce };
}

async function password(context: Context, request: FastifyRequest, form: Form, base: string): Promise<Issued> {
  if (!context.signIn.passwordGrant) {
    throw new OAuthError("unsupported_grant_type", "Sign-in with a password is switched off (setting passwordGrant).");
  }
  const { clientId } = await authenticateClient(context, request, clientSecretOf(request, form));
  const wanted = wantedAudience(context.signIn, base, form);
  const { username: name = "", password: secret = "" } = form;
  const credential = await authenticate(context, request, { name, secret, kind: "User" });
  if (credential === undefined) throw new OAuthError("invalid_grant", "The user name or the password is wrong.");
  return { credential, clientId, wanted };
}

const GRANTS: Readonly<Record<string, typeof clientCredentials>> = {
  client_credentials: clientCredentials,
  authorization_code: authorizationCode,
  password,
};

/** What MSAL knows an account by. */
const clientInfo = ({ objectId }: Credential, directory: string): string =>
  Buffer.from(JSON.stringify({ uid: objectId, utid: directory })).toString("base64url");

async function answer(context: Context, request: FastifyRequest, flavour: Flavour): Promise<Answer> {
  mustBeSlow(context, request);
  const { signIn } = context;
  const form = formOf(request);
  const base = signIn.urls.of(request.host);
  const grant = Object.hasOwn(GRANTS, form["grant_type"] ?? "") ? GRANTS[form["grant_type"]!] : undefined;
  if (grant === undefined) {
    throw new OAuthError("unsupported_grant_type", `grant_type must be one of ${Object.keys(GRANTS).join(", ")}.`);
  }
  const { credential, clientId, wanted, nonce } = await grant(context, request, form, base);
  const { audience, openId, scope } = wanted;
  const issuer = issuersAt(base, signIn.directory)[flavour];
  const accessToken = await mintAccessToken(context, credential, { issuer, clientId, audience });
  const isUser = credential.kind === "User";
  const body = {
    token_type: "Bearer",
    expires_in: TOKEN_LIFE_S,
    ext_expires_in: TOKEN_LIFE_S,
    access_token: accessToken,
    ...(isUser ? { scope } : {}),
    ...(flavour === "adfs" ? { resource: audience } : {}),
    ...(isUser && openId ? { id_token: await mintIdToken(context, credential, { issuer, clientId, nonce }) } : {}),
    ...(isUser && form["client_info"] === "1" ? { client_info: clientInfo(credential, signIn.directory) } : {}),
  };
  return { status: 200, headers: NO_STORE, body };
}

/** The token endpoint (RFC 6749 §3.2). */
export async function issueToken(context: Context, request: FastifyRequest, flavour: Flavour): Promise<Answer> {
  try {
    return await answer(context, request, flavour);
  } catch (error) {
    if (error instanceof OAuthError) return oauthRefusal(error);
    throw error;
  }
}
