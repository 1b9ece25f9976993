import type { Identity } from "./identity.ts";

export type Verdict = "duplicate" | "conflict" | "new";

/**
 * Compares a record with what is known of its key and remembers it. Same key and content: duplicate, not an error.
 * Same key, other content: conflict; the first version stays as it is and the later one is parked.
 */
export class Versions {
  /** Nearly every key has one content; a set is only made for a second one. */
  readonly #known = new Map<string, string | Set<string>>();

  /** Contents that the store holds already, per key. */
  add(key: string, content: string): void {
    const known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, content);
    else if (typeof known !== "string") known.add(content);
    else if (known !== content) this.#known.set(key, new Set([known, content]));
  }

  judge({ key, content }: Identity): Verdict {
    const known = this.#known.get(key);
    if (known === content || (known instanceof Set && known.has(content))) return "duplicate";
    this.add(key, content);
    return known === undefined ? "new" : "conflict";
  }
}
