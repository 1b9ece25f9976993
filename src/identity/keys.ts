import { type CryptoKey, importJWK, type JWK } from "jose";
import type { SigningKey } from "../domain/keys/store.ts";
import { LIMITS } from "../domain/limits.ts";
import type { InstantMs } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";

export const TOKEN_ALGORITHM = "RS256";

/** The members that everybody may see, and no others. */
const publicJwkOf = ({ privateJwk: { kty, n, e } }: Pick<SigningKey, "privateJwk">): JWK => ({ kty, n, e }) as JWK;

export const publishedJwk = (key: SigningKey): JWK => ({
  ...publicJwkOf(key),
  kid: key.kid,
  use: "sig",
  alg: key.algorithm,
});

/** Importing a key takes longer than using it. They never change, and there are few. */
const imported = new Map<string, CryptoKey>();
const IMPORTED_MAX = 100;

async function importKey(name: string, jwk: JWK): Promise<CryptoKey> {
  const known = imported.get(name);
  if (known !== undefined) return known;
  const key = (await importJWK(jwk, TOKEN_ALGORITHM)) as CryptoKey;
  if (imported.size >= IMPORTED_MAX) imported.clear();
  imported.set(name, key);
  return key;
}

export const verificationKey = (key: SigningKey): Promise<CryptoKey> =>
  importKey(`public ${key.kid}`, publicJwkOf(key));
export const signatureKey = (key: SigningKey): Promise<CryptoKey> => importKey(`private ${key.kid}`, key.privateJwk);

/** A retired key verifies until the last token that it signed has ended. */
export const verifies = ({ retiredAtMs }: SigningKey, nowMs: InstantMs): boolean =>
  retiredAtMs === null || nowMs < retiredAtMs + LIMITS.accessTokenMsMax + LIMITS.tokenClockSkewMsMax;

/** The keys that tokens of ours may be signed with, newest first. */
export async function verifyingKeys({ control, clock }: Pick<Context, "control" | "clock">) {
  const nowMs = clock.now();
  return (await control.signingKeys.list("token")).filter((key) => verifies(key, nowMs));
}
