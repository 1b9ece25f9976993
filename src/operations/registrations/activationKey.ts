import { activationKeyPayload } from "../../domain/registration/activationKey.ts";
import type { Registration } from "../../domain/registration/registration.ts";
import { signRs256 } from "../../lib/jws.ts";
import type { Context } from "../context.ts";
import { currentKey } from "../keys/signingKeys.ts";

/**
 * The activation key of a registration as a compact JWS (contract/registration.md §4.3). Nothing is kept of it: asked
 * for again, it is made again.
 * @param armUrl where the stamp finds this server, without a slash at the end
 */
export async function activationKey(
  context: Context,
  registration: Registration,
  { armUrl }: { readonly armUrl: string },
): Promise<string> {
  const { kid, privateJwk } = await currentKey(context, "activation-key");
  const payload = activationKeyPayload(registration, { armUrl, nowMs: context.clock.now() });
  return await signRs256(JSON.stringify(payload), kid, privateJwk);
}
