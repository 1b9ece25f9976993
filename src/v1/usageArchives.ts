import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { formatMeter, hourStartMs } from "../domain/ids.ts";
import { parsePeriod, type Period } from "../domain/statement/period.ts";
import type { UsageArchive } from "../domain/usage/archive.ts";
import { paramOf } from "../http/parameters.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import { formatInstant } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";
import { archiveUsage, type PlannedMonth, planArchive } from "../operations/usage/archive.ts";
import { verifyArchive } from "../operations/usage/archives.ts";
import { bodyOf } from "./input.ts";

const ArchiveBody = Type.Object(
  { month: Type.Optional(Type.String()), dryRun: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
);

const archiveOut = ({ sums, archivedAtMs, droppedAtMs, ...archive }: UsageArchive) => ({
  ...archive,
  archivedAt: formatInstant(archivedAtMs),
  droppedAt: droppedAtMs === null ? null : formatInstant(droppedAtMs),
  sums: sums.map((sum) => ({ ...sum, meter: formatMeter(sum.meter) })),
});

const plannedOut = ({ period, entries, newestAtMs, kept, archive }: PlannedMonth) => ({
  month: period.name,
  entries,
  newestAt: formatInstant(newestAtMs),
  kept: kept ?? null,
  archived: archive !== undefined,
});

async function list({ control, archiving, archiveFolder, retention }: Context): Promise<Answer> {
  const horizon = await control.archives.horizon();
  const value = (await control.archives.list()).map(archiveOut);
  const body = {
    value,
    horizon: horizon === 0 ? null : formatInstant(hourStartMs(horizon)),
    running: archiving.current ?? null,
    folder: archiveFolder.path,
    ...retention,
  };
  return { status: 200, body };
}

/** @throws Fault PeriodInvalid */
const monthOf = (month: string | undefined): { readonly until?: Period } =>
  month === undefined ? {} : { until: parsePeriod(month) };

async function archive(context: Context, request: FastifyRequest): Promise<Answer> {
  const { month, dryRun } = bodyOf(request, ArchiveBody);
  const order = { ...monthOf(month), asked: true };
  if (dryRun === true) {
    const planned = await planArchive(context, order);
    return { status: 200, body: { dryRun: true, value: planned.map(plannedOut) } };
  }
  const archives = await archiveUsage(context, callerOf(request), order);
  return { status: 200, body: { dryRun: false, value: archives.map(archiveOut) } };
}

async function verify(context: Context, request: FastifyRequest): Promise<Answer> {
  const { name } = parsePeriod(paramOf(request, "month"));
  return { status: 200, body: { intact: true, ...archiveOut(await verifyArchive(context, name)) } };
}

const READ = { action: "Stampbook/usage/read" };

/** Months of usage that were taken out of the usage store, and taking out more of them. */
export const USAGE_ARCHIVE_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/usage/archives",
    summary:
      "List the archived months, the horizon before which nothing counts any more, and what is being archived now.",
    access: READ,
    run: list,
  },
  {
    method: "POST",
    path: "/v1/usage/archives",
    summary:
      "Archive months and take them out of the usage store; with dryRun only tell which, and what holds the others.",
    access: { action: "Stampbook/usage/archive/action" },
    body: ArchiveBody,
    run: archive,
  },
  {
    method: "GET",
    path: "/v1/usage/archives/:month/verification",
    summary: "Read an archive back and compare it with what was noted when it was written.",
    access: READ,
    run: verify,
  },
];
