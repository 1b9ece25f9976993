import { type Answer, type HubRequest, json, PREVIEW, Refused, refusal, requireApiVersion } from "./answers.ts";
import { control } from "./control.ts";
import type { HubState } from "./hub.ts";
import { notReady, readUsageQuery, seal, type UsageQuery } from "./query.ts";
import { metadata, openIdConfiguration, token } from "./signIn.ts";
import { adminEntry } from "./subscriptions.ts";
import { usagePage } from "./usagePages.ts";

interface Route {
  readonly method: "GET" | "POST";
  readonly path: RegExp;
  /** Whether it can be asked without a token. */
  readonly isOpen?: boolean;
  /** Whether it is the simulator's own and never fails on purpose. */
  readonly isControl?: boolean;
  handle(hub: HubState, request: HubRequest, ids: readonly string[]): Answer | Promise<Answer>;
}

const SUBSCRIPTIONS_VERSION = "2015-11-01";
const SUBSCRIPTIONS_PAGE_MAX = 1_000;

/** What a Hub serves, and the simulator's own control. Paths are in lower case by then. */
export const HUB_ROUTES: readonly Route[] = [
  { method: "GET", path: /^\/metadata\/endpoints$/, isOpen: true, handle: ({ signIn }) => metadata(signIn) },
  {
    method: "GET",
    path: /^(\/adfs|\/[\w.-]+(?:\/v2\.0)?)\/\.well-known\/openid-configuration$/,
    isOpen: true,
    handle: ({ signIn }, _, [base = ""]) => openIdConfiguration(signIn, base.replace("/v2.0", ""), base === "/adfs"),
  },
  {
    method: "POST",
    path: /^\/[\w.-]+\/oauth2(?:\/v2\.0)?\/token$/,
    isOpen: true,
    handle: ({ signIn, clock }, request) => token(signIn, request, clock.now()),
  },
  { method: "GET", path: /^\/subscriptions$/, handle: listOwnSubscriptions },
  {
    method: "GET",
    path: /^\/subscriptions\/([\w-]+)\/providers\/microsoft\.subscriptions\.admin\/subscriptions$/,
    handle: listSubscriptions,
  },
  {
    method: "GET",
    path: /^\/subscriptions\/([\w-]+)\/providers\/microsoft\.commerce(?:\.admin)?\/subscriberusageaggregates$/,
    handle: (hub, request, [subscription = ""]) => {
      requireOperator(hub, request, subscription);
      return usage(hub, request, {});
    },
  },
  {
    method: "GET",
    path: /^\/subscriptions\/([\w-]+)\/providers\/microsoft\.commerce\/usageaggregates$/,
    handle: (hub, request, [subscription = ""]) => tenantUsage(hub, request, subscription),
  },
  {
    method: "GET",
    path: /^\/providers\/microsoft\.commerce\.admin\/operations$/,
    handle: (_, request) => {
      requireApiVersion(request, PREVIEW);
      const display = { provider: "Microsoft.Commerce.Admin", resource: "Subscriber usage", operation: "Read usage" };
      return json({ value: [{ name: "Microsoft.Commerce.Admin/subscriberUsageAggregates/read", display }] });
    },
  },
  { method: "GET", path: /^\/control(.*)$/, isOpen: true, isControl: true, handle: control },
  { method: "POST", path: /^\/control(.*)$/, isOpen: true, isControl: true, handle: control },
];

/** @throws Refused 403 AuthorizationFailed, 404 SubscriptionNotFound */
function requireOperator({ signIn, timeline }: HubState, { caller }: HubRequest, subscription: string): void {
  if (caller !== signIn.clientId) {
    throw new Refused(refusal(403, "AuthorizationFailed", "The client has no role on the provider subscription."));
  }
  if (subscription === timeline.stamp.providerSubscription) return;
  throw new Refused(refusal(404, "SubscriptionNotFound", `The subscription '${subscription}' could not be found.`));
}

function listOwnSubscriptions({ timeline, subscriptions, signIn }: HubState, { caller = "" }: HubRequest): Answer {
  const own =
    caller === signIn.clientId
      ? [{ localSubscription: timeline.stamp.providerSubscription, displayName: "Default Provider Subscription" }]
      : subscriptions.ofTenant(caller);
  const value = own.map(({ localSubscription: id, displayName }) => ({
    id: `/subscriptions/${id}`,
    subscriptionId: id,
    displayName,
    state: "Enabled",
  }));
  return json({ value });
}

