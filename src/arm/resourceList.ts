import type { FastifyRequest } from "fastify";
import { type Registration, registrationResourceId, scopeKey } from "../domain/registration/registration.ts";
import { formatInstant } from "../lib/instant.ts";
import { allowedRows } from "../http/permissions.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
import { armRoute, GROUP, SUBSCRIPTION } from "./armRoute.ts";
import { parseFilter } from "./filter.ts";
import { pageBody, pageOf } from "./paging.ts";
import { paramOf } from "../http/parameters.ts";
import { queryOf, subscriptionOf } from "./request.ts";

/** Members that are only shown when `$expand` names them. */
const EXPANSIONS: Readonly<Record<string, (registration: Registration) => Readonly<Record<string, string>>>> = {
  createdtime: ({ created }) => ({ createdTime: formatInstant(created.atMs) }),
  changedtime: ({ updated }) => ({ changedTime: formatInstant(updated.atMs) }),
  provisioningstate: () => ({ provisioningState: "Succeeded" }),
};

const genericBody = (registration: Registration, expand: readonly string[]) => ({
  id: registrationResourceId(registration),
  name: registration.name,
  type: "Microsoft.AzureStack/registrations",
  location: "global",
  ...(Object.keys(registration.tags).length === 0 ? {} : { tags: registration.tags }),
  ...Object.assign({}, ...expand.map((name) => EXPANSIONS[name]?.(registration) ?? {})),
});

const ROWS_READ_AT_ONCE = 1_000;

/** Tracked resources, which are the registrations; their customer subscriptions are not listed (§7.3). */
async function list(context: Context, request: FastifyRequest): Promise<Answer> {
  const page = await pageOf(context, request);
  const fits = parseFilter(queryOf(request, "$filter"));
  const expand = (queryOf(request, "$expand") ?? "").toLowerCase().split(",");
  const subscription = subscriptionOf(request);
  const resourceGroup = paramOf(request, "resourceGroup");
  const where = resourceGroup === "" ? { subscription } : { subscription, resourceGroup };
  const rows: Registration[] = [];
  for (let { after } = page; rows.length <= page.limit; ) {
    const read = await context.control.registrations.listIn(where, { after, limit: ROWS_READ_AT_ONCE });
    const allowed = await allowedRows(context, callerOf(request), {
      rows: read.filter(fits),
      action: "Microsoft.AzureStack/registrations/read",
      scopeOf: registrationResourceId,
    });
    rows.push(...allowed);
    const last = read.at(-1);
    if (last === undefined || read.length < ROWS_READ_AT_ONCE) break;
    after = scopeKey(last);
  }
  const form = { keyOf: scopeKey, show: (row: Registration) => genericBody(row, expand) };
  return { status: 200, body: await pageBody(context, request, page, { rows, ...form }) };
}

const QUERY = {
  $filter: "resourceType, name, resourceGroup, tagName and tagValue, with eq and and; substringof('…', name).",
  $expand: "createdTime, changedTime, provisioningState.",
  $top: "Rows in a page, 100 unless said.",
};

/** Everybody who has signed in may ask, and is shown what they may see. */
export const RESOURCE_ROUTES: readonly Route[] = [
  armRoute({
    method: "GET",
    path: `${SUBSCRIPTION}/resources`,
    at: SUBSCRIPTION,
    summary: "List the tracked resources of a subscription that the caller may see.",
    query: QUERY,
    run: list,
  }),
  armRoute({
    method: "GET",
    path: `${GROUP}/resources`,
    at: GROUP,
    summary: "List the tracked resources of a resource group that the caller may see.",
    query: QUERY,
    run: list,
  }),
];
