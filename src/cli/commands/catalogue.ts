import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import type { Command } from "commander";
import type { CatalogueChangeInfo, CatalogueEntryInfo, CatalogueRowInfo } from "../../client/types.ts";
import { type ImportedCatalogue, importCatalogueFile } from "../catalogueImport.ts";
import { wholeNumber } from "../arguments.ts";
import { withClient } from "../command.ts";
import { EXIT_CODES } from "../exitCodes.ts";
import { grouped, printJson, printLine, printNote, printRows, styled } from "../output.ts";

const ROWS_SHOWN_MAX = 20;

export function addCatalogue(program: Command): void {
  const catalogue = program.command("catalogue").description("the partner catalogue: who owns which subscription");
  addReading(catalogue);
  addWriting(catalogue);
  catalogue
    .command("import")
    .description(
      "add or change subscriptions from files: .csv with a header, .ndjson with one a line (both plain or .gz), or .json",
    )
    .argument("<file...>")
    .option("--results <file>", "write the result of every row to this file, a JSON object a line")
    .action(importFiles);
}

const COLUMNS = [
  { title: "subscription", value: (so: CatalogueEntryInfo) => so.subscription },
  { title: "name", value: (so: CatalogueEntryInfo) => so.displayName, cut: "end" as const },
  { title: "offer", value: (so: CatalogueEntryInfo) => so.offerType },
  { title: "state", value: (so: CatalogueEntryInfo) => so.state },
  { title: "partner", value: (so: CatalogueEntryInfo) => so.partner, cut: "end" as const },
  { title: "provider", value: (so: CatalogueEntryInfo) => so.provider ?? "", cut: "end" as const },
  { title: "reseller", value: (so: CatalogueEntryInfo) => so.reseller ?? "", cut: "end" as const },
  { title: "tenant", value: (so: CatalogueEntryInfo) => so.tenant ?? "", cut: "end" as const },
];

function addReading(catalogue: Command): void {
  catalogue
    .command("list")
    .description("list the subscriptions of the catalogue, a page at a time")
    .option("--after <subscription>", "where the page before ended")
    .option("--limit <n>", "how many, 1,000 unless said", wholeNumber)
    .action((page: { after?: string; limit?: number }, command: Command) =>
      withClient(command, async (client, output) => {
        const { value, next } = await client.catalogue(page);
        if (output.json) return printJson({ value, ...(next === undefined ? {} : { next }) });
        printRows(output, value, COLUMNS, "The partner catalogue is empty.");
        if (next !== undefined) printNote(`There is more: --after ${next}`);
      }),
    );

  catalogue
    .command("show")
    .description("show one subscription")
    .argument("<subscription>")
    .action((subscription: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const entry = await client.catalogueEntry(subscription);
        if (json) return printJson(entry);
        for (const [name, value] of Object.entries(entry)) printLine(`${name.padEnd(13)} ${value ?? ""}`);
      }),
    );

  catalogue
    .command("history")
    .description("what was known of a subscription, from when on, and who said so")
    .argument("<subscription>")
    .action((subscription: string, _, command: Command) =>
      withClient(command, async (client, output) => {
        const columns = [
          { title: "recorded", value: (so: CatalogueChangeInfo) => so.recordedAt },
          { title: "by", value: (so: CatalogueChangeInfo) => so.actor, cut: "end" as const },
          { title: "offer", value: (so: CatalogueChangeInfo) => so.content?.offerType ?? "taken out" },
          { title: "state", value: (so: CatalogueChangeInfo) => so.content?.state ?? "" },
          { title: "partner", value: (so: CatalogueChangeInfo) => so.content?.partner ?? "", cut: "end" as const },
          { title: "provider", value: (so: CatalogueChangeInfo) => so.content?.provider ?? "", cut: "end" as const },
          { title: "reseller", value: (so: CatalogueChangeInfo) => so.content?.reseller ?? "", cut: "end" as const },
          { title: "tenant", value: (so: CatalogueChangeInfo) => so.content?.tenant ?? "" },
        ];
        const none = "It has not been changed since history is kept.";
        printRows(output, await client.catalogueHistory(subscription), columns, none);
      }),
    );
}

