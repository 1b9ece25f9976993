import { type Command, Option } from "commander";
import type { Client } from "../client/client.ts";
import { chooseLanguage, Fault, LANGUAGES, type Language } from "../domain/faults/fault.ts";
import { environment, readSettings, SERVER_ENV, type SettingName, SETTINGS, type Settings } from "../settings.ts";
import { connect } from "./connect.ts";
import type { Output } from "./output.ts";

export interface GlobalOptions extends Output {
  readonly language: Language;
  readonly server: string | undefined;
}

const camel = (option: string): string =>
  option.slice(2).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Options that every command takes. */
export function addGlobalOptions(command: Command): Command {
  const env = environment();
  return command
    .addOption(new Option("--json", "print one JSON object for machines").default(false))
    .addOption(
      new Option("--lang <tag>", "language of refusals").choices([...LANGUAGES]).default(chooseLanguage(localeOf(env))),
    )
    .addOption(new Option("--server <url>", `a server to talk to (${SERVER_ENV}); otherwise the data folder is used`))
    .addOption(settingOption("dataFolder"));
}

/** LANG and LC_ALL look like zh_CN.UTF-8. */
const localeOf = (env: Readonly<Record<string, string | undefined>>): string | undefined =>
  (env["LC_ALL"] ?? env["LC_MESSAGES"] ?? env["LANG"])?.split(".")[0]?.replace("_", "-");

export function settingOption(name: SettingName): Option {
  const { cli, env, doc, default: byDefault } = SETTINGS[name];
  const shown = byDefault === "" ? "none" : String(byDefault);
  // A bare --plain-http means yes.
  const value = typeof byDefault === "boolean" ? "[true|false]" : "<value>";
  return new Option(`${cli} ${value}`, `${doc} (${env}, default: ${shown})`);
}

export function globalOptions(command: Command): GlobalOptions {
  const { json, lang, server } = command.optsWithGlobals<{ json: boolean; lang: Language; server?: string }>();
  return { json, language: lang, server: serverOf(server ?? environment()[SERVER_ENV]) };
}

function serverOf(server: string | undefined): string | undefined {
  if (server === undefined || (/^https?:\/\//.test(server) && URL.canParse(server))) return server;
  throw new Fault("SettingInvalid", { setting: "server", value: server, reason: "it must be an http or https URL" });
}

/** Settings from the command line, the environment and the defaults. */
export function settingsOf(command: Command): Settings {
  const options = command.optsWithGlobals<Record<string, string | true | undefined>>();
  const given = Object.entries(SETTINGS).flatMap(([name, { cli }]) => {
    const value = options[camel(cli)];
    return value === undefined ? [] : [[name, String(value)]];
  });
  return readSettings(Object.fromEntries(given) as Partial<Record<SettingName, string>>);
}

/** Runs a command's work with a client and closes what was opened, also when it fails. */
export async function withClient(
  command: Command,
  work: (client: Client, options: GlobalOptions) => Promise<void>,
): Promise<void> {
  const options = globalOptions(command);
  const connection = await connect(settingsOf(command), options.server, options.language);
  try {
    await work(connection.client, options);
  } finally {
    await connection.close();
  }
}
