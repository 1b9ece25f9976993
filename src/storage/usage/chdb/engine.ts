import { type ChildProcess, fork } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LIMITS } from "../../../domain/limits.ts";
import type { FileFormat } from "../../../domain/usage/files.ts";
import type { Engine, InsertTarget, Lane, ParquetRows, QueryCeilings, SchemaPlace } from "../engine.ts";
import { engineFault } from "../engineFault.ts";
import { EXEC_ARGV } from "../../../lib/execArgv.ts";
import { LEAN_MALLOC } from "../../../lib/startLean.ts";
import { FILE_SETTINGS, FORMAT_NAMES } from "../parquet.ts";
import { quoted } from "../tsv.ts";
import { Handover } from "./handover.ts";
import type { EngineReply, SessionKind } from "./protocol.ts";

interface Waiting {
  readonly resolve: (rows: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Gives memory back to the system soon after it was used, so that a long import takes no more than a short one. Not at
 * once: a query then asks the system for every page again, which on some virtual machines made it ten times slower.
 *
 * One arena, and of what a thread frees it keeps only small blocks for itself: the threads of an import, 47 at first and
 * 62 later, kept 19 and then 28 MiB that was free. An arena for each processor is what the library is built with; a number
 * of arenas counts only without that.
 */
const ALLOCATORS = {
  JE_MALLOC_CONF:
    "dirty_decay_ms:1000,muzzy_decay_ms:0,background_thread:true,percpu_arena:disabled,narenas:1,tcache_max:1024",
  // The C library's own serves all that is not the engine.
  ...LEAN_MALLOC,
};

/** Where Node.js keeps compiled code by default (bin/stampbook.mjs); it spares a quarter of what a start takes. */
const COMPILED = { NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") };

/** How much the engine's process printed last; it says why it died. */
const STDERR_CHARS_MAX = 2_000;

/** What chDB says when another process has the folder; it says the same when the folder is broken. */
const HELD_FOLDER = /Failed to create connection/;
const LOCK_ATTEMPTS_MAX = 20;
const LOCK_RETRY_DELAY_MS = 250;

/** One running engine process. When it ends, whatever was asked of it fails and can be asked again. */
class EngineRun {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #stderr = { text: "" };
  readonly ended: Promise<void>;
  peakRssBytes = 0;
  #nextId = 1;
  alive = true;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr.text = (this.#stderr.text + chunk.toString()).slice(-STDERR_CHARS_MAX);
    });
    child.on("message", (reply: EngineReply) => this.#receive(reply));
    this.ended = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.alive = false;
        const reason = `its engine stopped (${signal ?? `exit status ${code}`})`;
        for (const { reject } of this.#waiting.values()) reject(engineFault(reason, this.#stderr.text));
        this.#waiting.clear();
        resolve();
      });
    });
  }

  static async start(folder: string, { memoryBytesMax, querySecondsMax }: QueryCeilings): Promise<EngineRun> {
    const child = fork(
      `${import.meta.dirname}/engineProcess.ts`,
      [folder, String(memoryBytesMax), String(querySecondsMax)],
      {
        serialization: "advanced",
        execArgv: EXEC_ARGV,
        stdio: ["ignore", "ignore", "pipe", "ipc"],
        env: { PATH: process.execPath, HOME: folder, UV_THREADPOOL_SIZE: "8", TZ: "UTC", ...ALLOCATORS, ...COMPILED },
      },
    );
    const run = new EngineRun(child);
    await new Promise<void>((resolve, reject) => {
      child.once("message", (reply: EngineReply) => {
        if ("failed" in reply) {
          child.kill();
          reject(engineFault(`its engine did not start: ${reply.failed}`, reply.failed));
        } else resolve();
      });
      child.once("error", (error) => reject(engineFault(`its engine did not start: ${error.message}`, error)));
      // What it printed then is of no use without its paths.
      child.once("exit", (code, signal) =>
        reject(engineFault(`its engine did not start (${signal ?? `exit status ${code}`})`, run.#stderr.text)),
      );
    });
    return run;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  #receive(reply: EngineReply): void {
    if ("peakRssBytes" in reply) this.peakRssBytes = reply.peakRssBytes;
    if (!("id" in reply)) return;
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("rows" in reply) waiting?.resolve(reply.rows);
    else waiting?.reject(engineFault(reply.error, reply.error));
  }

  ask(sessions: SessionKind, sql: string): Promise<Uint8Array> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, sessions, sql }, (error) => {
        if (error !== null && this.#waiting.delete(id)) reject(engineFault("its engine cannot be reached", error));
      });
    });
  }

  /** It was seen that threads of an engine that ends wait for each other, and for good. */
  async close(): Promise<void> {
    if (this.alive) this.#child.send({ close: true });
    const patience = setTimeout(() => this.#child.kill("SIGKILL"), LIMITS.engineEndMsMax);
    await this.ended;
    clearTimeout(patience);
  }
}

