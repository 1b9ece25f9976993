import type { Kysely, Selectable } from "kysely";
import type { Notification } from "../../domain/notification/notification.ts";
import type { NotificationStore } from "../../domain/notification/store.ts";
import type { Tables } from "./tables.ts";

const fromRow = (row: Selectable<Tables["notification"]>): Notification => ({
  id: row.id,
  kind: row.kind as Notification["kind"],
  payload: JSON.parse(row.payload) as Notification["payload"],
  createdAtMs: row.created_at_ms,
  attempts: row.attempts,
  nextAttemptAtMs: row.next_attempt_at_ms,
  deliveredAtMs: row.delivered_at_ms,
  givenUpAtMs: row.given_up_at_ms,
  lastError: row.last_error,
});

export function notificationStore(db: Kysely<Tables>): NotificationStore {
  const all = () => db.selectFrom("notification").selectAll();
  return {
    async add({ kind, payload, createdAtMs }) {
      const row = {
        kind,
        payload: JSON.stringify(payload),
        created_at_ms: createdAtMs,
        next_attempt_at_ms: createdAtMs,
        delivered_at_ms: null,
        given_up_at_ms: null,
      };
      await db.insertInto("notification").values(row).execute();
    },
    async due(nowMs, limit) {
      const rows = await all()
        .where("delivered_at_ms", "is", null)
        .where("given_up_at_ms", "is", null)
        .where("next_attempt_at_ms", "<=", nowMs)
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map(fromRow);
    },
    async update({ id, attempts, nextAttemptAtMs, deliveredAtMs, givenUpAtMs, lastError }) {
      await db
        .updateTable("notification")
        .set({
          attempts,
          next_attempt_at_ms: nextAttemptAtMs,
          delivered_at_ms: deliveredAtMs,
          given_up_at_ms: givenUpAtMs,
          last_error: lastError,
        })
        .where("id", "=", id)
        .execute();
    },
    async list(limit) {
      return (await all().orderBy("id", "desc").limit(limit).execute()).map(fromRow);
    },
    async forgetOld(keep) {
      const isOver = db
        .selectFrom("notification")
        .select("id")
        .where((is) => is.or([is("delivered_at_ms", "is not", null), is("given_up_at_ms", "is not", null)]));
      const kept = isOver.orderBy("id", "desc").limit(keep);
      await db.deleteFrom("notification").where("id", "in", isOver).where("id", "not in", kept).execute();
    },
  };
}
