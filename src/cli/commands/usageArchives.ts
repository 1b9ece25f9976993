import type { Command } from "commander";
import type { ArchiveInfo, PlannedMonthInfo } from "../../client/archives.ts";
import type { Client } from "../../client/client.ts";
import { withClient } from "../command.ts";
import { grouped, printJson, printLine, printNote, printRows, styled } from "../output.ts";
import { startProgress } from "../progress.ts";

/** How often is asked how far an archive is. */
const ASK_PAUSE_MS = 1_000;

/** The commands that take months of usage out of the usage store, and look at what was taken out. */
export function addUsageArchives(usage: Command): void {
  usage
    .command("archive")
    .description("archive months that are older than the retention, and take them out of the usage store")
    .option("--month <month>", "up to this one, for example 2023-01; without it all that may go")
    .option("--dry-run", "only tell which, and what holds the others", false)
    .action(({ month, dryRun }: { month?: string; dryRun: boolean }, command: Command) =>
      withClient(command, async (client, output) => {
        if (dryRun) {
          printRows(output, await client.ledger.archives.plan(month), PLANNED_COLUMNS, "No month is old enough.");
          return;
        }
        const done = await watched(client, !output.json, () => client.ledger.archives.archive(month));
        printRows(output, done, ARCHIVE_COLUMNS, "Nothing was left to archive.");
      }),
    );

  const archives = usage.command("archives").description("months that were taken out of the usage store");
  archives
    .command("list")
    .description("list the archived months and the horizon")
    .action((_, command: Command) =>
      withClient(command, async (client, output) => {
        const found = await client.ledger.archives.list();
        if (output.json) return printJson(found);
        printRows(output, found.value, ARCHIVE_COLUMNS, "Nothing is archived.");
        printNote(`Folder: ${found.folder}`);
        if (found.horizon !== null) printNote(`Usage before ${found.horizon} is kept and never counted.`);
        if (found.running !== null) printNote(`Now: ${found.running.month}, ${found.running.step}`);
      }),
    );
  archives
    .command("verify")
    .description("read archives back and compare them with what was noted")
    .argument("[month]", "one of them; all unless given")
    .action((month: string | undefined, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const months =
          month === undefined ? (await client.ledger.archives.list()).value.map((so) => so.month) : [month];
        const verified: ArchiveInfo[] = [];
        for (const one of months) {
          const archive = await client.ledger.archives.verify(one);
          verified.push(archive);
          if (!json) printLine(`${styled("green", "intact")}   ${one}: ${grouped(archive.entries)} entries`);
        }
        if (json) printJson(verified);
        else if (months.length === 0) printLine("Nothing is archived.");
      }),
    );
}

/** Shows which month is being archived while it is. */
async function watched<Result>(client: Client, shown: boolean, work: () => Promise<Result>): Promise<Result> {
  const bar = startProgress("Archiving", 1, shown);
  const timer = setInterval(() => {
    client.ledger.archives.list().then(
      ({ running }) => bar.advance(0, running === null ? "Archiving" : `${running.month}: ${running.step}`),
      () => undefined,
    );
  }, ASK_PAUSE_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    bar.stop("Archived");
  }
}

const PLANNED_COLUMNS = [
  { title: "month", value: (so: PlannedMonthInfo) => so.month },
  { title: "entries", value: (so: PlannedMonthInfo) => grouped(so.entries), align: "right" as const },
  { title: "newest", value: (so: PlannedMonthInfo) => so.newestAt },
  { title: "what happens", value: (so: PlannedMonthInfo) => (so.kept === null ? "archived" : `stays: ${so.kept}`) },
];

const ARCHIVE_COLUMNS = [
  { title: "month", value: (so: ArchiveInfo) => so.month },
  { title: "entries", value: (so: ArchiveInfo) => grouped(so.entries), align: "right" as const },
  { title: "bytes", value: (so: ArchiveInfo) => grouped(so.bytes), align: "right" as const },
  { title: "archived", value: (so: ArchiveInfo) => so.archivedAt },
  { title: "by", value: (so: ArchiveInfo) => so.archivedBy },
  { title: "dropped", value: (so: ArchiveInfo) => so.droppedAt ?? "not yet" },
  { title: "file", value: (so: ArchiveInfo) => so.file },
];
