import type { Kysely } from "kysely";
import { type LocalSubscriptionId, registrationId, type TenantId } from "../../domain/ids.ts";
import type { LocalSubscription, LocalSubscriptionStore } from "../../domain/usage/localSubscription.ts";
import { inPieces } from "./pieces.ts";
import type { Tables } from "./tables.ts";

const keyOf = ({ registration, localSubscription }: LocalSubscription): string =>
  `${registration} ${localSubscription}`;
const contentOf = ({ tenant, displayName, state }: LocalSubscription): string =>
  JSON.stringify([tenant, displayName, state]);

/** Kept as changes that are only ever added, so that what was known at any moment can be rebuilt. */
export function localSubscriptionStore(db: Kysely<Tables>): LocalSubscriptionStore {
  const list: LocalSubscriptionStore["list"] = async ({ registration, recordedUntilMs } = {}) => {
    const rows = await db
      .selectFrom("local_subscription_change")
      .selectAll()
      .where("id", "in", (newest) =>
        newest
          .selectFrom("local_subscription_change")
          .select((is) => is.fn.max("id").as("id"))
          .$if(registration !== undefined, (query) => query.where("registration_id", "=", registration!))
          .$if(recordedUntilMs !== undefined, (query) => query.where("recorded_at_ms", "<=", recordedUntilMs!))
          .groupBy(["registration_id", "local_subscription_id"]),
      )
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
  };
  return {
    list,
    async put(subscriptions, atMs) {
      const known = new Map((await list()).map((so) => [keyOf(so), contentOf(so)]));
      const different = subscriptions.filter((so) => known.get(keyOf(so)) !== contentOf(so));
      const rows = different.map((so) => ({
        registration_id: so.registration,
        local_subscription_id: so.localSubscription,
        tenant_id: so.tenant,
        display_name: so.displayName,
        state: so.state,
        recorded_at_ms: atMs,
      }));
      for (const piece of inPieces(rows)) await db.insertInto("local_subscription_change").values(piece).execute();
      const added = different.filter((so) => !known.has(keyOf(so))).length;
      return { added, changed: different.length - added };
    },
  };
}
