import { commandLinePage } from "./reference/commandLine.ts";
import { errorPages } from "./reference/errors.ts";
import { writeOrCheck } from "./reference/files.ts";
import { metersPage } from "./reference/meters.ts";
import { routesPage } from "./reference/routes.ts";
import { bridgeSettingsPage, limitsPage, settingsPage } from "./reference/settings.ts";

/** The pages of docs/reference by path, each made from the one source of what it tells. */
export const referencePages = async (): Promise<ReadonlyMap<string, string>> =>
  new Map([
    ["docs/reference/bridge-settings.md", bridgeSettingsPage()],
    ["docs/reference/command-line.md", await commandLinePage()],
    ...errorPages(),
    ["docs/reference/limits.md", limitsPage()],
    ["docs/reference/meters.md", metersPage()],
    ["docs/reference/routes.md", routesPage()],
    ["docs/reference/settings.md", settingsPage()],
  ]);

if (import.meta.main) writeOrCheck(await referencePages(), "npm run gen");
