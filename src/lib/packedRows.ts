import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

/** Rows that wait in a box until they are packed. */
const OPEN_MAX = 256;
const QUICKLY = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

interface Box<Row> {
  open: Row[];
  readonly packed: Buffer[];
}

/**
 * Rows of texts and numbers in numbered boxes, packed: a million of them take some ten megabytes. They come out box by box, in
 * the order in which they went in.
 */
export class PackedRows<Row extends readonly (string | number)[]> {
  readonly #boxes = new Map<number, Box<Row>>();

  add(number: number, row: Row): void {
    const box = this.#boxes.get(number);
    if (box === undefined) {
      this.#boxes.set(number, { open: [row], packed: [] });
      return;
    }
    box.open.push(row);
    if (box.open.length < OPEN_MAX) return;
    box.packed.push(zstdCompressSync(JSON.stringify(box.open), QUICKLY));
    box.open = [];
  }

  /** Numbers of the boxes that hold something, in their order. */
  boxes(): readonly number[] {
    return [...this.#boxes.keys()].sort((a, b) => a - b);
  }

  *rows(number: number): Generator<Row> {
    const { open, packed } = this.#boxes.get(number) ?? { open: [], packed: [] };
    for (const piece of packed) yield* JSON.parse(zstdDecompressSync(piece).toString("utf8")) as Row[];
    yield* open;
  }
}
