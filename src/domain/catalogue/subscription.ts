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
  /** The CSP partner that Microsoft bills: the direct partner, or the provider of an indirect reseller. */
  readonly partner: string;
  readonly reseller: string | null;
  readonly customer: string | null;
  readonly tenant: TenantId | null;
}
