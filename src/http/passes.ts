import { LRUCache } from "lru-cache";
import { LIMITS } from "../domain/limits.ts";
import type { Context } from "../operations/context.ts";

/** The state of the world that a check was made in. */
interface Opened {
  readonly writes: number;
  readonly atMs: number;
}

/**
 * Remembers who was let through a route's front door to which address. A pass ends at the next write to the control
 * store, whatever it was, and soon by itself, for what an upstream service says may change without our knowing.
 */
export class Passes {
  readonly #context: Pick<Context, "control" | "clock">;
  readonly #kept = new LRUCache<string, Opened>({ max: LIMITS.passesMax });

  constructor(context: Pick<Context, "control" | "clock">) {
    this.#context = context;
  }

  /** To be called before the checks: what is written while they run makes them worth nothing. */
  open(): Opened {
    return { writes: this.#context.control.writes(), atMs: this.#context.clock.now() };
  }

  keep(pass: string, opened: Opened): void {
    this.#kept.set(pass, opened);
  }

  isValid(pass: string): boolean {
    const kept = this.#kept.get(pass);
    if (kept === undefined) return false;
    const { writes, atMs } = this.open();
    return kept.writes === writes && atMs - kept.atMs < LIMITS.passMsMax && atMs >= kept.atMs;
  }
}
