import { randomBytes } from "node:crypto";
import type { ControlStores } from "../../domain/controlStore.ts";
import type { KeyPurpose, SigningKey } from "../../domain/keys/store.ts";
import { type JsonWebKey, newRs256Key } from "../../lib/jws.ts";
import { auditedBy, type Caller, type Context, MACHINE } from "../context.ts";

interface Made {
  readonly kid: string;
  readonly privateJwk: JsonWebKey;
}

const RSA = { algorithm: "RS256", make: newRs256Key } as const;

/** A secret that is never published: page tokens are sealed and opened here only. */
const SECRET = {
  algorithm: "HS256",
  make: async (): Promise<Made> => ({
    kid: randomBytes(16).toString("hex"),
    privateJwk: { kty: "oct", k: randomBytes(32).toString("base64url") },
  }),
} as const;

/** Every kind of key of ours: how it is made, and what the audit calls the making. */
const KINDS = {
  token: { ...RSA, action: "Stampbook/credentials/write", collection: "signingKeys" },
  "activation-key": { ...RSA, action: "Stampbook/activationKeys/rotate/action", collection: "activationKeys" },
  "page-token": { ...SECRET, action: "Stampbook/pageKeys/write", collection: "pageKeys" },
} as const satisfies Record<KeyPurpose, unknown>;

type KeyContext = Pick<Context, "control" | "clock" | "locks">;

/** Only one of the calls that come at the same time makes a key. */
const lockOf = (purpose: KeyPurpose): string => `${purpose} key`;

const newestInUse = async ({ signingKeys }: ControlStores, purpose: KeyPurpose): Promise<SigningKey | undefined> =>
  (await signingKeys.list(purpose)).find(({ retiredAtMs }) => retiredAtMs === null);

/** The key of a purpose that is used now; its first use makes it. */
export async function currentKey(context: KeyContext, purpose: KeyPurpose): Promise<SigningKey> {
  const { control, locks } = context;
  return (
    (await newestInUse(control, purpose)) ??
    (await locks.run(
      lockOf(purpose),
      // Nobody asks for the first key: it is made because it is needed.
      async () => (await newestInUse(control, purpose)) ?? (await replace(context, MACHINE, purpose)).key,
    ))
  );
}

interface Rotated {
  readonly key: SigningKey;
  readonly retired: readonly string[];
}

/** A new key signs from now on. The ones before it sign no more, and still verify what they signed. */
export const rotateKey = (context: KeyContext, caller: Caller, purpose: KeyPurpose): Promise<Rotated> =>
  context.locks.run(lockOf(purpose), () => replace(context, caller, purpose));

async function replace({ control, clock }: KeyContext, caller: Caller, purpose: KeyPurpose): Promise<Rotated> {
  const { algorithm, make, action, collection } = KINDS[purpose];
  const { kid, privateJwk } = await make();
  return await control.transaction(async ({ signingKeys, audit }) => {
    const atMs = clock.now();
    const inUse = (await signingKeys.list(purpose)).filter(({ retiredAtMs }) => retiredAtMs === null);
    const retired = inUse.map((before) => before.kid);
    for (const before of retired) await signingKeys.retire(before, atMs);
    const key: SigningKey = { kid, purpose, algorithm, privateJwk, createdAtMs: atMs, retiredAtMs: null };
    await signingKeys.add(key);
    await audit.add({
      ...auditedBy(caller, atMs),
      action,
      target: `/${collection}/${kid}`,
      outcome: "done",
      detail: { before: retired.length === 0 ? null : retired, after: kid },
    });
    return { key, retired };
  });
}
