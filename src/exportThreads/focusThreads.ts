import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Tinypool } from "tinypool";
import { EXEC_ARGV } from "../lib/execArgv.ts";
import type { FocusGroup } from "../operations/exports/focusGroup.ts";
import type { FocusThreads } from "../operations/exports/focusParquet.ts";
import type { ThreadData } from "./focusThread.ts";

/** Each takes up to 100 MiB while it works, however much is exported. */
const THREADS_MAX = 4;
const IDLE_MS = 30_000;

const FILE = join(import.meta.dirname, "focusThread.ts");

/**
 * Threads that make groups of rows of FOCUS. None is started before there is work, and none is kept for long after it.
 * @param file what a thread runs: `makeGroup` of it
 */
export function openFocusThreads(data: ThreadData, file = FILE): FocusThreads {
  const count = Math.min(availableParallelism(), THREADS_MAX);
  const pool = new Tinypool({
    filename: file,
    name: "makeGroup",
    workerData: data,
    execArgv: EXEC_ARGV,
    minThreads: 0,
    maxThreads: count,
    idleTimeout: IDLE_MS,
  });
  // Why no thread takes a group that waits for one: it would wait for good.
  let trouble: unknown;
  function giveUp(why: unknown): void {
    trouble = why;
    pool.cancelPendingTasks();
  }
  // A thread did not even start.
  pool.on("error", giveUp);
  return {
    count,
    async make(group) {
      try {
        return (await pool.run(group)) as FocusGroup;
      } catch (error) {
        if ((error as Error).name === "CancelError") throw trouble;
        // The last thread ended in the middle of its work; no other is started for what waits.
        if (pool.threads.length === 0) giveUp(error);
        throw error;
      }
    },
    close: () => pool.destroy(),
  };
}
