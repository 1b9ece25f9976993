import type { ControlStores } from "../../domain/controlStore.ts";
import type { LocalSubscriptionId, RegistrationId } from "../../domain/ids.ts";
import type { UsageKnowledge } from "../../domain/usage/knowledge.ts";
import { loadMeters } from "../meters/read.ts";

/** What is known now of what records of a registration name. */
export async function knowledgeOf(
  stores: Pick<ControlStores, "localSubscriptions" | "meters">,
  registration: RegistrationId,
  records: Iterable<{ readonly localSubscription: LocalSubscriptionId }>,
): Promise<Omit<UsageKnowledge, "horizon">> {
  const named = new Set<LocalSubscriptionId>();
  for (const { localSubscription } of records) named.add(localSubscription);
  return {
    meters: await loadMeters(stores, Number.MAX_SAFE_INTEGER),
    localSubscriptions: await stores.localSubscriptions.firstHours(registration, named),
  };
}
