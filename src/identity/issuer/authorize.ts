import { timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { chooseLanguage } from "../../domain/faults/fault.ts";
import { mayRedirect } from "../../domain/identity/credential.ts";
import { type Answer, formOf } from "../../http/route.ts";
import { newSecret } from "../../lib/secret.ts";
import type { Context } from "../../operations/context.ts";
import { type Wanted, wantedAudience } from "./audience.ts";
import { authenticate, findClient, mustBeSlow } from "./authenticate.ts";
import { isOurDirectory, unknownDirectory } from "./discovery.ts";
import { NO_STORE, OAuthError } from "./oauth.ts";
import { refusalPage, signInPage, type Trouble } from "./signInPage.ts";

/** A request that may be answered by sending the browser back. */
interface Asked {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly inFragment: boolean;
}

type Query = Readonly<Record<string, string | undefined>>;

const queryOf = (request: FastifyRequest): Query => request.query as Query;

/** Undefined when nobody registered that program with that address: then nothing is sent there. */
async function asked(context: Context, query: Query): Promise<Asked | undefined> {
  const { client_id: clientId = "", redirect_uri: redirectUri = "", state } = query;
  const client = await findClient(context, clientId);
  if (client === undefined || !mayRedirect(client.redirectUris, redirectUri)) return undefined;
  return { clientId: client.clientId, redirectUri, state, inFragment: query["response_mode"] === "fragment" };
}

function sendBack(to: Asked, values: Readonly<Record<string, string>>): Answer {
  const url = new URL(to.redirectUri);
  const answer = new URLSearchParams(to.inFragment ? "" : url.searchParams);
  for (const [name, value] of Object.entries(values)) answer.set(name, value);
  if (to.state !== undefined) answer.set("state", to.state);
  url[to.inFragment ? "hash" : "search"] = answer.toString();
  return { status: 303, headers: { ...NO_STORE, location: url.href, "referrer-policy": "no-referrer" } };
}

/** What a program has to say before its user is asked. @throws OAuthError */
function checked({ signIn }: Context, request: FastifyRequest): Wanted & { readonly codeChallenge: string } {
  const query = queryOf(request);
  if (query["response_type"] !== "code") {
    throw new OAuthError("unsupported_response_type", "response_type must be code.");
  }
  if (!["query", "fragment", undefined].includes(query["response_mode"])) {
    throw new OAuthError("invalid_request", "response_mode must be query or fragment.");
  }
  const { code_challenge: codeChallenge = "", code_challenge_method: method } = query;
  if (method !== "S256" || !/^[\w-]{43}$/.test(codeChallenge)) {
    throw new OAuthError("invalid_request", "PKCE is needed: code_challenge with code_challenge_method=S256.");
  }
  // There are no sessions: nobody is signed in without being asked.
  if (query["prompt"] === "none") throw new OAuthError("login_required", "The user has to sign in.");
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...wantedAudience(signIn, signIn.urls.of(request.host), Object.fromEntries(given)), codeChallenge };
}

/** Under TLS the prefix keeps other hosts and plain HTTP from setting it. */
const cookieName = (base: string): string =>
  base.startsWith("https:") ? "__Host-stampbook-sign-in" : "stampbook-sign-in";

function page(context: Context, request: FastifyRequest, to: Asked, trouble?: Trouble): Answer {
  const base = context.signIn.urls.of(request.host);
  const once = newSecret();
  const answer = signInPage(chooseLanguage(request.headers["accept-language"]), {
    action: request.url,
    once,
    redirectOrigin: new URL(to.redirectUri).origin,
    trouble,
    ...(trouble === "locked" ? { status: 429 } : {}),
  });
  const secure = base.startsWith("https:") ? "; Secure" : "";
  const cookie = `${cookieName(base)}=${once}; Path=/; HttpOnly; SameSite=Strict${secure}`;
  return { ...answer, headers: { ...answer.headers, "set-cookie": cookie } };
}

/** Whether the form is the one that we gave to this browser, and not another site's. */
function isOurForm(context: Context, request: FastifyRequest): boolean {
  const name = cookieName(context.signIn.urls.of(request.host));
  const cookies = (request.headers.cookie ?? "").split(";").map((cookie) => cookie.trim());
  const kept = Buffer.from(cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1) ?? "");
  const sent = Buffer.from(formOf(request)["once"] ?? "");
  return kept.length > 0 && kept.length === sent.length && timingSafeEqual(kept, sent);
}

async function signInUser(context: Context, request: FastifyRequest, to: Asked): Promise<Answer> {
  const { audience, openId, codeChallenge } = checked(context, request);
  if (!isOurForm(context, request)) return page(context, request, to, "again");
  const { username: name = "", password: secret = "" } = formOf(request);
  const user = await authenticate(context, request, { name, secret, kind: "User" });
  if (user === undefined) return page(context, request, to, "wrong");
  const code = newSecret();
  const { clientId, redirectUri } = to;
  const nonce = queryOf(request)["nonce"];
  context.signIn.codes.keep(
    code,
    { clientId, redirectUri, codeChallenge, userClientId: user.clientId, audience, openId, nonce },
    context.clock.now(),
  );
  return sendBack(to, { code });
}

/** The authorization endpoint (RFC 6749 §3.1): shows the page, and takes what was typed into it. */
export async function authorize(context: Context, request: FastifyRequest): Promise<Answer> {
  const language = chooseLanguage(request.headers["accept-language"]);
  if (!isOurDirectory(context.signIn, request)) return refusalPage(language, unknownDirectory().message);
  const to = await asked(context, queryOf(request));
  if (to === undefined) {
    return refusalPage(language, "The client_id is unknown, or the redirect_uri is not registered for it.");
  }
  try {
    if (request.method === "POST") {
      mustBeSlow(context, request);
      return await signInUser(context, request, to);
    }
    checked(context, request);
    return page(context, request, to);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    if (error.status === 429) {
      const locked = page(context, request, to, "locked");
      return { ...locked, headers: { ...locked.headers, ...error.headers } };
    }
    return sendBack(to, { error: error.code, error_description: error.message });
  }
}
