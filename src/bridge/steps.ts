import { retryDelayMs, type RetryRules } from "../domain/bridge/retry.ts";
import type { InstantMs } from "../lib/instant.ts";
import type { BridgeEvents } from "./events.ts";
import { waitFully } from "./readWindow.ts";
import { Bell, type Surroundings } from "./surroundings.ts";
import { Trouble } from "./trouble.ts";

export type Doing = "read" | "deliver";

/** Why a loop does not get on. */
export interface Stuck {
  readonly failures: number;
  readonly kind: string;
  readonly message: string;
  readonly sinceMs: InstantMs;
}

export interface StepsParts {
  readonly name: string;
  readonly retry: RetryRules;
  readonly surroundings: Surroundings;
  readonly events: BridgeEvents;
}

/** How a run goes: until it is told to stop, or with `once` until everything is done. */
export interface Run {
  readonly signal: AbortSignal;
  readonly once: boolean;
}

/** A run that is to end when it has caught up ends after so many failures in a row too. */
export const FAILURES_MAX_ONCE = 20;

/** The two loops of a stamp or source, reading and delivering: neither side waits for the other, nor ends it. */
export class Steps {
  readonly #parts: StepsParts;
  readonly bell = new Bell();
  readonly isDone = { read: false, deliver: false };
  readonly stuck: Record<Doing, Stuck | undefined> = { read: undefined, deliver: undefined };

  constructor(parts: StepsParts) {
    this.#parts = parts;
  }

  /**
   * Takes steps until one says how the run has ended, with a pause after each that fails.
   * @param step is told how often the bell had rung before it; undefined: it goes on
   */
  async stepOn(
    doing: Doing,
    { signal, once }: Run,
    step: (seen: number) => Promise<boolean | undefined>,
  ): Promise<boolean> {
    let failures = 0;
    try {
      while (!signal.aborted) {
        const seen = this.bell.rings;
        try {
          const caughtUp = await step(seen);
          failures = 0;
          if (caughtUp !== undefined) return caughtUp;
        } catch (error) {
          if (signal.aborted) break;
          failures += 1;
          this.stuck[doing] = this.told(doing, error, failures, this.stuck[doing]);
          if (once && failures >= FAILURES_MAX_ONCE) return false;
          await this.#pause(error, failures, signal);
        }
      }
      return false;
    } finally {
      this.isDone[doing] = true;
      this.bell.ring();
    }
  }

  /** Tells of a failure, and since when it goes on. */
  told(doing: Doing, error: unknown, failures: number, before: Stuck | undefined): Stuck {
    const { name, surroundings, events } = this.#parts;
    const named = error as { readonly kind?: unknown; readonly code?: string; readonly message: string };
    const kind = error instanceof Trouble ? error.kind : (named.code ?? (error as Error).name);
    events.trouble(name, doing, kind, named.message);
    return { failures, kind, message: named.message, sinceMs: before?.sinceMs ?? surroundings.clock.now() };
  }

  async #pause(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
    const { retry, surroundings } = this.#parts;
    const asked = error instanceof Trouble ? error.retryAfterMs : 0;
    await waitFully(this.bell, retryDelayMs(failures, surroundings.random(), retry, asked), signal);
  }
}
