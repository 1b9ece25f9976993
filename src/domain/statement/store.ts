import type { RegistrationId } from "../ids.ts";
import type { UnpricedReason, ParkedReason } from "./classify.ts";
import type { Conservation } from "./conservation.ts";
import type { Statement, StatementSummary } from "./statement.ts";

/** Both bounds of a run: which usage hours, and what was known. */
export interface StatementRun {
  readonly id: number;
  readonly period: string;
  readonly priceSheet: string;
  /** Mappings and local subscriptions recorded up to here count. */
  readonly knownUntilMs: number;
  /** Usage of batches up to this one counts. */
  readonly lastBatch: number;
  /** Batches that were still coming in, or came after one that was; the next run counts them. */
  readonly batchesNotCounted: number;
  readonly conservation: Conservation;
  readonly parked: readonly ParkedSum[];
  readonly unpriced: readonly UnpricedSum[];
}

/** Usage that is on no statement yet, and why. */
export interface ParkedSum {
  readonly reason: ParkedReason;
  readonly registration: RegistrationId;
  readonly meter: string;
  readonly quantity: string;
  readonly records: number;
}

export interface UnpricedSum {
  readonly reason: UnpricedReason;
  readonly registration: RegistrationId;
  readonly meter: string;
  readonly quantity: string;
  readonly records: number;
}

export interface StatementStore {
  /** Replaces the drafts of the period by this run's, all or nothing. */
  save(run: Omit<StatementRun, "id">, statements: readonly Statement[]): Promise<StatementRun>;
  findRun(period: string): Promise<StatementRun | undefined>;
  list(period: string): Promise<readonly StatementSummary[]>;
  find(number: string): Promise<Statement | undefined>;
}
