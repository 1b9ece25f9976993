import type { Hour } from "../ids.ts";
import type { Bounds } from "./bounds.ts";
import type { CheckName, CheckResult } from "./checks.ts";
import type { Conservation } from "./conservation.ts";
import type { Cause, CorrectionLine } from "./correction.ts";
import type { Level } from "../rating/priceTerms.ts";
import type { SharedLine } from "./packedLines.ts";
import type { StatementContent, StatementLine } from "./statement.ts";
import type { PageOf } from "./store.ts";

/** Why no document was made for a payer while others got theirs, in order of precedence. */
export const SET_ASIDE_REASONS = ["PayerUnknown", "PayerGone", "CurrencyConflict", "RatingFailed"] as const;
export type SetAsideReason = (typeof SET_ASIDE_REASONS)[number];

export interface SetAside {
  readonly level: Level;
  readonly payer: string;
  readonly reason: SetAsideReason;
  /** What exactly is wrong. */
  readonly detail: string;
}

/** A check that did not pass, and that somebody went on in spite of. */
export interface Acceptance {
  readonly check: CheckName;
  readonly reason: string;
}

/** One closing of a period for a partner, or one issue of corrections: all its documents were made together. */
export interface Closing extends Bounds {
  readonly id: number;
  readonly kind: "close" | "correction";
  readonly period: string;
  /** The hours that were the period's, half-open. */
  readonly from: Hour;
  readonly to: Hour;
  readonly partner: string;
  readonly closedAtMs: number;
  readonly closedBy: string;
  readonly conservation: Conservation;
  readonly checks: readonly CheckResult[];
  readonly accepted: readonly Acceptance[];
  readonly setAside: readonly SetAside[];
  /** Payers of any partner that had no document after a close, and could still get a statement; 0 of a correction. */
  readonly remaining: number;
  readonly reason: string;
}

interface Issued {
  readonly number: string;
  readonly closing: number;
  /** Counts up by one for each document of an issuer. */
  readonly sequence: number;
  readonly hash: string;
}

/** A closed statement as it is kept. */
export type ClosedStatement = Issued & StatementContent & { readonly kind: "statement" };

/** What a correction says; everything that its hash is made from. */
export interface CorrectionContent
  extends Pick<StatementContent, "level" | "payer" | "issuer" | "partner" | "period" | "currency" | "total"> {
  /** The open period that it is issued in. */
  readonly issuedIn: string;
  /** The statement or correction before it; null where the payer had none in the period. */
  readonly corrects: string | null;
  readonly reason: string;
  readonly causes: readonly Cause[];
  readonly lines: readonly CorrectionLine[];
}

export type Correction = Issued & CorrectionContent & { readonly kind: "correction" };
export type Document = ClosedStatement | Correction;

/** A document without its lines. */
export type DocumentHead = Issued &
  Pick<StatementContent, "level" | "payer" | "issuer" | "partner" | "period" | "currency" | "total"> & {
    readonly kind: Document["kind"];
    readonly issuedIn: string;
    readonly corrects: string | null;
    /** Of a statement. */
    readonly priceSheet: string;
    readonly lineCount: number;
  };

/** A document without its lines, of which there may be very many. */
export type StatementBody = Omit<ClosedStatement, "lines">;
export type CorrectionBody = Omit<Correction, "lines">;

/** A document with everything that it is shown with. Its lines come in pieces, in their order, as often as asked for. */
export type IssuedDocument = {
  /** How it was made: with whom, from which hours and what was known. */
  readonly closing: Closing;
  readonly lineCount: number;
  /** As the catalogue had it then; undefined where it had none. */
  readonly payerName: string | undefined;
  readonly stampName: (registration: number) => string;
} & (
  | { readonly document: StatementBody; readonly pieces: () => AsyncIterable<readonly StatementLine[]> }
  | { readonly document: CorrectionBody; readonly pieces: () => AsyncIterable<readonly CorrectionLine[]> }
);

/** What a document's number is made of. */
export const documentNumber = (prefix: string, sequence: number): string =>
  `${prefix}-${String(sequence).padStart(6, "0")}`;

const PREFIX_CHARS_MAX = 16;

/**
 * What the numbers of an issuer begin with, made from its name; never with a digit, as those of drafts do.
 * @param taken prefixes of other issuers
 */
