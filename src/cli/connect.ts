import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "../client/client.ts";
import { type Call, type Endpoint, type Reply, send, Unreachable } from "../client/transport.ts";
import { compose, type Parts, type Stampbook } from "../compose.ts";
import { Fault } from "../domain/faults/fault.ts";
import type { Settings } from "../settings.ts";
import { EXIT_CODES } from "./exitCodes.ts";
import { serverFileOf } from "../storage/dataFolder.ts";

/** A client and what has to be closed after it. */
export interface Connection {
  readonly client: Client;
  /** Set when this process opened the data folder itself. */
  readonly stampbook?: Stampbook;
  /** The local socket that it is reached through, then. */
  readonly socketPath?: string;
  close(): Promise<void>;
}

/** Names the server in what goes wrong on the way to it. */
class NamedClient extends Client {
  readonly #server: string;

  constructor(endpoint: Endpoint, name: string, language: string) {
    super(endpoint, language);
    this.#server = name;
  }

  override async send(call: Call): Promise<Reply> {
    try {
      return await super.send(call);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      throw new Fault("ServerUnreachable", { server: this.#server, reason: error.message }, { cause: error });
    }
  }
}

/** How long a server that is said to run here may take to show that it lives. */
const PROBE_TIMEOUT_MS = 2_000;

/** The local socket of the server that runs on this data folder, if one does: a killed server leaves its file behind. */
async function runningServer(dataFolder: string): Promise<string | undefined> {
  try {
    const { socketPath } = JSON.parse(readFileSync(serverFileOf(dataFolder), "utf8")) as { socketPath: string };
    const reply = send({ socketPath }, { method: "GET", path: "/healthz" });
    const late = sleep(PROBE_TIMEOUT_MS, undefined, { ref: false });
    return ((await Promise.race([reply, late]))?.body as { live?: unknown } | undefined)?.live === true
      ? socketPath
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Connects to the server that was named, else to the one that runs on the data folder, else opens the folder in this
 * process and speaks to it over a socket that only this user can reach: commands are clients of the API in any case.
 * @throws Fault DataFolderInUse and the other faults of opening a folder
 */
export async function connect(settings: Settings, server: string | undefined, language: string): Promise<Connection> {
  const close = async (): Promise<void> => undefined;
  if (server !== undefined) return { client: new NamedClient({ url: server }, server, language), close };
  const socketPath = await runningServer(settings.dataFolder);
  if (socketPath !== undefined) {
    return { client: new NamedClient({ socketPath }, settings.dataFolder, language), close };
  }
  return await embed({ ...settings, logLevel: "silent" }, language);
}

export async function embed(settings: Settings, language: string, parts: Parts = {}): Promise<Required<Connection>> {
  const stampbook = await compose(settings, parts);
  // Interrupted, the command ends at once; what was acknowledged is durable, and the next start tidies the rest.
  const interrupt = (): never => process.exit(EXIT_CODES.interrupted.status);
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const close = async (): Promise<void> => {
    await stampbook.close();
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  };
  try {
    const socketPath = await stampbook.listenLocally();
    return { client: new Client({ socketPath }, language), stampbook, socketPath, close };
  } catch (error) {
    await close();
    throw error;
  }
}
