/** Why a version of a record is stored but not counted from the start. */
export const HELD = ["no", "conflict", "archived"] as const;
export type Held = (typeof HELD)[number];

/** What made an entry: a delivery of usage, the withdrawal of one, or a choice between versions of a conflict. */
export const ENTRY_KINDS = ["delivery", "withdrawal", "choice"] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/**
 * One entry of the ledger of usage. Nothing in it is ever changed or deleted: an entry that adds a version of a record is
 * ended by a later entry that takes the same quantity off again. Sums of entries are therefore exact at any moment, and
 * as of any moment.
 */
export interface Entry {
  readonly content: string;
  readonly held: Held;
  readonly kind: EntryKind;
  /** 1 adds a version, -1 ends an entry that added it. */
  readonly sign: 1 | -1;
  /** The withdrawal or choice behind it, or after which a version was delivered anew; 0 where there is none. */
  readonly decision: number;
  /** Of an entry that ends another: that one's decision. */
  readonly ended: number;
}

export type KnownEntry = Entry & { readonly key: string };

/** What names an entry that adds a version among all entries of one record. */
const nameOf = ({ content, held }: Pick<Entry, "content" | "held">, decision: number): string =>
  `${content} ${held} ${decision}`;

/** Of all entries of one record those whose version still counts or waits. */
export function liveEntries<So extends Entry>(entries: readonly So[]): readonly So[] {
  const ended = new Set(entries.filter(({ sign }) => sign === -1).map((entry) => nameOf(entry, entry.ended)));
  return entries.filter((entry) => entry.sign === 1 && !ended.has(nameOf(entry, entry.decision)));
}
