import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "../client/client.ts";
import { SignInRefused } from "../client/signIn.ts";
import { type Call, type Endpoint, type Reply, send, Unreachable } from "../client/transport.ts";
import type { Parts, Stampbook } from "../compose.ts";
import { Fault } from "../domain/faults/fault.ts";
import type { Settings } from "../settings.ts";
import { EXIT_CODES } from "./exitCodes.ts";
import { remoteEndpoint } from "./remote.ts";
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
      if (error instanceof SignInRefused) {
        throw new Fault(
          "SignInFailed",
          { server: this.#server, reason: error.message.replace(/\.$/, "") },
          { cause: error },
        );
      }
      if (!(error instanceof Unreachable)) throw error;
      throw new Fault("ServerUnreachable", { server: this.#server, reason: error.message }, { cause: error });
    }
  }
}

/** How long a server that is said to run here may take to show that it lives. */
const PROBE_TIMEOUT_MS = 2_000;

/** What a server that listens tells in its data folder. */
export interface RunningServer {
  readonly socketPath: string;
  readonly url: string;
  readonly authorityFile?: string;
  /** Id of the built-in issuer's directory. */
  readonly directory: string;
}

/** The server that runs on this data folder, if one does: a killed server leaves its file behind. */
export async function runningServer(dataFolder: string): Promise<RunningServer | undefined> {
  try {
    const server = JSON.parse(readFileSync(serverFileOf(dataFolder), "utf8")) as RunningServer;
    const { socketPath } = server;
    const reply = send({ socketPath }, { method: "GET", path: "/healthz" });
    const late = sleep(PROBE_TIMEOUT_MS, undefined, { ref: false });
    return ((await Promise.race([reply, late]))?.body as { live?: unknown } | undefined)?.live === true
      ? server
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
  if (server !== undefined) return { client: new NamedClient(remoteEndpoint(server), server, language), close };
  const running = await runningServer(settings.dataFolder);
  if (running !== undefined) {
    return { client: new NamedClient({ socketPath: running.socketPath }, settings.dataFolder, language), close };
  }
  return await embed({ ...settings, logLevel: "silent" }, language);
}

export async function embed(settings: Settings, language: string, parts: Parts = {}): Promise<Required<Connection>> {
  // Only here: a command that speaks to a server starts in a fraction of the time without the server's modules.
  const { compose } = await import("../compose.ts");
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
