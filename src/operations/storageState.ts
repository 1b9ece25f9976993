import { isFault } from "../domain/faults/fault.ts";
import type { Clock, InstantMs } from "../lib/instant.ts";

/** The parts that everything is kept in. */
export const STORAGE_PARTS = ["data folder", "control store", "usage store"] as const;
export type StoragePart = (typeof STORAGE_PARTS)[number];

/** What can be wrong with a part, in order of precedence, with how the systems beneath name it. */
const PROBLEMS = {
  DiskFull: /no space left|ENOSPC|NOT_ENOUGH_SPACE|disk is full|EDQUOT|disk quota|EFBIG|file too large/i,
  ReadOnly: /read-?only|EROFS|EACCES|EPERM|permission denied|not permitted|readonly database/i,
  Corrupted: /broken data|corrupt|malformed|not a database|disk image/i,
  CannotStart: /did not start/i,
  Unavailable: /(?:)/,
} as const;
export type StorageProblem = keyof typeof PROBLEMS;

export const problemOf = (reason: string): StorageProblem =>
  (Object.keys(PROBLEMS) as StorageProblem[]).find((problem) => PROBLEMS[problem].test(reason))!;

/** What to do; docs/operating/when-something-is-wrong.md says more. */
const WHAT_TO_DO: Readonly<Record<StorageProblem, string>> = {
  DiskFull: "Free space on the disk of the data folder. Nothing was acknowledged meanwhile; senders send again.",
  ReadOnly: "Make the file system of the data folder writable again, or move the folder. Then restart.",
  Corrupted:
    "Stop the server, keep a copy of the data folder, and check the disk; then restore, or have the data sent again.",
  CannotStart:
    "See the reason and the log. Put the usage folder back as it was; the next request starts the engine again.",
  Unavailable: "It is tried again with each request. If it stays so, see the reason and the log.",
};

export interface StorageTrouble {
  readonly part: StoragePart;
  readonly problem: StorageProblem;
  readonly reason: string;
  /** When it was seen first since it was well. */
  readonly sinceMs: InstantMs;
  readonly whatToDo: string;
}

/** A look at each part: throws, or gives a reason, where something is wrong. */
export type StorageChecks = Readonly<Record<StoragePart, () => Promise<string | undefined>>>;

/** A look costs a write and two queries; whoever asks more often gets the same answer. */
const LOOK_MS = 1_000;

/** Whether everything that is kept can be kept and read, and since when not. */
export class StorageState {
  readonly #clock: Clock;
  readonly #checks: StorageChecks;
  readonly #seen: (part: StoragePart, error: unknown) => void;
  readonly #since = new Map<StoragePart, InstantMs>();
  #look: { readonly atMs: number; readonly troubles: Promise<readonly StorageTrouble[]> } | undefined;

  /** @param seen told of what is wrong with a part, in full, when it is seen first */
  constructor(clock: Clock, checks: StorageChecks, seen: (part: StoragePart, error: unknown) => void) {
    this.#clock = clock;
    this.#checks = checks;
    this.#seen = seen;
  }

  /** What is wrong; nothing when all is well. */
  async troubles(): Promise<readonly StorageTrouble[]> {
    const nowMs = performance.now();
    if (this.#look === undefined || nowMs - this.#look.atMs >= LOOK_MS) {
      this.#look = { atMs: nowMs, troubles: this.#lookAtAll() };
    }
    return await this.#look.troubles;
  }

  async #lookAtAll(): Promise<readonly StorageTrouble[]> {
    const looks = await Promise.all(STORAGE_PARTS.map((part) => this.#lookAt(part)));
    return looks.filter((trouble) => trouble !== undefined);
  }

  async #lookAt(part: StoragePart): Promise<StorageTrouble | undefined> {
    const { reason, error } = await reasonOf(this.#checks[part]);
    if (reason === undefined) {
      this.#since.delete(part);
      return undefined;
    }
    if (!this.#since.has(part)) this.#seen(part, error ?? reason);
    const sinceMs = this.#since.get(part) ?? this.#clock.now();
    this.#since.set(part, sinceMs);
    const problem = problemOf(reason);
    return { part, problem, reason, sinceMs, whatToDo: WHAT_TO_DO[problem] };
  }
}

async function reasonOf(
  check: () => Promise<string | undefined>,
): Promise<{ readonly reason: string | undefined; readonly error?: unknown }> {
  try {
    return { reason: await check() };
  } catch (error) {
    // A defect's message may tell of our insides.
    return { reason: isFault(error) ? error.message : "it failed inside; see the log", error };
  }
}
