import type { FastifyRequest } from "fastify";
import { directoryMatches } from "../domain/access/directory.ts";
import { scopeKeyOf } from "../domain/access/mayDo.ts";
import type { CatalogueSubscription, OfferType } from "../domain/catalogue/subscription.ts";
import { type SubscriptionId, subscriptionId } from "../domain/ids.ts";
import { permissionsOf } from "../http/permissions.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import type { Caller, Context } from "../operations/context.ts";
import { findSubscription } from "../operations/subscriptions/find.ts";
import { armRoute, SUBSCRIPTION } from "./armRoute.ts";
import { type Page, pageBody, pageOf } from "./paging.ts";
import { subscriptionOf } from "./request.ts";

const READ = "Microsoft.Resources/subscriptions/read";

/** CSP offers are recognised by their quota id (contract/registration.md §2.14). */
const QUOTA_IDS: Readonly<Record<OfferType, string>> = {
  CSP: "CSP_2015-05-01",
  APSS: "AzurePartnerSharedServices_2018-05-01",
  EA: "EnterpriseAgreement_2014-09-01",
  PayAsYouGo: "PayAsYouGo_2014-09-01",
};

export const subscriptionBody = ({ signIn }: Context, subscription: CatalogueSubscription) => ({
  id: `/subscriptions/${subscription.subscription}`,
  authorizationSource: "RoleBased",
  managedByTenants: [],
  subscriptionId: subscription.subscription,
  // Our own directory signs everybody in, so clients have to ask it for their tokens.
  tenantId: signIn.directory,
  displayName: subscription.displayName,
  state: subscription.state,
  subscriptionPolicies: {
    locationPlacementId: "Public_2014-09-01",
    quotaId: QUOTA_IDS[subscription.offerType],
    spendingLimit: "Off",
  },
});

/** Whether a caller is shown a subscription in which they have a role. */
const isShown = (caller: Caller, { state, tenant }: CatalogueSubscription): boolean =>
  state !== "Deleted" && directoryMatches(caller, tenant);

/** Of the catalogue what a caller with a role at `/` is shown, in the order of the ids. */
async function ofCatalogue({ control }: Context, caller: Caller, { after, limit }: Page) {
  const found: CatalogueSubscription[] = [];
  for (let from = after; found.length <= limit; ) {
    const rows = await control.catalogue.page({ after: from, limit: limit + 1 });
    found.push(...rows.filter((so) => isShown(caller, so)));
    const last = rows.at(-1);
    if (last === undefined || rows.length <= limit) break;
    from = last.subscription;
  }
  return found;
}

/** Subscriptions in which a caller has a role, in the order of their ids; all of the catalogue's with a role at `/`. */
async function visible(context: Context, caller: Caller, page: Page): Promise<readonly CatalogueSubscription[]> {
  const may = await permissionsOf(context, caller);
  if (may(READ, "/")) return await ofCatalogue(context, caller, page);
  const assignments = await context.control.roleAssignments.ofPrincipal(caller);
  const ids = new Set<SubscriptionId>();
  for (const { scope } of assignments) {
    const [, kind, id = ""] = scopeKeyOf(scope).split("/");
    const known = kind === "subscriptions" ? subscriptionId(id) : undefined;
    if (known !== undefined) ids.add(known);
  }
  const found: CatalogueSubscription[] = [];
  for (const id of [...ids].sort().filter((so) => so > page.after)) {
    const resolution = await context.resolver.resolve(id);
    if (resolution.kind === "found" && isShown(caller, resolution.subscription)) found.push(resolution.subscription);
    if (found.length > page.limit) break;
  }
  return found;
}

async function list(context: Context, request: FastifyRequest): Promise<Answer> {
  const page = await pageOf(context, request);
  const rows = await visible(context, callerOf(request), page);
  const body = await pageBody(context, request, page, {
    rows,
    keyOf: ({ subscription }) => subscription,
    show: (subscription) => subscriptionBody(context, subscription),
  });
  return { status: 200, body: { ...body, count: { type: "Total", value: body.value.length } } };
}

async function show(context: Context, request: FastifyRequest): Promise<Answer> {
  return { status: 200, body: subscriptionBody(context, await findSubscription(context, subscriptionOf(request))) };
}

async function tenants({ signIn: { directory: tenant } }: Context): Promise<Answer> {
  const directory = {
    id: `/tenants/${tenant}`,
    tenantId: tenant,
    tenantCategory: "Home",
    displayName: "Stampbook",
    domains: [],
  };
  return { status: 200, body: { value: [directory] } };
}

/** The only place that a registration can be in, and where resource groups usually are. */
export const LOCATIONS = ["global", "local"] as const;

const locations = async (_context: Context, request: FastifyRequest): Promise<Answer> => ({
  status: 200,
  body: {
    value: LOCATIONS.map((name) => ({
      id: `/subscriptions/${subscriptionOf(request)}/locations/${name}`,
      name,
      type: "Region",
      displayName: name,
      regionalDisplayName: name,
      metadata: { regionType: "Physical", regionCategory: "Other" },
    })),
  },
});

export const SUBSCRIPTION_ROUTES: readonly Route[] = [
  armRoute({ method: "GET", path: "/tenants", summary: "List the directories of the caller.", run: tenants }),
  armRoute({ method: "GET", path: "/subscriptions", summary: "List the subscriptions of the caller.", run: list }),
  armRoute({ method: "GET", path: SUBSCRIPTION, summary: "Show a subscription.", action: READ, run: show }),
  armRoute({
    method: "GET",
    path: `${SUBSCRIPTION}/locations`,
    at: SUBSCRIPTION,
    summary: "List the locations that resources can be in.",
    action: READ,
    run: locations,
  }),
];
