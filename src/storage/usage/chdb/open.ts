import { LIMITS } from "../../../domain/limits.ts";
import type { UsageDayStore } from "../../../domain/usage/day.ts";
import { EngineUsageStore } from "../usageStore.ts";
import { ChdbEngine } from "./engine.ts";

/** Where the embedded engine keeps usage. */
export interface ChdbOptions {
  readonly folder: string;
  /** For files through which rows are handed over. */
  readonly spoolFolder: string;
  /** For one query. */
  readonly memoryBytesMax: number;
  readonly days: UsageDayStore;
}

/**
 * Opens the usage store on the embedded engine.
 * @throws Fault UsageEngineUnavailable, SchemaTooNew
 */
export const openChdbUsageStore = ({
  folder,
  spoolFolder,
  memoryBytesMax,
  days,
}: ChdbOptions): Promise<EngineUsageStore> => {
  const ceilings = { memoryBytesMax, querySecondsMax: LIMITS.engineQuerySecondsMax };
  return EngineUsageStore.open(new ChdbEngine(folder, spoolFolder, ceilings), days);
};
