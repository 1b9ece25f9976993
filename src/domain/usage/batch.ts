import type { RegistrationId } from "../ids.ts";
import type { RecordRef } from "./store.ts";

export interface IntakeCounts {
  readonly accepted: number;
  readonly duplicate: number;
  readonly conflict: number;
  readonly parked: number;
  readonly rejected: number;
}

/** What takes a number in the order of knowledge: a delivery of usage, or a decision on what was delivered. */
export const BATCH_KINDS = ["delivery", "withdrawal", "choice"] as const;

/** A decision on stored usage; it can be done again after a crash. */
export type UsageDecision =
  | { readonly kind: "withdrawal"; readonly delivery: number; readonly reason: string }
  | { readonly kind: "choice"; readonly record: RecordRef; readonly content: string; readonly reason: string };

/** Every stored entry names its batch, so that what a delivery brought can be found, and what was known when. */
export interface UsageBatch {
  readonly id: number;
  readonly registration: RegistrationId;
  /** Undefined for a delivery. */
  readonly decision: UsageDecision | undefined;
  /** Who sent or decided it. */
  readonly recordedBy: string;
  readonly startedAtMs: number;
  /** Null while it runs, and for ever if the process died meanwhile. */
  readonly finishedAtMs: number | null;
  readonly counts: IntakeCounts;
  /** How many versions a decision ended; 0 for a delivery. */
  readonly ended: number;
  /** The withdrawal that took the delivery back. */
  readonly withdrawnBy: number | null;
}

export interface BatchStore {
  start(batch: {
    readonly registration: RegistrationId;
    readonly recordedBy: string;
    readonly atMs: number;
    readonly decision?: UsageDecision;
  }): Promise<number>;
  /** @param isBrokenOff an insert of it may still be under way */
  finish(id: number, counts: IntakeCounts, atMs: number, isBrokenOff?: boolean): Promise<void>;
  finishDecision(id: number, ended: number, atMs: number): Promise<void>;
  find(id: number): Promise<UsageBatch | undefined>;
  /** Newest first, from before `before`. */
  list(page: {
    readonly registration?: RegistrationId;
    readonly before?: number;
    readonly limit: number;
  }): Promise<readonly UsageBatch[]>;
  /** Oldest first, from `first` to `last`. */
  listFrom(page: {
    readonly registration?: RegistrationId;
    readonly first: number;
    readonly last: number;
    readonly limit: number;
  }): Promise<readonly UsageBatch[]>;
  /** The newest batch before which none is running, and none broke off after an instant. */
  lastSettled(quietSinceMs: number): Promise<number>;
  /**
   * The newest batch before which no batch was still running at an instant, or is now: what is stored up to it will not
   * change any more. `later` is how many batches had begun after it.
   */
  lastComplete(atMs?: number): Promise<{ readonly lastBatch: number; readonly later: number }>;
  /** Ends the deliveries that a process left behind when it died; what they stored stays and counts. Gives them. */
  endAbandoned(atMs: number): Promise<readonly UsageBatch[]>;
  /** Decisions that a process left behind: they have to be done again. Oldest first. */
  unfinishedDecisions(): Promise<readonly UsageBatch[]>;
}
