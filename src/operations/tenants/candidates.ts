import { nearest, survivingPieces } from "../../domain/catalogue/nearIds.ts";
import { billingPartnerOf, type CatalogueSubscription } from "../../domain/catalogue/subscription.ts";
import type { ControlStores } from "../../domain/controlStore.ts";
import { LIMITS } from "../../domain/limits.ts";
import { boundToReseller, type MapRefusal } from "../../domain/tenancy/mayMap.ts";

/** A subscription that the caller may have meant. */
export interface Candidate {
  readonly subscription: string;
  readonly displayName?: string;
}

/**
 * What a refused caller may have meant: for an unknown id or one that is no CSP subscription, ids that are a typing
 * mistake away; for wrong casing, the id itself. Only subscriptions that this registration may map: those of others are
 * never told. The engine narrows a partner's ids down to those that share a third with the given one, so that a catalogue
 * of any size costs one bounded look-up.
 * @param registered the registration subscription; without it nothing can be told
 */
export async function candidatesFor(
  { catalogue }: ControlStores,
  outcome: MapRefusal,
  given: string,
  registered: CatalogueSubscription | undefined,
): Promise<readonly Candidate[]> {
  if (registered === undefined) return [];
  switch (outcome.refusal) {
    case "BadCustomerSubscriptionId": {
      // Casing is judged last, so the subscription is one that this registration may map.
      return outcome.because === "casing" ? [{ subscription: given.toLowerCase() }] : [];
    }
    case "InvalidCustomerSubscriptionId":
    case "InvalidCSPSubscription": {
      const entries = await catalogue.holdingPiece({
        billingPartner: billingPartnerOf(registered),
        reseller: boundToReseller(registered),
        pieces: survivingPieces(given),
        limit: LIMITS.candidatesComparedMax,
      });
      return nearest(given, entries, LIMITS.candidatesMax).map(({ subscription, displayName }) => {
        return { subscription, displayName };
      });
    }
    case "MetadataResolverBadGatewayError":
      return [];
  }
}