/** The embedded engine: starts its process, and starts it again after it died. */
export class ChdbEngine implements Engine {
  readonly #folder: string;
  readonly #ceilings: QueryCeilings;
  readonly #handover: Handover;
  #run: Promise<EngineRun> | undefined;
  #failures = 0;
  #closed = false;
  peakRssBytes = 0;

  /** @param spoolFolder for files through which rows are handed over; what is left in it is removed */
  constructor(folder: string, spoolFolder: string, ceilings: QueryCeilings) {
    this.#folder = folder;
    this.#ceilings = ceilings;
    this.#handover = new Handover(spoolFolder);
  }

  async #running(): Promise<EngineRun> {
    for (;;) {
      if (this.#closed) throw engineFault("it is closed");
      const current = this.#run;
      if (current !== undefined) {
        const run = await current.catch(() => undefined);
        if (run?.alive) return run;
      }
      // Whoever sees the end first starts the next one; the others find that it is not theirs to do any more.
      if (this.#run !== current) continue;
      if (current !== undefined) this.#failures += 1;
      this.#run = this.#restart();
      return await this.#run;
    }
  }

  async #restart(): Promise<EngineRun> {
    // The first restart comes at once; an engine that keeps dying is given more and more time.
    const delayMs = this.#failures <= 1 ? 0 : Math.min(100 * 2 ** this.#failures, LIMITS.engineRestartDelayMsMax);
    await sleep(delayMs);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await EngineRun.start(this.#folder, this.#ceilings);
      } catch (error) {
        // The engine of a server that was just killed may take a moment to let go of the folder.
        if (!HELD_FOLDER.test((error as Error).message) || attempt >= LOCK_ATTEMPTS_MAX) throw error;
        await sleep(LOCK_RETRY_DELAY_MS);
      }
    }
  }

  async start(): Promise<void> {
    await this.#running();
  }

  get schemaPlaces(): readonly SchemaPlace[] {
    return [{ query: (sql) => this.query("write", sql) }];
  }

  statementsOf(statement: string): readonly string[] {
    return [statement];
  }

  get pid(): Promise<number | undefined> {
    return this.#running().then((run) => run.pid);
  }

  async query<Row extends readonly unknown[]>(lane: Lane, sql: string): Promise<Row[]> {
    const bytes = await this.#ask(lane === "read" ? (this.#handover.readBy(sql) ?? lane) : lane, sql);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
    return text === "" ? [] : (JSON.parse(`[${text.trimEnd().replaceAll("\n", ",")}]`) as Row[]);
  }

  async #ask(sessions: SessionKind, sql: string): Promise<Uint8Array> {
    const run = await this.#running();
    const bytes = await run.ask(sessions, sql);
    this.#failures = 0;
    return bytes;
  }

  async exportFile(sql: string, format: FileFormat, path: string): Promise<void> {
    await this.#ask(
      "export",
      `insert into function file(${quoted(path)}, '${FORMAT_NAMES[format]}') ${sql} settings ${FILE_SETTINGS[format]}`,
    );
  }

  async overParquet<Result>(rows: ParquetRows, use: (table: string) => Promise<Result>): Promise<Result> {
    return await this.#handover.overParquet(rows, use);
  }

  async over<Result>(
    lines: string | Iterable<string>,
    structure: string,
    use: (table: string) => Promise<Result>,
  ): Promise<Result> {
    return await this.#handover.over(lines, structure, use);
  }

  async insert(
    { table, columns, structure, converted }: InsertTarget,
    lines: string | Iterable<string>,
  ): Promise<void> {
    await this.#handover.over(lines, structure, (file) =>
      this.query("write", `insert into ${table} (${columns}) select ${converted} from ${file}`),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    const run = await this.#run?.catch(() => undefined);
    await run?.close();
    this.peakRssBytes = run?.peakRssBytes ?? 0;
  }
}
