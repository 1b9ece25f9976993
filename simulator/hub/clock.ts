import type { Clock, InstantMs } from "../../src/lib/instant.ts";

/** The time on a simulated Hub. It stands still, moves when it is told to, or runs faster than the machine's. */
export interface VirtualClock extends Clock {
  set(nowMs: InstantMs): void;
  advance(durationMs: number): void;
}

/**
 * @param nowMs what it shows at first
 * @param speed virtual seconds for each second of the machine; 0 stands still
 * @param machine what it is driven by
 */
export function createVirtualClock(nowMs: InstantMs, speed: number, machine: Clock): VirtualClock {
  let shownMs = nowMs;
  let sinceMs = machine.now();
  const now = (): InstantMs => shownMs + Math.floor((machine.now() - sinceMs) * speed);
  const set = (toMs: InstantMs): void => {
    shownMs = toMs;
    sinceMs = machine.now();
  };
  return { now, set, advance: (durationMs) => set(now() + durationMs) };
}
