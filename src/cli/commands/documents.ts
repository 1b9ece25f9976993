import { type Command, Option } from "commander";
import { DOCUMENT_FORMATS, type DocumentFormat } from "../../client/exports.ts";
import { withClient } from "../command.ts";
import { grouped, printJson, printLine } from "../output.ts";
import { writeWhole } from "../wholeFile.ts";

interface Options {
  readonly format: DocumentFormat;
  readonly output?: string;
}

/** @param statements the command that has to do with statements */
export function addDocument(statements: Command): void {
  statements
    .command("document")
    .description("write a closed statement or a correction to a file; --lang is the language of a PDF")
    .argument("<number>")
    .addOption(new Option("--format <format>", "of the file").choices(DOCUMENT_FORMATS).default("pdf"))
    .option("--output <file>", "where to write it; NUMBER.FORMAT in this folder unless given")
    .action((number: string, { format, output }: Options, command: Command) =>
      withClient(command, async (client, { json, language }) => {
        const file = output ?? `${number}.${format}`;
        const of = format === "pdf" ? { format, language } : { format };
        const { bytes, sha256 } = await writeWhole(file, (onBytes) =>
          client.closing.exports.document(number, of, onBytes),
        );
        if (json) return printJson({ file, bytes, sha256 });
        printLine(`${grouped(bytes)} bytes: ${file}`);
        printLine(`sha256 ${sha256}`);
        return undefined;
      }),
    );
}
