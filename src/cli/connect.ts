import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "../client/client.ts";
import { type Call, type Reply, Unreachable } from "../client/transport.ts";
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
  close(): Promise<void>;
}

/** Names the server in what goes wrong on the way to it. */
class NamedClient extends Client {
  readonly #server: string;

  constructor(url: string, language: string) {
    super({ url }, language);
    this.#server = url;
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

/** The server that runs on this data folder, if one does: a file that a killed server left behind is passed over. */
async function runningServer(dataFolder: string): Promise<string | undefined> {
  try {
    const { url } = JSON.parse(readFileSync(serverFileOf(dataFolder), "utf8")) as { url: string };
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    return ((await response.json()) as { live?: unknown }).live === true ? url : undefined;
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
  const url = server ?? (await runningServer(settings.dataFolder));
  if (url !== undefined) return { client: new NamedClient(url, language), close: async () => undefined };
  return await embed({ ...settings, logLevel: "silent" }, language);
}

export async function embed(settings: Settings, language: string, parts: Parts = {}): Promise<Required<Connection>> {
  const stampbook = await compose(settings, parts);
  const folder = mkdtempSync(join(tmpdir(), "stampbook-"));
  const socketPath = join(folder, "socket");
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  // Interrupted, the command ends at once; what was acknowledged is durable, and the next start tidies the rest.
  const interrupt = (): never => process.exit(EXIT_CODES.interrupted.status);
  process.once("exit", removeFolder).once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const close = async (): Promise<void> => {
    await stampbook.close();
    removeFolder();
    process.off("exit", removeFolder).off("SIGINT", interrupt).off("SIGTERM", interrupt);
  };
  try {
    await stampbook.server.listen({ path: socketPath });
  } catch (error) {
    await close();
    throw error;
  }
  return { client: new Client({ socketPath }, language), stampbook, close };
}
