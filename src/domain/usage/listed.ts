import type { Hour, LocalSubscriptionId, MeterId, RegistrationId } from "../ids.ts";
import type { ArchivedMonth } from "./archive.ts";
import type { Held } from "./entry.ts";
import type { RecordRef, UsageSegment } from "./store.ts";

/** Where a record stands in a list of usage: by usage hour, registration, local subscription and then digests. */
export interface ListedPlace extends RecordRef {
  readonly localSubscription: LocalSubscriptionId;
  readonly content: string;
}

/** What narrows a list; every one that is given must hold. */
export interface ListedFilter {
  readonly localSubscription?: LocalSubscriptionId;
  readonly meter?: MeterId;
  /** A resource URI in any case: it, and what is under it. */
  readonly resource?: string;
  readonly tag?: { readonly name: string /** Any value where it is not given. */; readonly value?: string };
}

/** Versions of records that count or wait, of usage hours [from, to). */
export interface ListedQuery extends ListedFilter {
  readonly from: Hour;
  readonly to: Hour;
  /** As it was known when a batch was the newest one. */
  readonly lastBatch: number;
  /** Everything of these. */
  readonly registrations: readonly RegistrationId[];
  /** Of other registrations only this; no two of them overlap. */
  readonly segments: readonly UsageSegment[];
  readonly archives?: readonly ArchivedMonth[];
  /** The last record of the page before. */
  readonly after?: ListedPlace;
  readonly limit: number;
}

export interface ListedRecord extends ListedPlace {
  readonly meter: MeterId;
  readonly resourceUri: string;
  readonly location: string;
  /** As they came: `""`, `"null"` or JSON text. */
  readonly tags: string;
  readonly additionalInfo: string;
  readonly reportedEndMs: number;
  /** Exact. */
  readonly quantity: string;
  readonly held: Held;
  /** The withdrawal after which it was delivered anew, or the choice that made it count; 0 where there is none. */
  readonly decision: number;
  /** The batch that delivered it, and where it stood in it. */
  readonly delivery: number;
  readonly position: number;
  /** When it was delivered, or chosen. */
  readonly acceptedAtMs: number;
}
