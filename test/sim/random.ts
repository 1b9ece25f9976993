import { hash32 } from "../../src/lib/prng.ts";

/** A stream of choices that is the same for the same seed. */
export class Random {
  readonly #seed: number;
  #drawn = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    return hash32(this.#seed, this.#drawn++) % count;
  }

  pick<Thing>(things: readonly Thing[]): Thing {
    return things[this.below(things.length)]!;
  }

  /** True in so many of a hundred cases. */
  percent(share: number): boolean {
    return this.below(100) < share;
  }

  shuffled<Thing>(things: readonly Thing[]): Thing[] {
    const left = [...things];
    return things.map(() => left.splice(this.below(left.length), 1)[0]!);
  }
}
