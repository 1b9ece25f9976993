import { Fault } from "../../domain/faults/fault.ts";
import type { SubscriptionId } from "../../domain/ids.ts";
import {
  type Registration,
  type RegistrationScope,
  registrationResourceId,
} from "../../domain/registration/registration.ts";
import type { ControlStores } from "../../domain/controlStore.ts";
import type { Caller, Context } from "../context.ts";
import { auditOf, writeBy } from "../registrations/put.ts";

export interface MoveRequest {
  readonly registrations: readonly RegistrationScope[];
  readonly subscription: SubscriptionId;
  readonly targetGroup: string;
}

/**
 * Moves registrations into another resource group of the same subscription, all of them or none. A registration keeps
 * its number, and with it its approval, mappings and usage; its locks and role assignments move along.
 * @throws Fault ResourceNotFound, ResourceGroupNotFound, ResourceMoveConflict
 */
export async function moveRegistrations(
  { control, clock }: Context,
  caller: Caller,
  { registrations, subscription, targetGroup }: MoveRequest,
): Promise<void> {
  const updated = writeBy(caller, clock.now());
  await control.transaction(async (stores) => {
    const group = await stores.resourceGroups.find(subscription, targetGroup);
    if (group === undefined) throw new Fault("ResourceGroupNotFound", { resourceGroup: targetGroup });
    for (const scope of registrations) {
      const before = await stores.registrations.find(scope);
      if (before === undefined) throw resourceNotFound(scope);
      if (before.resourceGroup.toLowerCase() === group.name.toLowerCase()) continue;
      const after = { ...before, resourceGroup: group.name, version: before.version + 1, updated };
      if ((await stores.registrations.find(after)) !== undefined) {
        throw new Fault("ResourceMoveConflict", { registration: before.name, resourceGroup: group.name });
      }
      await stores.registrations.update(after);
      await moveSurroundings(stores, before, after);
      await stores.audit.add(auditOf(caller, before, after));
    }
  });
}

export const resourceNotFound = ({ resourceGroup, name }: RegistrationScope): Fault =>
  new Fault("ResourceNotFound", { type: "Microsoft.AzureStack/registrations", name, resourceGroup });

async function moveSurroundings({ locks, roleAssignments }: ControlStores, before: Registration, after: Registration) {
  const [from, to] = [registrationResourceId(before), registrationResourceId(after)];
  for (const lock of await locks.below(from)) {
    await locks.remove(lock.scope, lock.name);
    await locks.put({ ...lock, scope: to + lock.scope.slice(from.length) });
  }
  await roleAssignments.move(from, to);
}
