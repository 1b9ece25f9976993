import { keptReadings, type StampState, startState } from "../domain/bridge/stampState.ts";
import type { InstantMs } from "../lib/instant.ts";
import { StateStore } from "./stateStore.ts";

export type StampStore = StateStore<StampState>;

/** @throws Fault BridgeStateDamaged */
export const openStampStore = (folder: string, startAtMs: InstantMs): Promise<StampStore> =>
  StateStore.open(folder, {
    start: startState(startAtMs),
    kept: (state) => keptReadings(state).map(({ file }) => file),
  });
