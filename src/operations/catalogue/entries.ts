import type { CatalogueChange } from "../../domain/catalogue/store.ts";
import type { CatalogueSubscription } from "../../domain/catalogue/subscription.ts";
import type { ControlStores } from "../../domain/controlStore.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { type SubscriptionId, subscriptionId } from "../../domain/ids.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { putEntries, type RowOutcome } from "./import.ts";

const notInCatalogue = (subscription: string): Fault => new Fault("CatalogueSubscriptionNotFound", { subscription });

/** @throws Fault CatalogueSubscriptionNotFound */
function idOf(subscription: string): SubscriptionId {
  const id = subscriptionId(subscription);
  if (id === undefined) throw notInCatalogue(subscription);
  return id;
}

/** @throws Fault CatalogueSubscriptionNotFound */
export async function findEntry({ catalogue }: ControlStores, subscription: string): Promise<CatalogueSubscription> {
  const found = await catalogue.find(idOf(subscription));
  if (found === undefined) throw notInCatalogue(subscription);
  return found;
}

export async function putEntry(
  { control, clock }: Context,
  caller: Caller,
  entry: CatalogueSubscription,
): Promise<RowOutcome> {
  return await control.transaction(async (stores) => (await putEntries(stores, caller, clock.now(), [entry]))[0]!);
}

/** False when it was not there. Mappings to it stay: who pays is not changed by forgetting who somebody was. */
export async function removeEntry({ control, clock }: Context, caller: Caller, subscription: string): Promise<boolean> {
  const id = subscriptionId(subscription);
  if (id === undefined) return false;
  return await control.transaction(async ({ catalogue, audit }) => {
    const atMs = clock.now();
    if (!(await catalogue.remove(id, atMs, caller.name))) return false;
    await audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/catalogue/delete",
      target: `/v1/catalogue/subscriptions/${id}`,
      outcome: "done",
      detail: {},
    });
    return true;
  });
}

/**
 * Also of an entry that was taken out.
 * @throws Fault CatalogueSubscriptionNotFound when there never was one
 */
export async function entryHistory(
  stores: ControlStores,
  subscription: string,
  page: { readonly after: number; readonly limit: number },
): Promise<readonly CatalogueChange[]> {
  const id = idOf(subscription);
  const changes = await stores.catalogue.changes(id, page);
  if (changes.length === 0 && page.after === 0) await findEntry(stores, subscription);
  return changes;
}
