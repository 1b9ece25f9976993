import { intervalAt } from "../history.ts";
import type { Hour, SubscriptionId } from "../ids.ts";
import type { MappingInterval } from "./mapping.ts";

/** Who pays for an hour, and by which decision: a mapping, its removal, or because there never was one. */
export interface Payer {
  readonly subscription: SubscriptionId;
  readonly by: "mapping" | "removed-mapping" | "no-mapping";
  readonly interval: MappingInterval | undefined;
}

/** Who pays for a tenant's usage in one hour. Total: every hour has exactly one payer (design rule 2). */
export function payerAt(
  hour: Hour,
  intervals: readonly MappingInterval[],
  registrationSubscription: SubscriptionId,
): Payer {
  const interval = intervalAt(intervals, hour);
  if (interval === undefined) return { subscription: registrationSubscription, by: "no-mapping", interval };
  const { customer } = interval.change;
  if (customer === null) return { subscription: registrationSubscription, by: "removed-mapping", interval };
  return { subscription: customer, by: "mapping", interval };
}
