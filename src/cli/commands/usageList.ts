import type { Command } from "commander";
import type { UsageChangeInfo, UsageListInfo, UsageListQuery, UsageRecordInfo } from "../../client/usageTypes.ts";
import { type Column, formatTable } from "../../lib/table.ts";
import { wholeNumber } from "../arguments.ts";
import { withClient } from "../command.ts";
import { printJson, printLine, printNote } from "../output.ts";

/** The commands that tell usage record by record, and what changed in it. */
export function addUsageList(usage: Command): void {
  usage
    .command("list")
    .description("list usage records that count or wait, by usage hour, with who pays for each")
    .option("--period <period>", "a billing period, for example 2024-02; or --from and --to")
    .option("--from <time>", "first hour, for example 2024-02-01T00:00:00Z")
    .option("--to <time>", "the hour after the last one")
    .option("--registration <registration>", "of one registration only")
    .option("--payer <subscription>", "of one payer only")
    .option("--tenant <tenant>", "of one tenant only")
    .option("--local-subscription <subscription>", "of one local subscription only")
    .option("--meter <meter>", "of one meter only")
    .option("--resource <uri>", "of one resource only, and of what is under it")
    .option("--tag <name>", "of resources with this tag only")
    .option("--tag-value <value>", "and only with this value of it")
    .option("--as-of <time>", "usage, and who pays for it, as it was known then")
    .option("--limit <count>", "how many, 1,000 at most", wholeNumber)
    .option("--after <token>", "where the page before ended: its next; nothing else is needed then")
    .action((options: UsageListQuery, command: Command) =>
      withClient(command, async (client, { json }) => {
        const page = await client.usage.page(options);
        if (json) printJson(page);
        else printPage(page);
      }),
    );
  usage
    .command("changes")
    .description("tell what was delivered, withdrawn and chosen, entry by entry, from a cursor on")
    .option("--registration <registration>", "of one registration only")
    .option("--cursor <cursor>", "where the answer before ended: its cursor")
    .option("--limit <count>", "how many entries, 1,000 at most", wholeNumber)
    .action((options: { registration?: string; cursor?: string; limit?: number }, command: Command) =>
      withClient(command, async (client, { json }) => {
        const page = await client.usage.changes(options);
        if (json) return printJson(page);
        printLine(page.value.length === 0 ? "Nothing is new." : formatTable(page.value, CHANGE_COLUMNS));
        printNote(`${page.more ? "There is more" : "That is all for now; go on with"}: --cursor ${page.cursor}`);
      }),
    );
}

const COLUMNS: readonly Column<UsageRecordInfo>[] = [
  { title: "hour", value: (so) => so.usageStartTime },
  { title: "registration", value: (so) => so.registrationName },
  { title: "payer", value: (so) => so.payer ?? "nobody yet" },
  { title: "resource", value: (so) => so.resourceUri, cut: "start" },
  { title: "meter", value: (so) => so.meterName },
  { title: "quantity", value: (so) => so.quantity, align: "right" },
  { title: "unit", value: (so) => so.unit },
  { title: "status", value: (so) => so.reason ?? so.status },
  { title: "batch", value: (so) => String(so.batch), align: "right" },
];

const CHANGE_COLUMNS: readonly Column<UsageChangeInfo>[] = [
  { title: "entry", value: (so) => so.entry },
  { title: "by", value: (so) => so.kind },
  { title: "does", value: (so) => `${so.adds ? "adds" : "ends"}${so.counts ? "" : `, waits: ${so.held}`}` },
  { title: "hour", value: (so) => so.usageStartTime },
  { title: "resource", value: (so) => so.resourceUri, cut: "start" },
  { title: "meter", value: (so) => so.meterName },
  { title: "quantity", value: (so) => so.quantity, align: "right" },
  { title: "unit", value: (so) => so.unit },
];

function printPage({ value, next }: UsageListInfo): void {
  printLine(value.length === 0 ? "There is no such usage." : formatTable(value, COLUMNS));
  if (next !== undefined) printNote(`There is more: --after ${next}`);
}
