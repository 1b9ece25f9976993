import { type JWTPayload, SignJWT } from "jose";
import type { Credential } from "../../domain/identity/credential.ts";
import { LIMITS } from "../../domain/limits.ts";
import { SECOND_MS } from "../../lib/instant.ts";
import { newId } from "../../lib/secret.ts";
import type { Context } from "../../operations/context.ts";
import { currentKey } from "../../operations/keys/signingKeys.ts";
import { signatureKey, TOKEN_ALGORITHM } from "../keys.ts";
import { ACCESS_TOKEN_TYPE } from "../tokenCheck.ts";

export const TOKEN_LIFE_S = LIMITS.accessTokenMsMax / SECOND_MS;

async function sign(context: Context, typ: string, claims: JWTPayload): Promise<string> {
  const key = await currentKey(context, "token");
  const nowS = Math.floor(context.clock.now() / SECOND_MS);
  return await new SignJWT({ ...claims, iat: nowS, nbf: nowS, exp: nowS + TOKEN_LIFE_S })
    .setProtectedHeader({ alg: TOKEN_ALGORITHM, typ, kid: key.kid })
    .sign(await signatureKey(key));
}

const claimsOf = ({ signIn }: Context, { objectId, kind, clientId, displayName }: Credential): JWTPayload => ({
  sub: objectId,
  oid: objectId,
  tid: signIn.directory,
  ...(kind === "User"
    ? { idtyp: "user", upn: clientId, unique_name: clientId, preferred_username: clientId, name: displayName }
    : { idtyp: "app" }),
});

interface For {
  readonly issuer: string;
  /** The program that asks; the same as the credential where an application asks for itself. */
  readonly clientId: string;
}

export const mintAccessToken = (
  context: Context,
  credential: Credential,
  { issuer, clientId, audience }: For & { readonly audience: string },
): Promise<string> =>
  sign(context, ACCESS_TOKEN_TYPE, {
    ...claimsOf(context, credential),
    iss: issuer,
    aud: audience,
    appid: clientId,
    azp: clientId,
    ver: issuer.endsWith("/v2.0") ? "2.0" : "1.0",
    jti: newId(),
  });

export const mintIdToken = (
  context: Context,
  credential: Credential,
  { issuer, clientId, nonce }: For & { readonly nonce: string | undefined },
): Promise<string> =>
  sign(context, "JWT", {
    ...claimsOf(context, credential),
    iss: issuer,
    aud: clientId,
    ver: issuer.endsWith("/v2.0") ? "2.0" : "1.0",
    ...(nonce === undefined ? {} : { nonce }),
  });
