import type { RegistrationId } from "../ids.ts";
import type { ArchivedMonth } from "./archive.ts";
import type { RecordRef, StoredEntry } from "./store.ts";

/** Where an entry stands in the order of the ledger; no two entries stand at one place. */
export type ChangePlace = Pick<StoredEntry, "batch" | "delivery" | "position" | "sign">;

/** How far somebody has read: every entry of a batch and all before it, or of that batch only up to an entry. */
export type ChangeCursor = { readonly batch: number } | ChangePlace;

export const isPlaceInBatch = (cursor: ChangeCursor): cursor is ChangePlace => "delivery" in cursor;

const FORM = /^(\d{1,12})(?:\.(\d{1,12})\.(\d{1,9})\.(add|end))?$/;

/** The name of an entry, for ever; or of a batch. */
export const formatCursor = (cursor: ChangeCursor): string =>
  isPlaceInBatch(cursor)
    ? `${cursor.batch}.${cursor.delivery}.${cursor.position}.${cursor.sign === 1 ? "add" : "end"}`
    : String(cursor.batch);

/** The cursor of a text as `formatCursor` writes it; undefined when it is none. */
export function parseCursor(text: string): ChangeCursor | undefined {
  const [, batch, delivery, position, does] = FORM.exec(text) ?? [];
  if (batch === undefined) return undefined;
  const number = (digits: string): number => Number.parseInt(digits, 10);
  if (delivery === undefined || position === undefined) return { batch: number(batch) };
  const sign = does === "add" ? 1 : -1;
  return { batch: number(batch), delivery: number(delivery), position: number(position), sign };
}

/** Entries that some batches made, in the order of batch, delivery and position; what ends comes before what adds. */
export interface ChangesQuery {
  /** Ascending; all deliveries, or one decision. */
  readonly batches: readonly number[];
  readonly registrations: readonly RegistrationId[];
  /** What the batches changed: what they delivered, what another batch had delivered, or one record. */
  readonly of: "own" | { readonly delivery: number } | { readonly record: RecordRef };
  readonly archives?: readonly ArchivedMonth[];
  /** The last entry that was read. */
  readonly after?: ChangePlace;
  readonly limit: number;
}

export interface ChangesPage {
  readonly entries: readonly StoredEntry[];
  /** The last place that was looked at; undefined where these batches have no more. It may be further than the last entry. */
  readonly last: ChangePlace | undefined;
}
