import { Bucket } from "../../lib/bucket.ts";
import { HOUR_MS, type InstantMs } from "../../lib/instant.ts";

/** Which failed sign-ins are recorded: so many in an hour, and how many were left out before. */
export class FailureRecords {
  readonly #bucket: Bucket;
  #leftOut = 0;

  constructor(perHour: number, nowMs: InstantMs) {
    this.#bucket = new Bucket(perHour, nowMs, HOUR_MS);
  }

  /** How many were left out since the last record; undefined when this one is to be left out, too. */
  record(nowMs: InstantMs, { always }: { readonly always: boolean }): number | undefined {
    if (this.#bucket.take(nowMs) === undefined && !always) {
      this.#leftOut += 1;
      return undefined;
    }
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut;
  }
}
