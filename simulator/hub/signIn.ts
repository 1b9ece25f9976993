import type { InstantMs } from "../../src/lib/instant.ts";
import { type Answer, type HubRequest, json, refusal } from "./answers.ts";
import { seal, unseal } from "./query.ts";

export interface SignIn {
  readonly url: string;
  readonly secret: string;
  /** The operator's application, a Reader of the provider subscription. */
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokenSeconds: number;
  /** Whether a client id is that of a tenant of the stamp, which sees its own subscriptions. */
  isTenant(clientId: string): boolean;
}

const audienceOf = ({ url }: SignIn): string => `${url}/hub`;

/** What tools ask first, without a token: where to sign in (contract/clients.md). */
export const metadata = (signIn: SignIn): Answer =>
  json({
    galleryEndpoint: `${signIn.url}/gallery`,
    graphEndpoint: `${signIn.url}/graph`,
    portalEndpoint: `${signIn.url}/portal`,
    authentication: { loginEndpoint: `${signIn.url}/adfs`, audiences: [audienceOf(signIn)] },
  });

/** For AD FS and for a directory's version 2. `base` is what the path of the request begins with. */
export function openIdConfiguration({ url }: SignIn, base: string, isAdfs: boolean): Answer {
  const oauth = isAdfs ? `${url}${base}/oauth2` : `${url}${base}/oauth2/v2.0`;
  return json({
    issuer: `${url}${base}`,
    authorization_endpoint: `${oauth}/authorize`,
    token_endpoint: `${oauth}/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post"],
    response_types_supported: ["token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  });
}

/** Client credentials in a form. No id_token: MSAL would refuse one that is not for the client. */
export function token(signIn: SignIn, { body }: HubRequest, nowMs: InstantMs): Answer {
  const form = new URLSearchParams(body);
  const [type, client, secret] = ["grant_type", "client_id", "client_secret"].map((name) => form.get(name) ?? "");
  if (type !== "client_credentials") return oauthError(400, "unsupported_grant_type");
  const known = client === signIn.clientId || signIn.isTenant(client!);
  if (!known || secret !== signIn.clientSecret) return oauthError(401, "invalid_client");
  const { tokenSeconds } = signIn;
  const sealed = seal(signIn.secret, JSON.stringify({ client, untilMs: nowMs + tokenSeconds * 1_000 }));
  return json({ token_type: "Bearer", expires_in: tokenSeconds, access_token: sealed, resource: audienceOf(signIn) });
}

const oauthError = (status: number, error: string): Answer => json({ error, error_description: error }, status);

/** The client of a good token; undefined when it has ended or is none of ours. */
export function callerOf({ secret }: SignIn, authorization: string | undefined, nowMs: InstantMs): string | undefined {
  const text = unseal(secret, /^bearer (.+)$/i.exec(authorization ?? "")?.[1] ?? "");
  if (text === undefined) return undefined;
  const { client, untilMs } = JSON.parse(text) as { readonly client: string; readonly untilMs: InstantMs };
  return nowMs < untilMs ? client : undefined;
}

export const unauthenticated = ({ url }: SignIn): Answer =>
  refusal(401, "AuthenticationFailed", "The access token is missing, invalid or has expired.", {
    "www-authenticate": `Bearer authorization_uri="${url}/adfs", error="invalid_token"`,
  });
