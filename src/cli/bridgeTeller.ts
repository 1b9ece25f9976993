import type { BridgeEvents } from "../bridge/events.ts";
import type { DeliveredCounts } from "../domain/bridge/stampState.ts";
import { formatInstant, systemClock } from "../lib/instant.ts";
import { grouped, printLine, printNote, styled } from "./output.ts";

const ROOM = {
  free: "the spool has room again",
  "nearly-full": "the spool is nearly full: the server has taken nothing for long, or spoolBytesMax is too small",
  full: "the spool is full: reading stops until the server takes what waits; nothing is dropped",
} as const;

const countsText = (counts: DeliveredCounts): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${grouped(count as number)} ${outcome}`)
    .join(", ");

const toGo = (hours: number): string => (hours === 1 ? "1 hour to go" : `${grouped(hours)} hours to go`);

/**
 * Tells what a bridge does: a line of JSON each for machines, on standard output; else a line for people, on standard
 * error.
 */
export function bridgeTeller(json: boolean): BridgeEvents {
  const tell = (stamp: string, event: string, facts: Readonly<Record<string, unknown>>, text: string): void => {
    const at = formatInstant(systemClock.now());
    if (json) printLine(JSON.stringify({ at, stamp, event, ...facts }));
    else printNote(`${styled("dim", at, process.stderr)} ${styled("bold", stamp, process.stderr)} ${text}`);
  };
  return {
    rows: () => undefined,
    listed: (stamp, subscriptions, unreadable) => {
      const text = `${grouped(subscriptions)} local subscriptions${unreadable === 0 ? "" : `, ${unreadable} unreadable`}`;
      tell(stamp, "listed", { subscriptions, unreadable }, text);
    },
    windowRead: (stamp, { startMs, again, rows, by, hoursBehind }) => {
      const hour = formatInstant(startMs);
      const how = `${by === "subscription" ? ", one query for each subscription" : ""}${again ? ", read again" : ""}`;
      const text = `read ${hour}: ${grouped(rows)} ${rows === 1 ? "row" : "rows"}${how}; ${toGo(hoursBehind)}`;
      tell(stamp, "windowRead", { hour, again, rows, by, hoursBehind }, text);
    },
    subscriptionsDelivered: (stamp, subscriptions) => {
      const text = `delivered ${grouped(subscriptions)} local subscriptions`;
      tell(stamp, "subscriptionsDelivered", { subscriptions }, text);
    },
    delivered: (stamp, { startMs, counts, waiting, problems }) => {
      const hour = formatInstant(startMs);
      const text = `delivered ${hour}: ${countsText(counts)}; ${grouped(waiting)} waiting`;
      tell(stamp, "delivered", { hour, counts, waiting, problems: problems.slice(0, PROBLEMS_SHOWN_MAX) }, text);
    },
    taken: (source, { from, pieces }) => {
      tell(source, "taken", { from, pieces }, `took ${from}${pieces === 1 ? "" : ` in ${pieces} pieces`}`);
    },
    refused: (source, { from, reason }) => {
      tell(source, "refused", { from, reason }, `${styled("yellow", "refused", process.stderr)} ${from}: ${reason}`);
    },
    pieceDelivered: (source, { from, counts, waiting, problems, setAside }) => {
      const aside = setAside === "" ? "" : `, ${styled("yellow", "set aside", process.stderr)} (${setAside})`;
      const text = `delivered ${from}: ${countsText(counts) || "nothing"}${aside}; ${grouped(waiting)} waiting`;
      const shown = problems.slice(0, PROBLEMS_SHOWN_MAX);
      tell(source, "pieceDelivered", { from, counts, waiting, setAside, problems: shown }, text);
    },
    spoolRoom: (stamp, room) => tell(stamp, "spoolRoom", { room }, ROOM[room]),
    trouble: (stamp, doing, kind, message) => {
      const text = `${styled("yellow", `cannot ${doing}`, process.stderr)}, will try again: ${message}`;
      tell(stamp, "trouble", { doing, kind, message }, text);
    },
  };
}

const PROBLEMS_SHOWN_MAX = 10;
