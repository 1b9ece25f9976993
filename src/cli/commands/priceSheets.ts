import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { type Client, Refused } from "../../client/client.ts";
import type {
  PriceFileProblemsInfo,
  SheetChangesInfo,
  SheetInfo,
  SheetPriceInfo,
  SheetVersionInfo,
} from "../../client/priceTypes.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { formatTable } from "../../lib/table.ts";
import { wholeNumber } from "../arguments.ts";
import { withClient } from "../command.ts";
import { fileSize, readBytes } from "../files.ts";
import { grouped, printJson, printLine, printNote, printRows } from "../output.ts";
import { PRICE_TABLE } from "../priceTable.ts";

const ROWS_SHOWN_MAX = 20;

/** Sheets, their versions, and the files that they come in and go out as. */
export function addPriceSheets(prices: Command): void {
  addReading(prices);
  addFiles(prices);
  addPublishing(prices);
}

const SHEET_COLUMNS = [
  { title: "sheet", value: (so: SheetInfo) => so.sheet },
  { title: "name", value: (so: SheetInfo) => so.name, cut: "end" as const },
  { title: "currency", value: (so: SheetInfo) => so.currency },
  { title: "published", value: (so: SheetInfo) => String(so.published), align: "right" as const },
  { title: "draft", value: (so: SheetInfo) => (so.draft ? "yes" : "") },
];

const VERSION_COLUMNS = [
  { title: "version", value: (so: SheetVersionInfo) => String(so.version), align: "right" as const },
  { title: "state", value: (so: SheetVersionInfo) => so.state },
  {
    title: "counts from",
    value: (so: SheetVersionInfo) => so.from ?? (so.state === "draft" ? "" : "the beginning"),
  },
  { title: "prices", value: (so: SheetVersionInfo) => String(so.priceCount), align: "right" as const },
  { title: "published", value: (so: SheetVersionInfo) => so.publishedAt ?? "" },
  { title: "by", value: (so: SheetVersionInfo) => so.publishedBy ?? so.createdBy, cut: "end" as const },
  { title: "reason", value: (so: SheetVersionInfo) => so.reason, cut: "end" as const },
];

/** The newest version of a sheet, a draft included. */
const newest = async (client: Client, sheet: string): Promise<number> =>
  (await client.prices.versions(sheet)).at(-1)!.version;

function addReading(prices: Command): void {
  prices
    .command("sheets")
    .description("list the price sheets")
    .action((_, command: Command) =>
      withClient(command, async (client, output) => {
        printRows(output, await client.prices.sheets(), SHEET_COLUMNS, "There is no price sheet.");
      }),
    );

  prices
    .command("versions")
    .description("list the versions of a price sheet, and the draft")
    .argument("<sheet>")
    .action((sheet: string, _, command: Command) =>
      withClient(command, async (client, output) => {
        printRows(output, await client.prices.versions(sheet), VERSION_COLUMNS, "It has no version.");
      }),
    );

  prices
    .command("show")
    .description("show a version of a price sheet")
    .argument("<sheet>")
    .argument("[version]", "the newest unless given", wholeNumber)
    .action((sheet: string, version: number | undefined, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const found = await client.prices.version(sheet, version ?? (await newest(client, sheet)));
        if (json) return printJson(found);
        const { name, currency, rounding, state, from } = found;
        printLine(`${name} (${sheet}, version ${found.version}, ${state}${from === null ? "" : ` from ${from}`})`);
        printLine(`${currency}, each line rounded ${rounding.mode} to ${rounding.scale} decimals`);
        const regions = { title: "region", value: (so: SheetPriceInfo) => so.region ?? "" };
        const models = { title: "model", value: (so: SheetPriceInfo) => so.model };
        const [meter, ...rest] = PRICE_TABLE;
        printLine(formatTable(found.prices, [meter!, models, regions, ...rest]));
        return undefined;
      }),
    );

  prices
    .command("diff")
    .description("what one version says otherwise than another, meter by meter")
    .argument("<sheet>")
    .option("--from <version>", "the version before; the one before --to unless given", wholeNumber)
    .option("--to <version>", "the newest unless given", wholeNumber)
    .action((sheet: string, of: { from?: number; to?: number }, command: Command) =>
      withClient(command, async (client, { json }) => {
        const diff = await client.prices.diff(sheet, of);
        if (json) return printJson(diff);
        printLine(`${sheet}: version ${diff.after} against version ${diff.before}`);
        printDiff(diff);
        return undefined;
      }),
    );
}

const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function printDiff({ changes, prices }: SheetChangesInfo): void {
  const rows = [
    ...changes.map((change) => ({ meter: "", name: "the sheet", ...change })),
    ...prices.flatMap(({ commerceMeter, region, name, outcome, changes: own }) => {
      const of = { meter: commerceMeter, name: region === null ? name : `${name} (${region})` };
      return outcome === "changed"
        ? own.map((change) => ({ ...of, ...change }))
        : [{ ...of, field: outcome, before: "", after: "" }];
    }),
  ];
  if (rows.length === 0) return printLine("They say the same.");
  return printLine(
    formatTable(rows, [
      { title: "meter", value: (so) => so.meter },
      { title: "name", value: (so) => so.name, cut: "end" },
      { title: "what", value: (so) => so.field },
      { title: "before", value: (so) => shown(so.before), cut: "end" },
      { title: "after", value: (so) => shown(so.after), cut: "end" },
    ]),
  );
}

