import { varint } from "./thrift.ts";

/** Values are packed in groups of so many; a run that is told as one is never shorter. */
const GROUP = 8;
const BITS_OF_BYTE = 8;

/** How many bits tell the numbers below `count` apart; readers expect at least one. */
export const bitsFor = (count: number): number => Math.max(1, 32 - Math.clz32(count - 1));

/** One number so many times over. */
export function run(number: number, count: number, bits: number): Uint8Array {
  const bytes = varint(count * 2);
  for (let shift = 0; shift < bits; shift += BITS_OF_BYTE) bytes.push((number >>> shift) & 0xff);
  return Uint8Array.from(bytes);
}

/**
 * Numbers in Parquet's hybrid of runs and packed bits.
 * @param bits of each number, 24 at most
 */
export function hybrid(values: Uint32Array, bits: number): Uint8Array {
  const encoder = new HybridEncoder(values, bits);
  const { length } = values;
  for (let at = 0; at < length; ) {
    let end = at + 1;
    while (end < length && values[end] === values[at]) end += 1;
    at = encoder.add(at, end);
  }
  return encoder.finish();
}

class HybridEncoder {
  readonly #values: Uint32Array;
  readonly #bits: number;
  readonly #parts: Uint8Array[] = [];
  /** What is before it is told already. */
  #told = 0;

  constructor(values: Uint32Array, bits: number) {
    this.#values = values;
    this.#bits = bits;
  }

  /** Takes equal values in; where to go on. */
  add(from: number, end: number): number {
    const behind = (from - this.#told) % GROUP;
    // What waits to be packed is filled up to whole groups first.
    const start = behind === 0 ? from : from + GROUP - behind;
    if (end - start < GROUP) return end;
    this.#pack(start);
    this.#parts.push(run(this.#values[start]!, end - start, this.#bits));
    this.#told = end;
    return end;
  }

  /** Packs what is not told yet, up to `end`. */
  #pack(end: number): void {
    if (end === this.#told) return;
    const groups = Math.ceil((end - this.#told) / GROUP);
    const packed = new Uint8Array(groups * this.#bits);
    let [pending, pendingBits, at] = [0, 0, 0];
    for (let i = this.#told; i < end; i += 1) {
      pending |= this.#values[i]! << pendingBits;
      for (pendingBits += this.#bits; pendingBits >= BITS_OF_BYTE; pendingBits -= BITS_OF_BYTE) {
        packed[at++] = pending & 0xff;
        pending >>>= BITS_OF_BYTE;
      }
    }
    if (pendingBits > 0) packed[at] = pending;
    this.#parts.push(Uint8Array.from(varint(groups * 2 + 1)), packed);
    this.#told = end;
  }

  finish(): Uint8Array {
    this.#pack(this.#values.length);
    return Buffer.concat(this.#parts);
  }
}
