import type { BridgeSetting } from "../../src/bridge/settingKinds.ts";
import { BRIDGE_SETTINGS, STAMP_SETTINGS } from "../../src/bridge/settings.ts";
import { FOLDER_SETTINGS, HTTP_SETTINGS } from "../../src/bridge/sourceSettings.ts";
import { LIMIT_LIST } from "../../src/domain/limits.ts";
import { SERVER_ENV, SETTINGS, SIGN_IN_ENV } from "../../src/settings.ts";
import { code, page, plain, table } from "./markdown.ts";

export const settingsPage = (): string =>
  page([
    "# Settings",
    `The command line wins over the environment, and the environment over the default. A \`STAMPBOOK_\` variable that is not in this list is refused, so that a misspelt one does not pass in silence; so is a value that cannot be understood (${code("SettingInvalid")}). \`--data-folder\` works with every command, the other options with \`serve\`.`,
    table(
      ["Setting", "Environment", "Option", "Default", "What it does"],
      Object.entries(SETTINGS).map(([name, { env, cli, default: byDefault, doc }]) => {
        const shown = byDefault === "" ? "none" : code(String(byDefault));
        return [code(name), code(env), code(cli), shown, plain(doc)];
      }),
    ),
    `Commands also read ${code(SERVER_ENV)}: the URL of a server to talk to, as \`--server\` does. To sign in there they take ${SIGN_IN_ENV.map(code).join(", ")}: a token, or a client id with its secret; and a file with the certificate authority to trust.`,
  ]);

const bridgeTable = (list: Readonly<Record<string, BridgeSetting<string | number>>>): string =>
  table(
    ["Setting", "Default", "What it does"],
    Object.entries(list).map(([name, { default: byDefault, doc }]) => {
      const shown = byDefault === undefined ? "has to be given" : byDefault === "" ? "none" : code(String(byDefault));
      return [code(name), shown, plain(doc)];
    }),
  );

export const bridgeSettingsPage = (): string =>
  page([
    "# Settings of a bridge",
    `A bridge reads one JSON file: ${code("stampbook bridge run --config bridge.json")}. Paths in it count from the file's folder. A setting that is not in these lists is refused, and so is a value that cannot be understood (${code("BridgeConfigInvalid")}). How it is used: [Connect a stamp](../guides/connect-a-stamp.md).`,
    "## The bridge",
    bridgeTable(BRIDGE_SETTINGS),
    `## Each of its ${code("stamps")}`,
    bridgeTable(STAMP_SETTINGS),
    `## Each of its ${code("folders")}`,
    "How files are taken: [Collect other usage](../guides/collect-other-usage.md).",
    bridgeTable(FOLDER_SETTINGS),
    `## Each of its ${code("httpSources")}`,
    bridgeTable(HTTP_SETTINGS),
  ]);

const grouped = (value: number): string => value.toLocaleString("en-US");

export const limitsPage = (): string =>
  page([
    "# Limits",
    "Everything that can grow has a limit. They are not settings: they are in `src/domain/limits.ts`.",
    table(
      ["Limit", "Value", "Unit", "Why"],
      Object.entries(LIMIT_LIST).map(([name, { value, unit, why }]) => [
        code(name),
        grouped(value),
        plain(unit),
        plain(why),
      ]),
    ),
  ]);
