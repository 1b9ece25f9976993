import { join } from "node:path";
import { type DeliveredCounts, spooledBytes, type StampState, startState } from "../domain/bridge/stampState.ts";
import { diagnoseBridge, diagnoseSource } from "../domain/bridge/doctor.ts";
import { bytesOfPieces, refusedFiles, type SourceState, startSourceState } from "../domain/bridge/sourceState.ts";
import type { Diagnosis } from "../domain/completeness/diagnosis.ts";
import { formatInstant, type InstantMs } from "../lib/instant.ts";
import type { BridgeConfig } from "./config.ts";
import type { StampSettings } from "./settings.ts";
import type { SourceSettings } from "./sourceSettings.ts";
import { startMsOf } from "./stampRunner.ts";
import { readState } from "./stateStore.ts";

/** How far a stamp or a source was read, as its folder says. */
export interface StampLook {
  readonly kind: "stamp" | "folder" | "httpSource";
  /** Its name in the bridge. */
  readonly stamp: string;
  readonly registration: string;
  /** Start of the first reported hour that was not read yet; null where there are no hours. */
  readonly nextHour: string | null;
  readonly deliveriesWaiting: number;
  readonly deliveriesSetAside: number;
  /** Files that are still in their folder and of which nothing was taken, with the reason's name. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
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
      kind: "stamp",
      stamp: settings.name,
      registration: settings.registration,
      nextHour: formatInstant(state.cursorMs),
      deliveriesWaiting: state.spool.length,
      deliveriesSetAside: state.setAside.length,
      refused: [],
      spoolBytes: spooledBytes(state),
      spoolBytesMax: settings.spoolBytesMax,
      localSubscriptions: state.known.length,
      skewMs: state.skewMs,
      deliveries: state.deliveries,
      delivered: state.delivered,
    };
  });
  return [...(await Promise.all(looks)), ...(await sourceLooks(config))];
}

/** @throws Fault BridgeStateDamaged */
async function sourceLooks(config: BridgeConfig): Promise<readonly StampLook[]> {
  const looks: StampLook[] = [];
  for (const { kind, settings } of sourcesOf(config)) {
    const state = await sourceStateOf(config, settings);
    looks.push({
      kind,
      stamp: settings.name,
      registration: settings.registration,
      nextHour: null,
      deliveriesWaiting: state.spool.length,
      deliveriesSetAside: state.setAside.length,
      refused: refusedFiles(state),
      spoolBytes: bytesOfPieces(state),
      spoolBytesMax: settings.spoolBytesMax,
      localSubscriptions: 0,
      skewMs: 0,
      deliveries: state.deliveries,
      delivered: state.delivered,
    });
  }
  return looks;
}

const sourcesOf = ({ folders, httpSources }: BridgeConfig) => [
  ...folders.map((settings) => ({ kind: "folder" as const, settings })),
  ...httpSources.map((settings) => ({ kind: "httpSource" as const, settings })),
];

const sourceStateOf = async ({ stateFolder }: BridgeConfig, { name }: SourceSettings): Promise<SourceState> =>
  (await readState<SourceState>(join(stateFolder, name, "state.json"))) ?? startSourceState;

async function stateOf({ stateFolder }: BridgeConfig, settings: StampSettings): Promise<StampState> {
  return (
    (await readState<StampState>(join(stateFolder, settings.name, "state.json"))) ?? startState(startMsOf(settings))
  );
}

/** What is wrong with the stamps of a bridge, as their folders say. @throws Fault BridgeStateDamaged */
export async function bridgeDiagnoses(config: BridgeConfig, nowMs: InstantMs): Promise<readonly Diagnosis[]> {
  const found: Diagnosis[] = [];
  for (const settings of config.stamps) {
    found.push(...diagnoseBridge(settings.name, await stateOf(config, settings), settings, nowMs));
  }
  for (const { settings } of sourcesOf(config)) {
    found.push(...diagnoseSource(settings.name, await sourceStateOf(config, settings), settings));
  }
  return found;
}
