import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Client } from "../../client/client.ts";
import type { ExportFormat } from "../../client/exports.ts";
import { withClient } from "../command.ts";
import { grouped, printJson, printLine } from "../output.ts";
import { writeWhole, type Written } from "../wholeFile.ts";

interface FileOptions {
  readonly output: string;
  readonly format: ExportFormat;
}

type Get = (client: Client, onBytes: (chunk: Buffer) => Promise<void>) => Promise<void>;

/** What stands beside an exported file, so that whoever takes it can tell that it is whole. */
interface Manifest {
  readonly file: string;
  readonly bytes: number;
  /** Of CSV, without its header. */
  readonly rows?: number;
  readonly sha256: string;
}

const [NEWLINE, QUOTE] = [10, 34];

/** Counts the lines of CSV as it comes; a quoted cell may hold line ends. */
class LineCount {
  lines = 0;
  #quoted = false;

  add(chunk: Buffer): void {
    for (const byte of chunk) {
      if (byte === QUOTE) this.#quoted = !this.#quoted;
      else if (byte === NEWLINE && !this.#quoted) this.lines += 1;
    }
  }
}

/** Writes the manifest first: a file without one was never finished. */
async function withManifest(
  file: string,
  { isCsv }: { readonly isCsv: boolean },
  write: (onBytes: (chunk: Buffer) => Promise<void>) => Promise<void>,
): Promise<Manifest> {
  const count = isCsv ? new LineCount() : undefined;
  const manifestOf = ({ bytes, sha256 }: Written): Manifest => {
    return { file, bytes, ...(count && { rows: count.lines - 1 }), sha256 };
  };
  const counting: typeof write = (onBytes) =>
    write(async (chunk) => {
      count?.add(chunk);
      await onBytes(chunk);
    });
  const written = await writeWhole(file, counting, async (so) => {
    await writeFile(`${file}.manifest.json`, `${JSON.stringify(manifestOf(so), undefined, 1)}\n`);
  });
  return manifestOf(written);
}

async function write(command: Command, { output, format }: FileOptions, get: Get): Promise<void> {
  await withClient(command, async (client, { json }) => {
    const manifest = await withManifest(output, { isCsv: format === "csv" }, (onBytes) => get(client, onBytes));
    if (json) return printJson(manifest);
    const rows = manifest.rows === undefined ? "" : `${grouped(manifest.rows)} rows, `;
    printLine(`${rows}${grouped(manifest.bytes)} bytes: ${manifest.file}`);
    printLine(`sha256 ${manifest.sha256}`);
    return undefined;
  });
}

const OUTPUT = ["--output <file>", "where to write it; its manifest goes to FILE.manifest.json"] as const;
const PERIOD = ["<period>", "for example 2024-02"] as const;
const formatOption = (): Option =>
  new Option("--format <format>", "how the file is written").choices(["csv", "parquet"]).default("csv");

/** Commands that write what was billed and used in the formats that others read. */
export function addExports(program: Command): void {
  const exporting = program.command("export").description("write what was billed and used to files for other systems");
  addFocus(exporting);
  exporting
    .command("daily-rated")
    .description("what a partner's payers were billed, day by day, in the shape of daily rated usage, in CSV")
    .argument(...PERIOD)
    .argument("<partner>")
    .requiredOption(...OUTPUT)
    .action((period: string, partner: string, { output }: FileOptions, command: Command) =>
      write(command, { output, format: "csv" }, (client, onBytes) =>
        client.closing.exports.dailyRated(period, partner, onBytes),
      ),
    );
  exporting
    .command("usage")
    .description("every record of a period with who pays for it as of its hour, and by which mapping")
    .argument(...PERIOD)
    .option("--registration <registration>", "only this stamp's: number, cloud id, resource id or name")
    .addOption(formatOption())
    .requiredOption(...OUTPUT)
    .action((period: string, options: FileOptions & { readonly registration?: string }, command: Command) =>
      write(command, options, (client, onBytes) => client.closing.exports.usage(period, options, onBytes)),
    );
}

function addFocus(exporting: Command): void {
  exporting
    .command("focus")
    .description("statements and corrections as FOCUS 1.2: of a partner's payers in a period, or one of them")
    .argument("[period]", "for example 2024-02")
    .argument("[partner]")
    .option("--document <number>", "only this statement or correction, instead of a period and a partner")
    .addOption(formatOption())
    .requiredOption(...OUTPUT)
    .action(
      (
        period: string | undefined,
        partner: string | undefined,
        options: FileOptions & { readonly document?: string },
        command: Command,
      ) => {
        const { document, format } = options;
        if ((document === undefined) !== (period !== undefined && partner !== undefined)) {
          throw new InvalidArgumentError("either a period and a partner or --document is needed");
        }
        return write(command, options, ({ closing: { exports } }, onBytes) =>
          document === undefined
            ? exports.focus(period!, partner!, onBytes, format)
            : exports.documentFocus(document, onBytes, format),
        );
      },
    );
}