interface EntryOptions {
  readonly offerType: string;
  readonly partner: string;
  readonly name?: string;
  readonly state?: string;
  readonly provider?: string;
  readonly reseller?: string;
  readonly customer?: string;
  readonly tenant?: string;
}

function addWriting(catalogue: Command): void {
  catalogue
    .command("put")
    .description("add a subscription, or replace what is known of it")
    .argument("<subscription>")
    .requiredOption("--offer-type <type>", "CSP, APSS, EA or PayAsYouGo")
    .requiredOption("--partner <partner>", "the CSP partner that it belongs to")
    .option("--provider <provider>", "the indirect provider, where that is not the partner")
    .option("--reseller <reseller>", "the indirect reseller")
    .option("--customer <customer>", "the end customer")
    .option("--tenant <tenant>", "the customer's directory")
    .option("--name <name>", "name to show")
    .option("--state <state>", "Enabled, Warned, PastDue, Disabled or Deleted; Enabled unless said")
    .action((subscription: string, options: EntryOptions, command: Command) =>
      withClient(command, async (client, { json }) => {
        const { name, offerType, partner, state, provider, reseller, customer, tenant } = options;
        const entry = { offerType, partner, displayName: name, state, provider, reseller, customer, tenant };
        const result = await client.putCatalogueEntry(subscription, entry);
        if (json) printJson(result);
        else printLine(`${result.subscription}: ${result.outcome}`);
      }),
    );

  catalogue
    .command("remove")
    .description("take a subscription out; mappings to it stay, and its history too")
    .argument("<subscription>")
    .action((subscription: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const removed = await client.removeCatalogueEntry(subscription);
        if (json) printJson({ removed });
        else printLine(removed ? `${subscription} was taken out.` : `${subscription} was not in the catalogue.`);
      }),
    );
}

async function importFiles(files: string[], { results }: { results?: string }, command: Command): Promise<void> {
  await withClient(command, async (client, { json }) => {
    const writer = results === undefined ? undefined : createWriteStream(results);
    const imported: ImportedCatalogue[] = [];
    for (const file of files) {
      const heard = async (rows: readonly CatalogueRowInfo[]): Promise<void> => {
        const lines = rows.map((row) => `${JSON.stringify({ file, ...row })}\n`).join("");
        if (writer?.write(lines) === false) await once(writer, "drain");
      };
      const result = await importCatalogueFile(client, file, { progress: !json, heard });
      if (!json) printFile(result);
      imported.push(result);
    }
    if (writer !== undefined) await finished(writer.end());
    if (json) printJson({ files: imported });
    const refused = imported.some(({ refusal }) => refusal !== undefined);
    const rejected = imported.some(({ counts }) => counts.rejected > 0);
    process.exitCode = (refused ? EXIT_CODES.refused : rejected ? EXIT_CODES.incomplete : EXIT_CODES.done).status;
  });
}

function printFile({ file, counts, rejected, refusal }: ImportedCatalogue): void {
  const { added, changed, unchanged } = counts;
  printLine(
    `${file}: ${grouped(added)} added, ${grouped(changed)} changed, ${grouped(unchanged)} unchanged, ` +
      `${grouped(counts.rejected)} rejected`,
  );
  for (const { position, code, message } of rejected.slice(0, ROWS_SHOWN_MAX)) {
    printNote(`  line ${position} rejected, ${code}: ${message}`);
  }
  const hidden = counts.rejected - Math.min(rejected.length, ROWS_SHOWN_MAX);
  if (hidden > 0) printNote(`  and ${grouped(hidden)} more; --results FILE gets them all`);
  if (refusal !== undefined) {
    printNote(`${styled(["red", "bold"], refusal.code, process.stderr)}: ${refusal.message}`);
    for (const step of refusal.remedy) printNote(`${styled("green", "do ", process.stderr)}  ${step}`);
  }
}
