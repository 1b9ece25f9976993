import { activationKeyPayload } from "../../domain/registration/activationKey.ts";
import { type Registration, registrationResourceId } from "../../domain/registration/registration.ts";
import { signRs256 } from "../../lib/jws.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { currentKey } from "../keys/signingKeys.ts";

/**
 * Hands out the activation key of a registration as a compact JWS (contract/registration.md §4.3). Nothing is kept of it:
 * asked for again, it is made again.
 * @param armUrl where the stamp finds this server, without a slash at the end
 */
export async function activationKey(
  context: Context,
  caller: Caller,
  registration: Registration,
  { armUrl }: { readonly armUrl: string },
): Promise<string> {
  const { kid, privateJwk } = await currentKey(context, "activation-key");
  const nowMs = context.clock.now();
  const payload = activationKeyPayload(registration, { armUrl, nowMs });
  // Whoever has the key can activate a stamp with it: the audit tells who that may be.
  await context.control.audit.add({
    ...auditedBy(caller, nowMs),
    action: "Microsoft.AzureStack/registrations/getActivationKey/action",
    target: registrationResourceId(registration),
    outcome: "done",
    detail: { signedBy: kid },
  });
  return await signRs256(JSON.stringify(payload), kid, privateJwk);
}
