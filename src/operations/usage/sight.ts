import type { RegistrationId, SubscriptionId } from "../../domain/ids.ts";
import type { Registration } from "../../domain/registration/registration.ts";

/** Whose usage somebody may see: all on some registrations, and what some subscriptions pay for. */
export interface Sight {
  registrations(of: readonly Registration[]): Promise<ReadonlySet<RegistrationId>>;
  payers(of: readonly SubscriptionId[]): Promise<ReadonlySet<SubscriptionId>>;
}
