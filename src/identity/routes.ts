import { Fault } from "../domain/faults/fault.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import { formatInstant } from "../lib/instant.ts";
import { rotateKey } from "../operations/keys/signingKeys.ts";
import { authorize } from "./issuer/authorize.ts";
import { discovery, isOurDirectory, publishKeys, unknownDirectory } from "./issuer/discovery.ts";
import { oauthRefusal } from "./issuer/oauth.ts";
import { type Flavour, issueToken } from "./issuer/token.ts";
import { verifyingKeys } from "./keys.ts";

/** A route of the built-in issuer, which may be switched off. */
const route = (so: Pick<Route, "method" | "path" | "summary" | "form" | "run">): Route => ({
  ...so,
  access: "public",
  run: async (context, request, reply) => {
    if (context.signIn.builtIn) return await so.run(context, request, reply);
    throw new Fault("RouteNotFound", { method: request.method, path: request.url.split("?")[0]! });
  },
});

const TOKEN_FORM =
  "grant_type (client_credentials or authorization_code), client_id, client_secret, scope or resource; with a code also code, redirect_uri and code_verifier.";

const flavoured = (flavour: Flavour, directory: string, version: string): readonly Route[] => [
  route({
    method: "GET",
    path: `${directory}${version}/.well-known/openid-configuration`,
    summary: "Where to sign in, for programs.",
    run: (context, request) => discovery(context, request, flavour),
  }),
  route({
    method: "POST",
    path: `${directory}/oauth2${version}/token`,
    summary: "Give a token for a secret or a code. A refusal has OAuth's shape: { error, error_description }.",
    form: TOKEN_FORM,
    run: async (context, request) =>
      isOurDirectory(context.signIn, request)
        ? await issueToken(context, request, flavour)
        : oauthRefusal(unknownDirectory()),
  }),
  route({
    method: "GET",
    path: `${directory}/oauth2${version}/authorize`,
    summary: "The page on which users sign in.",
    run: authorize,
  }),
  route({
    method: "POST",
    path: `${directory}/oauth2${version}/authorize`,
    summary: "Sign a user in and send the browser back with a code.",
    form: "what that page sends.",
    run: authorize,
  }),
  route({
    method: "GET",
    path: `${directory}/discovery${version}/keys`,
    summary: "The keys that tokens are signed with.",
    run: publishKeys,
  }),
];

const keyOut = ({ kid, createdAtMs, retiredAtMs }: Awaited<ReturnType<typeof verifyingKeys>>[number]) => ({
  kid,
  createdAt: formatInstant(createdAtMs),
  retiredAt: retiredAtMs === null ? null : formatInstant(retiredAtMs),
});

const ok = (body: unknown): Answer => ({ status: 200, body });

/** The built-in issuer as ADFS and as Entra look, and its keys. */
export const IDENTITY_ROUTES: readonly Route[] = [
  ...flavoured("adfs", "/adfs", ""),
  ...flavoured("v1", "/:tenant", ""),
  ...flavoured("v2", "/:tenant", "/v2.0"),
  {
    method: "GET",
    path: "/v1/signing-keys",
    summary: "The keys that verify tokens of the built-in issuer, newest first.",
    access: { action: "Stampbook/credentials/read" },
    run: async (context) => ok({ value: (await verifyingKeys(context)).map(keyOut) }),
  },
  {
    method: "POST",
    path: "/v1/signing-keys/rotate",
    summary: "Sign tokens with a new key from now on; those signed with the old one stay valid until they end.",
    access: { action: "Stampbook/credentials/write" },
    run: async (context, request) => ok(keyOut((await rotateKey(context, callerOf(request), "token")).key)),
  },
];
