import { join } from "node:path";
import { Client } from "../client/client.ts";
import { tokensFor } from "../client/signIn.ts";
import { Fault } from "../domain/faults/fault.ts";
import { SECOND_MS } from "../lib/instant.ts";
import { FolderHeld, type FolderLock, lockFolder } from "../storage/folderLock.ts";
import { type BridgeConfig, readText } from "./config.ts";
import { readCredential, readPrivate } from "./credentialFile.ts";
import type { BridgeEvents } from "./events.ts";
import { folderSource } from "./folderSource.ts";
import { httpSource } from "./httpSource.ts";
import { openSourceStore, SourceRunner } from "./sourceRunner.ts";
import { startMsOf, StampRunner } from "./stampRunner.ts";
import { openStampStore } from "./stampStore.ts";
import type { Surroundings } from "./surroundings.ts";

/** A bridge that has its folder for itself and was not started yet. */
export interface Bridge {
  readonly runners: readonly StampRunner[];
  /** Folders and HTTP sources. */
  readonly sources: readonly SourceRunner[];
  /**
   * Runs every stamp and source until the signal is aborted; with `once`, until all has been read and delivered.
   * @returns whether everything has caught up
   */
  run(signal: AbortSignal, once: boolean): Promise<boolean>;
  close(): void;
}

/**
 * Opens what a configuration names. Nothing is sent yet.
 * @throws Fault FileUnreadable, CredentialFileExposed, BridgeConfigInvalid, BridgeFolderInUse, BridgeFolderUnusable,
 * BridgeStateDamaged
 */
export async function openBridge(
  config: BridgeConfig,
  surroundings: Surroundings,
  events: BridgeEvents,
): Promise<Bridge> {
  const authority = (file: string): string | undefined => (file === "" ? undefined : readText(file));
  const serverCa = authority(config.serverCaFile);
  const needsServer = needsServerOf(config);
  const { clientId, clientSecret } = needsServer
    ? readCredential(config.serverCredentialFile)
    : { clientId: "", clientSecret: "" };
  const credentials = config.stamps.map((stamp) => readCredential(stamp.credentialFile));
  const authorities = config.stamps.map((stamp) => authority(stamp.caFile));
  const patient = [...config.stamps, ...config.httpSources].map((so) => so.requestTimeoutSeconds);
  const timeoutMs = (patient.length === 0 ? FOLDERS_ONLY_TIMEOUT_S : Math.max(...patient)) * SECOND_MS;
  const endpoint = { url: config.serverUrl, timeoutMs, ...(serverCa === undefined ? {} : { ca: serverCa }) };
  const client = new Client({ ...endpoint, token: tokensFor(endpoint, { clientId, secret: clientSecret }) });
  const accesses = config.httpSources.map((so) => ({
    endpoint: { ca: authority(so.caFile), timeoutMs: so.requestTimeoutSeconds * SECOND_MS },
    token: so.tokenFile === "" ? "" : readPrivate(so.tokenFile).trim(),
  }));
  const lock = takeFolder(config.stateFolder);
  try {
    const runners: StampRunner[] = [];
    for (const [i, settings] of config.stamps.entries()) {
      const store = await openStampStore(join(config.stateFolder, settings.name), startMsOf(settings));
      const { registration, name: stamp, delivery } = settings;
      const destination = delivery === "bundles" ? undefined : { client, registration, stamp };
      const [ca, credential] = [authorities[i], credentials[i]!];
      runners.push(new StampRunner({ settings, ca, credential, store, destination, surroundings, events }));
    }
    const sources: SourceRunner[] = [];
    const around = { client, surroundings, events };
    for (const settings of config.folders) {
      const parts = { ...around, settings, store: await openSourceStore(join(config.stateFolder, settings.name)) };
      sources.push(new SourceRunner(parts, folderSource(parts, settings)));
    }
    for (const [i, settings] of config.httpSources.entries()) {
      const parts = { ...around, settings, store: await openSourceStore(join(config.stateFolder, settings.name)) };
      sources.push(new SourceRunner(parts, httpSource(parts, settings, accesses[i]!)));
    }
    return {
      runners,
      sources,
      run: async (signal, once) => {
        const caughtUp = await Promise.all([...runners, ...sources].map((runner) => runner.run(signal, once)));
        return caughtUp.every((so) => so);
      },
      close: () => lock.release(),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

const FOLDERS_ONLY_TIMEOUT_S = 180;

const needsServerOf = ({ stamps, folders, httpSources }: BridgeConfig): boolean =>
  folders.length + httpSources.length > 0 || stamps.some(({ delivery }) => delivery === "server");

/** @throws Fault BridgeFolderInUse, BridgeFolderUnusable */
export function takeFolder(folder: string): FolderLock {
  try {
    return lockFolder(folder);
  } catch (error) {
    if (error instanceof FolderHeld) throw new Fault("BridgeFolderInUse", { folder, holder: error.holder });
    throw new Fault("BridgeFolderUnusable", { folder, reason: (error as Error).message }, { cause: error });
  }
}
