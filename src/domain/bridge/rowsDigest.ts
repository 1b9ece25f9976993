/**
 * Digest of the rows of a window whatever their order, as a stamp gives them in any: the sum of the rows' digests. Two
 * readings with the same digest and number of rows told the same.
 */
export class RowsDigest {
  #sum = 0n;
  #rows = 0;

  /** @param digestHex of the row's text, 128 bits as hexadecimal digits */
  add(digestHex: string): void {
    this.#sum = BigInt.asUintN(128, this.#sum + BigInt(`0x${digestHex}`));
    this.#rows += 1;
  }

  get rows(): number {
    return this.#rows;
  }

  get text(): string {
    return this.#sum.toString(16).padStart(32, "0");
  }
}
