import type { Argument, Command, Option } from "commander";
import { EXIT_CODES } from "../../src/cli/exitCodes.ts";
import { buildProgram } from "../../src/cli/main.ts";
import { code, page, plain, table } from "./markdown.ts";

/** The default of --lang is the reader's own language, so it is told in words. */
const LANGUAGE_OPTION = "--lang";

function defaultText({ long, defaultValue, mandatory }: Option): string {
  if (long === LANGUAGE_OPTION) return "from `LC_ALL`, `LC_MESSAGES` or `LANG`; else `en`";
  if (mandatory) return "required";
  return defaultValue === undefined || defaultValue === false ? "" : code(String(defaultValue));
}

function optionRow(option: Option): readonly string[] {
  const choices = option.argChoices === undefined ? "" : ` (${option.argChoices.map(code).join(", ")})`;
  return [code(option.flags), `${plain(option.description)}${choices}`, defaultText(option)];
}

const optionTable = (options: readonly Option[]): string =>
  table(["Option", "What it does", "Default"], options.map(optionRow));

function argumentName(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${name}>` : `[${name}]`;
}

function entries(command: Command, parents: string): readonly string[] {
  const path = `${parents} ${command.name()}`;
  const { registeredArguments: args, options } = command;
  const title = [path, ...args.map(argumentName)].join(" ");
  const described = args.filter(({ description }) => description !== "");
  const own = [
    `## ${code(title)}`,
    plain(command.description()),
    ...(described.length === 0
      ? []
      : [
          table(
            ["Argument", "What it is"],
            described.map((so) => [code(argumentName(so)), plain(so.description)]),
          ),
        ]),
    ...(options.length === 0 ? [] : [optionTable(options)]),
  ];
  return [...own, ...command.commands.flatMap((child) => entries(child, path))];
}

export async function commandLinePage(): Promise<string> {
  const program = await buildProgram();
  return page([
    "# Command line",
    "In the repository `stampbook` stands for `npm run --silent stampbook --`. Results go to standard output, everything else to standard error. Every command is a client of the HTTP API: it talks to the server that is named, else to the one that runs on the data folder, else it opens the folder itself.",
    "## Options of every command",
    optionTable(program.options),
    ...program.commands.flatMap((command) => entries(command, "stampbook")),
    "## Exit status",
    table(
      ["Status", "Meaning"],
      Object.values(EXIT_CODES).map(({ status, doc }) => [String(status), plain(doc)]),
    ),
  ]);
}
