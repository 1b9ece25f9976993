import type { RoleAssignmentStore } from "./access/store.ts";
import type { AuditStore } from "./audit/store.ts";
import type { CatalogueStore } from "./catalogue/store.ts";
import type { CredentialStore, DirectoryStore } from "./identity/store.ts";
import type { SigningKeyStore } from "./keys/store.ts";
import type { NotificationStore } from "./notification/store.ts";
import type { PriceStore } from "./rating/store.ts";
import type { RegistrationStore } from "./registration/store.ts";
import type { LockStore, ProviderStore, ResourceGroupStore } from "./resources/store.ts";
import type { KnowledgeMark } from "./statement/bounds.ts";
import type { DocumentStore } from "./statement/document.ts";
import type { StatementStore } from "./statement/store.ts";
import type { TenancyStore } from "./tenancy/store.ts";
import type { ArchiveStore } from "./usage/archive.ts";
import type { BatchStore } from "./usage/batch.ts";
import type { UsageDayStore } from "./usage/day.ts";
import type { IdempotentAnswerStore } from "./usage/idempotency.ts";
import type { LocalSubscriptionStore } from "./usage/localSubscription.ts";
import type { MeterStore } from "./usage/operatorMeter.ts";

/** Everything that decides who pays, as one text that changes with it. */
export interface AttributionLog {
  version(): Promise<string>;
  /** The newest change of each kind that decides what statements say. */
  newest(): Promise<KnowledgeMark>;
}

/** Everything but the usage itself. What a method has returned from is durable. */
export interface ControlStores {
  readonly registrations: RegistrationStore;
  readonly tenancy: TenancyStore;
  readonly catalogue: CatalogueStore;
  readonly notifications: NotificationStore;
  readonly localSubscriptions: LocalSubscriptionStore;
  readonly meters: MeterStore;
  readonly prices: PriceStore;
  readonly batches: BatchStore;
  readonly usageDays: UsageDayStore;
  readonly attributionLog: AttributionLog;
  readonly idempotentAnswers: IdempotentAnswerStore;
  readonly archives: ArchiveStore;
  readonly statements: StatementStore;
  readonly documents: DocumentStore;
  readonly resourceGroups: ResourceGroupStore;
  readonly locks: LockStore;
  readonly providers: ProviderStore;
  readonly roleAssignments: RoleAssignmentStore;
  readonly signingKeys: SigningKeyStore;
  readonly credentials: CredentialStore;
  readonly directories: DirectoryStore;
  readonly audit: AuditStore;
}

export interface ControlStore extends ControlStores {
  /** All or nothing; one at a time. */
  transaction<Result>(run: (stores: ControlStores) => Promise<Result>): Promise<Result>;
  /**
   * Counts what is written: while the number stays, so does every answer that was begun under it. A store that others
   * write to as well gives another number each time.
   */
  writes(): number;
  ping(): Promise<void>;
  close(): Promise<void>;
}
