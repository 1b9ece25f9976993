import type { StatementLineInfo } from "./statementLine.ts";
import type { Client } from "./client.ts";
import { ExportCalls } from "./exports.ts";
import type { PayerExplanationInfo } from "./whyTypes.ts";
import type { TrialInfo, TrialRequest } from "./trialTypes.ts";
import type { ComparisonInfo, ComparisonScope } from "./comparisonTypes.ts";
import { allPages, type List, query } from "./query.ts";
import type { Call } from "./transport.ts";

const part = encodeURIComponent;

/** A statement or a correction without its lines. */
export interface DocumentInfo {
  readonly number: string;
  readonly kind: "statement" | "correction";
  readonly level: string;
  readonly payer: string;
  readonly issuer: string;
  readonly partner: string;
  readonly period: string;
  readonly issuedIn: string;
  readonly corrects: string | null;
  readonly currency: string;
  readonly total: string;
  readonly lineCount: number;
  readonly hash: string;
}

/** What is other in the drafts of a run than in those of the run before: counted in full, told of the first payers. */
export interface DraftChangesInfo {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly payers: readonly {
    readonly change: "added" | "removed" | "changed";
    readonly level: string;
    readonly payer: string;
    readonly totalBefore: string | null;
    readonly totalAfter: string | null;
    readonly currency: string;
    readonly lines: { readonly added: number; readonly removed: number; readonly changed: number } | null;
  }[];
}

export interface CheckInfo {
  readonly check: string;
  readonly passed: boolean;
  readonly count: number;
  readonly findings: readonly Readonly<Record<string, string | number | null>>[];
  readonly acceptable: boolean;
  readonly meaning: string;
  readonly remedy: readonly string[];
}

export interface SetAsideInfo {
  readonly level: string;
  readonly payer: string;
  readonly reason: string;
  readonly detail: string;
}

export interface ClosingInfo {
  readonly id: number;
  readonly kind: "close" | "correction";
  readonly period: string;
  readonly partner: string;
  readonly closedAt: string;
  readonly closedBy: string;
  readonly knownUntil: string;
  readonly lastBatch: number;
  readonly accepted: readonly { readonly check: string; readonly reason: string }[];
  readonly checks: readonly CheckInfo[];
}

export interface PeriodInfo {
  readonly period: string;
  readonly from: string;
  readonly to: string;
  readonly ended: boolean;
  readonly partners: readonly {
    readonly partner: string;
    readonly state: "open" | "inReview" | "closed" | "corrected";
    readonly drafts: number;
    readonly statements: number;
    readonly corrections: number;
    /** The first of them. */
    readonly setAside: readonly SetAsideInfo[];
    readonly setAsideInAll: number;
    readonly closings: readonly ClosingInfo[];
  }[];
}

export interface PeriodChecksInfo {
  readonly period: string;
  readonly partner: string;
  readonly payers: number;
  readonly setAside: readonly SetAsideInfo[];
  readonly setAsideInAll: number;
  readonly checks: readonly CheckInfo[];
}

export interface ClosedInfo {
  /** False: it was closed before, and nothing changed. */
  readonly closedNow: boolean;
  readonly closing: ClosingInfo;
  /** The first of them; `statementsAt` lists all. */
  readonly statements: readonly DocumentInfo[];
  readonly statementsInAll: number;
  readonly statementsAt: string;
  /** The first of them. */
  readonly setAside: readonly SetAsideInfo[];
  readonly setAsideInAll: number;
}

export interface CauseInfo {
  readonly kind: string;
  readonly id: number | null;
  readonly recordedAt: string | null;
  readonly recordedBy: string | null;
  readonly reason: string | null;
  readonly changes: number;
}

type LineInfo = Omit<StatementLineInfo, "registrationName">;

export interface CorrectionLineInfo {
  readonly line: number;
  readonly registrationName: string;
  readonly old: LineInfo | null;
  readonly new: LineInfo | null;
  readonly quantityDifference: string;
  readonly amountDifference: string;
  readonly causes: readonly string[];
}

export interface CorrectionInfo {
  /** Only once it is issued. */
  readonly number?: string;
  readonly level: string;
  readonly payer: string;
  readonly issuer: string;
  readonly period: string;
  readonly issuedIn: string;
  readonly corrects: string | null;
  readonly currency: string;
  readonly total: string;
  readonly reason: string;
  readonly causes: readonly CauseInfo[];
  readonly lines: readonly CorrectionLineInfo[];
}

