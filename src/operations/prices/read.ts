import { billingPartnerOf } from "../../domain/catalogue/subscription.ts";
import type { ControlStores } from "../../domain/controlStore.ts";
import type { SubscriptionId } from "../../domain/ids.ts";
import { PriceBook, type Sellers } from "../../domain/rating/priceBook.ts";
import type { PriceSheet } from "../../domain/rating/priceSheet.ts";

type Stores = Pick<ControlStores, "prices" | "catalogue">;

/** Who sells to whom; only asked for where prices depend on it. */
async function sellers({ catalogue }: Stores): Promise<ReadonlyMap<SubscriptionId, Sellers>> {
  const entries = await catalogue.list();
  return new Map(entries.map((so) => [so.subscription, { partner: billingPartnerOf(so), reseller: so.reseller }]));
}

/** @param knownUntilMs what was recorded later is left out */
export async function loadPriceBook(
  { control, priceSheet }: { readonly control: Stores; readonly priceSheet: PriceSheet },
  knownUntilMs: number,
): Promise<PriceBook> {
  const records = await control.prices.records();
  const needed = records.assignments.some(({ party }) => party.kind === "partner" || party.kind === "reseller");
  const known: ReadonlyMap<SubscriptionId, Sellers> = needed ? await sellers(control) : new Map();
  return new PriceBook(priceSheet, records, { knownUntilMs, sellersOf: (subscription) => known.get(subscription) });
}
