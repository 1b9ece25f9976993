import { Fault } from "../../domain/faults/fault.ts";
import type { RegistrationId } from "../../domain/ids.ts";
import { parsePeriod, type Period, periodOf } from "../../domain/statement/period.ts";
import { sameFacts, type UsageArchive } from "../../domain/usage/archive.ts";
import { firstRetained, type KeptReason, keptReason, type StoredMonth } from "../../domain/usage/retention.ts";
import { faultPoint } from "../../lib/faultPoint.ts";
import { monthFacts } from "../statements/periodFacts.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { usageLock } from "./usageLock.ts";

/** What a month is waiting for while it is archived, in order. */
export const ARCHIVE_STEPS = ["counting", "writing", "verifying", "dropping"] as const;

/** The month that is being archived, for whoever looks on. */
export class ArchiveProgress {
  current: { readonly month: string; readonly step: (typeof ARCHIVE_STEPS)[number] } | undefined;
}

/** A month that the usage store holds, and why it stays there. */
export interface PlannedMonth extends StoredMonth {
  /** Undefined where it may be archived. */
  readonly kept: KeptReason | undefined;
  /** Where it is archived already, and only has to go from the store. */
  readonly archive: UsageArchive | undefined;
}

export interface ArchiveOrder {
  /** The last month that is meant; without it every month that may be archived. */
  readonly until?: Period;
  /** Whether somebody asks for it, and it is not the machine's own round. */
  readonly asked: boolean;
}

/** What could be archived, oldest first; months go in their order, so all after one that is kept are kept too. */
export async function planArchive(context: Context, { until, asked }: ArchiveOrder): Promise<readonly PlannedMonth[]> {
  const { control, usage, clock, retention } = context;
  const nowMs = clock.now();
  const { lastBatch } = await control.batches.lastComplete();
  const decided = (await control.batches.unfinishedDecisions()).length === 0;
  const old = firstRetained(periodOf(nowMs), retention).from;
  const months = await usage.months.list(until !== undefined && until.to > old ? until.to : old);
  const planned: PlannedMonth[] = [];
  let kept: KeptReason | undefined;
  for (const month of months) {
    if (until !== undefined && month.period.from > until.from) break;
    const archive = await control.archives.find(month.period.name);
    const period = await monthFacts(context, month.period);
    // A decision that is not carried out yet may end entries of any month.
    const lastComplete = decided ? lastBatch : 0;
    const moment = { nowMs, rules: retention, period, lastComplete, asked };
    if (archive === undefined) kept ??= keptReason(month, moment);
    planned.push({ ...month, archive, kept: archive === undefined ? kept : undefined });
  }
  return planned;
}

/**
 * Archives months and takes them out of the usage store. Each is written to a file, read back and compared; then it is
 * noted, with the horizon below which nothing is counted any more; then it is dropped. It can be broken off anywhere and
 * is taken up again by the next call.
 * @param stopped asked between months
 * @throws Fault MonthNotArchivable, ArchiveUnequal, ArchiveFolderUnusable, UsageEngineUnavailable
 */
export const archiveUsage = (
  context: Context,
  caller: Caller,
  order: ArchiveOrder & { readonly stopped?: () => boolean },
): Promise<readonly UsageArchive[]> =>
  context.locks.run("usage-archive", async () => {
    const { archiving, control } = context;
    const done: UsageArchive[] = [];
    const leave = async (period: Period, archive: UsageArchive): Promise<void> => {
      await drop(context, caller, period, archive);
      done.push((await control.archives.find(archive.month))!);
    };
    try {
      for (const archive of await control.archives.list()) {
        if (archive.droppedAtMs === null) await leave(parsePeriod(archive.month), archive);
      }
      const plan = await planArchive(context, order);
      const stays = plan.find(({ kept }) => kept !== undefined);
      if (order.until !== undefined && stays?.kept !== undefined) {
        throw new Fault("MonthNotArchivable", { month: stays.period.name, why: stays.kept });
      }
      for (const month of plan) {
        if (month.kept !== undefined || order.stopped?.() === true) break;
        const archive = month.archive ?? (await write(context, caller, month, order));
        if (archive === undefined) break;
        await leave(month.period, archive);
      }
    } finally {
      archiving.current = undefined;
    }
    return done;
  });

