import assert from "node:assert/strict";
import { type InstantMs, MINUTE_MS } from "./instant.ts";

/** A token bucket: full at first, and filled again evenly. */
export class Bucket {
  readonly #capacity: number;
  readonly #periodMs: number;
  #tokens: number;
  #atMs: InstantMs;

  /** @param periodMs in which an empty bucket becomes full */
  constructor(capacity: number, nowMs: InstantMs, periodMs = MINUTE_MS) {
    assert(capacity >= 1 && periodMs > 0);
    this.#capacity = capacity;
    this.#periodMs = periodMs;
    this.#tokens = capacity;
    this.#atMs = nowMs;
  }

  /** Takes one token and gives how many are left; undefined when there was none. */
  take(nowMs: InstantMs): number | undefined {
    // A clock that was set back brings nothing and takes nothing.
    const sinceMs = Math.max(0, nowMs - this.#atMs);
    this.#tokens = Math.min(this.#capacity, this.#tokens + (sinceMs * this.#capacity) / this.#periodMs);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return undefined;
    this.#tokens -= 1;
    return Math.floor(this.#tokens);
  }

  /** How long until there is a token again. */
  get waitMs(): number {
    return Math.max(0, ((1 - this.#tokens) * this.#periodMs) / this.#capacity);
  }
}
