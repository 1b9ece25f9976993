import { ClickhouseEngine, type ClickhousePlace } from "../../src/storage/usage/clickhouse/engine.ts";
import { EngineUsageStore } from "../../src/storage/usage/usageStore.ts";
import type { ClickhouseServers } from "./clickhouseServer.ts";

export const CEILINGS = { memoryBytesMax: 1_073_741_824, querySecondsMax: 600 };

/** Opens a usage store on servers under test. */
export const openOn = (
  servers: ClickhouseServers,
  so: Partial<ClickhousePlace> & { readonly database: string },
): Promise<EngineUsageStore> =>
  EngineUsageStore.open(
    new ClickhouseEngine({
      urls: servers.urls.split(","),
      user: "default",
      password: "",
      authority: undefined,
      cluster: "",
      replicated: false,
      ...CEILINGS,
      ...so,
    }),
  );
