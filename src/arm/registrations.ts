import type { FastifyRequest } from "fastify";
import { Fault } from "../domain/faults/fault.ts";
import { registrationEtag } from "../domain/registration/etag.ts";
import { type Registration, scopeKey } from "../domain/registration/registration.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
import { publicUrlOf } from "../http/publicUrl.ts";
import { activationKey } from "../operations/registrations/activationKey.ts";
import { enableRemoteManagement, patchRegistration } from "../operations/registrations/change.ts";
import { putRegistration } from "../operations/registrations/put.ts";
import { removeRegistration } from "../operations/registrations/remove.ts";
import { foldLocation } from "../operations/resources/groups.ts";
import { resourceNotFound } from "../operations/resources/move.ts";
import type { ProviderApiVersion } from "./apiVersions.ts";
import { armRoute, GROUP, REGISTRATION, REGISTRATIONS, SUBSCRIPTION, versionOf } from "./armRoute.ts";
import { type Page, pageBody, pageOf } from "./paging.ts";
import { preconditionOf, removalPreconditionOf } from "./preconditions.ts";
import { paramOf } from "../http/parameters.ts";
import {
  bodyOf,
  invalidContent,
  propertiesOf,
  registrationScopeOf,
  subscriptionOf,
  tagsOf,
  textOf,
} from "./request.ts";
import { registrationBody } from "./resources.ts";

const TYPE = "registrations";

const registrationVersion = (context: Context, request: FastifyRequest): ProviderApiVersion =>
  versionOf(context, request, TYPE) as ProviderApiVersion;

function shown(context: Context, request: FastifyRequest, registration: Registration): Answer {
  const headers = { etag: registrationEtag(registration) };
  return { status: 200, headers, body: registrationBody(registration, registrationVersion(context, request)) };
}

/** Absent is global, and case and blanks do not matter (contract/registration.md §11 row 16). */
function mustBeGlobal(request: FastifyRequest): void {
  const { location = "global" } = bodyOf(request);
  const given = typeof location === "string" ? location : JSON.stringify(location);
  if (foldLocation(given) === "global") return;
  throw new Fault("LocationNotAvailableForResourceType", {
    location: given,
    type: "Microsoft.AzureStack/registrations",
  });
}

async function put(context: Context, request: FastifyRequest): Promise<Answer> {
  mustBeGlobal(request);
  const tags = tagsOf(request);
  const registrationToken = textOf(propertiesOf(request), "registrationToken");
  const [caller, scope, precondition] = [callerOf(request), registrationScopeOf(request), preconditionOf(request)];
  if (registrationToken === undefined) {
    // `az resource update` and `az resource tag` send back what they have read, and the token is never given out.
    const registration = await patchRegistration(context, caller, scope, { tags, precondition });
    if (registration !== undefined) return shown(context, request, registration);
    throw invalidContent("properties.registrationToken is missing", "properties.registrationToken");
  }
  const written = { registrationToken, tags, precondition };
  const { registration, created } = await putRegistration(context, caller, scope, written);
  const answer = shown(context, request, registration);
  // A command line that waits for the end of a creation asks once more: let it be soon (§5.3).
  return created ? { ...answer, status: 201, headers: { ...answer.headers, "retry-after": "1" } } : answer;
}

async function patch(context: Context, request: FastifyRequest): Promise<Answer> {
  mustBeGlobal(request);
  const scope = registrationScopeOf(request);
  const change = {
    registrationToken: textOf(propertiesOf(request), "registrationToken"),
    tags: tagsOf(request),
    precondition: preconditionOf(request),
  };
  const registration = await patchRegistration(context, callerOf(request), scope, change);
  if (registration === undefined) throw resourceNotFound(scope);
  return shown(context, request, registration);
}

/** @throws Fault ResourceNotFound */
export async function registrationOf({ control }: Context, request: FastifyRequest): Promise<Registration> {
  const scope = registrationScopeOf(request);
  const registration = await control.registrations.find(scope);
  if (registration === undefined) throw resourceNotFound(scope);
  return registration;
}

