import { registrationEtag } from "../../domain/registration/etag.ts";
import type { Registration, RegistrationScope } from "../../domain/registration/registration.ts";
import type { Caller, Context } from "../context.ts";
import { noPrecondition } from "../precondition.ts";
import { auditOf, putRegistration, type RegistrationWrite, writeBy } from "./put.ts";

/**
 * Changes a registration and audits it. Undefined when there is none of this scope.
 * @param change gives the registration as it shall be; version and writer are set here
 */
async function changeRegistration(
  { control, clock }: Context,
  caller: Caller,
  scope: RegistrationScope,
  change: (now: Registration) => Registration,
): Promise<Registration | undefined> {
  return await control.transaction(async ({ registrations, audit }) => {
    const existing = await registrations.find(scope);
    if (existing === undefined) return undefined;
    const updated = writeBy(caller, clock.now());
    const registration = { ...change(existing), version: existing.version + 1, updated };
    await registrations.update(registration);
    await audit.add(auditOf(caller, existing, registration));
    return registration;
  });
}

export type RegistrationPatch = Omit<RegistrationWrite, "registrationToken"> & {
  readonly registrationToken?: string | undefined;
};

/**
 * Changes the tags, or registers again with a new token, or both. Undefined when there is no such registration.
 * @throws Fault InvalidRegistrationToken, CloudIdUpdateNotAllowed
 */
export async function patchRegistration(
  context: Context,
  caller: Caller,
  scope: RegistrationScope,
  { registrationToken, tags, precondition = noPrecondition }: RegistrationPatch,
): Promise<Registration | undefined> {
  if (registrationToken !== undefined) {
    const existing = await context.control.registrations.find(scope);
    if (existing === undefined) return undefined;
    return (await putRegistration(context, caller, existing, { registrationToken, tags, precondition })).registration;
  }
  return await changeRegistration(context, caller, scope, (now) => {
    precondition(registrationEtag(now));
    return { ...now, tags: tags ?? now.tags };
  });
}

export const enableRemoteManagement = (context: Context, caller: Caller, scope: RegistrationScope) =>
  changeRegistration(context, caller, scope, (now) => ({ ...now, remoteManagement: true }));
