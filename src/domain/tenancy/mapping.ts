import type { EffectiveChange, Interval } from "../history.ts";
import type { RegistrationId, SubscriptionId, TenantId } from "../ids.ts";

/** One change of who pays for a tenant: from an hour on, this customer subscription, or nobody in particular (null). */
export interface MappingChange extends EffectiveChange {
  readonly registration: RegistrationId;
  readonly tenant: TenantId;
  readonly customer: SubscriptionId | null;
}

/** A stretch of hours of one tenant on one registration with one payer. */
export type MappingInterval = Interval<MappingChange>;
