import { join } from "node:path";
import { type DeliveredCounts, spooledBytes, type StampState, startState } from "../domain/bridge/stampState.ts";
import { diagnoseBridge } from "../domain/bridge/doctor.ts";
import type { Diagnosis } from "../domain/completeness/diagnosis.ts";
import { formatInstant, type InstantMs } from "../lib/instant.ts";
import type { BridgeConfig } from "./config.ts";
import type { StampSettings } from "./settings.ts";
import { startMsOf } from "./stampRunner.ts";
import { readState } from "./stampStore.ts";

/** How far a stamp was read, as its folder says. */
export interface StampLook {
  readonly stamp: string;
  readonly registration: string;
  /** Start of the first reported hour that was not read yet. */
  readonly nextHour: string;
  readonly deliveriesWaiting: number;
  readonly deliveriesSetAside: number;
  readonly spoolBytes: number;
  readonly spoolBytesMax: number;
  readonly localSubscriptions: number;
  readonly skewMs: number;
  readonly deliveries: number;
  /** Rows that were delivered since the beginning, by what became of them. */
  readonly delivered: DeliveredCounts;
}

/** Reads only, so that it can be asked while the bridge runs. @throws Fault BridgeStateDamaged */
export async function stampLooks(config: BridgeConfig): Promise<readonly StampLook[]> {
  const looks = config.stamps.map(async (settings): Promise<StampLook> => {
    const state = await stateOf(config, settings);
    return {
      stamp: settings.name,
      registration: settings.registration,
      nextHour: formatInstant(state.cursorMs),
      deliveriesWaiting: state.spool.length,
      deliveriesSetAside: state.setAside.length,
      spoolBytes: spooledBytes(state),
      spoolBytesMax: settings.spoolBytesMax,
      localSubscriptions: state.known.length,
      skewMs: state.skewMs,
      deliveries: state.deliveries,
      delivered: state.delivered,
    };
  });
  return await Promise.all(looks);
}

async function stateOf({ stateFolder }: BridgeConfig, settings: StampSettings): Promise<StampState> {
  return (await readState(join(stateFolder, settings.name, "state.json"))) ?? startState(startMsOf(settings));
}

/** What is wrong with the stamps of a bridge, as their folders say. @throws Fault BridgeStateDamaged */
export async function bridgeDiagnoses(config: BridgeConfig, nowMs: InstantMs): Promise<readonly Diagnosis[]> {
  const found: Diagnosis[] = [];
  for (const settings of config.stamps) {
    found.push(...diagnoseBridge(settings.name, await stateOf(config, settings), settings, nowMs));
  }
  return found;
}
