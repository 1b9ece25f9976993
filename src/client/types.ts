import type { DraftChangesInfo } from "./closing.ts";

import type { PriceInfo } from "./priceTypes.ts";
import type { StatementLineInfo } from "./statementLine.ts";

// What the server answers, as a client sees it. Amounts and quantities are exact decimals as text.

export interface RefusalBody {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
  readonly additionalInfo?: readonly { readonly type: string; readonly info: unknown }[];
}

/** What a refused caller may have meant: a subscription, or a registration. */
export interface CandidateInfo {
  readonly subscription?: string;
  readonly displayName?: string;
  readonly id?: string;
  readonly cloudId?: string;
}

export interface RegistrationInfo {
  readonly registration: number;
  readonly id: string;
  readonly name: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly cloudId: string;
  readonly billingModel: string;
  readonly approval: string;
  readonly createdAt: string;
}

export interface MailInfo {
  readonly subject: string;
  readonly body: string;
}

export interface ApprovalInfo {
  readonly registration: number;
  readonly name: string;
  readonly approval: string;
  /** What an approver needs to know; of a request. */
  readonly mail?: MailInfo;
}

export interface ApprovalListInfo extends RegistrationInfo {
  readonly lastAction: {
    readonly action: string;
    readonly actor: string;
    readonly reason: string;
    readonly recordedAt: string;
  } | null;
}

