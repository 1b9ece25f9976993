import { Fault } from "../../domain/faults/fault.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";

/**
 * Takes a credential back for ever: it gets no more tokens, and those that it has stop working within seconds
 * (`verifiedTokenMsMax`). False when that was so already.
 * @throws Fault CredentialNotFound
 */
export async function revokeCredential(
  { control, clock }: Context,
  caller: Caller,
  clientId: string,
): Promise<boolean> {
  const nowMs = clock.now();
  return await control.transaction(async ({ credentials, audit }) => {
    const credential = await credentials.find(clientId);
    if (credential === undefined) throw new Fault("CredentialNotFound", { clientId });
    if (credential.revokedAtMs !== null) return false;
    await credentials.revoke(credential.clientId, nowMs);
    await audit.add({
      ...auditedBy(caller, nowMs),
      action: "Stampbook/credentials/write",
      target: credential.clientId,
      outcome: "done",
      detail: { revoked: true, objectId: credential.objectId },
    });
    return true;
  });
}
