import type { Command } from "commander";
import type { BatchInfo, ConflictInfo, VersionInfo } from "../../client/ledgerTypes.ts";
import { withClient } from "../command.ts";
import { grouped, printJson, printLine, printRows } from "../output.ts";
import { wholeNumber } from "../arguments.ts";

/** The commands that look at what was delivered and decide on it. */
export function addUsageLedger(usage: Command): void {
  const batches = usage.command("batches").description("deliveries of usage, and decisions on them");
  batches
    .command("list")
    .description("list deliveries, withdrawals and choices, newest first")
    .option("--registration <registration>", "of one registration only")
    .option("--before <batch>", "older ones than this one", wholeNumber)
    .option("--limit <count>", "how many, 1,000 at most", wholeNumber)
    .action((options: { registration?: string; before?: number; limit?: number }, command: Command) =>
      withClient(command, async (client, output) => {
        printRows(output, await client.ledger.batches(options), BATCH_COLUMNS, "Nothing was delivered yet.");
      }),
    );
  batches
    .command("show")
    .description("show one of them")
    .argument("<batch>", "its number", wholeNumber)
    .action((batch: number, _, command: Command) =>
      withClient(command, async (client, { json }) => printBatch(await client.ledger.batch(batch), json)),
    );
  batches
    .command("withdraw")
    .description("take a delivery back: its records count no more, and may come again")
    .argument("<batch>", "its number", wholeNumber)
    .requiredOption("--reason <text>", "why; it is kept for ever")
    .action((batch: number, { reason }: { reason: string }, command: Command) =>
      withClient(command, async (client, { json }) => printBatch(await client.ledger.withdraw(batch, reason), json)),
    );
  addConflicts(usage);
}

function addConflicts(usage: Command): void {
  const conflicts = usage.command("conflicts").description("records of which several versions came");
  conflicts
    .command("list")
    .description("list versions that wait until somebody chooses one")
    .option("--registration <registration>", "of one registration only")
    .option("--after <record>", "from after this record")
    .option("--limit <count>", "how many records, 100 at most", wholeNumber)
    .action((options: { registration?: string; after?: string; limit?: number }, command: Command) =>
      withClient(command, async (client, output) => {
        const found = await client.ledger.conflicts(options);
        if (output.json) return printJson(found);
        for (const conflict of found) printConflict(conflict);
        if (found.length === 0) printLine("No version waits for a choice.");
      }),
    );
  conflicts
    .command("choose")
    .description("say which version counts; the others count and wait no more")
    .argument("<record>", "as the list names it")
    .requiredOption("--content <digest>", "the version that counts")
    .requiredOption("--reason <text>", "why; it is kept for ever")
    .action((record: string, { content, reason }: { content: string; reason: string }, command: Command) =>
      withClient(command, async (client, { json }) => {
        const choice = await client.ledger.choose(record, content, reason);
        if (json) printJson(choice);
        else if (isBatch(choice)) printBatch(choice, json);
        else printLine("That version counts already, and nothing waits.");
      }),
    );
}

const isBatch = (choice: Partial<BatchInfo>): choice is BatchInfo => choice.batch !== undefined;

const BATCH_COLUMNS = [
  { title: "batch", value: (so: BatchInfo) => String(so.batch), align: "right" as const },
  { title: "kind", value: (so: BatchInfo) => so.kind },
  { title: "registration", value: (so: BatchInfo) => String(so.registration), align: "right" as const },
  { title: "started", value: (so: BatchInfo) => so.startedAt },
  { title: "by", value: (so: BatchInfo) => so.recordedBy },
  { title: "what it did", value: whatItDid },
];

function whatItDid(batch: BatchInfo): string {
  const { kind, counts, withdrawnBy, reason = "", ended = 0, finishedAt } = batch;
  if (finishedAt === null) return "is running";
  if (kind === "withdrawal") return `withdrew ${grouped(ended)} of batch ${batch.delivery}: ${reason}`;
  if (kind === "choice") return `ended ${grouped(ended)} versions of a record: ${reason}`;
  const { accepted = 0, duplicate = 0, conflict = 0, parked = 0, rejected = 0 } = counts ?? {};
  const brought = `${grouped(accepted)} accepted, ${grouped(duplicate)} duplicates, ${grouped(conflict + parked)} waiting, ${grouped(rejected)} rejected`;
  return withdrawnBy ? `${brought}; withdrawn by ${withdrawnBy}` : brought;
}

function printBatch(batch: BatchInfo, json: boolean): void {
  if (json) printJson(batch);
  else
    printLine(`Batch ${batch.batch}, ${batch.kind} of ${batch.startedAt} by ${batch.recordedBy}: ${whatItDid(batch)}`);
}

function printConflict({ record, meterName, resourceUri, usageStartTime, versions }: ConflictInfo): void {
  printLine(`${record}  ${meterName}, ${usageStartTime}`);
  printLine(`  ${resourceUri}`);
  for (const version of versions) printLine(`  ${versionText(version)}`);
}

const versionText = ({ content, counts, quantity, batch, position }: VersionInfo): string =>
  `${content}  ${quantity}  ${counts ? "counts" : "waits"}  batch ${batch}, record ${position}`;
