import type { IntakeCounts } from "./types.ts";

/** The last of the lines that an intake answers. */
export interface IntakeLastLine {
  readonly batch: number | null;
  readonly counts: IntakeCounts;
  readonly error?: { readonly code: string; readonly message: string; readonly remedy: readonly string[] };
}

/** What became of one record, as a line. */
export interface IntakeOutcome {
  readonly position: number;
  readonly outcome: keyof IntakeCounts;
  readonly reason?: string;
  readonly code?: string;
  readonly message?: string;
  readonly target?: string;
  readonly cause?: string;
  readonly remedy?: readonly string[];
  /** The withdrawal that made room for it. */
  readonly afterWithdrawal?: number;
}
