import { type Kysely, type Selectable, sql } from "kysely";
import { registrationId } from "../../domain/ids.ts";
import type { UsageDay, UsageDayStore } from "../../domain/usage/day.ts";
import { inPieces } from "./pieces.ts";
import type { Tables } from "./tables.ts";

const fromRow = (row: Selectable<Tables["usage_day_mark"]>): UsageDay => ({
  registration: registrationId(row.registration_id),
  day: row.day,
  touchedBy: row.touched_by,
  rolledUpTo: row.rolled_up_to,
});

const DAY_HOURS = 24;

/** The first day that is rolled up: of earlier ones the usage store holds only what came after their archive. */
async function horizonOf(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom("usage_horizon").select("first_hour").executeTakeFirst();
  return (row?.first_hour ?? 0) / DAY_HOURS;
}

export const usageDayStore = (db: Kysely<Tables>): UsageDayStore => ({
  async touch({ registration, batch, days, reportedUntilMs }) {
    const rows = days.map((day) => ({ registration_id: registration, day, touched_by: batch }));
    for (const piece of inPieces(rows)) {
      await db
        .insertInto("usage_day_mark")
        .values(piece)
        .onConflict((on) =>
          on.columns(["registration_id", "day"]).doUpdateSet({
            touched_by: sql<number>`max(usage_day_mark.touched_by, excluded.touched_by)`,
          }),
        )
        .execute();
    }
    if (reportedUntilMs === undefined) return;
    await db
      .updateTable("usage_batch")
      .set({ reported_until_ms: sql<number>`max(coalesce(reported_until_ms, 0), ${reportedUntilMs})` })
      .where("id", "=", batch)
      .execute();
  },
  async between(from, to, registrations) {
    const rows = await db
      .selectFrom("usage_day_mark")
      .selectAll()
      .where("day", ">=", from)
      .where("day", "<", to)
      .$if(registrations !== undefined, (query) =>
        query.where("registration_id", ">=", registrations![0]).where("registration_id", "<=", registrations![1]),
      )
      .execute();
    // Asked last, so that no day is taken for rolled up that is not any more.
    const horizon = await horizonOf(db);
    return rows.map((row) => fromRow(row.day < horizon ? { ...row, rolled_up_to: 0 } : row));
  },
  async behind({ touchedUpTo, limit }) {
    const rows = await db
      .selectFrom("usage_day_mark")
      .selectAll()
      .whereRef("rolled_up_to", "<", "touched_by")
      .where("touched_by", "<=", touchedUpTo)
      .where("day", ">=", await horizonOf(db))
      .orderBy("day")
      .orderBy("registration_id")
      .limit(limit)
      .execute();
    return rows.map(fromRow);
  },
  async rolledUp(days) {
    for (const { registration, day, touchedBy } of days) {
      await db
        .updateTable("usage_day_mark")
        .set({ rolled_up_to: sql<number>`max(rolled_up_to, ${touchedBy})` })
        .where("registration_id", "=", registration)
        .where("day", "=", day)
        .execute();
    }
  },
  ...overAll(db),
});

/** What is asked of all days or all batches at once. */
const overAll = (db: Kysely<Tables>): Pick<UsageDayStore, "any" | "fill" | "firstDay" | "reportedUntil"> => ({
  async any() {
    return (await db.selectFrom("usage_day_mark").select("day").limit(1).executeTakeFirst()) !== undefined;
  },
  async fill(days) {
    const rows = days.map((so) => ({ registration_id: so.registration, day: so.day, touched_by: so.touchedBy }));
    await db.transaction().execute(async (transaction) => {
      for (const piece of inPieces(rows)) await transaction.insertInto("usage_day_mark").values(piece).execute();
    });
  },
  async firstDay(registration) {
    const row = await db
      .selectFrom("usage_day_mark")
      .select("day")
      .where("registration_id", "=", registration)
      .orderBy("day")
      .limit(1)
      .executeTakeFirst();
    return row?.day;
  },
  async reportedUntil(lastBatch) {
    const rows = await db
      .selectFrom("usage_batch")
      .select(["registration_id", (is) => is.fn.max("reported_until_ms").as("until")])
      .where("id", "<=", lastBatch)
      .where("reported_until_ms", "is not", null)
      .where((is) => is.or([is("withdrawn_by", "is", null), is("withdrawn_by", ">", lastBatch)]))
      .groupBy("registration_id")
      .execute();
    return new Map(rows.map(({ registration_id, until }) => [registrationId(registration_id), until ?? 0]));
  },
});
