import type { SubscriptionId, TenantId } from "../ids.ts";

/** APSS: Azure Partner Shared Services, the registration subscription of a direct partner or a distributor. */
export const OFFER_TYPES = ["CSP", "APSS", "EA", "PayAsYouGo"] as const;
export type OfferType = (typeof OFFER_TYPES)[number];

export const SUBSCRIPTION_STATES = ["Enabled", "Warned", "PastDue", "Disabled", "Deleted"] as const;
export type SubscriptionState = (typeof SUBSCRIPTION_STATES)[number];

/** What the partner catalogue knows of one Azure-side subscription. */
export interface CatalogueSubscription {
  readonly subscription: SubscriptionId;
  readonly displayName: string;
  readonly offerType: OfferType;
  readonly state: SubscriptionState;
  /** The CSP partner that the subscription belongs to. */
  readonly partner: string;
  /** The indirect provider (distributor) that holds the billing relation, where that is not the partner itself. */
  readonly provider: string | null;
  readonly reseller: string | null;
  readonly customer: string | null;
  readonly tenant: TenantId | null;
}

/** Whom a subscription's bill goes to: its provider if it has one, else its partner (docs/decisions/0015). */
export const billingPartnerOf = ({ provider, partner }: Pick<CatalogueSubscription, "provider" | "partner">): string =>
  provider ?? partner;

/** Subscriptions in these states can take a bill on: a warned or late payer still runs and is still billed. */
export const PAYING_STATES: readonly SubscriptionState[] = ["Enabled", "Warned", "PastDue"];

/** Names of a row's values, as the header of a CSV file, the members of an NDJSON line and the answers have them. */
export const CATALOGUE_COLUMNS = [
  "subscription",
  "displayName",
  "offerType",
  "state",
  "partner",
  "provider",
  "reseller",
  "customer",
  "tenant",
] as const satisfies readonly (keyof CatalogueSubscription)[];
/** Whether two entries of one subscription say the same. */
export const sameContent = (a: CatalogueSubscription, b: CatalogueSubscription): boolean =>
  CATALOGUE_COLUMNS.every((member) => a[member] === b[member]);
