import { Command } from "commander";
import { chooseLanguage } from "../domain/faults/fault.ts";
import { VERSION } from "../version.ts";
import { addGlobalOptions, globalOptions } from "./command.ts";
import { addAccess } from "./commands/access.ts";
import { addApprovals } from "./commands/approvals.ts";
import { addAudit } from "./commands/audit.ts";
import { addBridge } from "./commands/bridge.ts";
import { addCatalogue } from "./commands/catalogue.ts";
import { addConnect } from "./commands/connect.ts";
import { addCredentials, addSigningKeys } from "./commands/credentials.ts";
import { addDemo } from "./commands/demo.ts";
import { addActivationKey } from "./commands/activationKey.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addErrors } from "./commands/errors.ts";
import { addExplain } from "./commands/explain.ts";
import { addLocalSubscriptions } from "./commands/localSubscriptions.ts";
import { addMeters } from "./commands/meters.ts";
import { addCorrections } from "./commands/corrections.ts";
import { addExports } from "./commands/exports.ts";
import { addPeriods } from "./commands/periods.ts";
import { addPrices } from "./commands/prices.ts";
import { addRegistrations } from "./commands/registrations.ts";
import { addServe } from "./commands/serve.ts";
import { addSimulator } from "./commands/simulator.ts";
import { addStatements } from "./commands/statements.ts";
import { addTenants } from "./commands/tenants.ts";
import { addUsage } from "./commands/usage.ts";
import { EXIT_CODES } from "./exitCodes.ts";
import { reportFailure } from "./failure.ts";
import { printJson, printLine } from "./output.ts";

/** The whole command line; also what docs/reference/command-line.md is generated from. */
export function buildProgram(): Command {
  const program = addGlobalOptions(new Command("stampbook"))
    .description("Usage and billing registration plane of multi-tenant private clouds.")
    .showHelpAfterError("(see --help)")
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      "after",
      `\nExit status:\n${Object.values(EXIT_CODES)
        .map(({ status, doc }) => `  ${String(status).padEnd(2)} ${doc}`)
        .join("\n")}`,
    )
    .exitOverride();
  addDemo(program);
  addServe(program);
  addConnect(program);
  addCredentials(program);
  addSigningKeys(program);
  addAccess(program);
  addRegistrations(program);
  addApprovals(program);
  addTenants(program);
  addCatalogue(program);
  addLocalSubscriptions(program);
  addMeters(program);
  addUsage(program);
  addStatements(program);
  addPeriods(program);
  addCorrections(program);
  addExports(program);
  addExplain(program);
  addPrices(program);
  addAudit(program);
  addActivationKey(program);
  addErrors(program);
  addBridge(program);
  addDoctor(program);
  addSimulator(program);
  program
    .command("version")
    .description("print the version")
    .action((_, command: Command) => {
      if (globalOptions(command).json) printJson({ version: VERSION, node: process.version });
      else printLine(`stampbook ${VERSION} on Node.js ${process.version}`);
    });
  for (const command of program.commands) inheritExit(command);
  return program;
}

/** Commander gives `exitOverride` to sub-commands only when they are made after it; ours are made by functions. */
function inheritExit(command: Command): void {
  command.exitOverride().showHelpAfterError("(see --help)").configureHelp({ showGlobalOptions: true });
  for (const child of command.commands) inheritExit(child);
}

export async function main(argv: readonly string[]): Promise<void> {
  const program = buildProgram();
  try {
    await program.parseAsync(argv);
  } catch (error) {
    // The options may be what could not be parsed, so they are looked for in the raw arguments.
    const lang = argv[argv.indexOf("--lang") + 1];
    const language = argv.includes("--lang") ? chooseLanguage(lang) : globalOptions(program).language;
    process.exitCode = reportFailure(error, { json: argv.includes("--json"), language });
  }
}
