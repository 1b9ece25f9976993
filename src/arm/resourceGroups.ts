import type { FastifyRequest } from "fastify";
import { Fault } from "../domain/faults/fault.ts";
import type { Registration } from "../domain/registration/registration.ts";
import { registrationResourceId } from "../domain/registration/registration.ts";
import type { ResourceGroup } from "../domain/resources/store.ts";
import { mustAllow } from "../http/permissions.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
import { findRegistrationById } from "../operations/registrations/find.ts";
import { patchGroup, putGroup, removeGroup, resourceGroupId } from "../operations/resources/groups.ts";
import { moveRegistrations } from "../operations/resources/move.ts";
import { armRoute, GROUP, mustBeUnlocked, resourceIdOf, SUBSCRIPTION } from "./armRoute.ts";
import { pageBody, pageOf } from "./paging.ts";
import { oneMore } from "./registrations.ts";
import { paramOf } from "../http/parameters.ts";
import { bodyOf, invalidContent, subscriptionOf, tagsOf, textOf } from "./request.ts";

const groupBody = (group: ResourceGroup) => ({
  id: resourceGroupId(group),
  name: group.name,
  type: "Microsoft.Resources/resourceGroups",
  location: group.location,
  ...(group.managedBy === null ? {} : { managedBy: group.managedBy }),
  ...(Object.keys(group.tags).length === 0 ? {} : { tags: group.tags }),
  properties: { provisioningState: "Succeeded" },
});

const nameOf = (request: FastifyRequest): string => paramOf(request, "resourceGroup");

async function find({ control }: Context, request: FastifyRequest): Promise<ResourceGroup | undefined> {
  return await control.resourceGroups.find(subscriptionOf(request), nameOf(request));
}

const notFound = (request: FastifyRequest): Fault =>
  new Fault("ResourceGroupNotFound", { resourceGroup: nameOf(request) });

async function show(context: Context, request: FastifyRequest): Promise<Answer> {
  const group = await find(context, request);
  if (group === undefined) throw notFound(request);
  return { status: 200, body: groupBody(group) };
}

async function list(context: Context, request: FastifyRequest): Promise<Answer> {
  const page = await pageOf(context, request);
  const { after, limit } = oneMore(page);
  const rows = await context.control.resourceGroups.list(subscriptionOf(request), after, limit);
  const form = { keyOf: ({ name }: ResourceGroup) => name, show: groupBody };
  return { status: 200, body: await pageBody(context, request, page, { rows, ...form }) };
}

async function put(context: Context, request: FastifyRequest): Promise<Answer> {
  const location = textOf(bodyOf(request), "location", "location");
  if (location === undefined || location.trim() === "") throw new Fault("LocationRequired", {});
  const { group, created } = await putGroup(context, callerOf(request), {
    subscription: subscriptionOf(request),
    name: nameOf(request),
    location,
    tags: tagsOf(request),
    managedBy: textOf(bodyOf(request), "managedBy", "managedBy"),
  });
  return { status: created ? 201 : 200, body: groupBody(group) };
}

async function patch(context: Context, request: FastifyRequest): Promise<Answer> {
  const change = { subscription: subscriptionOf(request), name: nameOf(request), tags: tagsOf(request) };
  const group = await patchGroup(context, callerOf(request), change);
  if (group === undefined) throw notFound(request);
  return { status: 200, body: groupBody(group) };
}

async function remove(context: Context, request: FastifyRequest): Promise<Answer> {
  const id = resourceIdOf(GROUP, request);
  // A lock on anything in the group keeps the whole group: it is removed with all that it holds, or not at all.
  for (const { scope } of await context.control.locks.below(id)) await mustBeUnlocked(context, "DELETE", scope);
  if (!(await removeGroup(context, callerOf(request), subscriptionOf(request), nameOf(request)))) {
    throw notFound(request);
  }
  return { status: 200 };
}

const TARGET = /^\/?subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/?$/i;
const MOVED_MAX = 800;

async function move(context: Context, request: FastifyRequest): Promise<Answer> {
  const subscription = subscriptionOf(request);
  const { resources } = bodyOf(request);
  const target = textOf(bodyOf(request), "targetResourceGroup", "targetResourceGroup") ?? "";
  const [, targetSubscription = "", targetGroup = ""] = TARGET.exec(target) ?? [];
  if (!Array.isArray(resources) || resources.length === 0 || resources.length > MOVED_MAX) {
    throw invalidContent(`resources must be a list of 1 to ${MOVED_MAX} resource ids`, "resources");
  }
  if (targetSubscription.toLowerCase() !== subscription) {
    throw new Fault("ResourceMoveNotSupported", {
      resource: target,
      reason: "the target is no group of this subscription",
    });
  }
  const registrations: Registration[] = [];
  for (const id of resources as readonly unknown[]) registrations.push(await movable(context, request, String(id)));
  await mustAllow(context, callerOf(request), {
    action: "Microsoft.AzureStack/registrations/write",
    scope: `/subscriptions/${subscription}/resourceGroups/${targetGroup}`,
  });
  await moveRegistrations(context, callerOf(request), { registrations, subscription, targetGroup });
  return { status: 204 };
}

/** A registration of the group in the URL that nothing locks. */
async function movable(context: Context, request: FastifyRequest, id: string): Promise<Registration> {
  const registration = await findRegistrationById(context.control, id);
  const inGroup =
    registration?.subscription === subscriptionOf(request) &&
    registration.resourceGroup.toLowerCase() === nameOf(request).toLowerCase();
  if (registration === undefined || !inGroup) {
    throw new Fault("ResourceMoveNotSupported", {
      resource: id,
      reason: "it is no registration of this resource group",
    });
  }
  // What is moved disappears from where it was: a lock against deletion holds for that as well.
  await mustBeUnlocked(context, "DELETE", registrationResourceId(registration));
  return registration;
}

const ACTION = "Microsoft.Resources/subscriptions/resourceGroups";

export const RESOURCE_GROUP_ROUTES: readonly Route[] = [
  armRoute({
    method: "GET",
    path: `${SUBSCRIPTION}/resourceGroups`,
    at: SUBSCRIPTION,
    summary: "List the resource groups of a subscription.",
    action: `${ACTION}/read`,
    run: list,
  }),
  armRoute({ method: "GET", path: GROUP, summary: "Show a resource group.", action: `${ACTION}/read`, run: show }),
  armRoute({
    method: "HEAD",
    path: GROUP,
    summary: "Whether a resource group exists: 204 or 404.",
    action: `${ACTION}/read`,
    run: async (context, request) => ({ status: (await find(context, request)) === undefined ? 404 : 204 }),
  }),
  armRoute({
    method: "PUT",
    path: GROUP,
    summary: "Make a resource group, or replace its tags.",
    action: `${ACTION}/write`,
    run: put,
  }),
  armRoute({
    method: "PATCH",
    path: GROUP,
    summary: "Replace the tags of a resource group.",
    action: `${ACTION}/write`,
    run: patch,
  }),
  armRoute({
    method: "DELETE",
    path: GROUP,
    summary: "Delete a resource group with all that is in it.",
    action: `${ACTION}/delete`,
    run: remove,
  }),
  armRoute({
    method: "POST",
    path: `${GROUP}/moveResources`,
    at: GROUP,
    summary: "Move registrations to another resource group of the subscription.",
    action: `${ACTION}/moveResources/action`,
    run: move,
  }),
];
