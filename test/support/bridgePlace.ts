import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { type Bridge, openBridge } from "../../src/bridge/bridge.ts";
import { readConfig } from "../../src/bridge/config.ts";
import type { BridgeEvents } from "../../src/bridge/events.ts";
import { Client } from "../../src/client/client.ts";
import { temporaryFolder } from "./temporary.ts";
import { type Served, serveFolder } from "./servedFolder.ts";

export interface ServedForBridge extends Served {
  readonly folder: string;
  readonly client: Client;
  readonly credential: { readonly clientId: string; readonly clientSecret: string };
}

/** A server over TLS, its first credential, and an administrator's client. */
export async function serveForBridge(): Promise<ServedForBridge> {
  const folder = join(temporaryFolder(), "data");
  const server = await serveFolder(folder);
  await vi.waitFor(() => expect(server.told()).toMatch(/secret {5}\S+\n/));
  const [, clientId = "", clientSecret = ""] = /client id {2}(\S+)\n {2}secret {5}(\S+)\n/.exec(server.told()) ?? [];
  return { ...server, folder, client: clientOf(server), credential: { clientId, clientSecret } };
}

const clientOf = ({ socketPath }: Served): Client => new Client({ socketPath });

/** The same server once more, after it was closed; on another port. */
export async function serveAgain({ folder, credential }: ServedForBridge): Promise<ServedForBridge> {
  const server = await serveFolder(folder);
  return { ...server, folder, client: clientOf(server), credential };
}

export interface BridgePlace {
  readonly configFile: string;
  readonly stateFolder: string;
}

/** A configuration with credentials in a folder of its own. Waits are short. */
export function makeBridgePlace(
  server: Pick<ServedForBridge, "url" | "authorityFile" | "credential">,
  stamp: Readonly<Record<string, unknown>>,
  stampCredential: { readonly clientId: string; readonly clientSecret: string },
  more: Readonly<Record<string, unknown>> = {},
): BridgePlace {
  const folder = join(temporaryFolder(), "bridge");
  mkdirSync(folder);
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), JSON.stringify(value), { mode: 0o600 });
  write("server.json", server.credential);
  write("stamp.json", stampCredential);
  write("bridge.json", {
    stateFolder: "state",
    serverUrl: server.url,
    serverCaFile: server.authorityFile,
    serverCredentialFile: "server.json",
    ...more,
    stamps: [{ credentialFile: "stamp.json", retryDelayMsMin: 1, retryDelayMsMax: 20, ...stamp }],
  });
  return { configFile: join(folder, "bridge.json"), stateFolder: join(folder, "state") };
}

export interface Heard {
  readonly windows: { readonly startMs: number; readonly by: string; readonly again: boolean; readonly rows: number }[];
  readonly troubles: string[];
  readonly rooms: string[];
}

/** Opens the bridge in this process and writes down what it tells. */
export async function openHeardBridge(
  place: BridgePlace,
  { heard = { windows: [], troubles: [], rooms: [] } }: { readonly heard?: Heard } = {},
): Promise<Bridge & { readonly heard: Heard }> {
  const silent = (): undefined => undefined;
  const events: BridgeEvents = {
    rows: silent,
    listed: silent,
    subscriptionsDelivered: silent,
    delivered: silent,
    taken: silent,
    refused: silent,
    pieceDelivered: silent,
    windowRead: (_, event) => void heard.windows.push(event),
    trouble: (_, doing, kind) => void heard.troubles.push(`${doing} ${kind}`),
    spoolRoom: (_, room) => void heard.rooms.push(room),
  };
  const surroundings = { clock: { now: () => Date.now() }, random: () => 0 };
  return { ...(await openBridge(readConfig(place.configFile), surroundings, events)), heard };
}

/** Runs it until all is read and delivered. */
export async function catchUp(place: BridgePlace): Promise<Heard> {
  const bridge = await openHeardBridge(place);
  try {
    expect(await bridge.run(new AbortController().signal, true)).toBe(true);
    return bridge.heard;
  } finally {
    bridge.close();
  }
}
