import assert from "node:assert/strict";
import { DECIMAL_BYTES, DECIMAL_END, putDecimal } from "./values.ts";

/**
 * Decimals that are each row's own, row by row, as they will be in the file: so many objects that live as long as their group
 * would cost more than everything else that is done with a row.
 */
export class DecimalRows {
  readonly #view: DataView<ArrayBuffer>;
  readonly #isThere: Uint32Array;
  /** Of all, and of those that are not null. */
  #rows = 0;
  #there = 0;
  #least: bigint | undefined;
  #greatest: bigint | undefined;

  constructor(rowsMax: number) {
    this.#view = new DataView(new ArrayBuffer(rowsMax * DECIMAL_BYTES));
    this.#isThere = new Uint32Array(rowsMax);
  }

  /** @param value as a whole number of its last digit (`PARQUET_DECIMALS`) */
  add(value: bigint | null): void {
    const row = this.#rows++;
    if (value === null) return;
    putDecimal(this.#view, this.#there, value);
    this.#there += 1;
    this.#isThere[row] = 1;
    if (this.#least === undefined || value < this.#least) this.#least = value;
    if (this.#greatest === undefined || value > this.#greatest) this.#greatest = value;
  }

  /** Another one with the same rows, to go on differently. */
  copy(): DecimalRows {
    const copy = new DecimalRows(this.#isThere.length);
    new Uint8Array(copy.#view.buffer).set(this.bytes);
    copy.#isThere.set(this.isThere);
    [copy.#rows, copy.#there] = [this.#rows, this.#there];
    [copy.#least, copy.#greatest] = [this.#least, this.#greatest];
    return copy;
  }

  get rows(): number {
    return this.#rows;
  }

  get isThere(): Uint32Array {
    return this.#isThere.subarray(0, this.#rows);
  }

  get nulls(): number {
    return this.#rows - this.#there;
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.#view.buffer, 0, this.#there * DECIMAL_BYTES);
  }

  /** Undefined where there is none. All are known to fit once this was asked for: it is dearer to look at each of them. */
  get bounds(): readonly [least: bigint, greatest: bigint] | undefined {
    if (this.#least === undefined) return undefined;
    const fits = this.#least > -DECIMAL_END && this.#greatest! < DECIMAL_END;
    assert(fits, "a decimal has more digits than a column");
    return [this.#least, this.#greatest!];
  }
}
