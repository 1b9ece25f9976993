import type { DeliveredCounts } from "../domain/bridge/stampState.ts";
import type { SpoolRoom } from "../domain/bridge/spoolRoom.ts";
import type { InstantMs } from "../lib/instant.ts";

export interface WindowReadEvent {
  readonly startMs: InstantMs;
  readonly again: boolean;
  readonly rows: number;
  readonly by: "stamp" | "subscription";
  readonly hoursBehind: number;
}

export interface DeliveredEvent {
  readonly startMs: InstantMs;
  readonly counts: DeliveredCounts;
  /** Deliveries that still wait. */
  readonly waiting: number;
  /** What the server says of rows that it did not simply take. */
  readonly problems: readonly { readonly outcome: string; readonly code?: string; readonly message?: string }[];
}

/** Hears what a bridge does; each with the name of the stamp first. Nothing in them is secret. */
export interface BridgeEvents {
  rows(stamp: string, rows: number): void;
  listed(stamp: string, subscriptions: number, unreadable: number): void;
  windowRead(stamp: string, event: WindowReadEvent): void;
  subscriptionsDelivered(stamp: string, subscriptions: number): void;
  delivered(stamp: string, event: DeliveredEvent): void;
  spoolRoom(stamp: string, room: SpoolRoom): void;
  trouble(stamp: string, doing: "read" | "deliver", kind: string, message: string): void;
}

/** Two that hear the same. */
export const bothHear = (a: BridgeEvents, b: BridgeEvents): BridgeEvents => ({
  rows: (...said) => [a, b].forEach((so) => so.rows(...said)),
  listed: (...said) => [a, b].forEach((so) => so.listed(...said)),
  windowRead: (...said) => [a, b].forEach((so) => so.windowRead(...said)),
  subscriptionsDelivered: (...said) => [a, b].forEach((so) => so.subscriptionsDelivered(...said)),
  delivered: (...said) => [a, b].forEach((so) => so.delivered(...said)),
  spoolRoom: (...said) => [a, b].forEach((so) => so.spoolRoom(...said)),
  trouble: (...said) => [a, b].forEach((so) => so.trouble(...said)),
});