/** Writes, compares and notes a month. Undefined when something came in meanwhile that keeps it. */
async function write(
  context: Context,
  caller: Caller,
  { period, newestBatch }: StoredMonth,
  order: ArchiveOrder,
): Promise<UsageArchive | undefined> {
  const { archiving, archiveFolder, clock, control, usage } = context;
  const { name: month } = period;
  archiving.current = { month, step: "counting" };
  const facts = await usage.months.facts(period);
  const deliveries = await usage.months.deliveries(period);
  archiving.current = { month, step: "writing" };
  const temporary = await archiveFolder.temporary(month);
  await usage.months.write(period, temporary);
  faultPoint("archive: file written");
  const kept = await archiveFolder.keep(month, temporary);
  faultPoint("archive: file kept");
  archiving.current = { month, step: "verifying" };
  const path = await archiveFolder.checked({ month, ...kept });
  const inFile = await usage.months.factsOfFile(path);
  faultPoint("archive: file compared");
  // Nobody adds to the ledger meanwhile, and nobody makes statements of it.
  const archive = await whileStill(context, async () => {
    if ((await usage.months.newestBatch(period)) !== newestBatch) return undefined;
    if (!sameFacts(inFile, facts)) throw new Fault("ArchiveUnequal", { month, file: kept.file });
    const now = (await planArchive(context, { ...order, until: period })).at(-1);
    if (now?.kept !== undefined) return undefined;
    const atMs = clock.now();
    const noted = {
      ...facts,
      month,
      newestBatch,
      ...kept,
      archivedAtMs: atMs,
      archivedBy: caller.name,
      droppedAtMs: null,
    };
    await control.transaction(async ({ archives, audit }) => {
      await archives.add(noted, deliveries);
      await archives.raiseHorizon(period.to, { recordedBy: caller.name, atMs });
      await audit.add({
        ...auditedBy(caller, atMs),
        action: "Stampbook/usage/archive/action",
        target: month,
        outcome: "done",
        detail: { file: kept.file, bytes: kept.bytes, sha256: kept.sha256, entries: facts.entries },
      });
    });
    faultPoint("archive: noted");
    return noted;
  });
  await archiveFolder.removeOthers(month, archive?.file ?? "");
  return archive;
}

async function drop(context: Context, caller: Caller, period: Period, archive: UsageArchive): Promise<void> {
  const { archiving, archiveFolder, clock, control, usage } = context;
  const { name: month } = period;
  archiving.current = { month, step: "dropping" };
  await archiveFolder.checked(archive);
  const unequal = (): Fault => new Fault("ArchiveUnequal", { month, file: archive.file });
  // What is back after it was gone, as a restored backup brings it, has to be the same.
  if (archive.droppedAtMs !== null && !sameFacts(await usage.months.facts(period), archive)) throw unequal();
  await whileStill(context, async () => {
    if ((await usage.months.newestBatch(period)) > archive.newestBatch) throw unequal();
    await usage.months.drop(period);
    faultPoint("archive: dropped");
  });
  const atMs = clock.now();
  await control.transaction(async ({ archives, audit }) => {
    await archives.dropped(month, atMs);
    await audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/usage/drop/action",
      target: month,
      outcome: "done",
      detail: { file: archive.file, entries: archive.entries },
    });
  });
  faultPoint("archive: finished");
}

/** Runs something while no statements are made, and nothing is taken in or decided for any registration. */
async function whileStill<Result>(context: Context, run: () => Promise<Result>): Promise<Result> {
  const { control, locks } = context;
  const registrations = (await control.registrations.list({ withDeleted: true })).map(({ id }) => id);
  const locked = async (ids: readonly RegistrationId[]): Promise<Result> => {
    const [id, ...rest] = ids;
    return id === undefined ? await run() : await locks.run(usageLock(id), () => locked(rest));
  };
  return await locks.run("statements", () => locked(registrations));
}
