import { billingPartnerOf } from "../../domain/catalogue/subscription.ts";
import type { ControlStores } from "../../domain/controlStore.ts";
import type { SubscriptionId } from "../../domain/ids.ts";
import { isKnownBy, type KnowledgeMark } from "../../domain/statement/bounds.ts";
import { PriceBook, type Sellers } from "../../domain/rating/priceBook.ts";
import type { PriceSheet } from "../../domain/rating/priceSheet.ts";

type Stores = Pick<ControlStores, "prices" | "catalogue">;

/** Who sells to whom; only asked for where prices depend on it. */
async function sellers(
  { catalogue }: Stores,
  mark: KnowledgeMark | undefined,
): Promise<ReadonlyMap<SubscriptionId, Sellers>> {
  const entries =
    mark === undefined
      ? await catalogue.list()
      : (await catalogue.asOf(undefined, mark["catalogue"] ?? 0)).filter((so) => !so.isGone).map(({ entry }) => entry);
  return new Map(entries.map((so) => [so.subscription, { partner: billingPartnerOf(so), reseller: so.reseller }]));
}

/**
 * @param knownUntilMs what was recorded later is left out
 * @param mark and what was recorded after these
 */
export async function loadPriceBook(
  { control, priceSheet }: { readonly control: Stores; readonly priceSheet: PriceSheet },
  knownUntilMs: number,
  mark?: KnowledgeMark,
): Promise<PriceBook> {
  const all = await control.prices.records();
  const records = {
    sheets: all.sheets,
    assignments: all.assignments.filter(({ id }) => isKnownBy(mark, "priceAssignments", id)),
    // They have no numbers of their own, and are only ever added.
    confirmations: all.confirmations.filter((_, i) => isKnownBy(mark, "priceConfirmations", i + 1)),
    fxRates: all.fxRates.filter(({ id }) => isKnownBy(mark, "fxRates", id)),
  };
  const needed = records.assignments.some(({ party }) => party.kind === "partner" || party.kind === "reseller");
  const known: ReadonlyMap<SubscriptionId, Sellers> = needed ? await sellers(control, mark) : new Map();
  return new PriceBook(priceSheet, records, { knownUntilMs, sellersOf: (subscription) => known.get(subscription) });
}
