import { Fault } from "../../domain/faults/fault.ts";
import { badResourceGroup, badResourceName } from "../../domain/registration/names.ts";
import { registerOutcome } from "../../domain/registration/register.ts";
import {
  type Registration,
  type RegistrationScope,
  registrationResourceId,
  type Tags,
  type Write,
} from "../../domain/registration/registration.ts";
import { decodeRegistrationToken } from "../../domain/registration/token.ts";
import { sha256 } from "../../lib/digest.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";

/**
 * Registers a stamp, or registers it again with what its new token says (contract/registration.md §5.1).
 * @throws Fault InvalidParameter, InvalidRegistrationToken, CloudIdUpdateNotAllowed, CloudIdAlreadyRegistered
 */
export async function putRegistration(
  { control, clock }: Context,
  caller: Caller,
  scope: RegistrationScope,
  { registrationToken, tags }: { readonly registrationToken: string; readonly tags?: Tags | undefined },
): Promise<{ readonly registration: Registration; readonly created: boolean }> {
  checkName("resourceGroup", scope.resourceGroup, badResourceGroup(scope.resourceGroup));
  checkName("registrationName", scope.name, badResourceName(scope.name));
  const decoded = decodeRegistrationToken(registrationToken);
  if ("unreadable" in decoded) throw new Fault("InvalidRegistrationToken", { reason: decoded.unreadable });
  const { token } = decoded;
  const atMs = clock.now();
  return await control.transaction(async ({ registrations, audit }) => {
    const existing = await registrations.find(scope);
    const outcome = registerOutcome(token, existing, await registrations.findByCloudId(token.cloudId));
    if (outcome === "CloudIdUpdateNotAllowed") {
      const known = existing?.cloudId ?? "";
      throw new Fault(outcome, { registration: scope.name, known, given: token.cloudId });
    }
    if (outcome === "CloudIdAlreadyRegistered") throw new Fault(outcome, { cloudId: token.cloudId });
    await audit.add({
      ...auditedBy(caller, atMs),
      action: "Microsoft.AzureStack/registrations/write",
      target: registrationResourceId(scope),
      outcome: "done",
      detail: { before: existing?.billingModel ?? null, after: token.billingModel, cloudId: token.cloudId },
    });
    const { facts: tokenFacts, ...told } = token;
    const updated: Write = { atMs, by: caller.name, byType: caller.kind === "Application" ? "Application" : "User" };
    const written = { ...scope, ...told, tokenFacts, tokenDigest: sha256(registrationToken.trim()), updated };
    if (existing === undefined) {
      const registration = await registrations.insert({
        ...written,
        tags: tags ?? {},
        version: 1,
        remoteManagement: false,
        created: updated,
      });
      return { registration, created: true };
    }
    // The newest casing of the caller is shown from now on; the registration itself stays the same one.
    const registration = { ...existing, ...written, tags: tags ?? existing.tags, version: existing.version + 1 };
    await registrations.update(registration);
    return { registration, created: false };
  });
}

function checkName(parameter: string, value: string, reason: string | undefined): void {
  if (reason !== undefined) throw new Fault("InvalidParameter", { parameter, value, reason }, { target: parameter });
}
