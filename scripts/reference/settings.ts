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
