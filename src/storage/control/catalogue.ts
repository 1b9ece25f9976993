import type { Kysely, Selectable } from "kysely";
import type { CatalogueStore } from "../../domain/catalogue/store.ts";
import type { CatalogueSubscription, OfferType, SubscriptionState } from "../../domain/catalogue/subscription.ts";
import { type LocalSubscriptionId, registrationId, type SubscriptionId, type TenantId } from "../../domain/ids.ts";
import type { LocalSubscriptionStore } from "../../domain/usage/localSubscription.ts";
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

export function localSubscriptionStore(db: Kysely<Tables>): LocalSubscriptionStore {
  return {
    async put(subscriptions, atMs) {
      const rows = subscriptions.map((so) => ({
        registration_id: so.registration,
        local_subscription_id: so.localSubscription,
        tenant_id: so.tenant,
        display_name: so.displayName,
        state: so.state,
        recorded_at_ms: atMs,
      }));
      for (const piece of inPieces(rows)) {
        await db
          .insertInto("local_subscription")
          .values(piece)
          .onConflict((conflict) =>
            conflict.columns(["registration_id", "local_subscription_id"]).doUpdateSet((is) => ({
              tenant_id: is.ref("excluded.tenant_id"),
              display_name: is.ref("excluded.display_name"),
              state: is.ref("excluded.state"),
              recorded_at_ms: is.ref("excluded.recorded_at_ms"),
            })),
          )
          .execute();
      }
    },
    async list(registration) {
      const rows = await db
        .selectFrom("local_subscription")
        .selectAll()
        .$if(registration !== undefined, (query) => query.where("registration_id", "=", registration!))
        .orderBy("registration_id")
        .orderBy("local_subscription_id")
        .execute();
      return rows.map((row) => ({
        registration: registrationId(row.registration_id),
        localSubscription: row.local_subscription_id as LocalSubscriptionId,
        tenant: row.tenant_id as TenantId,
        displayName: row.display_name,
        state: row.state,
      }));
    },
  };
}
