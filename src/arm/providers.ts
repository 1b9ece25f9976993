import type { FastifyRequest } from "fastify";
import { Fault } from "../domain/faults/fault.ts";
import type { SubscriptionId } from "../domain/ids.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import { auditedBy, type Context } from "../operations/context.ts";
import { COMMERCE_TYPES, COMMERCE_VERSION, NAMESPACE, PROVIDER_API_VERSIONS, PUBLISHED_TYPES } from "./apiVersions.ts";
import { armRoute, SUBSCRIPTION } from "./armRoute.ts";
import { PROVIDER_OPERATIONS } from "./operations.ts";
import { paramOf } from "../http/parameters.ts";
import { subscriptionOf } from "./request.ts";

const MANAGEMENT_VERSIONS = ["2022-12-01", "2021-04-01", "2019-05-10", "2016-06-01"];

/** Namespaces that are served here; only the first one has to be registered. */
const PROVIDERS: Readonly<Record<string, { readonly types: readonly string[]; readonly versions: readonly string[] }>> =
  {
    // Every type with all the versions: some clients read those of the first type for all (§2.13).
    [NAMESPACE]: { types: PUBLISHED_TYPES, versions: PROVIDER_API_VERSIONS },
    "Microsoft.Resources": {
      types: ["subscriptions", "tenants", "subscriptions/resourceGroups", "subscriptions/locations", "resources"],
      versions: MANAGEMENT_VERSIONS,
    },
    "Microsoft.Authorization": {
      types: ["locks", "roleAssignments", "roleDefinitions", "permissions"],
      versions: ["2022-04-01", "2020-05-01", "2016-09-01", "2015-07-01", "2015-01-01"],
    },
    ...Object.fromEntries(
      Object.entries(COMMERCE_TYPES).map(([namespace, types]) => [namespace, { types, versions: [COMMERCE_VERSION] }]),
    ),
  };

function providerBody(subscription: SubscriptionId | undefined, namespace: string, registered: boolean) {
  const { types, versions } = PROVIDERS[namespace]!;
  const inSubscription = subscription === undefined ? "" : `/subscriptions/${subscription}`;
  return {
    id: `${inSubscription}/providers/${namespace}`,
    namespace,
    ...(subscription === undefined
      ? {}
      : {
          registrationPolicy: namespace === NAMESPACE ? "RegistrationRequired" : "RegistrationFree",
          registrationState: registered ? "Registered" : "NotRegistered",
        }),
    resourceTypes: types.map((resourceType) => ({
      resourceType,
      locations: ["global"],
      apiVersions: versions,
      defaultApiVersion: namespace === NAMESPACE ? "2017-06-01" : versions[0],
      capabilities: resourceType === "registrations" ? "SupportsTags, SupportsLocation" : "None",
    })),
  };
}

/** @throws Fault InvalidResourceNamespace */
function namespaceOf(request: FastifyRequest): string {
  const given = paramOf(request, "namespace");
  const known = Object.keys(PROVIDERS).find((namespace) => namespace.toLowerCase() === given.toLowerCase());
  if (known === undefined) throw new Fault("InvalidResourceNamespace", { namespace: given });
  return known;
}

const isRegistered = async ({ control }: Context, subscription: SubscriptionId, namespace: string): Promise<boolean> =>
  namespace !== NAMESPACE || (await control.providers.isRegistered(subscription, namespace));

async function show(context: Context, request: FastifyRequest): Promise<Answer> {
  const [subscription, namespace] = [subscriptionOf(request), namespaceOf(request)];
  return {
    status: 200,
    body: providerBody(subscription, namespace, await isRegistered(context, subscription, namespace)),
  };
}

async function list(context: Context, request: FastifyRequest): Promise<Answer> {
  const subscription = subscriptionOf(request);
  const value = await Promise.all(
    Object.keys(PROVIDERS).map(async (namespace) =>
      providerBody(subscription, namespace, await isRegistered(context, subscription, namespace)),
    ),
  );
  return { status: 200, body: { value } };
}

const setRegistered =
  (registered: boolean) =>
  async (context: Context, request: FastifyRequest): Promise<Answer> => {
    const { control, clock } = context;
    const [subscription, namespace] = [subscriptionOf(request), namespaceOf(request)];
    const atMs = clock.now();
    await control.transaction(async ({ providers, audit }) => {
      const before = await providers.isRegistered(subscription, namespace);
      await providers.set(subscription, namespace, registered, atMs);
      await audit.add({
        ...auditedBy(callerOf(request), atMs),
        action: `${namespace}/${registered ? "register" : "unregister"}/action`,
        target: `/subscriptions/${subscription}/providers/${namespace}`,
        outcome: "done",
        detail: { before, after: registered },
      });
    });
    return await show(context, request);
  };

const PROVIDER = `${SUBSCRIPTION}/providers/:namespace`;
const READ = "Microsoft.Resources/subscriptions/providers/read";

export const PROVIDER_ROUTES: readonly Route[] = [
  armRoute({
    method: "GET",
    path: "/providers",
    summary: "List what namespaces are served.",
    run: async () => ({
      status: 200,
      body: { value: Object.keys(PROVIDERS).map((namespace) => providerBody(undefined, namespace, true)) },
    }),
  }),
  armRoute({
    method: "GET",
    path: "/providers/:namespace",
    summary: "Show a namespace.",
    run: async (_context, request) => ({ status: 200, body: providerBody(undefined, namespaceOf(request), true) }),
  }),
  armRoute({
    method: "GET",
    path: `/providers/${NAMESPACE}/operations`,
    summary: "List the actions that roles can allow.",
    type: "operations",
    run: async () => ({ status: 200, body: { value: PROVIDER_OPERATIONS } }),
  }),
  armRoute({
    method: "GET",
    path: `${SUBSCRIPTION}/providers`,
    at: SUBSCRIPTION,
    summary: "List the namespaces of a subscription.",
    action: READ,
    run: list,
  }),
  armRoute({
    method: "GET",
    path: PROVIDER,
    at: SUBSCRIPTION,
    summary: "Show a namespace with its types and versions.",
    action: READ,
    run: show,
  }),
  armRoute({
    method: "POST",
    path: `${PROVIDER}/register`,
    at: SUBSCRIPTION,
    summary: "Switch a namespace on for a subscription.",
    action: `${NAMESPACE}/register/action`,
    run: setRegistered(true),
  }),
  armRoute({
    method: "POST",
    path: `${PROVIDER}/unregister`,
    at: SUBSCRIPTION,
    summary: "Switch a namespace off for a subscription; what is there stays.",
    action: `${NAMESPACE}/unregister/action`,
    run: setRegistered(false),
  }),
];