async function remove(context: Context, request: FastifyRequest): Promise<Answer> {
  const scope = registrationScopeOf(request);
  const removed = await removeRegistration(context, callerOf(request), scope, removalPreconditionOf(request));
  return { status: removed ? 200 : 204 };
}

async function list(context: Context, request: FastifyRequest): Promise<Answer> {
  const page = await pageOf(context, request);
  const subscription = subscriptionOf(request);
  const resourceGroup = paramOf(request, "resourceGroup");
  const where = resourceGroup === "" ? { subscription } : { subscription, resourceGroup };
  const rows = await context.control.registrations.listIn(where, oneMore(page));
  const version = registrationVersion(context, request);
  const form = { keyOf: scopeKey, show: (row: Registration) => registrationBody(row, version) };
  return { status: 200, body: await pageBody(context, request, page, { rows, ...form }) };
}

/** One row past the page tells whether there is a next one. */
export const oneMore = ({ after, limit }: Page): Page => ({ after, limit: limit + 1 });

async function remoteManagement(context: Context, request: FastifyRequest): Promise<Answer> {
  const scope = registrationScopeOf(request);
  const registration = await enableRemoteManagement(context, callerOf(request), scope);
  if (registration === undefined) throw resourceNotFound(scope);
  return { status: 200 };
}

/** contract/registration.md §4.3; nothing of it is stored. */
async function getActivationKey(context: Context, request: FastifyRequest): Promise<Answer> {
  const registration = await registrationOf(context, request);
  const key = await activationKey(context, callerOf(request), registration, { armUrl: publicUrlOf(context, request) });
  return { status: 200, body: { activationKey: key } };
}

const READ = "Microsoft.AzureStack/registrations/read";
const WRITE = "Microsoft.AzureStack/registrations/write";
const PAGE = { $top: "Rows in a page, 100 unless said.", $skipToken: "From the nextLink of the page before." };

export const REGISTRATION_ROUTES: readonly Route[] = [
  armRoute({
    method: "GET",
    path: REGISTRATIONS,
    at: GROUP,
    summary: "List the registrations of a resource group.",
    type: TYPE,
    action: READ,
    query: PAGE,
    run: list,
  }),
  armRoute({
    method: "GET",
    path: `${SUBSCRIPTION}/providers/Microsoft.AzureStack/registrations`,
    at: SUBSCRIPTION,
    summary: "List the registrations of a subscription.",
    type: TYPE,
    action: READ,
    query: PAGE,
    run: list,
  }),
  armRoute({
    method: "GET",
    path: REGISTRATION,
    summary: "Show a registration.",
    type: TYPE,
    action: READ,
    run: async (context, request) => shown(context, request, await registrationOf(context, request)),
  }),
  armRoute({
    method: "HEAD",
    path: REGISTRATION,
    summary: "Whether a registration exists: 204 or 404.",
    type: TYPE,
    action: READ,
    run: async (context, request) => {
      await registrationOf(context, request);
      return { status: 204 };
    },
  }),
  armRoute({
    method: "PUT",
    path: REGISTRATION,
    summary: "Register a stamp, or register it again.",
    type: TYPE,
    action: WRITE,
    run: put,
  }),
  armRoute({
    method: "PATCH",
    path: REGISTRATION,
    summary: "Replace the tags of a registration, or register it again.",
    type: TYPE,
    action: WRITE,
    run: patch,
  }),
  armRoute({
    method: "DELETE",
    path: REGISTRATION,
    summary: "Delete a registration; its mappings end at the next whole hour.",
    type: TYPE,
    action: "Microsoft.AzureStack/registrations/delete",
    run: remove,
  }),
  armRoute({
    method: "POST",
    path: `${REGISTRATION}/getActivationKey`,
    at: REGISTRATION,
    summary: "Make the activation key of a registration.",
    type: TYPE,
    action: "Microsoft.AzureStack/registrations/getActivationKey/action",
    run: getActivationKey,
  }),
  armRoute({
    method: "POST",
    path: `${REGISTRATION}/enableRemoteManagement`,
    at: REGISTRATION,
    summary: "Note that the stamp may be managed remotely.",
    type: "registrations/enableRemoteManagement",
    action: WRITE,
    run: remoteManagement,
  }),
];