export function prefixOf(issuer: string, taken: ReadonlySet<string>): string {
  const letters = issuer
    .normalize("NFKD")
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "");
  const base = (/^[A-Z]/.test(letters) ? letters : `I${letters}`).slice(0, PREFIX_CHARS_MAX);
  for (let n = 1; ; n += 1) {
    const prefix = n === 1 ? base : `${base}.${n}`;
    if (!taken.has(prefix)) return prefix;
  }
}

/** The lines that count after a statement and its corrections, by key. */
export type LinesByKey = ReadonlyMap<string, StatementLine>;

/** Which documents are meant: of all periods, partners and closings where none is named. */
export interface DocumentsOf {
  readonly kind: Document["kind"];
  readonly period?: string;
  readonly partner?: string;
  readonly closing?: number;
}

/** What an export tells of a document, beside its lines. */
export type IssuedHead = Pick<
  DocumentHead,
  | "number"
  | "kind"
  | "level"
  | "payer"
  | "issuer"
  | "period"
  | "issuedIn"
  | "corrects"
  | "currency"
  | "total"
  | "lineCount"
>;

/** Lines that are kept in one piece: a stretch of a document is told in whole ones. */
export const LINES_IN_PIECE = 500;

/** Lines of a document by their numbers: every piece whose first line is one of them. */
export interface LineStretch {
  readonly from: number;
  readonly to: number;
}

/** Documents that nothing can change any more. */
export interface DocumentStore {
  /** To be called in a transaction, with all documents of it. */
  addClosing(closing: Omit<Closing, "id">): Promise<DocumentWriter>;
  /** Oldest first. */
  closings(of: { readonly period?: string; readonly partner?: string }): Promise<readonly Closing[]>;
  findClosing(id: number): Promise<Closing | undefined>;
  /** Who has a closed statement or a correction for a period. */
  closedPayers(period: string): Promise<readonly Pick<DocumentHead, "level" | "payer" | "partner">[]>;
  /** By payer, then in the order of issue; from after `after`. */
  list(of: {
    readonly period?: string;
    /** The period that it was billed in: of a correction the one that it was issued in. */
    readonly issuedIn?: string;
    readonly partner?: string;
    readonly kind?: Document["kind"];
    readonly closing?: number;
  }): Promise<readonly DocumentHead[]>;
  /** What was issued in a period for a partner by now, in the order of `list` and in pieces of a few hundred. */
  issued(of: { readonly issuedIn: string; readonly partner: string }): AsyncIterable<readonly IssuedHead[]>;
  /** In the order of their numbers. */
  page(of: PageOf & DocumentsOf): Promise<readonly DocumentHead[]>;
  count(of: DocumentsOf): Promise<number>;
  /** Who of some payers has a correction in a period. */
  corrected(period: string, payers: readonly string[]): Promise<readonly Pick<DocumentHead, "level" | "payer">[]>;
  /** All of one payer in a period, in the order of issue. */
  chain(of: { readonly period: string; readonly level: Level; readonly payer: string }): Promise<readonly Document[]>;
  find(number: string): Promise<Document | undefined>;
  /** Several at once, in the order in which they are asked for; all of them are held. One that is not there is left out. */
  findMany(numbers: readonly string[]): Promise<readonly Document[]>;
  body(number: string): Promise<((StatementBody | CorrectionBody) & Pick<DocumentHead, "lineCount">) | undefined>;
  /** Lines in their order, in pieces: no more is held than one of them. */
  pieces(number: string): AsyncIterable<readonly (StatementLine | CorrectionLine)[]>;
  /**
   * Lines of documents in the order in which they are asked for, in pieces: no more is held than a few thousand lines. What
   * lines of statements share is one object wherever it was kept once.
   * @param stretch of a document that is asked for alone
   */
  shared(
    heads: readonly Pick<DocumentHead, "number" | "lineCount">[],
    stretch?: LineStretch,
  ): AsyncIterable<{ readonly number: string; readonly lines: readonly (SharedLine | CorrectionLine)[] }>;
}

/** Gives documents their numbers and keeps them. */
export interface DocumentWriter {
  readonly closing: number;
  /** Returns the document's number. */
  add(
    document:
      | ({ readonly kind: "statement" } & StatementContent)
      | ({ readonly kind: "correction" } & CorrectionContent),
  ): Promise<string>;
  /** Nothing is kept before. */
  finish(): Promise<void>;
}
