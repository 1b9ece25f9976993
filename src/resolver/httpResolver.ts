import { type Static, Type } from "typebox";
import { Check } from "typebox/value";
import type { Resolution, Resolver } from "../domain/catalogue/resolver.ts";
import { OFFER_TYPES, SUBSCRIPTION_STATES } from "../domain/catalogue/subscription.ts";
import { type SubscriptionId, tenantId } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";

const oneOf = <Value extends string>(values: readonly Value[]) =>
  Type.Union(values.map((value) => Type.Literal(value)));

/** What an upstream service answers to GET {resolverUrl}/subscriptions/{id}; 404 when it knows no such subscription. */
const UpstreamSubscription = Type.Object({
  subscription: Type.String(),
  displayName: Type.Optional(Type.String()),
  offerType: oneOf(OFFER_TYPES),
  state: oneOf(SUBSCRIPTION_STATES),
  partner: Type.String({ minLength: 1 }),
  provider: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  reseller: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  customer: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  tenant: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});

const unreachable = (reason: string): Resolution => ({ kind: "unreachable", reason });

/** Asks an upstream service. Whatever goes wrong is `unreachable`; nothing is guessed. */
export function httpResolver(url: string, timeoutMs: number): Resolver {
  const base = url.replace(/\/+$/, "");
  return {
    async resolve(subscription) {
      try {
        const response = await fetch(`${base}/subscriptions/${subscription}`, {
          headers: { accept: "application/json" },
          // A redirect could lead anywhere, also into the operator's own network.
          redirect: "error",
          signal: AbortSignal.timeout(Math.min(timeoutMs, LIMITS.resolverTimeoutMsMax)),
        });
        if (response.status === 404) return { kind: "unknown" };
        if (response.status !== 200) return unreachable(`it answered ${response.status}`);
        return readAnswer(await readText(response), subscription);
      } catch (error) {
        const timedOut = error instanceof Error && error.name === "TimeoutError";
        return unreachable(timedOut ? `it did not answer within ${timeoutMs} ms` : "it cannot be reached");
      }
    },
  };
}

async function readText(response: Response): Promise<string> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of response.body ?? []) {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length > LIMITS.resolverBodyBytesMax) throw new Error("the answer is too long");
  }
  return bytes.toString("utf8");
}

function readAnswer(text: string, subscription: SubscriptionId): Resolution {
  const answer: unknown = JSON.parse(text);
  if (!Check(UpstreamSubscription, answer)) return unreachable("its answer is not of the agreed form");
  const {
    displayName,
    offerType,
    state,
    partner,
    provider,
    reseller,
    customer,
    tenant,
  }: Static<typeof UpstreamSubscription> = answer;
  if (answer.subscription.toLowerCase() !== subscription) return unreachable("it answered about another subscription");
  return {
    kind: "found",
    subscription: {
      subscription,
      displayName: displayName ?? "",
      offerType,
      state,
      partner,
      provider: provider ?? null,
      reseller: reseller ?? null,
      customer: customer ?? null,
      tenant: tenant ? (tenantId(tenant) ?? null) : null,
    },
  };
}
