import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { embed } from "../src/cli/connect.ts";
import { importFile, recordsIn } from "../src/cli/usageImport.ts";
import type { Client } from "../src/client/client.ts";
import type { ControlStore } from "../src/domain/controlStore.ts";
import { LIMITS } from "../src/domain/limits.ts";
import { readSettings } from "../src/settings.ts";
import type { EngineUsageStore } from "../src/storage/usage/usageStore.ts";
import { afterPeriodMs, type Dataset, mapWorld, registerWorld } from "./dataset.ts";

export interface OpenStore {
  readonly client: Client;
  readonly usage: EngineUsageStore;
  readonly control: ControlStore;
  readonly folder: string;
  enginePeakRssBytes(): number;
  close(): Promise<void>;
  remove(): void;
}

/** A Stampbook of its own, with the world registered and mapped, and its month over. */
export async function openStore({ world }: Dataset): Promise<OpenStore> {
  const clock = { nowMs: 0 };
  const store = await openFolder(mkdtempSync(join(import.meta.dirname, "../.bench/store-")), clock);
  await registerWorld(store.client, world);
  await mapWorld(store.client, world, (ms) => (clock.nowMs = ms));
  clock.nowMs = afterPeriodMs(world);
  return store;
}

/** A store that was closed, after the world's month. */
export const reopenStore = ({ world }: Dataset, folder: string): Promise<OpenStore> =>
  openFolder(folder, { nowMs: afterPeriodMs(world) });

async function openFolder(folder: string, clock: { nowMs: number }): Promise<OpenStore> {
  const settings = readSettings({ dataFolder: join(folder, "data"), logLevel: "silent" }, {});
  const { client, stampbook, close } = await embed(settings, "en", { clock: { now: () => clock.nowMs } });
  return {
    client,
    usage: stampbook.context.usage as EngineUsageStore,
    control: stampbook.context.control,
    folder,
    enginePeakRssBytes: stampbook.enginePeakRssBytes,
    close,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Imports the files as the command line does; how many records they held. */
export async function importAll(client: Client, { files }: Dataset): Promise<number> {
  let records = 0;
  for (const { stamp, file } of files) {
    const { counts, refusal } = await importFile(client, stamp.scope.name, file, { progress: false });
    if (refusal !== undefined || counts.rejected > 0) throw new Error(`the import of ${file} went wrong`);
    records += recordsIn(counts);
  }
  return records;
}

/** Rolls up all days that are marked; how many they were. */
export async function rollUpAll({ usage }: OpenStore): Promise<number> {
  const page = { touchedUpTo: Number.MAX_SAFE_INTEGER, limit: LIMITS.rollUpDaysMax };
  let days = 0;
  for (let rolledUp = -1; rolledUp !== 0; days += rolledUp) rolledUp = await usage.rollUp(page);
  return days;
}
