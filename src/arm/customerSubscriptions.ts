import type { FastifyRequest } from "fastify";
import { isFault } from "../domain/faults/fault.ts";
import { mappingEtag } from "../domain/registration/etag.ts";
import { type Registration, registrationResourceId } from "../domain/registration/registration.ts";
import type { CurrentMapping } from "../domain/tenancy/store.ts";
import { allowedRows } from "../http/permissions.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
import { registrationCandidates } from "../operations/registrations/candidates.ts";
import { mapTenant } from "../operations/tenants/map.ts";
import { getMapping, listMappings } from "../operations/tenants/read.ts";
import { unmapTenant } from "../operations/tenants/unmap.ts";
import type { ProviderApiVersion } from "./apiVersions.ts";
import { armRoute, CUSTOMERS, REGISTRATION, versionOf } from "./armRoute.ts";
import { pageBody, pageOf } from "./paging.ts";
import { preconditionOf, removalPreconditionOf } from "./preconditions.ts";
import { paramOf } from "../http/parameters.ts";
import { propertiesOf, registrationScopeOf, textOf } from "./request.ts";
import { oneMore } from "./registrations.ts";
import { customerSubscriptionBody } from "./resources.ts";

const TYPE = "registrations/customerSubscriptions";

interface Mapped {
  readonly registration: Registration;
  readonly mapping: CurrentMapping;
}

function shown(context: Context, request: FastifyRequest, { registration, mapping }: Mapped): Answer {
  const version = versionOf(context, request, TYPE) as ProviderApiVersion;
  const headers = { etag: mappingEtag(mapping) };
  // A PUT as well: 200 with a body is the only answer that every client takes (contract/registration.md §5.3).
  return { status: 200, headers, body: customerSubscriptionBody(registration, mapping, version) };
}

/** The id as it counts: with its casing, unless the operator has said that it does not matter (§6.4). */
function customerOf({ leniency }: Context, request: FastifyRequest): string {
  const given = paramOf(request, "customer");
  return leniency.customerIdCase ? given.toLowerCase() : given;
}

/** Tells a caller whose registration was not found which ones they may have meant, among those that they may see. */
async function withCandidates(context: Context, request: FastifyRequest, run: () => Promise<Answer>): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    if (!isFault(error) || error.code !== "RegistrationNotFound") throw error;
    const rows = await allowedRows(context, callerOf(request), {
      rows: await context.control.registrations.list(),
      action: "Microsoft.AzureStack/registrations/read",
      scopeOf: registrationResourceId,
    });
    const candidates = registrationCandidates(rows, registrationScopeOf(request));
    throw error.with({ candidates });
  }
}

async function put(context: Context, request: FastifyRequest): Promise<Answer> {
  const tenant = textOf(propertiesOf(request), "tenantId");
  const wanted = {
    scope: registrationScopeOf(request),
    customerSubscription: customerOf(context, request),
    ...(tenant === undefined ? {} : { tenant }),
  };
  return shown(context, request, await mapTenant(context, callerOf(request), wanted, preconditionOf(request)));
}

async function get(context: Context, request: FastifyRequest): Promise<Answer> {
  const customer = customerOf(context, request);
  return shown(context, request, await getMapping(context.control, registrationScopeOf(request), customer));
}

async function list(context: Context, request: FastifyRequest): Promise<Answer> {
  const page = await pageOf(context, request);
  const scope = registrationScopeOf(request);
  const { registration, mappings } = await listMappings(context.control, scope, oneMore(page));
  const version = versionOf(context, request, TYPE) as ProviderApiVersion;
  const form = {
    keyOf: ({ customer }: CurrentMapping) => customer,
    show: (mapping: CurrentMapping) => customerSubscriptionBody(registration, mapping, version),
  };
  return { status: 200, body: await pageBody(context, request, page, { rows: mappings, ...form }) };
}

async function remove(context: Context, request: FastifyRequest): Promise<Answer> {
  const wanted = { scope: registrationScopeOf(request), customerSubscription: customerOf(context, request) };
  const removed = await unmapTenant(context, callerOf(request), wanted, removalPreconditionOf(request));
  return { status: removed ? 200 : 204 };
}

const ACTION = "Microsoft.AzureStack/registrations/customerSubscriptions";
const CUSTOMER = `${CUSTOMERS}/:customer`;

const route = (
  spec: Pick<Route, "method" | "path" | "summary" | "query"> & { readonly action: string; readonly at?: string },
  run: (context: Context, request: FastifyRequest) => Promise<Answer>,
): Route =>
  armRoute({
    ...spec,
    type: TYPE,
    run: (context, request) => withCandidates(context, request, () => run(context, request)),
  });

export const CUSTOMER_SUBSCRIPTION_ROUTES: readonly Route[] = [
  route(
    {
      method: "GET",
      path: CUSTOMERS,
      at: REGISTRATION,
      summary: "List the customer subscriptions of a registration.",
      action: `${ACTION}/read`,
      query: { $top: "Rows in a page, 100 unless said.", $skipToken: "From the nextLink of the page before." },
    },
    list,
  ),
  route(
    { method: "GET", path: CUSTOMER, summary: "Show a mapped customer subscription.", action: `${ACTION}/read` },
    get,
  ),
  route(
    {
      method: "HEAD",
      path: CUSTOMER,
      summary: "Whether a customer subscription is mapped: 204 or 404.",
      action: `${ACTION}/read`,
    },
    async (context, request) => {
      await getMapping(context.control, registrationScopeOf(request), customerOf(context, request));
      return { status: 204 };
    },
  ),
  route(
    {
      method: "PUT",
      path: CUSTOMER,
      summary: "Map a tenant to the subscription that pays.",
      action: `${ACTION}/write`,
    },
    put,
  ),
  route(
    { method: "DELETE", path: CUSTOMER, summary: "End a mapping at the next whole hour.", action: `${ACTION}/delete` },
    remove,
  ),
];
