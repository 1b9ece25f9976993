import { billingPartnerOf, type CatalogueSubscription } from "../catalogue/subscription.ts";
import type { SubscriptionId } from "../ids.ts";
import type { Level } from "../rating/priceTerms.ts";

/** Whom a provider gets its statement from: whoever runs this Stampbook. */
export const OPERATOR = "operator";

/** What the catalogue says of a subscription as of one moment; `isGone` where that is what it said before it was taken out. */
export interface PayerFacts {
  readonly entry: CatalogueSubscription;
  readonly isGone: boolean;
}

/** Who gets a statement for what a subscription pays at a level, from whom, and for whom it is closed. */
export interface Parties {
  readonly payer: string;
  readonly issuer: string;
  /** The billing partner of the subscription: statements are closed partner by partner. */
  readonly partner: string;
}

const viaPartner = (partner: string): string => ` via ${partner}`;

/** The name of the reseller that pays a statement of its level. */
export const resellerOfPayer = ({ payer, partner }: Pick<Parties, "payer" | "partner">): string =>
  payer.slice(0, payer.length - viaPartner(partner).length);

/** Undefined where the chain has no such level. */
export function partiesOf(
  level: Level,
  subscription: SubscriptionId,
  entry: CatalogueSubscription,
): Parties | undefined {
  const partner = billingPartnerOf(entry);
  switch (level) {
    case "customer":
      return { payer: subscription, issuer: entry.reseller ?? entry.partner, partner };
    case "reseller":
      // One reseller may buy from several providers: each sends a statement of its own.
      return entry.reseller === null
        ? undefined
        : { payer: `${entry.reseller}${viaPartner(partner)}`, issuer: partner, partner };
    case "provider":
      return { payer: partner, issuer: OPERATOR, partner };
  }
}
