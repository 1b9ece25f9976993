import type { Kysely } from "kysely";
import { registrationId } from "../../domain/ids.ts";
import type { BatchStore } from "../../domain/usage/batch.ts";
import type { Tables } from "./tables.ts";

export function batchStore(db: Kysely<Tables>): BatchStore {
  return {
    async start(registration, atMs) {
      const row = await db
        .insertInto("usage_batch")
        .values({ registration_id: registration, started_at_ms: atMs, finished_at_ms: null })
        .returning("id")
        .executeTakeFirstOrThrow();
      return row.id;
    },
    async finish(id, counts, atMs) {
      await db
        .updateTable("usage_batch")
        .set({ ...counts, finished_at_ms: atMs })
        .where("id", "=", id)
        .execute();
    },
    async find(id) {
      const row = await db.selectFrom("usage_batch").selectAll().where("id", "=", id).executeTakeFirst();
      if (row === undefined) return undefined;
      const { accepted, duplicate, conflict, parked, rejected } = row;
      return {
        id,
        registration: registrationId(row.registration_id),
        startedAtMs: row.started_at_ms,
        finishedAtMs: row.finished_at_ms,
        counts: { accepted, duplicate, conflict, parked, rejected },
      };
    },
    async lastComplete() {
      const row = await db
        .selectFrom("usage_batch")
        .select((is) => [
          is.fn.max("id").as("last"),
          is.fn.min("id").filterWhere("finished_at_ms", "is", null).as("running"),
        ])
        .executeTakeFirst();
      const last = row?.last ?? 0;
      const lastBatch = row?.running ? row.running - 1 : last;
      return { lastBatch, later: last - lastBatch };
    },
    async endAbandoned(atMs) {
      await db.updateTable("usage_batch").set({ finished_at_ms: atMs }).where("finished_at_ms", "is", null).execute();
    },
  };
}
