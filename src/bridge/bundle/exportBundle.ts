import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterExport, afterReceipt, type SentBundle, type StampState } from "../../domain/bridge/stampState.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { formatInstant } from "../../lib/instant.ts";
import { openBridge } from "../bridge.ts";
import type { BridgeConfig } from "../config.ts";
import type { BridgeEvents } from "../events.ts";
import type { StampSettings } from "../settings.ts";
import type { StampStore } from "../stampStore.ts";
import type { Surroundings } from "../surroundings.ts";
import { writeBundle } from "./bundleFile.ts";
import { type OwnKeys, ownKeys, type PublicKeys, readPublicKeys } from "./keys.ts";
import { type BundleManifest, contentOf } from "./manifest.ts";
import { readReceipt } from "./receipt.ts";

export const senderKeysFile = (config: BridgeConfig, stamp: string): string =>
  join(config.stateFolder, `${stamp}.keys.json`);

export interface ExportOptions {
  readonly stamp: string;
  /** Folder that bundles are written to. */
  readonly to: string;
  /** Read first what the stamp has. */
  readonly read: boolean;
  /** A bundle that was written before and has no receipt. */
  readonly again: number | undefined;
}

export interface ExportedBundle {
  readonly file: string;
  readonly number: number;
  readonly readings: number;
  readonly rows: number;
  /** Whether everything that the stamp has was read before. */
  readonly caughtUp: boolean;
}

/**
 * Writes what was read of a stamp into a bundle. Undefined where there is nothing to write.
 * @throws Fault BridgeConfigInvalid and those of opening a bridge
 */
export async function exportBundle(
  config: BridgeConfig,
  options: ExportOptions,
  around: { readonly surroundings: Surroundings; readonly events: BridgeEvents },
): Promise<ExportedBundle | undefined> {
  const settings = bundlingStamp(config, options.stamp);
  const recipient = recipientOf(config, settings);
  return await openWithKeys(config, settings, around, async (bridge, keys) => {
    const caughtUp = options.read ? await bridge.run(new AbortController().signal, true) : true;
    const { store } = bridge.runners[0]!;
    const bundle = options.again === undefined ? undefined : sentBefore(config, store.state, options.again);
    const isEmpty = store.state.spool.length === 0 && store.state.knownDelivered;
    if (bundle === undefined && isEmpty) return undefined;
    return { ...(await write({ store, settings, keys, recipient, around }, options.to, bundle)), caughtUp };
  });
}

interface Writing {
  readonly store: StampStore;
  readonly settings: StampSettings;
  readonly keys: OwnKeys;
  readonly recipient: PublicKeys;
  readonly around: { readonly surroundings: Surroundings };
}

async function write(
  { store, settings, keys, recipient, around }: Writing,
  to: string,
  again: SentBundle | undefined,
): Promise<Omit<ExportedBundle, "caughtUp">> {
  const { state } = store;
  const readings = again?.readings ?? state.spool;
  const number = again?.number ?? state.nextBundle;
  const createdAt = again?.createdAt ?? formatInstant(around.surroundings.clock.now());
  const content = contentOf(readings);
  const manifest: BundleManifest = { subscriptions: state.known, readings };
  const file = join(to, `${settings.name}-${String(number).padStart(6, "0")}.bundle`);
  const facts = { stamp: settings.name, number, content, after: again?.after ?? state.lastBundle, createdAt };
  const parts = [
    async () => Buffer.from(JSON.stringify(manifest)),
    ...readings.map((so) => () => readFile(store.fileOf(so.file))),
  ];
  await writeBundle(file, { ...facts, parts }, keys, recipient);
  if (again === undefined) await store.update((so) => afterExport(so, { content, createdAt }));
  return { file, number, readings: readings.length, rows: readings.reduce((sum, { rows }) => sum + rows, 0) };
}

function sentBefore(config: BridgeConfig, { bundles }: StampState, number: number): SentBundle {
  const sent = bundles.find((so) => so.number === number);
  if (sent !== undefined) return sent;
  const numbers = bundles.map((so) => so.number).join(", ") || "none";
  const reason = `bundle ${number} was not written, or has its receipt; without one are: ${numbers}`;
  throw new Fault("BridgeConfigInvalid", { file: config.file, setting: "--again", reason });
}

function bundlingStamp(config: BridgeConfig, name: string): StampSettings {
  const found = config.stamps.find((so) => so.name === name);
  if (found?.delivery === "bundles") return found;
  const reason = found === undefined ? `there is no stamp '${name}'` : `the stamp '${name}' is not set to bundles`;
  throw new Fault("BridgeConfigInvalid", { file: config.file, setting: "stamps", reason });
}

function recipientOf(config: BridgeConfig, { bundleRecipient }: StampSettings): PublicKeys {
  const recipient = readPublicKeys(bundleRecipient);
  if (recipient !== undefined) return recipient;
  const reason = "it must be the key that stampbook bridge keys --place shows on the server's side";
  throw new Fault("BridgeConfigInvalid", { file: config.file, setting: "bundleRecipient", reason });
}

async function openWithKeys<Result>(
  config: BridgeConfig,
  settings: StampSettings,
  { surroundings, events }: { readonly surroundings: Surroundings; readonly events: BridgeEvents },
  work: (bridge: Awaited<ReturnType<typeof openBridge>>, keys: OwnKeys) => Promise<Result>,
): Promise<Result> {
  const bridge = await openBridge(
    { ...config, stamps: [settings], folders: [], httpSources: [] },
    surroundings,
    events,
  );
  try {
    return await work(bridge, await ownKeys(senderKeysFile(config, settings.name)));
  } finally {
    bridge.close();
  }
}

export interface TakenReceipt {
  readonly stamp: string;
  readonly number: number;
  /** Bundles that the other side misses. */
  readonly missing: readonly number[];
  /** False where the receipt was taken before. */
  readonly isNew: boolean;
}

/**
 * Takes a receipt back: the files of its bundle are removed.
 * @throws Fault ReceiptInvalid, BridgeConfigInvalid and those of opening a bridge
 */
export async function takeReceipt(
  config: BridgeConfig,
  file: string,
  around: { readonly surroundings: Surroundings; readonly events: BridgeEvents },
): Promise<TakenReceipt> {
  const receipt = await readReceipt(file, (stamp) => recipientOf(config, bundlingStamp(config, stamp)));
  const settings = bundlingStamp(config, receipt.stamp);
  return await openWithKeys(config, settings, around, async (bridge, keys) => {
    const { store } = bridge.runners[0]!;
    if (receipt.sender !== keys.public.text) {
      throw new Fault("ReceiptInvalid", { file, reason: "it is for a bundle of somebody else" });
    }
    const sent = store.state.bundles.find(({ number }) => number === receipt.number);
    if (sent !== undefined) {
      if (receipt.content !== sent.content) {
        throw new Fault("ReceiptInvalid", { file, reason: `it is for another bundle ${receipt.number}` });
      }
      await store.update((state) => afterReceipt(state, receipt.number));
      for (const reading of sent.readings) await store.remove(reading.file);
    }
    return { stamp: receipt.stamp, number: receipt.number, missing: receipt.missing, isNew: sent !== undefined };
  });
}
