import type { RegistrationId } from "../ids.ts";

export interface IntakeCounts {
  readonly accepted: number;
  readonly duplicate: number;
  readonly conflict: number;
  readonly parked: number;
  readonly rejected: number;
}

/** One delivery of usage. Every stored record names its batch, so that what a delivery brought can be found. */
export interface UsageBatch {
  readonly id: number;
  readonly registration: RegistrationId;
  readonly startedAtMs: number;
  /** Null while it runs, and for ever if the process died meanwhile. */
  readonly finishedAtMs: number | null;
  readonly counts: IntakeCounts;
}

export interface BatchStore {
  start(registration: RegistrationId, atMs: number): Promise<number>;
  finish(id: number, counts: IntakeCounts, atMs: number): Promise<void>;
  find(id: number): Promise<UsageBatch | undefined>;
  /**
   * The newest batch before which no batch is still running: what is stored up to it will not change any more. `later`
   * is how many batches have begun after it.
   */
  lastComplete(): Promise<{ readonly lastBatch: number; readonly later: number }>;
  /** Ends the batches that a process left behind when it died; what they stored stays and counts. */
  endAbandoned(atMs: number): Promise<void>;
}