function listSubscriptions(hub: HubState, request: HubRequest, [provider = ""]: readonly string[]): Answer {
  const { clock, timeline, subscriptions, signIn } = hub;
  requireApiVersion(request, SUBSCRIPTIONS_VERSION);
  requireOperator(hub, request, provider);
  const all = subscriptions.listed(clock.now());
  const after = request.query.get("$skiptoken") ?? "";
  const rest = [...all]
    .sort((a, b) => (a.localSubscription < b.localSubscription ? -1 : 1))
    .filter(({ localSubscription }) => localSubscription > after);
  const page = rest.slice(0, SUBSCRIPTIONS_PAGE_MAX);
  const value = page.map((each) => adminEntry(timeline, each));
  if (page.length === rest.length) return json({ value });
  const query = new URLSearchParams({
    "api-version": SUBSCRIPTIONS_VERSION,
    $skiptoken: page.at(-1)!.localSubscription,
  });
  return json({ value, nextLink: `${signIn.url}${request.path}?${query.toString()}` });
}

function tenantUsage(hub: HubState, request: HubRequest, subscription: string): Answer {
  const known = hub.subscriptions.find(subscription);
  if (known === undefined) {
    throw new Refused(refusal(404, "SubscriptionNotFound", `The subscription '${subscription}' could not be found.`));
  }
  if (request.caller !== known.tenant) {
    throw new Refused(refusal(403, "AuthorizationFailed", "The client has no role on the subscription."));
  }
  return usage(hub, request, { subscription });
}

/** @param own the only subscription of a tenant's query; its records carry it in place of the provider's */
function usage(hub: HubState, request: HubRequest, own: { readonly subscription?: string }): Answer {
  const { clock, faults, timeline, seed, secret, subscriptions, signIn } = hub;
  requireApiVersion(request, PREVIEW);
  const { lateRows, repeatedRows, changedRows } = faults.rates();
  const caller = `${request.caller} ${own.subscription ?? ""}`;
  const rowFaults = { lateRows, repeatedRows, changedRows };
  const context = { secret, caller, nowMs: clock.now(), rowFaults, shapes: faults.shapes };
  const query: UsageQuery = { ...readUsageQuery(request, context), ...own };
  const { subscription } = query;
  if (subscription !== undefined && !subscriptions.knows(subscription)) {
    const message = `The subscriber '${subscription}' is not a direct tenant.`;
    throw new Refused(refusal(400, "SubscriberIdIsNotDirectTenant", message));
  }
  if (query.place === undefined && faults.occurs("notReady")) return notReady(faults.shapes.retryAfterSeconds);
  if (subscription === undefined && isLarge(hub, query) && faults.occurs("gatewayTimeout")) return gatewayTimeout();
  const page = usagePage(timeline, query, { seed, rates: query.rowFaults, lateHoursMax: faults.shapes.lateHoursMax });
  for (const name of ["lateRows", "changedRows", "repeatedRows"] as const) faults.count(name, page.counts[name]);
  const provider = timeline.stamp.providerSubscription;
  const records =
    own.subscription === undefined
      ? page.records
      : page.records.map((text) => text.replace(provider, own.subscription!));
  const value = `{"value":[${records.join(",")}]`;
  if (page.next === undefined) return { status: 200, body: `${value}}` };
  const token = seal(secret, JSON.stringify({ ...query, place: page.next }));
  return { status: 200, body: `${value},"nextLink":${JSON.stringify(nextLink(signIn.url, request, token))}}` };
}

/** An absolute address with every parameter of the query. */
function nextLink(url: string, { path, query }: HubRequest, token: string): string {
  const parameters = new URLSearchParams([...query].filter(([name]) => name !== "continuationtoken"));
  parameters.set("continuationToken", token);
  return `${url}${path}?${parameters.toString()}`;
}

/** Only as many rows are looked at as it takes to know. */
function isLarge({ faults, timeline }: HubState, { startMs, endMs }: UsageQuery): boolean {
  const { gatewayTimeoutRowsMin } = faults.shapes;
  if (gatewayTimeoutRowsMin === 0) return true;
  let rows = 0;
  for (const _ of timeline.rows({ reportedStartMs: startMs, reportedEndMs: endMs })) {
    rows += 1;
    if (rows > gatewayTimeoutRowsMin) return true;
  }
  return false;
}

/** Word for word what a Hub's gateway said in a recording. */
const gatewayTimeout = (): Answer => {
  const provider = "'Microsoft.Commerce.Admin'";
  const message = `The gateway did not receive a response from ${provider} within the specified time period.`;
  return refusal(504, "GatewayTimeout", message, { "x-ms-failure-cause": "service", connection: "close" });
};
