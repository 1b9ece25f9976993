import { Command } from "commander";
import { chooseLanguage } from "../domain/faults/fault.ts";
import { VERSION } from "../version.ts";
import { addGlobalOptions, globalOptions } from "./command.ts";
import { EXIT_CODES } from "./exitCodes.ts";
import { reportFailure } from "./failure.ts";
import { printJson, printLine } from "./output.ts";

/** Each command with its file, which is loaded only when it is needed: all of them take most of the time that one has. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => unknown>>> = {
  demo: async () => (await import("./commands/demo.ts")).addDemo,
  serve: async () => (await import("./commands/serve.ts")).addServe,
  connect: async () => (await import("./commands/connect.ts")).addConnect,
  credentials: async () => (await import("./commands/credentials.ts")).addCredentials,
  "signing-keys": async () => (await import("./commands/credentials.ts")).addSigningKeys,
  access: async () => (await import("./commands/access.ts")).addAccess,
  registrations: async () => (await import("./commands/registrations.ts")).addRegistrations,
  approvals: async () => (await import("./commands/approvals.ts")).addApprovals,
  tenants: async () => (await import("./commands/tenants.ts")).addTenants,
  catalogue: async () => (await import("./commands/catalogue.ts")).addCatalogue,
  "local-subscriptions": async () => (await import("./commands/localSubscriptions.ts")).addLocalSubscriptions,
  meters: async () => (await import("./commands/meters.ts")).addMeters,
  usage: async () => (await import("./commands/usage.ts")).addUsage,
  statements: async () => (await import("./commands/statements.ts")).addStatements,
  periods: async () => (await import("./commands/periods.ts")).addPeriods,
  corrections: async () => (await import("./commands/corrections.ts")).addCorrections,
  export: async () => (await import("./commands/exports.ts")).addExports,
  explain: async () => (await import("./commands/explain.ts")).addExplain,
  prices: async () => (await import("./commands/prices.ts")).addPrices,
  audit: async () => (await import("./commands/audit.ts")).addAudit,
  "activation-key": async () => (await import("./commands/activationKey.ts")).addActivationKey,
  errors: async () => (await import("./commands/errors.ts")).addErrors,
  bridge: async () => (await import("./commands/bridge.ts")).addBridge,
  doctor: async () => (await import("./commands/doctor.ts")).addDoctor,
  simulator: async () => (await import("./commands/simulator.ts")).addSimulator,
  version: async () => addVersion,
};

/**
 * The command line; the whole of it is also what docs/reference/command-line.md is generated from.
 * @param args of which commands it need know only those that are named here; all of them when none is
 */
export async function buildProgram(args: readonly string[] = []): Promise<Command> {
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
  const named = Object.keys(COMMANDS).filter((name) => args.includes(name));
  for (const name of named.length > 0 ? named : Object.keys(COMMANDS)) (await COMMANDS[name]!())(program);
  for (const command of program.commands) inheritExit(command);
  return program;
}

const addVersion = (program: Command): unknown =>
  program
    .command("version")
    .description("print the version")
    .action((_, command: Command) => {
      if (globalOptions(command).json) printJson({ version: VERSION, node: process.version });
      else printLine(`stampbook ${VERSION} on Node.js ${process.version}`);
    });

/** Commander gives `exitOverride` to sub-commands only when they are made after it; ours are made by functions. */
function inheritExit(command: Command): void {
  command.exitOverride().showHelpAfterError("(see --help)").configureHelp({ showGlobalOptions: true });
  for (const child of command.commands) inheritExit(child);
}

export async function main(argv: readonly string[]): Promise<void> {
  const program = await buildProgram(argv.slice(2));
  try {
    await program.parseAsync(argv);
  } catch (error) {
    // The options may be what could not be parsed, so they are looked for in the raw arguments.
    const lang = argv[argv.indexOf("--lang") + 1];
    const language = argv.includes("--lang") ? chooseLanguage(lang) : globalOptions(program).language;
    process.exitCode = reportFailure(error, { json: argv.includes("--json"), language });
  }
}
