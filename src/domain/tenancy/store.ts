import type { Hour, RegistrationId, SubscriptionId, TenantId } from "../ids.ts";
import type { ApprovalEvent } from "./approval.ts";
import type { MappingChange } from "./mapping.ts";

/** A tenant's mapping as the registration plane shows it now: the newest change, whatever hour it counts from. */
export interface CurrentMapping {
  readonly tenant: TenantId;
  readonly customer: SubscriptionId;
  readonly change: number;
  readonly recordedAtMs: number;
  readonly recordedBy: string;
}

export interface TenancyStore {
  approvalEvents(registration: RegistrationId): Promise<readonly ApprovalEvent[]>;
  /** The newest event of each registration that has one. */
  latestApprovalEvents(): Promise<ReadonlyMap<RegistrationId, ApprovalEvent>>;
  addApprovalEvent(event: ApprovalEvent): Promise<void>;
  /** Adds a change and makes it the tenant's current mapping; null takes the current mapping away. */
  addChange(change: Omit<MappingChange, "id">): Promise<MappingChange>;
  /** The latest hour that a change of this tenant counts from; undefined when there is none. */
  lastEffectiveHour(registration: RegistrationId, tenant: TenantId): Promise<Hour | undefined>;
  findCurrent(registration: RegistrationId, customer: SubscriptionId): Promise<CurrentMapping | undefined>;
  findCurrentOfTenant(registration: RegistrationId, tenant: TenantId): Promise<CurrentMapping | undefined>;
  /** Ordered by customer subscription, from after `after`, at most `limit`. */
  listCurrent(registration: RegistrationId, after: string, limit: number): Promise<readonly CurrentMapping[]>;
  /**
   * Every change recorded up to and including an instant, oldest first.
   * @param of `registrations`: of those from the first to the last of these only
   */
  changes(of: {
    readonly recordedUntilMs: number;
    readonly registrations?: readonly [first: RegistrationId, last: RegistrationId];
  }): Promise<readonly MappingChange[]>;
  /** Every change of some tenants of a registration, oldest first. */
  changesOf(registration: RegistrationId, tenants: Iterable<TenantId>): Promise<readonly MappingChange[]>;
  /** The same of one registration, or of one tenant there, from after the change `after`, at most `limit`. */
  history(
    of: { readonly registration: RegistrationId; readonly tenant?: TenantId; readonly recordedUntilMs: number },
    page: { readonly after: number; readonly limit: number },
  ): Promise<readonly MappingChange[]>;
}
