import type { KnownSubscription, SpooledReading } from "../../domain/bridge/stampState.ts";
import { sha256 } from "../../lib/digest.ts";
import { formatInstant } from "../../lib/instant.ts";

/** The first part of a bundle: what the others are, in their order. */
export interface BundleManifest {
  /** The stamp's local subscriptions, deleted ones too. */
  readonly subscriptions: readonly KnownSubscription[];
  readonly readings: readonly SpooledReading[];
}

/** Digest of what a bundle brings. Its bytes are others each time it is written, this is not. */
export const contentOf = (readings: BundleManifest["readings"]): string =>
  sha256(readings.map(({ startMs, rows, digest }) => `${formatInstant(startMs)} ${rows} ${digest}`).join("\n"));
