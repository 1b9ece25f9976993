import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import type { Client } from "../../client/client.ts";
import { withClient } from "../command.ts";
import { grouped, printJson, printLine } from "../output.ts";
import { writeWhole } from "../wholeFile.ts";

interface FileOptions {
  readonly output: string;
}

interface FocusOptions extends FileOptions {
  readonly document?: string;
}

/** What stands beside an exported file, so that whoever takes it can tell that it is whole. */
interface Manifest {
  readonly file: string;
  readonly bytes: number;
  readonly rows: number;
  readonly sha256: string;
}

/** Writes the manifest first: a file without one was never finished. */
async function withManifest(
  file: string,
  write: (onBytes: (chunk: Buffer) => Promise<void>) => Promise<void>,
): Promise<Manifest> {
  const manifestOf = ({ bytes, lines, sha256 }: Awaited<ReturnType<typeof writeWhole>>): Manifest => {
    return { file, bytes, rows: lines - 1, sha256 };
  };
  const written = await writeWhole(file, write, async (so) => {
    await writeFile(`${file}.manifest.json`, `${JSON.stringify(manifestOf(so), undefined, 1)}\n`);
  });
  return manifestOf(written);
}

async function write(
  command: Command,
  output: string,
  get: (client: Client, onBytes: (chunk: Buffer) => Promise<void>) => Promise<void>,
): Promise<void> {
  await withClient(command, async (client, { json }) => {
    const manifest = await withManifest(output, (onBytes) => get(client, onBytes));
    if (json) return printJson(manifest);
    printLine(`${grouped(manifest.rows)} rows, ${grouped(manifest.bytes)} bytes: ${manifest.file}`);
    printLine(`sha256 ${manifest.sha256}`);
    return undefined;
  });
}

const OUTPUT = ["--output <file>", "where to write it; its manifest goes to FILE.manifest.json"] as const;

/** Commands that write what was billed in the formats that others read. */
export function addExports(program: Command): void {
  const exporting = program.command("export").description("write what was billed to files for other systems");
  addFocus(exporting);
  exporting
    .command("daily-rated")
    .description("what a partner's payers were billed, day by day, in the shape of daily rated usage, in CSV")
    .argument("<period>", "for example 2024-02")
    .argument("<partner>")
    .requiredOption(...OUTPUT)
    .action((period: string, partner: string, { output }: FileOptions, command: Command) =>
      write(command, output, (client, onBytes) => client.closing.exports.dailyRated(period, partner, onBytes)),
    );
}

function addFocus(exporting: Command): void {
  exporting
    .command("focus")
    .description("statements and corrections as FOCUS 1.2 in CSV: of a partner's payers in a period, or one of them")
    .argument("[period]", "for example 2024-02")
    .argument("[partner]")
    .option("--document <number>", "only this statement or correction, instead of a period and a partner")
    .requiredOption(...OUTPUT)
    .action((period: string | undefined, partner: string | undefined, options: FocusOptions, command: Command) => {
      const { output, document } = options;
      if ((document === undefined) !== (period !== undefined && partner !== undefined)) {
        throw new InvalidArgumentError("either a period and a partner or --document is needed");
      }
      return write(command, output, (client, onBytes) =>
        document === undefined
          ? client.closing.exports.focus(period!, partner!, onBytes)
          : client.closing.exports.documentFocus(document, onBytes),
      );
    });
}
