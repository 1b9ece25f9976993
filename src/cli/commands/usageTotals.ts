import type { Command } from "commander";
import type { ConservedMeterInfo, UsageTotalInfo, UsageTotalsInfo, UsageTotalsQuery } from "../../client/totalTypes.ts";
import { type Column, formatTable } from "../../lib/table.ts";
import { wholeNumber } from "../arguments.ts";
import { withClient } from "../command.ts";
import { EXIT_CODES } from "../exitCodes.ts";
import { grouped, printJson, printLine, printNote, printRows, styled } from "../output.ts";

/** The commands that add usage up. */
export function addUsageTotals(usage: Command): void {
  usage
    .command("totals")
    .description("add up the usage that somebody pays for, by meter and more, as of any moment")
    .option("--period <period>", "a billing period, for example 2024-02; or --from and --to")
    .option("--from <time>", "first hour, for example 2024-02-01T00:00:00Z")
    .option("--to <time>", "the hour after the last one")
    .option(
      "--group-by <names>",
      "beside the meter, with commas: payer, tenant, registration, localSubscription, resource, location, tag",
    )
    .option("--by <time>", "hour, day or month; one sum for all hours unless said")
    .option("--tag <name>", "name of the tag to group by")
    .option("--registration <registration>", "of one registration only")
    .option("--payer <subscription>", "of one payer only")
    .option("--tenant <tenant>", "of one tenant only")
    .option("--local-subscription <subscription>", "of one local subscription only")
    .option("--meter <meter>", "of one meter only")
    .option("--as-of <time>", "usage, and who pays for it, as it was known then")
    .option("--limit <count>", "how many sums, 10,000 at most", wholeNumber)
    .option("--after <count>", "where the page before ended: its next", wholeNumber)
    .action((options: UsageTotalsQuery, command: Command) =>
      withClient(command, async (client, { json }) => {
        const totals = await client.totals.page(options);
        if (json) printJson(totals);
        else printTotals(totals);
      }),
    );
  usage
    .command("conservation")
    .description("prove that no usage is lost: stored = attributed + parked, by registration and meter")
    .argument("<period>", "for example 2024-02")
    .option("--registration <registration>", "of one registration only")
    .option("--as-of <time>", "as it was known then")
    .action((period: string, options: { registration?: string; asOf?: string }, command: Command) =>
      withClient(command, async (client, { json }) => {
        const found = await client.totals.conservation(period, options);
        if (json) printJson(found);
        else {
          printRows({ json }, found.value, CONSERVATION_COLUMNS, "The period has no usage.");
          printLine(
            found.conserved
              ? styled("green", "Nothing is lost.")
              : styled(["red", "bold"], "USAGE IS MISSING: a defect"),
          );
        }
        if (!found.conserved) process.exitCode = EXIT_CODES.incomplete.status;
      }),
    );
  usage
    .command("roll-up")
    .description("roll up now the days of usage that no batch has touched lately; it also happens by itself")
    .action((_, command: Command) =>
      withClient(command, async (client, { json }) => {
        const { days } = await client.totals.rollUp();
        if (json) printJson({ days });
        else printLine(`Rolled up: ${grouped(days)} days of registrations.`);
      }),
    );
}

type TotalColumn = Column<UsageTotalInfo> & { readonly shown?: (row: UsageTotalInfo) => boolean };

const TOTAL_COLUMNS: readonly TotalColumn[] = [
  { title: "from", value: (so) => so.from },
  { title: "to", value: (so) => so.to },
  { title: "payer", value: (so) => so.payer ?? "", shown: (so) => so.payer !== undefined },
  { title: "tenant", value: (so) => so.tenant ?? "", shown: (so) => so.tenant !== undefined },
  {
    title: "registration",
    value: (so) => so.registrationName ?? "",
    shown: (so) => so.registrationName !== undefined,
  },
  {
    title: "local subscription",
    value: (so) => so.localSubscription ?? "",
    shown: (so) => so.localSubscription !== undefined,
  },
  { title: "resource", value: (so) => so.resource ?? "", shown: (so) => so.resource !== undefined, cut: "start" },
  { title: "location", value: (so) => so.location ?? "", shown: (so) => so.location !== undefined },
  { title: "tag", value: (so) => so.tag ?? "", shown: (so) => so.tag !== undefined },
  { title: "meter", value: (so) => so.meterName },
  { title: "quantity", value: (so) => so.quantity, align: "right" },
  { title: "unit", value: (so) => so.unit },
  { title: "records", value: (so) => grouped(so.records), align: "right" },
  { title: "state", value: (so) => so.state },
];

function printTotals({ value, freshness, batchesNotCounted, truncated, next, asOf }: UsageTotalsInfo): void {
  const columns = TOTAL_COLUMNS.filter(({ shown }) => shown === undefined || value.some(shown));
  printLine(value.length === 0 ? "There is no such usage." : formatTable(value, columns));
  for (const { registrationName, reportedUntil } of freshness) {
    printNote(`${registrationName} has reported until ${reportedUntil ?? "a time that is not known"}.`);
  }
  if (batchesNotCounted > 0) printNote(`Batches not counted, because one is coming in: ${grouped(batchesNotCounted)}.`);
  if (truncated) printNote(`There is more: --after ${next} --as-of ${asOf}`);
}

const CONSERVATION_COLUMNS: readonly Column<ConservedMeterInfo>[] = [
  { title: "registration", value: (so) => so.registrationName },
  { title: "meter", value: (so) => so.meterName },
  { title: "unit", value: (so) => so.unit },
  { title: "stored", value: (so) => so.stored.quantity, align: "right" },
  { title: "attributed", value: (so) => so.attributed.quantity, align: "right" },
  { title: "parked", value: (so) => so.parked.quantity, align: "right" },
  { title: "difference", value: (so) => so.difference.quantity, align: "right" },
];
