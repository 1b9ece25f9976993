import { join } from "node:path";
import { piecesAgain } from "../domain/bridge/sourceState.ts";
import { againSetAside } from "../domain/bridge/stampState.ts";
import { takeFolder } from "./bridge.ts";
import type { BridgeConfig } from "./config.ts";
import { openSourceStore } from "./sourceRunner.ts";
import { startMsOf } from "./stampRunner.ts";
import { openStampStore } from "./stampStore.ts";

/**
 * Queues what was set aside for delivery once more.
 * @returns how many deliveries
 * @throws Fault BridgeFolderInUse, BridgeFolderUnusable, BridgeStateDamaged
 */
export async function redeliver(config: BridgeConfig): Promise<number> {
  const lock = takeFolder(config.stateFolder);
  try {
    let deliveries = 0;
    for (const settings of config.stamps) {
      const store = await openStampStore(join(config.stateFolder, settings.name), startMsOf(settings));
      deliveries += store.state.setAside.length;
      await store.update(againSetAside);
    }
    for (const { name } of [...config.folders, ...config.httpSources]) {
      const store = await openSourceStore(join(config.stateFolder, name));
      deliveries += store.state.setAside.length;
      await store.update(piecesAgain);
    }
    return deliveries;
  } finally {
    lock.release();
  }
}
