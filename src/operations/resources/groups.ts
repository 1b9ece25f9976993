import { scopeKeyOf } from "../../domain/access/mayDo.ts";
import { Fault } from "../../domain/faults/fault.ts";
import type { SubscriptionId } from "../../domain/ids.ts";
import { badResourceGroup } from "../../domain/registration/names.ts";
import type { Tags } from "../../domain/registration/registration.ts";
import type { ResourceGroup } from "../../domain/resources/store.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { removeWithin } from "../registrations/remove.ts";

export const resourceGroupId = ({ subscription, name }: Pick<ResourceGroup, "subscription" | "name">): string =>
  `/subscriptions/${subscription}/resourceGroups/${name}`;

export interface GroupRequest {
  readonly subscription: SubscriptionId;
  readonly name: string;
  readonly location: string;
  readonly tags?: Tags | undefined;
  readonly managedBy?: string | undefined;
}

/** Locations compare without case and blanks (contract/registration.md §7.3). */
export const foldLocation = (location: string): string => location.replaceAll(" ", "").toLowerCase();

/**
 * Makes a resource group, or changes its tags.
 * @throws Fault InvalidParameter, InvalidResourceGroupLocation
 */
export async function putGroup(
  { control, clock }: Context,
  caller: Caller,
  { subscription, name, location, tags, managedBy }: GroupRequest,
): Promise<{ readonly group: ResourceGroup; readonly created: boolean }> {
  const reason = badResourceGroup(name);
  if (reason !== undefined) {
    throw new Fault("InvalidParameter", { parameter: "resourceGroupName", value: name, reason });
  }
  const atMs = clock.now();
  return await control.transaction(async (stores) => {
    const before = await stores.resourceGroups.find(subscription, name);
    if (before !== undefined && foldLocation(before.location) !== foldLocation(location)) {
      throw new Fault("InvalidResourceGroupLocation", { resourceGroup: name, location, known: before.location });
    }
    const group: ResourceGroup = {
      subscription,
      name,
      location: before?.location ?? location,
      // A PUT says what the whole group is: tags that are not given are gone.
      tags: tags ?? {},
      managedBy: managedBy ?? before?.managedBy ?? null,
      createdAtMs: before?.createdAtMs ?? atMs,
      updatedAtMs: atMs,
    };
    await stores.resourceGroups.put(group);
    await stores.audit.add({
      ...auditedBy(caller, atMs),
      action: "Microsoft.Resources/subscriptions/resourceGroups/write",
      target: resourceGroupId(group),
      outcome: "done",
      detail: { before: before === undefined ? null : shown(before), after: shown(group) },
    });
    return { group, created: before === undefined };
  });
}

const shown = ({ location, tags }: ResourceGroup) => ({ location, tags });

/** Replaces the tags of a group. Undefined when there is none. */
export async function patchGroup(
  { control, clock }: Context,
  caller: Caller,
  { subscription, name, tags }: Pick<GroupRequest, "subscription" | "name" | "tags">,
): Promise<ResourceGroup | undefined> {
  const atMs = clock.now();
  return await control.transaction(async (stores) => {
    const before = await stores.resourceGroups.find(subscription, name);
    if (before === undefined) return undefined;
    const group = { ...before, tags: tags ?? before.tags, updatedAtMs: atMs };
    await stores.resourceGroups.put(group);
    await stores.audit.add({
      ...auditedBy(caller, atMs),
      action: "Microsoft.Resources/subscriptions/resourceGroups/write",
      target: resourceGroupId(group),
      outcome: "done",
      detail: { before: shown(before), after: shown(group) },
    });
    return group;
  });
}

/** Deletes a group with the registrations in it, their locks and role assignments. False when there was none. */
export async function removeGroup(
  { control, clock }: Context,
  caller: Caller,
  subscription: SubscriptionId,
  name: string,
): Promise<boolean> {
  const atMs = clock.now();
  return await control.transaction(async (stores) => {
    const group = await stores.resourceGroups.find(subscription, name);
    if (group === undefined) return false;
    const target = resourceGroupId(group);
    for (const registration of await stores.registrations.listIn({ subscription, resourceGroup: name })) {
      await removeWithin(stores, caller, registration, atMs);
    }
    for (const lock of await stores.locks.below(target)) await stores.locks.remove(lock.scope, lock.name);
    await stores.roleAssignments.removeBelow(scopeKeyOf(target));
    await stores.resourceGroups.remove(subscription, name);
    await stores.audit.add({
      ...auditedBy(caller, atMs),
      action: "Microsoft.Resources/subscriptions/resourceGroups/delete",
      target,
      outcome: "done",
      detail: { before: shown(group), after: null },
    });
    return true;
  });
}
