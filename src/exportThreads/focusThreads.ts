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

/** Threads that make groups of rows of FOCUS. None is started before there is work, and none is kept for long after it. */
export function openFocusThreads(data: ThreadData): FocusThreads {
  const count = Math.min(availableParallelism(), THREADS_MAX);
  const pool = new Tinypool({
    filename: join(import.meta.dirname, "focusThread.ts"),
    name: "makeGroup",
    workerData: data,
    execArgv: EXEC_ARGV,
    minThreads: 0,
    maxThreads: count,
    idleTimeout: IDLE_MS,
  });
  let failure: unknown;
  // A thread that does not even start: whoever waits for one would wait for good.
  pool.on("error", (error) => {
    failure = error;
    pool.cancelPendingTasks();
  });
  return {
    count,
    async make(group) {
      failure = undefined;
      try {
        return (await pool.run(group)) as FocusGroup;
      } catch (error) {
        throw failure ?? error;
      }
    },
    close: () => pool.destroy(),
  };
}
