import type { Entry, Held, KnownEntry } from "./entry.ts";
import type { Identity } from "./identity.ts";

/** What a record is next to what is known of its key, in order of precedence. */
export const VERDICTS = ["duplicate", "conflict", "new"] as const;

export type Verdict =
  | { readonly is: "duplicate" }
  | {
      readonly is: "conflict" | "new";
      /** The withdrawal that made room for it; 0 where there is none. */
      readonly after: number;
      /**
       * A version of the same content was waiting for a choice, and counting this one ends that: the decision of the
       * entry that is ended, 0 where it had none.
       */
      readonly endsParked?: number;
    };

const DUPLICATE: Verdict = { is: "duplicate" };
const NEW: Verdict = { is: "new", after: 0 };

/** Entries of one content. */
class Version {
  readonly #tags = new Set<string>();
  counted = 0;
  /** Decisions of the entries that parked it, and of those of them that were ended. */
  readonly #parked = { added: new Set<number>(), ended: new Set<number>() };
  /** The last withdrawal that ended an entry of it. */
  withdrawal = 0;
  /** Whether a choice or a withdrawal was the last to end an entry of it. */
  #lastEnd: { readonly kind: string; readonly decision: number } | undefined;

  add({ held, kind, sign, decision, ended }: Entry): void {
    const tag = `${held} ${kind} ${sign} ${decision} ${ended}`;
    // What a crash made be stored twice is one entry.
    if (this.#tags.has(tag)) return;
    this.#tags.add(tag);
    if (held === "no") this.counted += sign;
    else if (sign === 1) this.#parked.added.add(decision);
    else this.#parked.ended.add(ended);
    if (sign === 1) return;
    if (kind === "withdrawal") this.withdrawal = Math.max(this.withdrawal, decision);
    if (this.#lastEnd === undefined || this.#lastEnd.decision <= decision) this.#lastEnd = { kind, decision };
  }

  /** The decision of the entry that parks it now. */
  get parked(): number | undefined {
    return [...this.#parked.added.difference(this.#parked.ended)][0];
  }

  /** It is stored, and was not taken back. */
  get known(): boolean {
    return this.counted > 0 || this.parked !== undefined || this.#lastEnd?.kind === "choice";
  }
}

type Contents = Map<string, Version>;

const isFirst = ({ held, kind, decision }: Entry): boolean => held === "no" && kind === "delivery" && decision === 0;

/**
 * Compares records with what is known of their keys, and remembers them. Same key and content: duplicate, not an error.
 * Same key, other content: conflict; the first version stays as it is and the later one is parked. What was withdrawn is
 * no longer known: whatever comes next under its key counts (design rule 3).
 */
export class Versions {
  /** Nearly every key has one version that was delivered and nothing more: its content says all. */
  readonly #known = new Map<string, string | Contents>();

  /** An entry that the store holds already. */
  add(entry: KnownEntry): void {
    const { key, content } = entry;
    const known = this.#known.get(key);
    if (known === undefined && isFirst(entry) && entry.sign === 1) {
      this.#known.set(key, content);
      return;
    }
    if (known === content && isFirst(entry) && entry.sign === 1) return;
    const contents = this.#contents(key);
    let version = contents.get(content);
    if (version === undefined) contents.set(content, (version = new Version()));
    version.add(entry);
  }

  #contents(key: string): Contents {
    const known = this.#known.get(key);
    if (typeof known === "object") return known;
    const contents: Contents = new Map();
    if (known !== undefined) {
      const version = new Version();
      version.add(delivered(known));
      contents.set(known, version);
    }
    this.#known.set(key, contents);
    return contents;
  }

  /**
   * Says what a record is, and takes it as stored from then on.
   * @param archived its month is archived: it is compared as others are, and never counts
   */
  judge({ key, content }: Pick<Identity, "key" | "content">, archived = false): Verdict {
    const verdict = this.#verdict(key, content, archived);
    for (const entry of entriesMadeBy({ key, content }, verdict, archived)) this.add(entry);
    return verdict;
  }

  #verdict(key: string, content: string, archived: boolean): Verdict {
    const known = this.#known.get(key);
    if (known === undefined) return NEW;
    if (known === content) return DUPLICATE;
    const contents = this.#contents(key);
    const versions = [...contents.values()];
    const version = contents.get(content);
    const after = Math.max(...versions.map(({ withdrawal }) => withdrawal));
    if (archived) {
      if (version?.known === true) return DUPLICATE;
      const other = versions.some((one) => one.known);
      return other ? { is: "conflict", after: version?.withdrawal ?? 0 } : { is: "new", after };
    }
    if (versions.some(({ counted }) => counted > 0) || after === 0) {
      return version?.known ? DUPLICATE : { is: "conflict", after: version?.withdrawal ?? 0 };
    }
    const endsParked = version?.parked;
    return { is: "new", after, ...(endsParked === undefined ? {} : { endsParked }) };
  }
}

const delivered = (content: string): Entry => ({
  content,
  held: "no",
  kind: "delivery",
  sign: 1,
  decision: 0,
  ended: 0,
});

/** The entry that ends a parked version because one of the same content counts after a withdrawal. */
export const endOfParked = (after: number, ended: number): Omit<Entry, "content"> => ({
  held: "conflict",
  kind: "withdrawal",
  sign: -1,
  decision: after,
  ended,
});

/** Why a record that is stored is not counted, if it is not. */
export const heldBy = (is: "conflict" | "new", archived: boolean): Held =>
  archived ? "archived" : is === "conflict" ? "conflict" : "no";

/** The entries that a record makes by its verdict. */
export function entriesMadeBy(
  { key, content }: Pick<Identity, "key" | "content">,
  verdict: Verdict,
  archived = false,
): readonly KnownEntry[] {
  if (verdict.is === "duplicate") return [];
  const { is, after, endsParked } = verdict;
  const added: KnownEntry = { key, ...delivered(content), held: heldBy(is, archived), decision: after };
  return endsParked === undefined ? [added] : [added, { key, content, ...endOfParked(after, endsParked) }];
}
