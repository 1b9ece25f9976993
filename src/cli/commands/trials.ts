import type { Command } from "commander";
import type { TriedMeterInfo, TriedPayerInfo, TrialInfo, TrialRequest } from "../../client/trialTypes.ts";
import { formatTable } from "../../lib/table.ts";
import { withClient } from "../command.ts";
import { printJson, printLine, printNote } from "../output.ts";

interface Options {
  readonly from?: string;
  readonly payer?: string;
}

/** A period, and two names of what is supposed of it. */
type Named = [period: string, of: string, which: string];

/** Commands that tell what a period would come to under other prices or another mapping. */
export function addTrials(statements: Command): void {
  const trial = statements
    .command("try")
    .description("what a period, open or closed, would come to if something were other; nothing is changed");
  const supposing = (name: string): Command =>
    trial
      .command(name)
      .argument("<period>", "for example 2024-02")
      .option("--from <time>", "first usage hour that it counts for; the whole period unless given");

  supposing("prices")
    .description("with a draft, or any version of a price sheet, in the place of the one that counts")
    .argument("<sheet>")
    .argument("<version>")
    .action((...[period, sheet, version, options, command]: [...Named, Options, Command]) =>
      tried(command, period, { ...options, prices: { sheet, version: Number.parseInt(version, 10) } }),
    );

  supposing("mapping")
    .description("with a tenant mapped to another customer subscription, or to none")
    .argument("<registration>")
    .argument("<tenant>")
    .option("--payer <subscription>", "the customer subscription; without it nobody is mapped")
    .action((...[period, registration, tenant, options, command]: [...Named, Options, Command]) => {
      const { payer, ...others } = options;
      const mapping = { registration, tenant, customerSubscription: payer ?? null };
      return tried(command, period, { ...others, mapping });
    });
}

const tried = (command: Command, period: string, supposed: TrialRequest): Promise<void> =>
  withClient(command, async (client, { json }) => {
    const trial = await client.closing.trial(period, supposed);
    if (json) printJson(trial);
    else printTrial(trial);
  });

function printTrial({ payers, payersInAll, payersUnchanged, meters }: TrialInfo): void {
  if (payersInAll === 0) return printLine(`Nothing would be other for any of ${payersUnchanged} payers.`);
  printLine(formatTable(payers, PAYER_COLUMNS));
  printLine(formatTable(meters, METER_COLUMNS));
  if (payersInAll > payers.length) printNote(`${payersInAll - payers.length} more payers are not shown.`);
  for (const { payer, fault } of payers) if (fault !== null) printNote(`${payer} could not be rated so: ${fault}`);
  return printNote(`${payersUnchanged} payers would be told the same. Lines are in the answer of --json.`);
}

const SIDES = [
  { title: "before", value: (so: TriedPayerInfo | TriedMeterInfo) => so.before, align: "right" as const },
  { title: "after", value: (so: TriedPayerInfo | TriedMeterInfo) => so.after, align: "right" as const },
  { title: "difference", value: (so: TriedPayerInfo | TriedMeterInfo) => so.difference, align: "right" as const },
  { title: "currency", value: (so: TriedPayerInfo | TriedMeterInfo) => so.currency },
];
const PAYER_COLUMNS = [
  { title: "payer", value: (so: TriedPayerInfo) => so.payer, cut: "end" as const },
  ...SIDES,
  { title: "lines", value: (so: TriedPayerInfo) => String(so.linesInAll), align: "right" as const },
];
const METER_COLUMNS = [{ title: "meter", value: (so: TriedMeterInfo) => so.meterName, cut: "end" as const }, ...SIDES];
