import type { Kysely, Selectable } from "kysely";
import type { CatalogueStore } from "../../domain/catalogue/store.ts";
import type { CatalogueSubscription, OfferType, SubscriptionState } from "../../domain/catalogue/subscription.ts";
import type { SubscriptionId, TenantId } from "../../domain/ids.ts";
import { inPieces } from "./pieces.ts";
import type { Tables } from "./tables.ts";

const fromRow = (row: Selectable<Tables["catalogue_subscription"]>): CatalogueSubscription => ({
  subscription: row.subscription_id as SubscriptionId,
  displayName: row.display_name,
  offerType: row.offer_type as OfferType,
  state: row.state as SubscriptionState,
  partner: row.partner,
  reseller: row.reseller,
  customer: row.customer,
  tenant: row.tenant_id as TenantId | null,
});

export function catalogueStore(db: Kysely<Tables>): CatalogueStore {
  const all = () => db.selectFrom("catalogue_subscription").selectAll();
  return {
    async find(subscription) {
      const row = await all().where("subscription_id", "=", subscription).executeTakeFirst();
      return row && fromRow(row);
    },
    async page(after, limit) {
      const rows = await all().where("subscription_id", ">", after).orderBy("subscription_id").limit(limit).execute();
      return rows.map(fromRow);
    },
    async list() {
      return (await all().orderBy("subscription_id").execute()).map(fromRow);
    },
    async put(subscriptions, atMs) {
      const rows = subscriptions.map((so) => ({
        subscription_id: so.subscription,
        display_name: so.displayName,
        offer_type: so.offerType,
        state: so.state,
        partner: so.partner,
        reseller: so.reseller,
        customer: so.customer,
        tenant_id: so.tenant,
        updated_at_ms: atMs,
      }));
      for (const piece of inPieces(rows)) {
        await db
          .insertInto("catalogue_subscription")
          .values(piece)
          .onConflict((conflict) =>
            conflict.column("subscription_id").doUpdateSet((is) => ({
              display_name: is.ref("excluded.display_name"),
              offer_type: is.ref("excluded.offer_type"),
              state: is.ref("excluded.state"),
              partner: is.ref("excluded.partner"),
              reseller: is.ref("excluded.reseller"),
              customer: is.ref("excluded.customer"),
              tenant_id: is.ref("excluded.tenant_id"),
              updated_at_ms: is.ref("excluded.updated_at_ms"),
            })),
          )
          .execute();
      }
    },
  };
}
