import { type Caller, LOCAL_ADMINISTRATOR } from "../domain/access/caller.ts";
import type { Resolver } from "../domain/catalogue/resolver.ts";
import type { ControlStore } from "../domain/controlStore.ts";
import type { ExportSpool } from "../domain/exports.ts";
import type { SignIn } from "../domain/identity/signIn.ts";
import type { PriceSheet } from "../domain/rating/priceSheet.ts";
import type { BillingPeriods } from "../domain/statement/billingPeriods.ts";
import type { OpenPayerSpool } from "../domain/statement/payerSpool.ts";
import type { ArchiveFolder } from "../domain/usage/archive.ts";
import type { IntakeCounts } from "../domain/usage/batch.ts";
import type { RetentionRules } from "../domain/usage/retention.ts";
import type { UsageStore } from "../domain/usage/store.ts";
import type { Clock } from "../lib/instant.ts";
import type { KeyedMutex } from "../lib/mutex.ts";
import type { FocusThreads } from "./exports/focusParquet.ts";
import type { ArchiveProgress } from "./usage/archive.ts";
import type { LeftDeliveries } from "./usage/finish.ts";
import type { ParkedGroup } from "./usage/parked.ts";
import type { StampSeen } from "./usage/stampsSeen.ts";
import type { StorageState } from "./storageState.ts";
import type { RecentVersions } from "./usage/recentVersions.ts";

/** How approvals are dealt with here. */
export interface ApprovalRules {
  /** Requests are approved at once. */
  readonly autoApprove: boolean;
  /** Every change is told to another system. */
  readonly notify: boolean;
  /** To be called when a change is durable. */
  readonly recorded: () => void;
}

/** What is taken that the contract refuses, because an operator has said so. */
export interface Leniency {
  /** Ids of customer subscriptions in any case (contract/registration.md §6.4). */
  readonly customerIdCase: boolean;
  /** Reads in the version that older scripts send (contract/registration.md §11 row 19). */
  readonly oldScripts: boolean;
}

/** How much one caller may ask in a minute. */
export interface RequestLimits {
  readonly readsPerMinuteMax: number;
  /** Deletions are counted on their own, with the same limit. */
  readonly writesPerMinuteMax: number;
}

/** What is counted for whoever watches the server. */
export interface Metrics {
  /** A delivery of usage has ended, well or not. */
  takenIn(counts: IntakeCounts, durationMs: number): void;
  /** Everything that was counted, as text. */
  text(look: () => Promise<UsageSeen>): Promise<{ readonly body: string; readonly contentType: string }>;
}

/** What stands in the stores, as far as it is counted. */
export interface UsageSeen {
  /** What is parked. */
  readonly groups: readonly ParkedGroup[];
  readonly stamps: readonly StampSeen[];
  readonly unitOf: (group: ParkedGroup) => string;
}

/** What operations work with; compose.ts builds it once. */
export interface Context {
  readonly control: ControlStore;
  readonly usage: UsageStore;
  readonly resolver: Resolver;
  /** What prices where nobody has assigned anything. */
  readonly priceSheet: PriceSheet;
  readonly clock: Clock;
  /** Serialises what must not run twice at once, by name. */
  readonly locks: KeyedMutex;
  readonly recentUsage: RecentVersions;
  readonly leftDeliveries: LeftDeliveries;
  /** Registrations and keys of requests that named an Idempotency-Key and are still being answered. */
  readonly answering: Set<string>;
  readonly periods: BillingPeriods;
  readonly retention: RetentionRules;
  readonly archiveFolder: ArchiveFolder;
  readonly exportSpool: ExportSpool;
  readonly focusThreads: FocusThreads;
  /** For what is known of payers while a period is rated. */
  readonly openPayerSpool: OpenPayerSpool;
  readonly archiving: ArchiveProgress;
  readonly approvals: ApprovalRules;
  readonly metrics: Metrics;
  readonly storage: StorageState;
  readonly signIn: SignIn;
  readonly leniency: Leniency;
  readonly requestLimits: RequestLimits;
  /** Where others reach this server, without a slash at the end; known once it listens. */
  readonly publicUrl: () => string;
}

export type { Caller };

/** Who does what nobody asked for: the server itself. */
export const MACHINE: Caller = { ...LOCAL_ADMINISTRATOR, name: "stampbook", address: "local", correlationId: "" };

/** The part of an audit record that says who, when and from where. */
export const auditedBy = ({ name, objectId, address, correlationId }: Caller, atMs: number) => ({
  atMs,
  actor: name,
  actorId: objectId,
  address,
  correlationId,
});
