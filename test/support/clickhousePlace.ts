import { ClickhouseEngine, type ClickhousePlace } from "../../src/storage/usage/clickhouse/engine.ts";
import { EngineUsageStore } from "../../src/storage/usage/usageStore.ts";
import type { ClickhouseServers } from "./clickhouseServer.ts";
import { temporaryFolder } from "./temporary.ts";
import { withDaysIn } from "./usageDays.ts";

export const CEILINGS = { memoryBytesMax: 1_073_741_824, querySecondsMax: 600 };

/** Opens a usage store on servers under test. */
export const openOn = (
  servers: ClickhouseServers,
  { folder = temporaryFolder(), ...so }: Partial<ClickhousePlace> & { readonly database: string; folder?: string },
): Promise<EngineUsageStore> =>
  withDaysIn(folder, (days) =>
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
      days,
    ),
  );
