import type { Clock } from "../lib/instant.ts";

/** What a bridge has from outside: time, and chance for the waits between tries. */
export interface Surroundings {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** Waits that end early when somebody has news, or when the bridge stops. */
export class Bell {
  readonly #waiting = new Set<() => void>();
  #rings = 0;

  /** How often it rang; whoever notes it before looking around misses no news. */
  get rings(): number {
    return this.#rings;
  }

  ring(): void {
    this.#rings += 1;
    for (const wake of this.#waiting) wake();
  }

  /** Resolves after the time, with the first ring after `seen`, or when the signal is aborted. */
  async wait(ms: number, signal: AbortSignal, seen = this.#rings): Promise<void> {
    if (signal.aborted || this.#rings !== seen) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(wake, Math.min(ms, WAIT_MS_MAX));
      const waiting = this.#waiting;
      function wake(): void {
        clearTimeout(timer);
        waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      }
      waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}

/** Clocks are put right while somebody waits: nobody sleeps longer than this without looking again. */
const WAIT_MS_MAX = 60_000;
