import type { Hour } from "../ids.ts";
import type { Period } from "../statement/period.ts";
import type { Held } from "./entry.ts";
import type { StoredMonth } from "./retention.ts";
import type { RecordRef } from "./store.ts";

/** What the entries of one meter add up to, apart by what holds them and by sign. */
export interface ArchiveSum {
  readonly meter: string;
  readonly held: Held;
  readonly sign: 1 | -1;
  readonly entries: number;
  /** Exact, as text. */
  readonly quantity: string;
}

/** What a month holds, in the ledger or in a file; equal where the entries are. */
export interface MonthFacts {
  readonly entries: number;
  /** By meter, held and sign. */
  readonly sums: readonly ArchiveSum[];
  /** The same number for the same entries in any order, over every column of them. */
  readonly fingerprint: string;
}

/** A delivery that has entries in a month. */
export interface DeliveryInMonth {
  readonly delivery: number;
  readonly entries: number;
}

export const sameFacts = (a: MonthFacts, b: MonthFacts): boolean =>
  a.entries === b.entries &&
  a.fingerprint === b.fingerprint &&
  a.sums.length === b.sums.length &&
  a.sums.every((sum, i) => {
    const other = b.sums[i]!;
    return (
      sum.meter === other.meter &&
      sum.held === other.held &&
      sum.sign === other.sign &&
      sum.entries === other.entries &&
      sum.quantity === other.quantity
    );
  });

/** A month that is archived, and its file in the archive folder. */
export interface UsageArchive extends MonthFacts {
  /** For example 2023-01. */
  readonly month: string;
  /** The newest batch that has entries in it. */
  readonly newestBatch: number;
  /** Name in the archive folder. */
  readonly file: string;
  readonly bytes: number;
  /** Of the file, as lower-case hex digits. */
  readonly sha256: string;
  readonly archivedAtMs: number;
  readonly archivedBy: string;
  /** When the month was gone from the usage store. */
  readonly droppedAtMs: number | null;
}

/** An archive that a query reads along with the store. */
export interface ArchivedMonth {
  readonly from: Hour;
  readonly to: Hour;
  /** Absolute path of a file whose checksum was compared. */
  readonly path: string;
}

/** Archives and how far they reach, in the control store. */
export interface ArchiveStore {
  /** The first hour whose usage counts; 0 when nothing was archived yet. */
  horizon(): Promise<Hour>;
  raiseHorizon(to: Hour, by: { readonly recordedBy: string; readonly atMs: number }): Promise<void>;
  /** Oldest month first. */
  list(): Promise<readonly UsageArchive[]>;
  find(month: string): Promise<UsageArchive | undefined>;
  /** From here on the file is what counts, also while the month is not gone from the usage store yet. */
  add(archive: UsageArchive, deliveries: readonly DeliveryInMonth[]): Promise<void>;
  dropped(month: string, atMs: number): Promise<void>;
  /** Archived months that hold entries of a delivery. */
  monthsOf(delivery: number): Promise<readonly string[]>;
}

/** The folder that archives are kept in. */
export interface ArchiveFolder {
  readonly path: string;
  /** A path for a file that is being written; what an earlier attempt left there is removed. */
  temporary(month: string): Promise<string>;
  /**
   * Makes a written file durable under its final name, which follows from its content.
   * @throws Fault ArchiveFolderUnusable
   */
  keep(month: string, temporary: string): Promise<Pick<UsageArchive, "file" | "bytes" | "sha256">>;
  /** Removes other files of the month: what attempts that were broken off left. */
  removeOthers(month: string, file: string): Promise<void>;
  /**
   * The path of an archive whose bytes are as they were written.
   * @throws Fault ArchiveDamaged
   */
  checked(archive: Pick<UsageArchive, "month" | "file" | "bytes" | "sha256">): Promise<string>;
}

/** Usage by the month: what is archived and dropped as a whole. Entries that came after the archive are no part of it. */
export interface UsageMonths {
  /** Months before an hour that hold anything, oldest first. */
  list(before: Hour): Promise<readonly StoredMonth[]>;
  /** The newest batch that brought something of it or decided on it; 0 where there is none. */
  newestBatch(period: Period): Promise<number>;
  facts(period: Period): Promise<MonthFacts>;
  deliveries(period: Period): Promise<readonly DeliveryInMonth[]>;
  /** Writes every column of every entry into a Parquet file that is not there yet. */
  write(period: Period, path: string): Promise<void>;
  factsOfFile(path: string): Promise<MonthFacts>;
  /**
   * Takes a month out of the store; nothing may be appended meanwhile. What identifies its events stays. The same when it
   * is done again.
   */
  drop(period: Period): Promise<void>;
  /** Whether a version of an event was in a month that is gone. */
  isEventArchived(record: RecordRef): Promise<boolean>;
}
