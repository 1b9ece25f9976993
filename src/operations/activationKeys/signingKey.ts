import type { ControlStores } from "../../domain/controlStore.ts";
import type { SigningKey } from "../../domain/keys/store.ts";
import { newRs256Key } from "../../lib/jws.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";

const PURPOSE = "activation-key";
/** Only one of the calls that come at the same time makes a key. */
const LOCK = "activation-key";

const newestInUse = async ({ signingKeys }: ControlStores): Promise<SigningKey | undefined> =>
  (await signingKeys.list(PURPOSE)).find(({ retiredAtMs }) => retiredAtMs === null);

/** The key that signs activation keys; the first use makes it. */
export async function activationSigningKey(context: Context): Promise<SigningKey> {
  const known = await newestInUse(context.control);
  if (known !== undefined) return known;
  return await context.locks.run(
    LOCK,
    async () => (await newestInUse(context.control)) ?? (await replace(context, MACHINE)).key,
  );
}

/** A new key signs from now on. The ones before it sign no more, and still verify what they signed. */
export const rotateActivationKey = (
  context: Context,
  caller: Caller,
): Promise<{ readonly key: SigningKey; readonly retired: readonly string[] }> =>
  context.locks.run(LOCK, () => replace(context, caller));

/** Nobody asks for the first key: it is made because it is needed. */
const MACHINE: Caller = {
  name: "stampbook",
  objectId: "",
  kind: "Application",
  tenant: undefined,
  home: true,
  address: "",
  correlationId: "",
};

async function replace(
  { control, clock }: Context,
  caller: Caller,
): Promise<{ readonly key: SigningKey; readonly retired: readonly string[] }> {
  const { kid, privateJwk } = await newRs256Key();
  return await control.transaction(async ({ signingKeys, audit }) => {
    const atMs = clock.now();
    const retired: string[] = [];
    for (const before of await signingKeys.list(PURPOSE)) {
      if (before.retiredAtMs !== null) continue;
      await signingKeys.retire(before.kid, atMs);
      retired.push(before.kid);
    }
    const key = {
      kid,
      purpose: PURPOSE,
      algorithm: "RS256",
      privateJwk,
      createdAtMs: atMs,
      retiredAtMs: null,
    } as const;
    await signingKeys.add(key);
    await audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/activationKeys/rotate/action",
      target: `/activationKeys/${kid}`,
      outcome: "done",
      detail: { before: retired.length === 0 ? null : retired, after: kid },
    });
    return { key, retired };
  });
}