/** @throws Fault FileUnreadable */
function typeOf(file: string): string {
  if (/\.csv(\.gz)?$/i.test(file)) return "text/csv";
  if (/\.json(\.gz)?$/i.test(file)) return "application/json";
  throw new Fault("FileUnreadable", { file, reason: "its name ends neither in .csv nor in .json" });
}

function addFiles(prices: Command): void {
  prices
    .command("import")
    .description(
      "make a file the draft of a price sheet: .csv, .json as it is exported, or a rate card; all or nothing",
    )
    .argument("<sheet>", "its name; a new one makes a new sheet")
    .argument("<file>")
    .action((sheet: string, file: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const type = typeOf(file);
        await fileSize(file);
        try {
          const result = await client.prices.import(sheet, { bytes: readBytes(file, () => undefined), type });
          if (json) return printJson(result);
          const { version, priceCount, currency, replaced, diff } = result;
          printLine(
            `${sheet}: draft ${version} with ${grouped(priceCount)} prices in ${currency}${replaced ? ", in the place of the draft before" : ""}`,
          );
          if (diff !== null) printDiff(diff);
          printLine(`It counts once it is published: stampbook prices publish ${sheet} --from TIME --reason TEXT`);
        } catch (error) {
          if (!json && error instanceof Refused) printProblems(error);
          throw error;
        }
        return undefined;
      }),
    );

  prices
    .command("export")
    .description("print a version as a file from which the same version can be imported again")
    .argument("<sheet>")
    .argument("[version]", "the newest unless given", wholeNumber)
    .option("--format <format>", "csv, json or ratecard", "csv")
    .option("--output <file>", "write it to this file")
    .action(
      (
        sheet: string,
        version: number | undefined,
        { format, output }: { format: string; output?: string },
        command: Command,
      ) =>
        withClient(command, async (client) => {
          const text = await client.prices.file(sheet, version ?? (await newest(client, sheet)), format);
          if (output === undefined) return void process.stdout.write(text);
          await written(output, text);
          printNote(`${output}: written`);
          return undefined;
        }),
    );
}

/** @throws Fault FileUnwritable */
async function written(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new Fault("FileUnwritable", { file, reason: (error as Error).message }, { cause: error });
  }
}

/** What is wrong in which row; other refusals have other details. */
function printProblems({ details }: Refused): void {
  const { rows = [], rowsOmitted = 0 } = (details ?? {}) as Partial<PriceFileProblemsInfo>;
  for (const { position, column, code, message, remedy } of rows.slice(0, ROWS_SHOWN_MAX)) {
    printNote(`  row ${position}${column === null ? "" : `, ${column}`}: ${code}: ${message}`);
    if (remedy[0] !== undefined) printNote(`    → ${remedy[0]}`);
  }
  const hidden = Math.max(0, rows.length - ROWS_SHOWN_MAX) + rowsOmitted;
  if (hidden > 0) printNote(`  and ${grouped(hidden)} more`);
}

function addPublishing(prices: Command): void {
  prices
    .command("publish")
    .description("make the draft a version that counts from an hour on; it never changes after that")
    .argument("<sheet>")
    .requiredOption("--from <time>", "the first usage hour that it counts for")
    .requiredOption("--reason <text>", "why")
    .option("--correction", "it is meant to count in a closed period, to put right what was wrong")
    .action((sheet: string, how: { from: string; reason: string; correction?: boolean }, command: Command) =>
      withClient(command, async (client, { json }) => {
        const result = await client.prices.publish(sheet, how);
        if (json) printJson(result);
        else printLine(`${sheet}: version ${result.version} counts from ${result.from}`);
      }),
    );

  prices
    .command("discard")
    .description("discard the draft of a price sheet")
    .argument("<sheet>")
    .action((sheet: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        await client.prices.discard(sheet);
        if (json) printJson({ sheet, draft: false });
        else printLine(`${sheet} has no draft any more.`);
      }),
    );

  prices
    .command("confirm")
    .description("stand by a price that no published source backs, by name and with a reason")
    .argument("<sheet>")
    .argument("<version>", "", wholeNumber)
    .argument("<meter>", "the commerce meter of the price")
    .requiredOption("--reason <text>", "why")
    .option("--region <name>", "of the price for this region")
    .action((...given: [string, number, string, { reason: string; region?: string }, Command]) => {
      const [sheet, version, commerceMeter, options, command] = given;
      return withClient(command, async (client, { json }) => {
        const result = await client.prices.confirm(sheet, version, { commerceMeter, ...options });
        if (json) printJson(result);
        else printLine(result.changed ? "The confirmation was recorded." : "It is verified already.");
      });
    });
}
