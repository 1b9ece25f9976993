import { packedText, unpackedText } from "./packedText.ts";

/** Rows that wait in a box until they are packed. */
const OPEN_MAX = 256;

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
    box.packed.push(packedText(JSON.stringify(box.open)));
    box.open = [];
  }

  /** Numbers of the boxes that hold something, in their order. */
  boxes(): readonly number[] {
    return [...this.#boxes.keys()].sort((a, b) => a - b);
  }

  *rows(number: number): Generator<Row> {
    const { open, packed } = this.#boxes.get(number) ?? { open: [], packed: [] };
    for (const piece of packed) yield* JSON.parse(unpackedText(piece)) as Row[];
    yield* open;
  }
}