export interface NotificationInfo {
  readonly id: number;
  readonly kind: string;
  readonly state: "waiting" | "delivered" | "given-up";
  readonly attempts: number;
  readonly createdAt: string;
  readonly nextAttemptAt: string | null;
  readonly lastError: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface CustomerSubscriptionInfo {
  readonly id: string;
  readonly name: string;
  readonly properties: { readonly tenantId: string };
}

export interface CredentialInfo {
  readonly clientId: string;
  readonly kind: "Application" | "User" | "PublicClient";
  readonly objectId: string;
  readonly displayName: string;
  readonly redirectUris: readonly string[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly revokedAt: string | null;
}

export interface NewCredentialInfo {
  readonly kind: CredentialInfo["kind"];
  readonly clientId?: string;
  readonly displayName?: string;
  readonly redirectUris?: readonly string[];
  readonly role?: string;
  readonly scope?: string;
}

export interface CreatedCredentialInfo extends CredentialInfo {
  /** Told this once; null for a public client. */
  readonly secret: string | null;
  /** Id of the directory to sign in to. */
  readonly tenant: string;
  readonly role?: string;
  readonly scope?: string;
}

export interface SigningKeyInfo {
  readonly kid: string;
  readonly createdAt: string;
  readonly retiredAt: string | null;
}

export interface AccessInfo {
  readonly id: string;
  readonly role: string;
  readonly scope: string;
  /** Whose object id it is; null for the built-in one. */
  readonly issuer: string | null;
  readonly principalId: string;
  readonly principalType: string;
  readonly principalName: string | null;
  readonly createdBy: string;
  readonly createdAt: string;
}

export interface MappingChangeInfo {
  readonly id: number;
  readonly tenant: string;
  readonly customerSubscription: string | null;
  readonly effectiveFrom: string;
  readonly recordedAt: string;
  readonly recordedBy: string;
}

export interface CatalogueRow {
  readonly subscription: string;
  readonly displayName?: string;
  readonly offerType: string;
  readonly state?: string;
  readonly partner: string;
  readonly provider?: string | null;
  readonly reseller?: string | null;
  readonly customer?: string | null;
  readonly tenant?: string | null;
}

export interface CatalogueEntryInfo {
  readonly subscription: string;
  readonly displayName: string;
  readonly offerType: string;
  readonly state: string;
  readonly partner: string;
  readonly provider: string | null;
  readonly reseller: string | null;
  readonly customer: string | null;
  readonly tenant: string | null;
}

export interface CataloguePageInfo {
  readonly value: readonly CatalogueEntryInfo[];
  /** Where the next page begins after; there is none without it. */
  readonly next?: string;
}

export interface CatalogueChangeInfo {
  readonly id: number;
  readonly recordedAt: string;
  readonly actor: string;
  /** null: taken out. */
  readonly content: CatalogueEntryInfo | null;
}

export interface CatalogueRowInfo {
  readonly position: number;
  readonly subscription: string | null;
  readonly outcome: "added" | "changed" | "unchanged" | "rejected";
  readonly code?: string;
  readonly message?: string;
  readonly remedy?: readonly string[];
  readonly column?: string;
}

export interface CatalogueImportInfo {
  readonly counts: Readonly<Record<CatalogueRowInfo["outcome"], number>>;
  readonly rows: readonly CatalogueRowInfo[];
  readonly rowsOmitted: number;
}

export interface LocalSubscriptionRow {
  readonly localSubscription: string;
  readonly tenant: string;
  readonly owner?: string;
  readonly offer?: string;
  readonly displayName?: string;
  readonly state?: string;
  /** The hour that it counts from; null or absent: from the beginning when it is new, else from the next whole hour. */
  readonly validFrom?: string | null;
}

export interface LocalSubscriptionInfo extends Required<LocalSubscriptionRow> {
  readonly id: number;
  readonly recordedAt: string;
  readonly recordedBy: string;
}

export interface AuditInfo {
  readonly number: number;
  readonly at: string;
  readonly actor: string;
  readonly actorId: string;
  readonly address: string;
  readonly correlationId: string;
  readonly action: string;
  readonly target: string;
  readonly outcome: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly hash: string;
}

export interface AuditVerificationInfo {
  readonly intact: boolean;
  readonly records: number;
  readonly unchained: number;
  readonly head: { readonly number: number; readonly hash: string };
  readonly broken: { readonly number: number; readonly why: string; readonly explanation: string } | null;
  readonly headFoundAt: number | null;
}

export interface IntakeCounts {
  readonly accepted: number;
  readonly duplicate: number;
  readonly conflict: number;
  readonly parked: number;
  readonly rejected: number;
}

export interface IntakeProblem {
  readonly position: number;
  readonly outcome: "conflict" | "parked" | "rejected";
  readonly reason?: string;
  readonly code?: string;
  readonly message?: string;
  readonly remedy?: readonly string[];
}

export interface IntakeInfo {
  readonly batch: number;
  readonly counts: IntakeCounts;
  readonly problems: readonly IntakeProblem[];
  readonly problemsOmitted: number;
}

export interface ParkedInfo {
  readonly reason: string;
  readonly registration: string;
  readonly localSubscription: string;
  readonly meter: string;
  readonly meterName: string;
  readonly unit: string;
  readonly quantity: string;
  readonly records: number;
  readonly oldestUsage: string | null;
  readonly oldestArrival: string | null;
  readonly ageHours: number | null;
  readonly amountAtStake: string | null;
  readonly currency: string | null;
  readonly noAmountBecause: string | null;
  readonly meaning: string;
  readonly remedy: readonly string[];
}

export interface MeterConservationInfo {
  readonly meter: string;
  readonly name: string;
  readonly unit: string;
  readonly stored: string;
  readonly billed: string;
  readonly unpriced: string;
  readonly parked: string;
  readonly difference: string;
}

export interface ConservationInfo {
  readonly stored: number;
  readonly billed: number;
  readonly unpriced: number;
  readonly parked: number;
  readonly difference: number;
  readonly metersUnequal: number;
  readonly meters: readonly MeterConservationInfo[];
}

export interface StatementRunInfo {
  readonly id: number;
  readonly period: string;
  readonly priceSheet: string;
  readonly knownUntilMs: number;
  readonly lastBatch: number;
  readonly batchesNotCounted: number;
  readonly conservation: ConservationInfo;
  readonly parked: readonly {
    readonly reason: string;
    readonly meter: string;
    readonly quantity: string;
    readonly records: number;
  }[];
  readonly unpriced: readonly {
    readonly reason: string;
    readonly meter: string;
    readonly quantity: string;
    readonly records: number;
  }[];
  /** Since the run before; not there for the first one. */
  readonly changes?: DraftChangesInfo;
}

export interface StatementSummaryInfo {
  readonly number: string;
  readonly level: string;
  readonly issuer: string;
  readonly partner: string;
  /** SHA-256 of the content; null while it is a draft. */
  readonly hash: string | null;
  readonly period: string;
  readonly payer: string;
  readonly currency: string;
  readonly state: string;
  readonly total: string;
  readonly lineCount: number;
}

export interface StatementInfo extends Omit<StatementSummaryInfo, "lineCount"> {
  readonly priceSheet: string;
  readonly lines: readonly StatementLineInfo[];
  readonly subtotals: {
    readonly byStamp: readonly { readonly registration: number; readonly amount: string; readonly lines: number }[];
    readonly byMeter: readonly {
      readonly meter: string;
      readonly meterName: string;
      readonly amount: string;
      readonly lines: number;
    }[];
  };
}

export interface ExplanationInfo {
  readonly statement: Omit<StatementInfo, "lines" | "subtotals">;
  readonly line: StatementLineInfo;
  readonly registration: { readonly name: string; readonly cloudId: string; readonly billingModel: string };
  readonly arithmetic: string;
  readonly price: PriceInfo | null;
  readonly knownUntil: string;
  readonly decisions: readonly {
    readonly tenant: string;
    readonly localSubscriptions: readonly string[];
    readonly from: string;
    readonly to: string;
    readonly by: "mapping" | "removed-mapping" | "no-mapping";
    readonly change: { readonly id: number; readonly recordedAt: string; readonly recordedBy: string } | null;
    readonly records: number;
    readonly quantity: string;
  }[];
  readonly records: {
    readonly value: readonly {
      readonly usageStart: string;
      readonly resourceUri: string;
      readonly localSubscription: string;
      readonly quantity: string;
      readonly reportedStart: string;
      readonly reportedEnd: string;
      readonly batch: number;
      readonly position: number;
    }[];
    readonly recordsInAll: number;
    readonly quantityInAll: string;
  };
}
