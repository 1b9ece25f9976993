import { createReadStream } from "node:fs";
import type { Client } from "../client/client.ts";
import { LIMITS } from "../domain/limits.ts";
import type { KnownSubscription, SpooledReading } from "../domain/bridge/stampState.ts";
import { formatInstant, HOUR_MS } from "../lib/instant.ts";
import type { IntakeInfo } from "../client/types.ts";

export interface Destination {
  readonly client: Client;
  readonly registration: string;
  /** Name of the stamp in this bridge. */
  readonly stamp: string;
}

/**
 * Delivers a reading. Sent again, after an answer that was lost, it gets the same answer, and later still its rows are
 * duplicates: counted once in any case.
 * @throws Refused, Unreachable, SignInRefused
 */
export async function deliverReading(
  { client, registration, stamp }: Destination,
  file: string,
  reading: SpooledReading,
): Promise<IntakeInfo> {
  const { startMs, number, digest } = reading;
  const window = { start: formatInstant(startMs), end: formatInstant(startMs + HOUR_MS) };
  const bytes = createReadStream(file) as AsyncIterable<Buffer>;
  const stream = { bytes, type: "application/x-ndjson", encoding: "gzip" };
  return await client.takeIn(registration, stream, window, `bridge-${stamp}-${number}-${digest}`);
}

/** Tells the server what the stamp says of its subscriptions. @throws as deliverReading */
export async function deliverSubscriptions(
  { client, registration }: Destination,
  known: readonly KnownSubscription[],
): Promise<void> {
  for (let from = 0; from < known.length; from += LIMITS.importRowsMax) {
    await client.putLocalSubscriptions(registration, known.slice(from, from + LIMITS.importRowsMax));
  }
}
