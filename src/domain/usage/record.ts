import type { LocalSubscriptionId, MeterId } from "../ids.ts";
import type { ReportedWindow } from "./reportedWindow.ts";

/** What a record says of the thing that was used. One object for all hours of a resource, so that it is read once. */
export interface UsedResource {
  readonly uri: string;
  /** The URI for comparing: providers write it in different cases. */
  readonly uriFolded: string;
  readonly location: string;
  /** JSON text of an object. `""` and `"null"` both mean that there are none; the usage APIs tell which one came. */
  readonly tags: string;
  readonly additionalInfo: string;
}

/** One metered quantity of one resource in one usage hour, as a stamp reported it (contract/usage.md §3). */
export interface UsageRecord {
  readonly localSubscription: LocalSubscriptionId;
  readonly meter: MeterId;
  /** The meter id in the stamp's own spelling: the usage APIs give it back as it came. */
  readonly meterAsSent: string;
  readonly resource: UsedResource;
  readonly usageStartMs: number;
  readonly usageEndMs: number;
  /** Exact, in plain notation without needless zeros. */
  readonly quantity: string;
  readonly window: ReportedWindow;
  /** For records that came as CloudEvents: what identifies the event, for ever. */
  readonly event?: UsageEvent;
}

/** The two attributes that identify a CloudEvent (CloudEvents 1.0, `source` and `id`). */
export interface UsageEvent {
  readonly source: string;
  readonly id: string;
}

/** What the readers know besides the record itself. */
export interface ReadingContext {
  readonly nowMs: number;
  /** The window of the request that read the page; a Hub's record may carry its own beside `properties`. */
  readonly window: ReportedWindow | undefined;
}
