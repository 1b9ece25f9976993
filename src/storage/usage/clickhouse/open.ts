import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../../../domain/faults/fault.ts";
import { LIMITS } from "../../../domain/limits.ts";
import type { UsageDayStore } from "../../../domain/usage/day.ts";
import { EngineUsageStore } from "../usageStore.ts";
import { ClickhouseEngine, type ClickhousePlace } from "./engine.ts";

/** As settings tell it. */
export interface ClickhouseOptions extends Omit<ClickhousePlace, "password" | "authority" | "querySecondsMax"> {
  /** Empty: no password. */
  readonly passwordFile: string;
  /** Empty: the authorities of the system. */
  readonly authorityFile: string;
  /** Where the embedded engine would keep its tables. */
  readonly embeddedFolder: string;
  readonly days: UsageDayStore;
}

/**
 * Opens the usage store on ClickHouse servers.
 * @throws Fault UsageEngineUnavailable, SchemaTooNew, SettingInvalid
 */
export async function openClickhouseUsageStore(options: ClickhouseOptions): Promise<EngineUsageStore> {
  const { passwordFile, authorityFile, embeddedFolder, days, ...place } = options;
  refuseSecondHome(embeddedFolder, place.urls);
  const password = passwordFile === "" ? "" : readSettingFile("usageEnginePasswordFile", passwordFile).toString("utf8");
  const authority = authorityFile === "" ? undefined : readSettingFile("usageEngineCaFile", authorityFile);
  const secret = { password: password.trim(), authority };
  const querySecondsMax = LIMITS.engineQuerySecondsMax;
  return await EngineUsageStore.open(new ClickhouseEngine({ ...place, ...secret, querySecondsMax }), days);
}

/** Usage that is in the folder would be missed on the server in silence: statements would be too low. */
function refuseSecondHome(embeddedFolder: string, urls: readonly string[]): void {
  if (!existsSync(join(embeddedFolder, "metadata"))) return;
  throw new Fault("SettingInvalid", {
    setting: "usageEngineUrl",
    value: urls.join(","),
    reason: `the embedded engine has usage in ${embeddedFolder}; move it to the server, then move that folder away`,
  });
}

function readSettingFile(setting: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = `the file cannot be read (${(error as NodeJS.ErrnoException).code})`;
    throw new Fault("SettingInvalid", { setting, value: file, reason }, { cause: error });
  }
}
