import { formatInstant, HOUR_MS, type InstantMs, SECOND_MS } from "../../lib/instant.ts";
import type { Diagnosis } from "../completeness/diagnosis.ts";
import { STUCK_HOURS } from "../completeness/findings.ts";
import { bytesOfPieces, refusedFiles, type SourceState } from "./sourceState.ts";
import { spooledBytes, type StampState } from "./stampState.ts";

export interface BridgeLimits {
  readonly spoolBytesMax: number;
  readonly spoolWarnPercent: number;
}

const SKEW_MS_MAX = 60_000;

/** What is wrong with a stamp as far as its bridge can tell. */
export function diagnoseBridge(
  of: string,
  state: StampState,
  { spoolBytesMax, spoolWarnPercent }: BridgeLimits,
  nowMs: InstantMs,
): readonly Diagnosis[] {
  const { cursorMs, skewMs, setAside, bundles } = state;
  const found: Diagnosis[] = [];
  const hours = Math.floor((nowMs + skewMs - cursorMs) / HOUR_MS);
  if (hours >= STUCK_HOURS) {
    found.push({ of, kind: "ReadingStuck", facts: { hour: formatInstant(cursorMs), hours } });
  }
  if (Math.abs(skewMs) >= SKEW_MS_MAX) {
    const seconds = Math.round(Math.abs(skewMs) / SECOND_MS);
    found.push({ of, kind: "ClockSkewed", facts: { seconds, direction: skewMs > 0 ? "ahead" : "behind" } });
  }
  const bytes = spooledBytes(state);
  if (bytes * 100 >= spoolBytesMax * spoolWarnPercent) {
    found.push({ of, kind: "SpoolFilling", facts: { bytes, bytesMax: spoolBytesMax } });
  }
  if (setAside.length > 0) found.push({ of, kind: "RowsRejected", facts: { deliveries: setAside.length } });
  if (bundles.length > 1) {
    const numbers = bundles.map(({ number }) => number).join(", ");
    found.push({ of, kind: "BundlesUnconfirmed", facts: { bundles: bundles.length, numbers } });
  }
  const unconfirmed = state.recent.filter(({ by }) => by === "subscription").length;
  if (unconfirmed > 0) found.push({ of, kind: "HoursUnconfirmed", facts: { hours: unconfirmed } });
  return found;
}

/** What is wrong with a folder or an HTTP source as far as its bridge can tell. */
export function diagnoseSource(
  of: string,
  state: SourceState,
  { spoolBytesMax, spoolWarnPercent }: BridgeLimits,
): readonly Diagnosis[] {
  const found: Diagnosis[] = [];
  const bytes = bytesOfPieces(state);
  if (bytes * 100 >= spoolBytesMax * spoolWarnPercent) {
    found.push({ of, kind: "SpoolFilling", facts: { bytes, bytesMax: spoolBytesMax } });
  }
  const { setAside } = state;
  if (setAside.length > 0) {
    const names = namesOf(setAside.map(({ from, reason }) => ({ name: from, reason })));
    found.push({ of, kind: "PiecesSetAside", facts: { pieces: setAside.length, names } });
  }
  const refused = refusedFiles(state);
  if (refused.length > 0) {
    found.push({ of, kind: "FilesRefused", facts: { files: refused.length, names: namesOf(refused) } });
  }
  return found;
}

const NAMED_MAX = 5;

const namesOf = (files: readonly { readonly name: string; readonly reason: string }[]): string =>
  files
    .slice(0, NAMED_MAX)
    .map(({ name, reason }) => `${name} (${reason})`)
    .join(", ");
