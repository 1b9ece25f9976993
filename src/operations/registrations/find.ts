import type { ControlStores } from "../../domain/controlStore.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { registrationId, subscriptionId } from "../../domain/ids.ts";
import type { Registration } from "../../domain/registration/registration.ts";
import { type ApprovalEvent, type ApprovalState, stateAfter } from "../../domain/tenancy/approval.ts";

const RESOURCE_ID =
  /^\/?subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.azurestack\/registrations\/([^/]+)$/i;

/** The registration of a full resource id; undefined when the text is none, or there is no such registration. */
export async function findRegistrationById(
  { registrations }: Pick<ControlStores, "registrations">,
  resourceId: string,
): Promise<Registration | undefined> {
  const [, subscription = "", resourceGroup = "", name = ""] = RESOURCE_ID.exec(resourceId) ?? [];
  const id = subscriptionId(subscription);
  return id && (await registrations.find({ subscription: id, resourceGroup, name }));
}

/**
 * Finds a registration by its number, cloud id, full resource id, or by its name where that is unique.
 * @throws Fault RegistrationNotFound, RegistrationAmbiguous
 */
export async function findRegistration({ registrations }: ControlStores, wanted: string): Promise<Registration> {
  const byId = RESOURCE_ID.exec(wanted);
  if (byId !== null) {
    const found = await findRegistrationById({ registrations }, wanted);
    if (found !== undefined) return found;
    const [subscription, resourceGroup, name] = byId.slice(1) as [string, string, string];
    throw new Fault("RegistrationNotFound", { registration: name, resourceGroup, subscription });
  }
  const byNumber = /^\d{1,9}$/.test(wanted)
    ? await registrations.findById(registrationId(Number.parseInt(wanted, 10)))
    : undefined;
  const byCloudId = await registrations.findByCloudId(wanted);
  const matches = [byNumber, byCloudId, ...(await registrations.findByName(wanted))].filter((so) => so !== undefined);
  const [found, ...others] = new Map(matches.map((so) => [so.id, so])).values();
  // A name, a number and a cloud id may look alike: better to ask than to take the wrong one.
  if (others.length > 0) throw new Fault("RegistrationAmbiguous", { registration: wanted, count: others.length + 1 });
  if (found === undefined) {
    throw new Fault("RegistrationNotFound", { registration: wanted, resourceGroup: "any", subscription: "any" });
  }
  return found;
}

export type RegistrationWithApproval = Registration & {
  readonly approval: ApprovalState;
  /** What led to that state; undefined while nobody has asked for it. */
  readonly approvalEvent?: ApprovalEvent | undefined;
};

export async function listRegistrations({
  registrations,
  tenancy,
}: ControlStores): Promise<readonly RegistrationWithApproval[]> {
  const latest = await tenancy.latestApprovalEvents();
  return (await registrations.list()).map((registration) => {
    const approvalEvent = latest.get(registration.id);
    return {
      ...registration,
      approval: approvalEvent === undefined ? "none" : stateAfter(approvalEvent),
      approvalEvent,
    };
  });
}