/** Corrections of a period that are previewed or were issued: the first of them. */
export interface CorrectionsInfo<Correction> extends List<Correction> {
  readonly correctionsInAll: number;
  readonly setAside: readonly SetAsideInfo[];
  readonly setAsideInAll: number;
}

export interface VerificationInfo {
  readonly intact: boolean;
  readonly documents: number;
  readonly differentInAll: number;
  readonly different: readonly {
    readonly number: string;
    readonly isKept: boolean;
    readonly isRebuilt: boolean;
    readonly differences: readonly {
      readonly line: number | null;
      readonly member: string;
      readonly kept: string;
      readonly rebuilt: string;
    }[];
  }[];
}

/** The part of the client that closes billing periods and corrects them. */
export class ClosingCalls {
  readonly #client: Pick<Client, "call">;
  readonly exports: ExportCalls;

  constructor(client: Pick<Client, "call">) {
    this.#client = client;
    this.exports = new ExportCalls(client);
  }

  async periods(): Promise<readonly PeriodInfo[]> {
    return (await this.#client.call<List<PeriodInfo>>({ method: "GET", path: "/v1/periods" })).value;
  }

  async period(period: string): Promise<PeriodInfo> {
    return await this.#client.call({ method: "GET", path: `/v1/periods/${part(period)}` });
  }

  async check(period: string, partner: string): Promise<PeriodChecksInfo> {
    return await this.#client.call({ method: "GET", path: `${partnerPath(period, partner)}/checks` });
  }

  async close(
    period: string,
    partner: string,
    accept: readonly { readonly check: string; readonly reason: string }[] = [],
  ): Promise<ClosedInfo> {
    return await this.#client.call({ method: "POST", path: `${partnerPath(period, partner)}/close`, json: { accept } });
  }

  async previewCorrections(period: string, partner: string): Promise<CorrectionsInfo<CorrectionInfo>> {
    return await this.#client.call({ method: "GET", path: `${partnerPath(period, partner)}/corrections` });
  }

  async issueCorrections(period: string, partner: string, reason: string): Promise<CorrectionsInfo<DocumentInfo>> {
    const path = `${partnerPath(period, partner)}/corrections`;
    return await this.#client.call({ method: "POST", path, json: { reason } });
  }

  async corrections(period?: string): Promise<readonly DocumentInfo[]> {
    return await allPages(this.#client, "/v1/corrections", { period });
  }

  async correction(number: string): Promise<CorrectionInfo> {
    return await this.#client.call({ method: "GET", path: `/v1/corrections/${part(number)}` });
  }

  /** @param of a period, or a document's number */
  async verify(of: { readonly period: string } | { readonly number: string }): Promise<VerificationInfo> {
    const at = "period" in of ? `periods/${part(of.period)}` : `documents/${part(of.number)}`;
    return await this.#client.call({ method: "GET", path: `/v1/${at}/verification` });
  }

  /** Why the usage of a statement or a correction is on it. */
  async explainPayer(number: string): Promise<PayerExplanationInfo> {
    return await this.#client.call({ method: "GET", path: `/v1/statements/${part(number)}/why` });
  }

  /** What a period would come to if something were other; nothing is changed. */
  async trial(period: string, supposed: TrialRequest): Promise<TrialInfo> {
    return await this.#client.call({ method: "POST", path: `/v1/periods/${part(period)}/trials`, json: supposed });
  }

  /**
   * Our statements of a period beside a reconciliation file.
   * @param columns names of its columns by ours; null leaves one out
   */
  async compareWithFile(
    period: string,
    stream: NonNullable<Call["stream"]>,
    {
      columns,
      ...scope
    }: ComparisonScope & { readonly columns?: Readonly<Record<string, string | null>> | undefined } = {},
  ): Promise<ComparisonInfo> {
    const map = columns === undefined || Object.keys(columns).length === 0 ? undefined : JSON.stringify(columns);
    const path = `/v1/periods/${part(period)}/comparisons${query({ ...scope, columns: map })}`;
    return await this.#client.call({ method: "POST", path, stream });
  }

  /** Our statements of two periods side by side. */
  async comparePeriods(period: string, other: string, scope: ComparisonScope = {}): Promise<ComparisonInfo> {
    const path = `/v1/periods/${part(period)}/comparisons/${part(other)}${query({ ...scope })}`;
    return await this.#client.call({ method: "GET", path });
  }
}

const partnerPath = (period: string, partner: string): string =>
  `/v1/periods/${part(period)}/partners/${part(partner)}`;
