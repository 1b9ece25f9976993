import type { AuditRecord } from "../../domain/audit/store.ts";
import type { ControlStores } from "../../domain/controlStore.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { coresOf } from "../../domain/registration/cores.ts";
import { BEGINNING, History, nextEffectiveHour } from "../../domain/history.ts";
import { hourFrom } from "../../domain/ids.ts";
import { registrationEtag } from "../../domain/registration/etag.ts";
import { badResourceGroup, badResourceName } from "../../domain/registration/names.ts";
import { registerOutcome } from "../../domain/registration/register.ts";
import {
  type Registration,
  type RegistrationScope,
  registrationResourceId,
  type Tags,
  type Write,
} from "../../domain/registration/registration.ts";
import { decodeRegistrationToken, type RegistrationToken } from "../../domain/registration/token.ts";
import { sha256 } from "../../lib/digest.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { noPrecondition, type Precondition } from "../precondition.ts";

export interface RegistrationWrite {
  readonly registrationToken: string;
  /** Replace all tags; those that are there stay when none are given. */
  readonly tags?: Tags | undefined;
  readonly precondition?: Precondition;
}

/**
 * Registers a stamp, or registers it again with what its new token says (contract/registration.md §5.1).
 * @throws Fault InvalidParameter, InvalidRegistrationToken, CloudIdUpdateNotAllowed, CloudIdAlreadyRegistered
 */
export async function putRegistration(
  { control, clock }: Context,
  caller: Caller,
  scope: RegistrationScope,
  { registrationToken, tags, precondition = noPrecondition }: RegistrationWrite,
): Promise<{ readonly registration: Registration; readonly created: boolean }> {
  checkName("resourceGroup", scope.resourceGroup, badResourceGroup(scope.resourceGroup));
  checkName("registrationName", scope.name, badResourceName(scope.name));
  const token = tokenOf(registrationToken);
  const tokenDigest = sha256(registrationToken.trim());
  const updated = writeBy(caller, clock.now());
  return await control.transaction(async (stores) => {
    const { registrations } = stores;
    const existing = await registrations.find(scope);
    precondition(existing && registrationEtag(existing));
    const sameCloud = await registrations.findByCloudId(token.cloudId);
    mustRegister(scope, token, existing, sameCloud);
    const { facts: tokenFacts, ...told } = token;
    // The newest casing of the caller is shown from now on; the registration itself stays the same one.
    const written = { ...scope, ...told, tokenFacts, tokenDigest, updated };
    if (existing === undefined) {
      const fresh = { ...written, tags: tags ?? {}, version: 1, remoteManagement: false, created: updated };
      const registration = await registrations.insert(fresh);
      await recordBillingModel(stores, undefined, registration);
      await stores.audit.add(auditOf(caller, undefined, registration));
      return { registration, created: true };
    }
    const registration = { ...existing, ...written, tags: tags ?? existing.tags, version: existing.version + 1 };
    await registrations.update(registration);
    await recordBillingModel(stores, existing, registration);
    await stores.audit.add(auditOf(caller, existing, registration));
    return { registration, created: false };
  });
}

/**
 * The first billing model has always been so; another one counts from the next whole hour, and so does another number of
 * cores.
 */
async function recordBillingModel(
  { registrations }: ControlStores,
  before: Registration | undefined,
  { id, billingModel, tokenFacts, updated }: Registration,
): Promise<void> {
  const cores = coresOf(tokenFacts);
  if (before?.billingModel === billingModel && coresOf(before.tokenFacts) === cores) return;
  const known = await registrations.billingModelChanges({ recordedUntilMs: Number.MAX_SAFE_INTEGER, registration: id });
  const last = new History(known).last?.effectiveHour;
  await registrations.addBillingModel({
    registration: id,
    billingModel,
    cores,
    effectiveHour: before === undefined ? BEGINNING : nextEffectiveHour(last, hourFrom(updated.atMs)),
    recordedAtMs: updated.atMs,
    recordedBy: updated.by,
  });
}

/** @throws Fault InvalidRegistrationToken */
function tokenOf(registrationToken: string): RegistrationToken {
  const decoded = decodeRegistrationToken(registrationToken);
  if ("unreadable" in decoded) throw new Fault("InvalidRegistrationToken", { reason: decoded.unreadable });
  return decoded.token;
}

/** @throws Fault CloudIdUpdateNotAllowed, CloudIdAlreadyRegistered */
function mustRegister(
  scope: RegistrationScope,
  token: RegistrationToken,
  existing: Registration | undefined,
  sameCloud: Registration | undefined,
): void {
  const outcome = registerOutcome(token, existing, sameCloud);
  if (outcome === "CloudIdUpdateNotAllowed") {
    const known = existing?.cloudId ?? "";
    throw new Fault(outcome, { registration: scope.name, known, given: token.cloudId });
  }
  if (outcome === "CloudIdAlreadyRegistered") throw new Fault(outcome, { cloudId: token.cloudId });
}

export const writeBy = ({ name, kind }: Caller, atMs: number): Write => ({
  atMs,
  by: name,
  byType: kind === "Application" ? "Application" : "User",
});

const shown = ({ resourceGroup, name, cloudId, billingModel, tags, remoteManagement }: Registration) => ({
  resourceGroup,
  name,
  cloudId,
  billingModel,
  tags,
  remoteManagement,
});

/** What the audit keeps of a write: before and after. */
export const auditOf = (caller: Caller, before: Registration | undefined, after: Registration): AuditRecord => ({
  ...auditedBy(caller, after.updated.atMs),
  action: "Microsoft.AzureStack/registrations/write",
  target: registrationResourceId(after),
  outcome: "done",
  detail: { before: before === undefined ? null : shown(before), after: shown(after) },
});

function checkName(parameter: string, value: string, reason: string | undefined): void {
  if (reason !== undefined) throw new Fault("InvalidParameter", { parameter, value, reason }, { target: parameter });
}
