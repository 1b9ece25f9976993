import type { ControlStores } from "../../domain/controlStore.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { type Hour, hourOf, hourStartMs } from "../../domain/ids.ts";
import { parsePeriod, type Period, periodOf } from "../../domain/statement/period.ts";
import { type ArchivedMonth, sameFacts, type UsageArchive } from "../../domain/usage/archive.ts";
import type { RecordRef } from "../../domain/usage/store.ts";
import type { Context } from "../context.ts";

/** @throws Fault ArchiveNotFound */
async function findArchive({ control }: Pick<Context, "control">, month: string): Promise<UsageArchive> {
  const archive = await control.archives.find(month);
  if (archive === undefined) throw new Fault("ArchiveNotFound", { month });
  return archive;
}

/**
 * Reads a whole archive back and compares it with what was noted when it was written.
 * @throws Fault ArchiveNotFound, ArchiveDamaged, UsageEngineUnavailable
 */
export async function verifyArchive(
  context: Pick<Context, "control" | "usage" | "archiveFolder">,
  month: string,
): Promise<UsageArchive> {
  const archive = await findArchive(context, month);
  const path = await context.archiveFolder.checked(archive);
  if (!sameFacts(await context.usage.months.factsOfFile(path), archive)) {
    throw new Fault("ArchiveDamaged", { month, file: archive.file, reason: "it holds other entries than were noted" });
  }
  return archive;
}

/**
 * Usage hours [from, to), whatever deliveries brought, the hour of a record, or what was reported from one instant up to
 * another.
 */
type Wanted =
  | { readonly from: Hour; readonly to: Hour }
  | { readonly delivery: number }
  | { readonly deliveries: readonly number[] }
  | { readonly record: RecordRef }
  | { readonly reportedFromMs: number; readonly reportedToMs: number };

async function archivesOf(
  { archives }: Pick<ControlStores, "archives">,
  wanted: Wanted,
): Promise<readonly UsageArchive[]> {
  const all = await archives.list();
  if (all.length === 0) return all;
  if ("delivery" in wanted) return await archivesOf({ archives }, { deliveries: [wanted.delivery] });
  if ("deliveries" in wanted) {
    const months = new Set<string>();
    for (const delivery of wanted.deliveries) {
      for (const month of await archives.monthsOf(delivery)) months.add(month);
    }
    return all.filter(({ month }) => months.has(month));
  }
  if ("record" in wanted) {
    const { name } = periodOf(wanted.record.usageStartMs);
    return all.filter(({ month }) => month === name);
  }
  if ("reportedFromMs" in wanted) {
    // What counts of an archived month was reported before it was archived, and after its usage.
    return all.filter(({ month, archivedAtMs }) => {
      return archivedAtMs > wanted.reportedFromMs && hourStartMs(parsePeriod(month).from) < wanted.reportedToMs;
    });
  }
  return all.filter(({ month }) => {
    const period = parsePeriod(month);
    return period.from < wanted.to && wanted.from < period.to;
  });
}

/**
 * Runs reads over the usage store and the archives of what is wanted, whose checksums are compared before. What is
 * archived meanwhile is not missed: then it is read again.
 * @throws Fault ArchiveDamaged, UsageEngineUnavailable
 */
export async function withArchives<Result>(
  { control, archiveFolder }: Pick<Context, "control" | "archiveFolder">,
  wanted: Wanted,
  read: (archives: readonly ArchivedMonth[]) => Promise<Result>,
): Promise<Result> {
  for (;;) {
    const found = await archivesOf(control, wanted);
    const archives: ArchivedMonth[] = [];
    for (const archive of found) {
      const { from: first, to: end } = parsePeriod(archive.month);
      archives.push({ from: first, to: end, path: await archiveFolder.checked(archive) });
    }
    const result = await read(archives);
    if ((await archivesOf(control, wanted)).length === found.length) return result;
  }
}

/**
 * Refuses what would need entries that are not in the usage store any more. To be asked while nothing can be archived,
 * under the registration's lock.
 * @throws Fault UsageArchived
 */
export async function mustNotBeArchived(
  { control, usage }: Pick<Context, "control" | "usage">,
  what: { readonly delivery: number } | { readonly record: RecordRef },
): Promise<void> {
  if ("delivery" in what) {
    const months = await control.archives.monthsOf(what.delivery);
    if (months.length > 0) throw new Fault("UsageArchived", { months: months.join(", ") });
    return;
  }
  const { usageStartMs } = what.record;
  if (hourOf(usageStartMs) < (await control.archives.horizon()) || (await usage.months.isEventArchived(what.record))) {
    throw new Fault("UsageArchived", { months: periodOf(usageStartMs).name });
  }
}

/**
 * A period whose usage is archived is settled: nothing of it is worked out anew.
 * @throws Fault PeriodArchived
 */
export async function mustBeInStore({ control }: Pick<Context, "control">, { name, from }: Period): Promise<void> {
  if (from < (await control.archives.horizon())) throw new Fault("PeriodArchived", { period: name });
}
