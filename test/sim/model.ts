import { contentOf, type Facts, keyOf, type Stamp } from "./facts.ts";

/** One content of a record. Which delivery it counts or waits from; undefined where it does not. */
interface Version {
  readonly facts: Facts;
  counts: number | undefined;
  waits: number | undefined;
  /** The last withdrawal that took it back; 0 where none did. */
  withdrawn: number;
  /** Another version was chosen, and nothing was withdrawn since. */
  lost: boolean;
}

export interface Outcome {
  readonly outcome: "accepted" | "duplicate" | "conflict";
  readonly afterWithdrawal: number;
}

export interface Sum {
  /** In units of 10^-30. */
  readonly quantity: bigint;
  readonly records: number;
}

const WHOLE_AND_DECIMALS = /^(-?\d+)(?:\.(\d+))?$/;
export function unitsOf(text: string): bigint {
  const [, whole = "", decimals = ""] = WHOLE_AND_DECIMALS.exec(text) ?? [];
  return BigInt(whole + decimals.padEnd(30, "0"));
}

/** What usage there is, in the plainest words: for each record of a stamp, its contents and what became of each. */
export class Model {
  readonly #records = new Map<string, Map<string, Version>>();

  #versions(stamp: Stamp, key: string): Map<string, Version> {
    const name = `${stamp} ${key}`;
    return this.#records.get(name) ?? this.#records.set(name, new Map()).get(name)!;
  }

  /** Says what a record would be, without taking it. */
  judge(stamp: Stamp, facts: Facts): Outcome {
    const versions = this.#versions(stamp, keyOf(facts));
    const own = versions.get(contentOf(facts));
    const all = [...versions.values()];
    if (all.some(({ counts }) => counts !== undefined)) {
      const isKnown = own !== undefined && (own.counts !== undefined || own.waits !== undefined || own.lost);
      return { outcome: isKnown ? "duplicate" : "conflict", afterWithdrawal: own?.withdrawn ?? 0 };
    }
    return { outcome: "accepted", afterWithdrawal: Math.max(0, ...all.map(({ withdrawn }) => withdrawn)) };
  }

  /** Keeps a record that is no duplicate, as it was judged. */
  store(stamp: Stamp, facts: Facts, delivery: number, judged: "accepted" | "conflict"): void {
    const versions = this.#versions(stamp, keyOf(facts));
    const content = contentOf(facts);
    const own = versions.get(content) ?? { facts, counts: undefined, waits: undefined, withdrawn: 0, lost: false };
    // What it says is the same; how it was spelt may differ, and the one that lives is the last that was stored.
    versions.set(content, {
      ...own,
      facts,
      ...(judged === "accepted" ? { counts: delivery, waits: undefined } : { waits: delivery }),
    });
  }

  copy(): Model {
    const copy = new Model();
    for (const [name, versions] of this.#records) {
      copy.#records.set(name, new Map([...versions].map(([content, version]) => [content, { ...version }])));
    }
    return copy;
  }

  /** Takes back what a delivery brought. Returns how many versions that ended. */
  withdraw(stamp: Stamp, delivery: number, withdrawal: number): number {
    let ended = 0;
    for (const { version } of this.#all(stamp)) {
      if (version.counts !== delivery && version.waits !== delivery) continue;
      Object.assign(version, { counts: undefined, waits: undefined, withdrawn: withdrawal, lost: false });
      ended += 1;
    }
    return ended;
  }

  /** Lets one version of a record count, and ends the others. */
  choose(stamp: Stamp, key: string, content: string): void {
    for (const [of, version] of this.#versions(stamp, key)) {
      const lives = version.counts ?? version.waits;
      if (of === content) Object.assign(version, { counts: lives, waits: undefined });
      else if (lives !== undefined) Object.assign(version, { counts: undefined, waits: undefined, lost: true });
    }
  }

  *#all(stamp?: Stamp): Generator<{ stamp: Stamp; key: string; content: string; version: Version }> {
    for (const [name, versions] of this.#records) {
      const [of = "", ...key] = name.split(" ");
      if (stamp !== undefined && stamp !== of) continue;
      for (const [content, version] of versions) yield { stamp: of as Stamp, key: key.join(" "), content, version };
    }
  }

  /** Every version that counts or waits, and from which delivery. */
  *living(): Generator<{ stamp: Stamp; key: string; content: string; facts: Facts; waits: boolean; delivery: number }> {
    for (const { stamp, key, content, version } of this.#all()) {
      const delivery = version.counts ?? version.waits;
      if (delivery === undefined) continue;
      yield { stamp, key, content, facts: version.facts, waits: version.counts === undefined, delivery };
    }
  }

  /** Sums of what counts and what waits, by a name that the caller gives to each version. */
  sums(nameOf: (version: { stamp: Stamp; facts: Facts; waits: boolean }) => string | undefined): Map<string, Sum> {
    const sums = new Map<string, Sum>();
    for (const version of this.living()) {
      const name = nameOf(version);
      if (name === undefined) continue;
      const { quantity, records } = sums.get(name) ?? { quantity: 0n, records: 0 };
      sums.set(name, { quantity: quantity + unitsOf(version.facts.quantity), records: records + 1 });
    }
    return sums;
  }

  /** Records of which a version waits. */
  conflicts(): readonly string[] {
    const waiting = [...this.living()].filter(({ waits }) => waits).map(({ stamp, key }) => `${stamp} ${key}`);
    return [...new Set(waiting)].sort();
  }
}
