import type { Command } from "commander";
import type { MeterInfo } from "../../client/meterTypes.ts";
import { formatTable } from "../../lib/table.ts";
import { withClient } from "../command.ts";
import { printJson, printLine, printRows, styled } from "../output.ts";

const VALID_FROM = [
  "--valid-from <time>",
  "the usage hour that it counts from; unless said, the beginning for what was unknown and else the next whole hour",
] as const;

const changedText = ({ changed }: { readonly changed: boolean }): string =>
  changed ? "The change was recorded." : "It is so already.";

export function addMeters(program: Command): void {
  const meters = program.command("meters").description("what stamps count, and which commerce meter prices it");
  addReading(meters);
  addWriting(meters);
}

const COLUMNS = [
  { title: "name", value: (so: MeterInfo) => so.name },
  { title: "meter", value: (so: MeterInfo) => so.meter },
  { title: "unit", value: (so: MeterInfo) => so.unit },
  { title: "status", value: (so: MeterInfo) => so.status },
  { title: "service", value: (so: MeterInfo) => so.serviceName ?? "" },
  { title: "commerce meter", value: (so: MeterInfo) => (so.commerceMeter === so.meter ? "" : so.commerceMeter) },
  { title: "factor", value: (so: MeterInfo) => (so.factor === "1" ? "" : so.factor) },
  { title: "priced", value: (so: MeterInfo) => (so.priced ? "yes" : "no") },
];

function addReading(meters: Command): void {
  meters
    .command("list")
    .description("list the meters that are known")
    .option("--at <time>", "how they are priced in the usage hour of this instant")
    .option("--as-of <time>", "what was known at this instant; now unless given")
    .action((of: { at?: string; asOf?: string }, command: Command) =>
      withClient(command, async (client, output) => {
        printRows(output, await client.meters.list(of), COLUMNS, "No meter is known.");
      }),
    );

  meters
    .command("history")
    .description("list every change of a meter and of its mapping")
    .argument("<meter>")
    .action((meter: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const { facts, mappings, ...rest } = await client.meters.history(meter);
        if (json) return printJson({ ...rest, facts, mappings });
        const rows = [
          ...facts.map((so) => ({ ...so, says: `${so.name}, in ${so.unit}` })),
          ...mappings.map((so) => ({
            ...so,
            says: so.commerceMeter === null ? "priced as the price sheet says" : `${so.factor} of ${so.commerceMeter}`,
          })),
        ];
        if (rows.length === 0) return printLine("No operator has said anything of this meter.");
        return printLine(
          formatTable(rows, [
            { title: "says", value: (so) => so.says },
            { title: "from hour", value: (so) => so.validFrom ?? "the beginning" },
            { title: "recorded", value: (so) => so.recordedAt },
            { title: "by", value: (so) => so.recordedBy },
            { title: "reason", value: (so) => so.reason },
          ]),
        );
      }),
    );
}

interface AddOptions {
  readonly name: string;
  readonly unit?: string;
  readonly provider?: string;
  readonly category?: string;
  readonly subcategory?: string;
  readonly service?: string;
  readonly consumedUnit?: string;
  readonly reason: string;
  readonly validFrom?: string;
}

function addWriting(meters: Command): void {
  meters
    .command("add")
    .description("add a meter, or change one that was added; usage that waited for it is billable then")
    .argument("<meter>", "its id, as the stamp sends it")
    .requiredOption("--name <name>", "name to show")
    .requiredOption("--reason <text>", "why")
    .option("--unit <unit>", "what one unit of its hourly quantity is; hour unless said")
    .option("--provider <name>", "the resource provider; Microsoft.Web unless said, for custom worker tiers")
    .option("--category <name>", "FOCUS ServiceCategory")
    .option("--subcategory <name>", "FOCUS ServiceSubcategory")
    .option("--service <name>", "FOCUS ServiceName")
    .option("--consumed-unit <name>", "FOCUS ConsumedUnit")
    .option(...VALID_FROM)
    .action((meter: string, options: AddOptions, command: Command) =>
      withClient(command, async (client, { json }) => {
        const { provider, category, subcategory, service, ...rest } = options;
        const result = await client.meters.put(meter, {
          ...rest,
          resourceProvider: provider,
          serviceCategory: category,
          serviceSubcategory: subcategory,
          serviceName: service,
        });
        if (json) printJson(result);
        else printLine(changedText(result));
      }),
    );

  meters
    .command("map")
    .description("say which commerce meter prices a meter, and how many of its units one unit is")
    .argument("<meter>")
    .argument("[commerce-meter]", "without it the price sheet's own mapping counts again")
    .requiredOption("--reason <text>", "why")
    .option("--factor <number>", "exact: 2, 0.5 or 1/1073741824; 1 unless said")
    .option(...VALID_FROM)
    .action(
      (
        meter: string,
        commerceMeter: string | undefined,
        options: { reason: string; factor?: string; validFrom?: string },
        command: Command,
      ) =>
        withClient(command, async (client, { json }) => {
          const result = await client.meters.map(meter, { ...options, commerceMeter });
          if (json) return printJson(result);
          printLine(changedText(result));
          if (commerceMeter === undefined) return undefined;
          const known = (await client.meters.list()).find((so) => so.meter === result.meter);
          const unpriced = `The price sheet has no price for ${result.commerceMeter}: its usage will wait.`;
          if (known?.commerceMeter === result.commerceMeter && !known.priced) printLine(styled("yellow", unpriced));
          return undefined;
        }),
    );
}
