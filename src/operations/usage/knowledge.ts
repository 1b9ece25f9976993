import type { ControlStores } from "../../domain/controlStore.ts";
import type { LocalSubscriptionId, RegistrationId } from "../../domain/ids.ts";
import type { UsageKnowledge } from "../../domain/usage/knowledge.ts";
import { METERS } from "../../domain/usage/meterCatalogue.ts";

/** What is known now of what records of a registration name. */
export async function knowledgeOf(
  { localSubscriptions }: Pick<ControlStores, "localSubscriptions">,
  registration: RegistrationId,
  records: Iterable<{ readonly localSubscription: LocalSubscriptionId }>,
): Promise<UsageKnowledge> {
  const named = new Set<LocalSubscriptionId>();
  for (const { localSubscription } of records) named.add(localSubscription);
  return {
    meters: { isKnown: (meter) => METERS.has(meter) },
    localSubscriptions: await localSubscriptions.firstHours(registration, named),
  };
}
