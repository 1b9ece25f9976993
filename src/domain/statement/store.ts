import type { MeterId, RegistrationId } from "../ids.ts";
import type { Bounds } from "./bounds.ts";
import type { UnpricedReason, ParkedReason } from "./classify.ts";
import type { Conservation } from "./conservation.ts";
import type { DraftChanges } from "./draftChanges.ts";
import type { KeptFacts } from "./packedLines.ts";
import type { Statement, StatementContent, StatementHead, StatementSummary } from "./statement.ts";

/** Both bounds of a run: which usage hours, and what was known. */
export interface StatementRun extends Bounds {
  readonly id: number;
  readonly period: string;
  readonly priceSheet: string;
  /** Batches that were still coming in, or came after one that was; the next run counts them. */
  readonly batchesNotCounted: number;
  readonly conservation: Conservation;
  readonly parked: readonly ParkedSum[];
  readonly unpriced: readonly UnpricedSum[];
  /** Since the run before; undefined for the first one. */
  readonly changes?: DraftChanges;
}

/** Usage that is on no statement yet, and why. */
export interface ParkedSum {
  readonly reason: ParkedReason;
  readonly registration: RegistrationId;
  readonly meter: MeterId;
  readonly quantity: string;
  readonly records: number;
}

export interface UnpricedSum {
  readonly reason: UnpricedReason;
  readonly registration: RegistrationId;
  readonly meter: MeterId;
  readonly quantity: string;
  readonly records: number;
}

/** A draft without its lines; `content` tells two of them apart. */
export type DraftSummary = StatementHead &
  Pick<Statement, "number" | "currency" | "total"> & { readonly lineCount: number; readonly content: string };

/** A draft to be kept; `DraftPacker` makes its lines. */
export type NewDraft = Omit<StatementContent, "lines"> &
  Pick<DraftSummary, "number" | "content" | "lineCount"> & { readonly packedLines: string };

/** Drafts that take the place of those of an earlier run. */
export interface DraftWriter {
  /** @param facts that these drafts are the first to name */
  add(drafts: readonly NewDraft[], facts: readonly KeptFacts[]): Promise<void>;
  finish(
    run: Pick<StatementRun, "priceSheet" | "batchesNotCounted" | "conservation" | "parked" | "unpriced" | "changes">,
  ): Promise<StatementRun>;
}

/** A page of documents in the order of their numbers: of so many after a number; "" is before all. */
export interface PageOf {
  readonly after: string;
  readonly limit: number;
}

/** Statements of both kinds are found here; drafts are written here too, closed ones by the `DocumentStore`. */
export interface StatementStore {
  /** Takes the drafts of a period away and begins others. To be called in a transaction. */
  replaceDrafts(period: string, bounds: Bounds): Promise<DraftWriter>;
  /** In the order of level and payer. */
  drafts(period: string): Promise<readonly DraftSummary[]>;
  /** Drafts of payers that a closing has a document of go. To be called in its transaction. */
  removeDrafts(closing: number): Promise<void>;
  findRun(period: string): Promise<StatementRun | undefined>;
  /** Periods that have a run, in their order. */
  runs(): Promise<readonly string[]>;
  /** Closed statements first. */
  list(period: string): Promise<readonly StatementSummary[]>;
  /** Closed statements first, too: their numbers begin with a letter, those of drafts with a digit. */
  page(period: string, of: PageOf): Promise<readonly StatementSummary[]>;
  find(number: string): Promise<Statement | undefined>;
}
