import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { calculateJwkThumbprint, type CryptoKey, importJWK, type JWK } from "jose";
import type { SigningKey } from "../domain/keys/store.ts";
import { LIMITS } from "../domain/limits.ts";
import type { InstantMs } from "../lib/instant.ts";
import { auditedBy, type Caller, type Context } from "../operations/context.ts";

export const TOKEN_ALGORITHM = "RS256";
const MODULUS_BITS = 2_048;

const generate = promisify(generateKeyPair);

async function newKey(createdAtMs: InstantMs): Promise<SigningKey> {
  const { privateKey } = await generate("rsa", { modulusLength: MODULUS_BITS });
  const privateJwk = privateKey.export({ format: "jwk" });
  const kid = await calculateJwkThumbprint(publicJwkOf({ privateJwk }));
  return { kid, purpose: "token", algorithm: TOKEN_ALGORITHM, privateJwk, createdAtMs, retiredAtMs: null };
}

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

type KeyContext = Pick<Context, "control" | "clock" | "locks">;

/** The keys that tokens of ours may be signed with, newest first. */
export async function verifyingKeys({ control, clock }: Pick<Context, "control" | "clock">) {
  const nowMs = clock.now();
  return (await control.signingKeys.list("token")).filter((key) => verifies(key, nowMs));
}

/** The key that signs tokens now; made when there is none. */
export async function currentKey({ control, clock, locks }: KeyContext): Promise<SigningKey> {
  const current = async (): Promise<SigningKey | undefined> =>
    (await control.signingKeys.list("token")).find((key) => key.retiredAtMs === null);
  return (
    (await current()) ??
    (await locks.run("token key", async () => {
      const made = await current();
      if (made !== undefined) return made;
      const key = await newKey(clock.now());
      await control.signingKeys.add(key);
      return key;
    }))
  );
}

/** Makes a new key for tokens and retires the others. */
export async function rotateTokenKey({ control, clock, locks }: KeyContext, caller: Caller): Promise<SigningKey> {
  return await locks.run("token key", async () => {
    const nowMs = clock.now();
    const key = await newKey(nowMs);
    await control.transaction(async ({ signingKeys, audit }) => {
      const retired = (await signingKeys.list("token")).filter(({ retiredAtMs }) => retiredAtMs === null);
      for (const { kid } of retired) await signingKeys.retire(kid, nowMs);
      await signingKeys.add(key);
      await audit.add({
        ...auditedBy(caller, nowMs),
        action: "Stampbook/credentials/write",
        target: `signing key ${key.kid}`,
        outcome: "done",
        detail: { purpose: "token", retired: retired.map(({ kid }) => kid) },
      });
    });
    return key;
  });
}
