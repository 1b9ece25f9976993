import { type InstantMs, SECOND_MS } from "../../lib/instant.ts";
import { httpDateMs } from "./retry.ts";

/** One answer of a stamp, by this machine's clock, and what its Date header said. */
export interface DatedAnswer {
  readonly sentMs: InstantMs;
  readonly receivedMs: InstantMs;
  readonly date: string | undefined;
}

/** An answer that took longer says too little about the moment at which it was dated. */
const ROUND_TRIP_MS_MAX = 10 * SECOND_MS;
/** The header has whole seconds; in the middle it is half a second behind. */
const HALF_SECOND_MS = SECOND_MS / 2;

/** How far a stamp's clock is ahead of this machine's, to about a second. Undefined when the answer does not tell. */
export function skewMs({ sentMs, receivedMs, date }: DatedAnswer): number | undefined {
  const datedMs = httpDateMs(date);
  if (datedMs === undefined || receivedMs - sentMs > ROUND_TRIP_MS_MAX) return undefined;
  return Math.round(datedMs + HALF_SECOND_MS - (sentMs + receivedMs) / 2);
}
