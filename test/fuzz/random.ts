import { hash32 } from "../../src/lib/prng.ts";

/** Numbers that are always the same for the same seed and input, so that a finding can be had again. */
export class Random {
  readonly #seed: number;
  readonly #input: number;
  #drawn = 0;

  constructor(seed: number, input: number) {
    this.#seed = seed;
    this.#input = input;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return hash32(this.#seed, this.#input, this.#drawn++) % limit;
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)]!;
  }
}
