import { LIMITS } from "../../../domain/limits.ts";
import { EngineUsageStore } from "../usageStore.ts";
import { ChdbEngine } from "./engine.ts";

/**
 * Opens the usage store on the embedded engine.
 * @param spoolFolder for files through which rows are handed over
 * @param memoryBytesMax for one query
 * @throws Fault UsageEngineUnavailable, SchemaTooNew
 */
export const openChdbUsageStore = (
  folder: string,
  spoolFolder: string,
  memoryBytesMax: number,
): Promise<EngineUsageStore> => {
  const ceilings = { memoryBytesMax, querySecondsMax: LIMITS.engineQuerySecondsMax };
  return EngineUsageStore.open(new ChdbEngine(folder, spoolFolder, ceilings));
};
