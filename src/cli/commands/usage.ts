import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { type Command, Option } from "commander";
import type { IntakeOutcome } from "../../client/intakeLines.ts";
import type { IntakeProblem } from "../../client/types.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { withClient } from "../command.ts";
import { addParked } from "./parked.ts";
import { EXIT_CODES } from "../exitCodes.ts";
import { grouped, printJson, printLine, printNote, styled } from "../output.ts";
import { FILE_TYPES, type ImportChoices, type ImportedFile, importFile } from "../usageImport.ts";
import { addUsageArchives } from "./usageArchives.ts";
import { addUsageLedger } from "./usageLedger.ts";
import { addUsageList } from "./usageList.ts";
import { addUsageTotals } from "./usageTotals.ts";

const PROBLEMS_SHOWN_MAX = 20;

interface ImportOptions {
  readonly registration: string;
  readonly reportedStart?: string;
  readonly reportedEnd?: string;
  readonly type?: keyof typeof FILE_TYPES;
  readonly outcomes?: string;
}

export function addUsage(program: Command): void {
  const usage = program.command("usage").description("usage that stamps reported");
  usage
    .command("import")
    .description(
      "take in files: a Hub's answers (.json), or a record or a CloudEvent a line (.ndjson), plain or .gz; doing it twice adds nothing",
    )
    .argument("<file...>")
    .requiredOption("--registration <registration>", "whose usage it is: number, name, cloud id or resource id")
    .option("--reported-start <time>", "start of the reported window that was read, for example 2019-12-10T19:00:00Z")
    .option("--reported-end <time>", "end of that window")
    .addOption(
      new Option("--type <type>", "what a .json file is: page (a Hub's answer), events or event (CloudEvents)")
        .choices(Object.keys(FILE_TYPES))
        .default("page"),
    )
    .option("--outcomes <file>", "write what became of each record, as NDJSON, when it is durable")
    .action(importFiles);

  addUsageLedger(usage);
  addUsageTotals(usage);
  addUsageList(usage);
  addUsageArchives(usage);

  addParked(usage);
}

async function importFiles(files: string[], options: ImportOptions, command: Command): Promise<void> {
  const { registration, reportedStart: start, reportedEnd: end } = options;
  if ((start === undefined) !== (end === undefined)) {
    throw new Fault("ReportedWindowInvalid", { start: start ?? "", end: end ?? "", reason: "both ends are needed" });
  }
  const window = start === undefined || end === undefined ? {} : { window: { start, end } };
  const type = options.type === undefined ? {} : { type: options.type };
  await withClient(command, async (client, { json }) => {
    const writer = options.outcomes === undefined ? undefined : await openForWriting(options.outcomes);
    const results: ImportedFile[] = [];
    for (const file of files) {
      const hearing = writer === undefined ? {} : { heard: writing(writer, file) };
      const result = await importFile(client, registration, file, { ...window, ...type, ...hearing, progress: !json });
      if (!json) printFile(result);
      results.push(result);
    }
    if (writer !== undefined) await finished(writer.end());
    if (json) printJson({ files: results });
    const refused = results.some(({ refusal }) => refusal !== undefined);
    const rejected = results.some(({ counts }) => counts.rejected > 0);
    process.exitCode = (refused ? EXIT_CODES.refused : rejected ? EXIT_CODES.incomplete : EXIT_CODES.done).status;
  });
}

/** @throws Fault FileUnwritable */
async function openForWriting(file: string): Promise<WriteStream> {
  const writer = createWriteStream(file);
  try {
    await once(writer, "open");
  } catch (error) {
    throw new Fault("FileUnwritable", { file, reason: (error as Error).message }, { cause: error });
  }
  return writer;
}

/** Writes outcomes with the file that they are of, no faster than the disk takes them. */
const writing =
  (writer: WriteStream, file: string): NonNullable<ImportChoices["heard"]> =>
  async (outcomes: readonly IntakeOutcome[]) => {
    const lines = outcomes.map((outcome) => `${JSON.stringify({ file, ...outcome })}\n`).join("");
    if (!writer.write(lines)) await once(writer, "drain");
  };

function printFile({ file, counts, problems, problemsOmitted, refusal }: ImportedFile): void {
  const { accepted, duplicate, conflict, parked, rejected } = counts;
  printLine(
    `${file}: ${grouped(accepted)} accepted, ${grouped(duplicate)} duplicates, ${grouped(conflict)} conflicts, ` +
      `${grouped(parked)} parked, ${grouped(rejected)} rejected`,
  );
  for (const problem of problems.slice(0, PROBLEMS_SHOWN_MAX)) printNote(problemText(problem));
  const hidden = Math.max(0, problems.length - PROBLEMS_SHOWN_MAX) + problemsOmitted;
  if (hidden > 0) printNote(`  and ${grouped(hidden)} more; --outcomes FILE gets them all`);
  if (refusal !== undefined) {
    printNote(`${styled(["red", "bold"], refusal.code, process.stderr)}: ${refusal.message}`);
    for (const step of refusal.remedy) printNote(`${styled("green", "do ", process.stderr)}  ${step}`);
  }
}

function problemText({ position, outcome, reason, code, message, remedy }: IntakeProblem): string {
  if (outcome === "rejected") return `  record ${position} rejected, ${code}: ${message} ${remedy?.join(" ") ?? ""}`;
  const why = reason === undefined ? "another version of it is stored" : reason;
  return `  record ${position} ${outcome}: ${[why, ...(remedy ?? [])].join(" ")}`;
}
