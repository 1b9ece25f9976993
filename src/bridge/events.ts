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

/** What a folder or an HTTP source had, in the spool. */
export interface TakenEvent {
  /** Name of the file, or the address. */
  readonly from: string;
  readonly pieces: number;
}

export interface PieceDeliveredEvent extends Omit<DeliveredEvent, "startMs"> {
  readonly from: string;
  /** Why it is set aside; empty where it is not. */
  readonly setAside: string;
}

/** Hears what a bridge does; each with the name of the stamp or source first. Nothing in them is secret. */
export interface BridgeEvents {
  rows(stamp: string, rows: number): void;
  listed(stamp: string, subscriptions: number, unreadable: number): void;
  windowRead(stamp: string, event: WindowReadEvent): void;
  subscriptionsDelivered(stamp: string, subscriptions: number): void;
  delivered(stamp: string, event: DeliveredEvent): void;
  taken(source: string, event: TakenEvent): void;
  /** A file of which nothing was taken, and the reason's name. */
  refused(source: string, event: { readonly from: string; readonly reason: string }): void;
  pieceDelivered(source: string, event: PieceDeliveredEvent): void;
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
  taken: (...said) => [a, b].forEach((so) => so.taken(...said)),
  refused: (...said) => [a, b].forEach((so) => so.refused(...said)),
  pieceDelivered: (...said) => [a, b].forEach((so) => so.pieceDelivered(...said)),
  spoolRoom: (...said) => [a, b].forEach((so) => so.spoolRoom(...said)),
  trouble: (...said) => [a, b].forEach((so) => so.trouble(...said)),
});
