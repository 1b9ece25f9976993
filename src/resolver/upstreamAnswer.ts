import { type Static, Type } from "typebox";
import { Check } from "typebox/value";
import {
  type CatalogueSubscription,
  OFFER_TYPES,
  type OfferType,
  SUBSCRIPTION_STATES,
  type SubscriptionState,
} from "../domain/catalogue/subscription.ts";
import { type SubscriptionId, tenantId } from "../domain/ids.ts";
import { LIMITS } from "../domain/limits.ts";

const oneOf = <Value extends string>(values: readonly Value[]) =>
  Type.Unsafe<Value>({ type: "string", enum: [...values] });
const name = Type.String({ minLength: 1, maxLength: LIMITS.catalogueTextCharsMax });
const nullable = Type.Optional(Type.Union([name, Type.Null()]));

/** What an upstream service answers to GET {resolverUrl}/subscriptions/{id} (docs/operating/resolver.md). */
const UpstreamSubscription = Type.Object({
  subscription: Type.String(),
  displayName: Type.Optional(Type.String({ maxLength: LIMITS.catalogueTextCharsMax })),
  offerType: oneOf<OfferType>(OFFER_TYPES),
  state: oneOf<SubscriptionState>(SUBSCRIPTION_STATES),
  partner: name,
  provider: nullable,
  reseller: nullable,
  customer: nullable,
  tenant: nullable,
});

/** The upstream service did not answer as agreed. */
export class UpstreamTrouble extends Error {
  /** Whether asking again at once may help. */
  readonly transient: boolean;

  constructor(reason: string, transient = false) {
    super(reason);
    this.name = "UpstreamTrouble";
    this.transient = transient;
  }
}

/** @throws UpstreamTrouble */
export function readAnswer(text: string, subscription: SubscriptionId): CatalogueSubscription {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new UpstreamTrouble("its answer is no JSON");
  }
  if (!Check(UpstreamSubscription, answer)) throw new UpstreamTrouble("its answer is not of the agreed form");
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
  if (answer.subscription.toLowerCase() !== subscription) {
    throw new UpstreamTrouble("it answered about another subscription");
  }
  const directory = tenant ? tenantId(tenant) : null;
  if (directory === undefined) throw new UpstreamTrouble("the tenant in its answer is no GUID");
  return {
    subscription,
    displayName: displayName ?? "",
    offerType,
    state,
    partner,
    provider: provider ?? null,
    reseller: reseller ?? null,
    customer: customer ?? null,
    tenant: directory,
  };
}
