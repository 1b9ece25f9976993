import type { FastifyRequest } from "fastify";
import { Fault } from "../domain/faults/fault.ts";
import { subscriptionId } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";
import type { RegistrationScope } from "../domain/registration/registration.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
import { putRegistration } from "../operations/registrations/put.ts";
import { mapTenant } from "../operations/tenants/map.ts";
import { getMapping, listMappings } from "../operations/tenants/read.ts";
import { unmapTenant } from "../operations/tenants/unmap.ts";
import { checkApiVersion } from "./apiVersion.ts";
import { customerSubscriptionBody, registrationBody } from "./resources.ts";

const TYPE = "Microsoft.AzureStack/registrations";
const REGISTRATION =
  "/subscriptions/:subscription/resourceGroups/:resourceGroup/providers/Microsoft.AzureStack/registrations/:name";
const CUSTOMERS = `${REGISTRATION}/customerSubscriptions`;

const paramsOf = (request: FastifyRequest): Record<string, string> => request.params as Record<string, string>;
const queryOf = (request: FastifyRequest): Record<string, string> => request.query as Record<string, string>;

function scopeOf(request: FastifyRequest, type = TYPE): RegistrationScope {
  checkApiVersion(queryOf(request)["api-version"], type);
  const { subscription = "", resourceGroup = "", name = "" } = paramsOf(request);
  const id = subscriptionId(subscription);
  if (id === undefined) throw new Fault("InvalidSubscriptionId", { subscription });
  return { subscription: id, resourceGroup, name };
}

const customerOf = (request: FastifyRequest): string => paramsOf(request)["customer"] ?? "";
const propertiesOf = (request: FastifyRequest): Record<string, unknown> => {
  const properties = (request.body as { properties?: unknown } | undefined)?.properties;
  return typeof properties === "object" && properties !== null ? (properties as Record<string, unknown>) : {};
};

async function put(context: Context, request: FastifyRequest): Promise<Answer> {
  const scope = scopeOf(request);
  const given = (request.body as { location?: unknown } | undefined)?.location ?? "global";
  const location = typeof given === "string" ? given : JSON.stringify(given);
  if (location.replaceAll(" ", "").toLowerCase() !== "global") {
    throw new Fault("LocationNotAvailableForResourceType", { location, type: TYPE });
  }
  const token = propertiesOf(request)["registrationToken"];
  if (typeof token !== "string") {
    const reason = "properties.registrationToken is missing";
    throw new Fault("InvalidRequestContent", { reason }, { target: "properties.registrationToken" });
  }
  const { registration, created } = await putRegistration(context, callerOf(request), scope, {
    registrationToken: token,
  });
  return { status: created ? 201 : 200, body: registrationBody(registration) };
}

async function get({ control }: Context, request: FastifyRequest): Promise<Answer> {
  const scope = scopeOf(request);
  const registration = await control.registrations.find(scope);
  if (registration !== undefined) return { status: 200, body: registrationBody(registration) };
  throw new Fault("ResourceNotFound", { type: TYPE, name: scope.name, resourceGroup: scope.resourceGroup });
}

async function putCustomer(context: Context, request: FastifyRequest): Promise<Answer> {
  const scope = scopeOf(request, `${TYPE}/customerSubscriptions`);
  const tenant = propertiesOf(request)["tenantId"] ?? undefined;
  if (tenant !== undefined && typeof tenant !== "string") {
    const reason = "properties.tenantId is not a text";
    throw new Fault("InvalidRequestContent", { reason }, { target: "properties.tenantId" });
  }
  const { registration, mapping } = await mapTenant(context, callerOf(request), {
    scope,
    customerSubscription: customerOf(request),
    ...(tenant === undefined ? {} : { tenant }),
  });
  // Always 200 with a body: the only answer that every client takes (contract/registration.md §5.3).
  return { status: 200, body: customerSubscriptionBody(registration, mapping) };
}

async function getCustomer({ control }: Context, request: FastifyRequest): Promise<Answer> {
  const scope = scopeOf(request, `${TYPE}/customerSubscriptions`);
  const { registration, mapping } = await getMapping(control, scope, customerOf(request));
  return { status: 200, body: customerSubscriptionBody(registration, mapping) };
}

async function listCustomers({ control }: Context, request: FastifyRequest): Promise<Answer> {
  const scope = scopeOf(request, `${TYPE}/customerSubscriptions`);
  const { $skiptoken: after = "" } = queryOf(request);
  const limit = LIMITS.pageRowsMax;
  const { registration, mappings } = await listMappings(control, scope, { after, limit });
  const value = mappings.map((mapping) => customerSubscriptionBody(registration, mapping));
  const last = mappings.length === limit ? mappings.at(-1)?.customer : undefined;
  if (last === undefined) return { status: 200, body: { value } };
  const next = new URL(request.url, `${request.protocol}://${request.host}`);
  next.searchParams.set("$skipToken", last);
  return { status: 200, body: { value, nextLink: next.href } };
}

async function removeCustomer(context: Context, request: FastifyRequest): Promise<Answer> {
  const scope = scopeOf(request, `${TYPE}/customerSubscriptions`);
  const removed = await unmapTenant(context, callerOf(request), scope, customerOf(request));
  return { status: removed ? 200 : 204 };
}

/** Microsoft.AzureStack as far as it is served; contract/registration.md §1a. */
export const ARM_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: REGISTRATION,
    summary: "Show a registration.",
    access: { action: "Microsoft.AzureStack/registrations/read" },
    run: get,
  },
  {
    method: "PUT",
    path: REGISTRATION,
    summary: "Register a stamp, or register it again.",
    access: { action: "Microsoft.AzureStack/registrations/write" },
    run: put,
  },
  {
    method: "GET",
    path: CUSTOMERS,
    summary: "List the customer subscriptions of a registration.",
    access: { action: "Microsoft.AzureStack/registrations/customerSubscriptions/read" },
    run: listCustomers,
  },
  {
    method: "GET",
    path: `${CUSTOMERS}/:customer`,
    summary: "Show a mapped customer subscription.",
    access: { action: "Microsoft.AzureStack/registrations/customerSubscriptions/read" },
    run: getCustomer,
  },
  {
    method: "PUT",
    path: `${CUSTOMERS}/:customer`,
    summary: "Map a tenant to the subscription that pays.",
    access: { action: "Microsoft.AzureStack/registrations/customerSubscriptions/write" },
    run: putCustomer,
  },
  {
    method: "DELETE",
    path: `${CUSTOMERS}/:customer`,
    summary: "End a mapping at the next whole hour.",
    access: { action: "Microsoft.AzureStack/registrations/customerSubscriptions/delete" },
    run: removeCustomer,
  },
];
