import type { IntakeCounts } from "./types.ts";

/** A delivery of usage, or a decision on what one brought. */
export interface BatchInfo {
  readonly batch: number;
  readonly kind: "delivery" | "withdrawal" | "choice";
  readonly registration: number;
  readonly recordedBy: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Of a delivery. */
  readonly counts?: IntakeCounts;
  readonly withdrawnBy?: number | null;
  /** Of a decision. */
  readonly reason?: string;
  readonly ended?: number;
  readonly delivery?: number;
  readonly record?: string;
  readonly content?: string;
}

export interface VersionInfo {
  readonly content: string;
  readonly counts: boolean;
  readonly quantity: string;
  readonly location: string;
  readonly tags: string;
  readonly additionalInfo: string;
  readonly usageStartTime: string;
  readonly batch: number;
  readonly position: number;
  readonly acceptedAt: string;
}

/** A record of which a later version waits for a choice. */
export interface ConflictInfo {
  readonly record: string;
  readonly registration: number;
  readonly localSubscription: string;
  readonly meter: string;
  readonly meterName: string;
  readonly unit: string;
  readonly resourceUri: string;
  readonly usageStartTime: string;
  readonly reportedStartTime: string;
  readonly versions: readonly VersionInfo[];
}
