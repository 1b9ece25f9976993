import type { Kysely, Selectable } from "kysely";
import { registrationId } from "../../domain/ids.ts";
import type { BatchStore, UsageBatch, UsageDecision } from "../../domain/usage/batch.ts";
import type { Tables } from "./tables.ts";

function batchFromRow(row: Selectable<Tables["usage_batch"]>): UsageBatch {
  const { accepted, duplicate, conflict, parked, rejected } = row;
  return {
    id: row.id,
    registration: registrationId(row.registration_id),
    decision: row.decision === null ? undefined : (JSON.parse(row.decision) as UsageDecision),
    recordedBy: row.recorded_by,
    startedAtMs: row.started_at_ms,
    finishedAtMs: row.finished_at_ms,
    counts: { accepted, duplicate, conflict, parked, rejected },
    ended: row.ended,
    withdrawnBy: row.withdrawn_by,
  };
}

export function batchStore(db: Kysely<Tables>): BatchStore {
  return {
    async start({ registration, recordedBy, atMs, decision }) {
      const { id } = await db
        .insertInto("usage_batch")
        .values({
          registration_id: registration,
          recorded_by: recordedBy,
          started_at_ms: atMs,
          finished_at_ms: null,
          kind: decision?.kind ?? "delivery",
          decision: decision === undefined ? null : JSON.stringify(decision),
        })
        .returning("id")
        .executeTakeFirstOrThrow();
      if (decision?.kind === "withdrawal") {
        await db.updateTable("usage_batch").set({ withdrawn_by: id }).where("id", "=", decision.delivery).execute();
      }
      return id;
    },
    async finish(id, counts, atMs, isBrokenOff = false) {
      await db
        .updateTable("usage_batch")
        .set({ ...counts, finished_at_ms: atMs, broken_off: isBrokenOff ? 1 : 0 })
        .where("id", "=", id)
        .execute();
    },
    async finishDecision(id, ended, atMs) {
      await db.updateTable("usage_batch").set({ ended, finished_at_ms: atMs }).where("id", "=", id).execute();
    },
    async find(id) {
      const row = await db.selectFrom("usage_batch").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : batchFromRow(row);
    },
    async list({ registration, before, limit }) {
      const rows = await db
        .selectFrom("usage_batch")
        .selectAll()
        .$if(registration !== undefined, (query) => query.where("registration_id", "=", registration!))
        .$if(before !== undefined, (query) => query.where("id", "<", before!))
        .orderBy("id", "desc")
        .limit(limit)
        .execute();
      return rows.map(batchFromRow);
    },
    async lastComplete(atMs) {
      const begun = db
        .selectFrom("usage_batch")
        .$if(atMs !== undefined, (query) => query.where("started_at_ms", "<=", atMs!));
      const last = (await begun.select((is) => is.fn.max("id").as("id")).executeTakeFirst())?.id ?? 0;
      const running = await begun
        .select((is) => is.fn.min("id").as("id"))
        .where((is) =>
          atMs === undefined
            ? is("finished_at_ms", "is", null)
            : is.or([is("finished_at_ms", "is", null), is("finished_at_ms", ">", atMs)]),
        )
        .executeTakeFirst();
      const lastBatch = running?.id ? running.id - 1 : last;
      return { lastBatch, later: last - lastBatch };
    },
    ...settled(db),
    ...leftBehind(db),
  };
}

/** What is left of batches that a process did not finish. */
const leftBehind = (db: Kysely<Tables>): Pick<BatchStore, "endAbandoned" | "unfinishedDecisions"> => ({
  async endAbandoned(atMs) {
    const rows = await db
      .updateTable("usage_batch")
      .set({ finished_at_ms: atMs, broken_off: 1 })
      .where("finished_at_ms", "is", null)
      .where("kind", "=", "delivery")
      .returningAll()
      .execute();
    return rows.map(batchFromRow);
  },
  async unfinishedDecisions() {
    const rows = await db
      .selectFrom("usage_batch")
      .selectAll()
      .where("finished_at_ms", "is", null)
      .where("kind", "!=", "delivery")
      .orderBy("id")
      .execute();
    return rows.map(batchFromRow);
  },
});

/** What whoever follows the ledger batch by batch asks for. */
const settled = (db: Kysely<Tables>): Pick<BatchStore, "listFrom" | "lastSettled"> => ({
  async listFrom({ registration, first, last, limit }) {
    const rows = await db
      .selectFrom("usage_batch")
      .selectAll()
      .$if(registration !== undefined, (query) => query.where("registration_id", "=", registration!))
      .where("id", ">=", first)
      .where("id", "<=", last)
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.map(batchFromRow);
  },
  async lastSettled(quietSinceMs) {
    // First: what begins after this has a larger number.
    const newest = await db
      .selectFrom("usage_batch")
      .select((is) => is.fn.max("id").as("id"))
      .executeTakeFirst();
    const least = db.selectFrom("usage_batch").select((is) => is.fn.min("id").as("id"));
    const running = await least.where("finished_at_ms", "is", null).executeTakeFirst();
    const brokenOff = least.where("broken_off", "=", 1).where("finished_at_ms", ">", quietSinceMs);
    const recent = await brokenOff.executeTakeFirst();
    const unsettled = [running?.id, recent?.id].filter((id) => typeof id === "number");
    return Math.min(newest?.id ?? 0, ...unsettled.map((id) => id - 1));
  },
});
