// The process that holds ClickHouse (chDB). It is apart from the server because a native engine may crash, and because
// it would share the server's thread pool; contract/engines.md. Started by engine.ts with: folder, memory ceiling.
import { Session } from "chdb";
import { LIMITS } from "../../../domain/limits.ts";
import type { Lane } from "../engine.ts";
import type { EngineReply, EngineRequest } from "./protocol.ts";

const READ_SESSIONS = 2;

const reply = (message: EngineReply): void => {
  process.send?.(message);
};

/** One session runs one query at a time; a lane gives its work to its sessions in turn. */
class Sessions {
  readonly #lanes: Record<Lane, readonly Session[]>;
  #turn = 0;

  constructor(folder: string, memoryBytesMax: string) {
    const open = (...lane: readonly string[]): Session =>
      new Session(folder, {
        connectionArgs: [
          ...lane,
          `--max_memory_usage=${memoryBytesMax}`,
          // One merge at a time: more would only take more memory.
          "--background_pool_size=1",
          "--background_merges_mutations_concurrency_ratio=1",
          // Else the first removal of merged parts, half a minute into an import, starts 120 threads that stay.
          "--max_parts_cleaning_thread_pool_size=1",
          `--max_execution_time=${LIMITS.engineQuerySecondsMax}`,
          "--output_format_json_quote_decimals=1",
          "--output_format_json_quote_64bit_integers=0",
        ],
      });
    // 2 and not 1: that refuses every table function, and with it file(), through which a look-up gets its rows.
    this.#lanes = { write: [open()], read: Array.from({ length: READ_SESSIONS }, () => open("--readonly=2")) };
  }

  async run(lane: Lane, sql: string): Promise<Uint8Array> {
    const sessions = this.#lanes[lane];
    const session = sessions[this.#turn++ % sessions.length]!;
    return (await session.queryAsync(sql, { format: "JSONCompactEachRow" })).bytes();
  }

  close(): void {
    for (const session of Object.values(this.#lanes).flat()) session.close();
  }
}

function start(folder: string, memoryBytesMax: string): void {
  let sessions: Sessions;
  try {
    sessions = new Sessions(folder, memoryBytesMax);
  } catch (error) {
    reply({ failed: (error as Error).message });
    return;
  }
  const close = (): void => {
    reply({ peakRssBytes: process.resourceUsage().maxRSS * 1_024 });
    sessions.close();
    process.exit(0);
  };
  process.on("message", (message: EngineRequest) => {
    if ("close" in message) close();
    else {
      sessions.run(message.lane, message.sql).then(
        (rows) => reply({ id: message.id, rows }),
        (error: unknown) => reply({ id: message.id, error: (error as Error).message }),
      );
    }
  });
  // The server is gone: nobody can be answered any more. What was inserted is durable, and a native engine that is in
  // the middle of a query can be trusted to end only in this way.
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  // Ctrl-C in a terminal reaches the whole group; the server decides when the engine stops.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => undefined);
  reply({ ready: true });
}

const [folder, memoryBytesMax] = process.argv.slice(2);
if (folder !== undefined && memoryBytesMax !== undefined) start(folder, memoryBytesMax);
