import type { InstantMs } from "../../lib/instant.ts";

export interface AttemptLimits {
  readonly failuresMax: number;
  readonly lockMs: number;
  readonly requestsPerMinuteMax: number;
  readonly trackedMax: number;
}

interface Failures {
  count: number;
  sinceMs: InstantMs;
  lockedUntilMs: InstantMs;
}

const MINUTE_MS = 60_000;

/**
 * Counts attempts to sign in: too many wrong secrets lock a name for a while, and too many requests slow an address
 * down. Memory is bounded; who was seen longest ago is forgotten first, the locked ones last.
 */
export class Attempts {
  readonly #limits: AttemptLimits;
  readonly #failures = new Map<string, Failures>();
  readonly #requests = new Map<string, { count: number; sinceMs: InstantMs }>();

  constructor(limits: AttemptLimits) {
    this.#limits = limits;
  }

  /** How long an address has to wait before it may ask again; counts the request when that is 0. */
  waitOfAddressMs(address: string, nowMs: InstantMs): number {
    const seen = this.#requests.get(address);
    if (seen === undefined || nowMs - seen.sinceMs >= MINUTE_MS) {
      this.#requests.delete(address);
      if (this.#requests.size >= this.#limits.trackedMax) this.#requests.delete(this.#requests.keys().next().value!);
      this.#requests.set(address, { count: 1, sinceMs: nowMs });
      return 0;
    }
    if (seen.count >= this.#limits.requestsPerMinuteMax) return seen.sinceMs + MINUTE_MS - nowMs;
    seen.count += 1;
    return 0;
  }

  /** How long a name is locked for yet; 0 when it is not. */
  lockOfNameMs(name: string, nowMs: InstantMs): number {
    return Math.max(0, (this.#failures.get(name)?.lockedUntilMs ?? 0) - nowMs);
  }

  /** Notes a wrong secret; true when it was the one that locks the name. */
  failed(name: string, nowMs: InstantMs): boolean {
    const before = this.#failures.get(name);
    const failures =
      before === undefined || nowMs - before.sinceMs >= this.#limits.lockMs
        ? { count: 0, sinceMs: nowMs, lockedUntilMs: 0 }
        : before;
    failures.count += 1;
    const locks = failures.count >= this.#limits.failuresMax;
    if (locks) Object.assign(failures, { count: 0, sinceMs: nowMs, lockedUntilMs: nowMs + this.#limits.lockMs });
    this.#failures.delete(name);
    if (this.#failures.size >= this.#limits.trackedMax) this.#forgetOne(nowMs);
    this.#failures.set(name, failures);
    return locks;
  }

  succeeded(name: string): void {
    this.#failures.delete(name);
  }

  get tracked(): number {
    return this.#failures.size + this.#requests.size;
  }

  #forgetOne(nowMs: InstantMs): void {
    let oldest: string | undefined;
    for (const [name, { lockedUntilMs }] of this.#failures) {
      oldest ??= name;
      if (lockedUntilMs <= nowMs) {
        this.#failures.delete(name);
        return;
      }
    }
    if (oldest !== undefined) this.#failures.delete(oldest);
  }
}
