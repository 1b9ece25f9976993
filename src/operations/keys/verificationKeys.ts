import { type JsonWebKey, publicJwk } from "../../lib/jws.ts";
import type { Context } from "../context.ts";

/** The public parts of every key that ever signed activation keys, newest first. */
export async function activationVerificationKeys({ control }: Context): Promise<readonly JsonWebKey[]> {
  const keys = await control.signingKeys.list("activation-key");
  return keys.map(({ kid, privateJwk }) => publicJwk(kid, privateJwk));
}
