import { expect, test } from "vitest";
import type { Item, ItemReader, StreamEnd } from "../../src/lib/jsonItems.ts";
import { readerOf } from "../../src/operations/usage/items.ts";
import type { Open } from "./check.ts";
import { Finding, tryInput } from "./intakeFuzz.ts";

// Goal: whatever bytes arrive, the readers of intake say what JSON.parse of all of it would say, in chunks of any size, and
// keep what is good before what is not.
// Method: bodies from a seed, changed in their structure or their bytes, plain and compressed. More by hand: npm run fuzz.

const SEED = 1;
const INPUTS = 20_000;

test(`${INPUTS} inputs of seed ${SEED}`, async () => {
  const findings: string[] = [];
  for (let input = 0; input < INPUTS && findings.length < 3; input += 1) {
    try {
      await tryInput(SEED, input);
    } catch (error) {
      if (!(error instanceof Finding)) throw error;
      findings.push(`seed ${SEED} input ${input}: ${error.message}`);
    }
  }
  expect(findings).toEqual([]);
});

/** A reader with one mistake. */
class Mistaken implements ItemReader {
  readonly #reader: ItemReader;
  readonly #change: (items: Item[], chunk: Buffer | undefined) => Item[];

  constructor(reader: ItemReader, change: (items: Item[], chunk: Buffer | undefined) => Item[]) {
    this.#reader = reader;
    this.#change = change;
  }

  get stopped(): boolean {
    return this.#reader.stopped;
  }

  push(chunk: Buffer): Item[] {
    return this.#change(this.#reader.push(chunk), chunk);
  }

  end(): StreamEnd {
    const end = this.#reader.end();
    return { ...end, items: this.#change(end.items, undefined) };
  }
}

const mistaken =
  (change: (items: Item[], chunk: Buffer | undefined) => Item[]): Open =>
  (format, limits) =>
    new Mistaken(readerOf(format, limits), change);

test.each<[string, Open]>([
  [
    "loses an item whose chunk begins with a quotation mark",
    mistaken((items, chunk) => (chunk?.[0] === 0x22 ? items.slice(1) : items)),
  ],
  [
    "makes text of each chunk for itself",
    (format, limits) => {
      const reader = readerOf(format, limits);
      return {
        push: (chunk) => reader.push(Buffer.from(chunk.toString("utf8"))),
        end: () => reader.end(),
        get stopped() {
          return reader.stopped;
        },
      };
    },
  ],
  ["counts from zero", mistaken((items) => items.map((item) => ({ ...item, position: item.position - 1 })))],
  [
    "drops the last digit of a long number",
    mistaken((items) =>
      items.map((item) => ("text" in item ? { ...item, text: item.text.replace(/(\d{15,})\d/, "$1") } : item)),
    ),
  ],
  [
    "takes what nests too deeply",
    (format, { itemBytesMax }) => readerOf(format, { itemBytesMax, itemDepthMax: 1_000 }),
  ],
  [
    "takes what is too large",
    (format, { itemDepthMax }) => readerOf(format, { itemBytesMax: 1_000_000, itemDepthMax }),
  ],
  [
    "takes broken records for whole ones",
    mistaken((items) => items.map((item) => ("text" in item ? item : { position: item.position, text: "{}" }))),
  ],
  [
    "says nothing of a broken body",
    (format, limits) => {
      const reader = readerOf(format, limits);
      return {
        push: (chunk) => reader.push(chunk),
        end: () => ({ items: [] }),
        get stopped() {
          return reader.stopped;
        },
      };
    },
  ],
])("a reader that %s is found out", async (_, open) => {
  const found = async (): Promise<number | undefined> => {
    for (let input = 0; input < 3_000; input += 1) {
      try {
        await tryInput(SEED, input, open);
      } catch (error) {
        expect(error).toBeInstanceOf(Finding);
        return input;
      }
    }
    return undefined;
  };
  expect(await found()).toBeDefined();
});
