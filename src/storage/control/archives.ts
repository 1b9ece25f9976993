import type { Kysely, Selectable } from "kysely";
import type { Hour } from "../../domain/ids.ts";
import type { ArchiveStore, ArchiveSum, UsageArchive } from "../../domain/usage/archive.ts";
import { inPieces } from "./pieces.ts";
import type { Tables } from "./tables.ts";

const archiveFromRow = (row: Selectable<Tables["usage_archive"]>): UsageArchive => ({
  month: row.month,
  newestBatch: row.newest_batch,
  file: row.file,
  bytes: row.bytes,
  sha256: row.sha256,
  entries: row.entries,
  fingerprint: row.fingerprint,
  sums: JSON.parse(row.sums) as ArchiveSum[],
  archivedAtMs: row.archived_at_ms,
  archivedBy: row.archived_by,
  droppedAtMs: row.dropped_at_ms,
});

export function archiveStore(db: Kysely<Tables>): ArchiveStore {
  return {
    async horizon() {
      const row = await db.selectFrom("usage_horizon").select("first_hour").executeTakeFirst();
      return (row?.first_hour ?? 0) as Hour;
    },
    async raiseHorizon(to, { recordedBy, atMs }) {
      const raised = { first_hour: to, raised_by: recordedBy, raised_at_ms: atMs };
      await db
        .insertInto("usage_horizon")
        .values({ single: 1, ...raised })
        .onConflict((conflict) =>
          conflict.column("single").doUpdateSet(raised).where("usage_horizon.first_hour", "<", to),
        )
        .execute();
    },
    async list() {
      return (await db.selectFrom("usage_archive").selectAll().orderBy("month").execute()).map(archiveFromRow);
    },
    async find(month) {
      const row = await db.selectFrom("usage_archive").selectAll().where("month", "=", month).executeTakeFirst();
      return row && archiveFromRow(row);
    },
    async add({ archivedAtMs, archivedBy, droppedAtMs, newestBatch, sums, ...archive }, deliveries) {
      const { month } = archive;
      await db
        .insertInto("usage_archive")
        .values({
          ...archive,
          newest_batch: newestBatch,
          sums: JSON.stringify(sums),
          archived_at_ms: archivedAtMs,
          archived_by: archivedBy,
          dropped_at_ms: droppedAtMs,
        })
        .execute();
      for (const piece of inPieces(deliveries)) {
        const rows = piece.map(({ delivery, entries }) => ({ month, delivery, entries }));
        await db.insertInto("usage_archive_delivery").values(rows).execute();
      }
    },
    async dropped(month, atMs) {
      await db.updateTable("usage_archive").set({ dropped_at_ms: atMs }).where("month", "=", month).execute();
    },
    async monthsOf(delivery) {
      const rows = await db
        .selectFrom("usage_archive_delivery")
        .select("month")
        .where("delivery", "=", delivery)
        .orderBy("month")
        .execute();
      return rows.map(({ month }) => month);
    },
  };
}
