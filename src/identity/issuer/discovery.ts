import type { FastifyRequest } from "fastify";
import { issuersAt, type SignIn } from "../../domain/identity/signIn.ts";
import type { Answer } from "../../http/route.ts";
import type { Context } from "../../operations/context.ts";
import { publishedJwk, TOKEN_ALGORITHM, verifyingKeys } from "../keys.ts";
import { OAuthError, oauthRefusal } from "./oauth.ts";
import type { Flavour } from "./token.ts";

const PATHS: Readonly<Record<Flavour, (directory: string) => { authorize: string; token: string; keys: string }>> = {
  adfs: () => ({ authorize: "/adfs/oauth2/authorize", token: "/adfs/oauth2/token", keys: "/adfs/discovery/keys" }),
  v1: (directory) => ({
    authorize: `/${directory}/oauth2/authorize`,
    token: `/${directory}/oauth2/token`,
    keys: `/${directory}/discovery/keys`,
  }),
  v2: (directory) => ({
    authorize: `/${directory}/oauth2/v2.0/authorize`,
    token: `/${directory}/oauth2/v2.0/token`,
    keys: `/${directory}/discovery/v2.0/keys`,
  }),
};

/** Names that tools use for "whichever directory it is"; here there is one. */
const ANY_DIRECTORY = new Set(["common", "organizations"]);

/** Whether a path names our directory; undefined stands for ADFS, which has no name for it. */
export function isOurDirectory({ directory }: SignIn, request: FastifyRequest): boolean {
  const { tenant } = request.params as { tenant?: string };
  return tenant === undefined || tenant.toLowerCase() === directory || ANY_DIRECTORY.has(tenant.toLowerCase());
}

export const unknownDirectory = (): OAuthError =>
  new OAuthError("invalid_tenant", "There is no such directory here; stampbook connect tells its id.");

/** The configuration that clients begin with (OpenID Connect Discovery §4). */
export async function discovery({ signIn }: Context, request: FastifyRequest, flavour: Flavour): Promise<Answer> {
  if (!isOurDirectory(signIn, request)) return oauthRefusal(unknownDirectory());
  const { directory } = signIn;
  const base = signIn.urls.of(request.host);
  const { authorize, token, keys } = PATHS[flavour](directory);
  return {
    status: 200,
    body: {
      issuer: issuersAt(base, directory)[flavour],
      authorization_endpoint: base + authorize,
      token_endpoint: base + token,
      jwks_uri: base + keys,
      response_types_supported: ["code"],
      response_modes_supported: ["query", "fragment"],
      grant_types_supported: [
        "authorization_code",
        "client_credentials",
        ...(signIn.passwordGrant ? ["password"] : []),
      ],
      token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic", "none"],
      code_challenge_methods_supported: ["S256"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: [TOKEN_ALGORITHM],
      scopes_supported: ["openid", "profile"],
      claims_supported: ["sub", "oid", "tid", "upn", "name", "preferred_username", "iss", "aud", "iat", "exp", "nonce"],
    },
  };
}

/** The public halves of the keys that tokens may be signed with. */
export async function publishKeys(context: Context): Promise<Answer> {
  return { status: 200, body: { keys: (await verifyingKeys(context)).map(publishedJwk) } };
}
