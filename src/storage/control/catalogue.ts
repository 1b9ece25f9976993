import { type Insertable, type Kysely, type Selectable, sql } from "kysely";
import type { CatalogueStore } from "../../domain/catalogue/store.ts";
import {
  type CatalogueSubscription,
  type OfferType,
  PAYING_STATES,
  type SubscriptionState,
} from "../../domain/catalogue/subscription.ts";
import type { SubscriptionId, TenantId } from "../../domain/ids.ts";
import { inPieces } from "./pieces.ts";
import type { Tables } from "./tables.ts";

type Row = Insertable<Tables["catalogue_subscription"]>;

const fromRow = (row: Selectable<Tables["catalogue_subscription"]>): CatalogueSubscription => ({
  subscription: row.subscription_id as SubscriptionId,
  displayName: row.display_name,
  offerType: row.offer_type as OfferType,
  state: row.state as SubscriptionState,
  partner: row.partner,
  provider: row.provider,
  reseller: row.reseller,
  customer: row.customer,
  tenant: row.tenant_id as TenantId | null,
});

const toRow = (so: CatalogueSubscription, atMs: number): Row => ({
  subscription_id: so.subscription,
  display_name: so.displayName,
  offer_type: so.offerType,
  state: so.state,
  partner: so.partner,
  provider: so.provider,
  reseller: so.reseller,
  customer: so.customer,
  tenant_id: so.tenant,
  updated_at_ms: atMs,
});

export function catalogueStore(db: Kysely<Tables>): CatalogueStore {
  const all = () => db.selectFrom("catalogue_subscription").selectAll();
  return {
    async find(subscription) {
      const row = await all().where("subscription_id", "=", subscription).executeTakeFirst();
      return row && fromRow(row);
    },
    async findMany(subscriptions) {
      const found: CatalogueSubscription[] = [];
      for (const piece of inPieces(subscriptions)) {
        found.push(...(await all().where("subscription_id", "in", piece).execute()).map(fromRow));
      }
      return found;
    },
    async list() {
      return (await all().orderBy("subscription_id").execute()).map(fromRow);
    },
    async page({ after, limit }) {
      const rows = await all().where("subscription_id", ">", after).orderBy("subscription_id").limit(limit).execute();
      return rows.map(fromRow);
    },
    async hasReseller(name) {
      return (await all().where("reseller", "=", name).limit(1).executeTakeFirst()) !== undefined;
    },
    put: (subscriptions, atMs, actor) => put(db, subscriptions, atMs, actor),
    async remove(subscription, atMs, actor) {
      const { numDeletedRows } = await db
        .deleteFrom("catalogue_subscription")
        .where("subscription_id", "=", subscription)
        .executeTakeFirst();
      if (numDeletedRows === 0n) return false;
      await db
        .insertInto("catalogue_change")
        .values({ subscription_id: subscription, content: null, actor, recorded_at_ms: atMs })
        .execute();
      return true;
    },
    async changes(subscription, { after, limit }) {
      const rows = await db
        .selectFrom("catalogue_change")
        .selectAll()
        .where("subscription_id", "=", subscription)
        .where("id", ">", after)
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map(({ id, content, actor, recorded_at_ms: recordedAtMs }) => ({
        id,
        subscription,
        content: content === null ? null : (JSON.parse(content) as CatalogueSubscription),
        actor,
        recordedAtMs,
      }));
    },
    asOf: (subscriptions, newest) => asOf(db, subscriptions, newest),
    async holdingPiece({ billingPartner, reseller, pieces, limit }) {
      if (pieces.length === 0) return [];
      const rows = await all()
        .where((is) => is(is.fn.coalesce("provider", "partner"), "=", billingPartner))
        .where("offer_type", "=", "CSP")
        .where("state", "in", PAYING_STATES)
        .$if(reseller !== null, (query) => query.where("reseller", "=", reseller))
        .where((is) => is.or(pieces.map((piece) => is("subscription_id", "like", `%${piece}%`))))
        .orderBy("subscription_id")
        .limit(limit)
        .execute();
      return rows.map(fromRow);
    },
  };
}

async function asOf(
  db: Kysely<Tables>,
  subscriptions: readonly SubscriptionId[] | undefined,
  newest: number,
): ReturnType<CatalogueStore["asOf"]> {
  const found: { entry: CatalogueSubscription; isGone: boolean }[] = [];
  for (const piece of subscriptions === undefined ? [undefined] : inPieces(subscriptions)) {
    const last = await db
      .selectFrom("catalogue_change")
      .select((is) => [
        is.fn.max("id").as("id"),
        sql<number | null>`max(case when content is not null then id end)`.as("told"),
      ])
      .$if(piece !== undefined, (query) => query.where("subscription_id", "in", piece!))
      .where("id", "<=", newest)
      .groupBy("subscription_id")
      .execute();
    const newestOf = new Map(last.flatMap(({ id, told }) => (told === null ? [] : [[told, id] as const])));
    for (const told of inPieces([...newestOf.keys()])) {
      const rows = await db.selectFrom("catalogue_change").select(["id", "content"]).where("id", "in", told).execute();
      for (const { id, content } of rows) {
        const entry = JSON.parse(content!) as CatalogueSubscription;
        found.push({ entry, isGone: newestOf.get(id) !== id });
      }
    }
  }
  return found;
}

async function put(
  db: Kysely<Tables>,
  subscriptions: readonly CatalogueSubscription[],
  atMs: number,
  actor: string,
): Promise<void> {
  // One statement may not put a row twice; the last one counts.
  const last = new Map(subscriptions.map((so) => [so.subscription, toRow(so, atMs)]));
  for (const piece of inPieces([...last.values()])) {
    await db
      .insertInto("catalogue_subscription")
      .values(piece)
      .onConflict((conflict) =>
        conflict.column("subscription_id").doUpdateSet((is) => ({
          display_name: is.ref("excluded.display_name"),
          offer_type: is.ref("excluded.offer_type"),
          state: is.ref("excluded.state"),
          partner: is.ref("excluded.partner"),
          provider: is.ref("excluded.provider"),
          reseller: is.ref("excluded.reseller"),
          customer: is.ref("excluded.customer"),
          tenant_id: is.ref("excluded.tenant_id"),
          updated_at_ms: is.ref("excluded.updated_at_ms"),
        })),
      )
      .execute();
  }
  const changes = subscriptions.map((so) => ({
    subscription_id: so.subscription,
    content: JSON.stringify(so),
    actor,
    recorded_at_ms: atMs,
  }));
  for (const piece of inPieces(changes)) await db.insertInto("catalogue_change").values(piece).execute();
}
