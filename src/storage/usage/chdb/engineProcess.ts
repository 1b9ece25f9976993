// The process that holds ClickHouse (chDB). It is apart from the server because a native engine may crash, and because
// it would share the server's thread pool; contract/engines.md. Started by engine.ts with: folder, memory and time ceiling.
import { Session } from "chdb";
import { LIMITS } from "../../../domain/limits.ts";
import type { EngineReply, EngineRequest, SessionKind } from "./protocol.ts";

interface SessionFacts {
  readonly count: number;
  readonly readonly: 0 | 1 | 2;
  /** Where it is another one than what the engine was started with. */
  readonly secondsMax?: number;
}

/** Sessions of a kind: one query at a time in each. */
const SESSIONS: Readonly<Record<SessionKind, SessionFacts>> = {
  write: { count: 1, readonly: 0 },
  read: { count: 2, readonly: 1 },
  handover: { count: 2, readonly: 2 },
  export: { count: 1, readonly: 0, secondsMax: LIMITS.archiveQuerySecondsMax },
  archive: { count: 1, readonly: 2, secondsMax: LIMITS.archiveQuerySecondsMax },
};

const reply = (message: EngineReply): void => {
  process.send?.(message);
};

/** Each kind gives its work to its sessions in turn. */
class Sessions {
  readonly #kinds = new Map<SessionKind, readonly Session[]>();
  readonly #open: (kind: SessionKind) => Session;
  #turn = 0;

  constructor(folder: string, memoryBytesMax: string, querySecondsMax: string) {
    this.#open = (kind) =>
      new Session(folder, {
        connectionArgs: [
          `--readonly=${SESSIONS[kind].readonly}`,
          `--max_memory_usage=${memoryBytesMax}`,
          // One merge at a time: more would only take more memory.
          "--background_pool_size=1",
          "--background_merges_mutations_concurrency_ratio=1",
          // Else the first removal of merged parts, half a minute into an import, starts 120 threads that stay.
          "--max_parts_cleaning_thread_pool_size=1",
          `--max_execution_time=${SESSIONS[kind].secondsMax ?? querySecondsMax}`,
          `--max_query_size=${LIMITS.engineQueryBytesMax}`,
          // Handing each read of a small column to another thread and waiting for it costs a look-up half its time.
          "--local_filesystem_read_method=pread",
          "--do_not_merge_across_partitions_select_final=1",
          "--output_format_json_quote_decimals=1",
          "--output_format_json_quote_64bit_integers=0",
        ],
      });
    for (const kind of ["write", "read", "handover"] as const) this.#sessions(kind);
  }

  /** Of a kind that is seldom needed they are opened when it is. */
  #sessions(kind: SessionKind): readonly Session[] {
    let sessions = this.#kinds.get(kind);
    if (sessions === undefined) {
      sessions = Array.from({ length: SESSIONS[kind].count }, () => this.#open(kind));
      this.#kinds.set(kind, sessions);
    }
    return sessions;
  }

  async run(kind: SessionKind, sql: string): Promise<Uint8Array> {
    const sessions = this.#sessions(kind);
    const session = sessions[this.#turn++ % sessions.length]!;
    return (await session.queryAsync(sql, { format: "JSONCompactEachRow" })).bytes();
  }

  close(): void {
    for (const session of [...this.#kinds.values()].flat()) session.close();
  }
}

function start(folder: string, memoryBytesMax: string, querySecondsMax: string): void {
  let sessions: Sessions;
  try {
    sessions = new Sessions(folder, memoryBytesMax, querySecondsMax);
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
      sessions.run(message.sessions, message.sql).then(
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

const [folder, memoryBytesMax, querySecondsMax] = process.argv.slice(2);
if (folder !== undefined && memoryBytesMax !== undefined && querySecondsMax !== undefined) {
  start(folder, memoryBytesMax, querySecondsMax);
}
