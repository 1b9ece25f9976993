import type { RegistrationId } from "../ids.ts";
import type { UsageScope, UsageSegment } from "./store.ts";

export const FILE_FORMATS = ["csv", "parquet"] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** Hours of a local subscription with who pays for them, and why. */
export interface AttributedHours extends UsageSegment {
  readonly tenant: string;
  readonly payer: string;
  readonly paidBy: string;
  /** Undefined where the tenant was never mapped. */
  readonly mappingChange: number | undefined;
  readonly billingModel: string;
}

export interface AttributedUsage {
  readonly scope: UsageScope;
  readonly segments: readonly AttributedHours[];
  readonly stampNames: ReadonlyMap<RegistrationId, string>;
}

/** Files that the usage engine writes, without holding all of one in memory. */
export interface UsageFiles {
  /**
   * Every record of a scope that was not ended, with who pays for it, into a file that is not there yet. A part of it may be
   * left where this fails.
   */
  writeAttributed(usage: AttributedUsage, format: FileFormat, path: string): Promise<void>;
}
