import { CompactSign, compactVerify, exportJWK, generateKeyPair, importJWK } from "jose";
import { canonicalJson } from "./canonicalJson.ts";
import { digest128 } from "./digest.ts";

/** A key as a JSON Web Key (RFC 7517). */
export type JsonWebKey = Readonly<Record<string, unknown>>;

const ALGORITHM = "RS256";
const MODULUS_BITS = 2_048;

/** An RSA key pair for RS256. Its id is 32 lower-case hex digits made of the public part, so two keys never share one. */
export async function newRs256Key(): Promise<{ readonly kid: string; readonly privateJwk: JsonWebKey }> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { modulusLength: MODULUS_BITS, extractable: true });
  const privateJwk = (await exportJWK(privateKey)) as JsonWebKey;
  const { kty, n, e } = privateJwk;
  return { kid: digest128(canonicalJson({ kty, n, e })), privateJwk };
}

/** The part of a private RSA key that everybody may have. */
export const publicJwk = (kid: string, { kty, n, e }: JsonWebKey): JsonWebKey => ({
  kid,
  kty,
  alg: ALGORITHM,
  use: "sig",
  n,
  e,
});

/** Compact JWS with the header `{"kid":…,"alg":"RS256"}` and nothing else. */
export async function signRs256(payload: string, kid: string, privateJwk: JsonWebKey): Promise<string> {
  const key = await importJWK({ ...privateJwk }, ALGORITHM);
  return await new CompactSign(new TextEncoder().encode(payload)).setProtectedHeader({ kid, alg: ALGORITHM }).sign(key);
}

export interface ReadJws {
  readonly kid: string;
  readonly payload: string;
}

const PART = /^[\w-]+$/;

/** Takes a compact RS256 JWS apart without checking its signature, or says why it is none. */
export function readJws(text: string): ReadJws | { readonly reason: string } {
  const parts = text.split(".");
  const [header = "", payload = ""] = parts;
  if (parts.length !== 3) return { reason: "it has not three parts with points between them" };
  if (!parts.every((part) => PART.test(part))) return { reason: "a part of it is not Base64url" };
  let named: { readonly alg?: unknown; readonly kid?: unknown } | null;
  try {
    named = JSON.parse(Buffer.from(header, "base64url").toString("utf8")) as typeof named;
  } catch {
    return { reason: "its header is no JSON" };
  }
  if (named?.alg !== ALGORITHM) return { reason: `its header does not say ${ALGORITHM}` };
  if (typeof named.kid !== "string") return { reason: "its header names no key" };
  return { kid: named.kid, payload: Buffer.from(payload, "base64url").toString("utf8") };
}

/** Whether a compact JWS was signed with RS256 by the private part of a key; no other algorithm is tried. */
export async function isSignedBy(text: string, jwk: JsonWebKey): Promise<boolean> {
  try {
    const key = await importJWK({ ...jwk }, ALGORITHM);
    await compactVerify(text, key, { algorithms: [ALGORITHM] });
    return true;
  } catch {
    return false;
  }
}
