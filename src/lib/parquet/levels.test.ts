import { describe, expect, test } from "vitest";
import { hash32 } from "../prng.ts";
import { bitsFor, hybrid, run } from "./levels.ts";

// Goal: numbers in runs and packed bits are the numbers that went in, wherever runs begin and end. Method: a reader that
// follows the format's text, over numbers that are made up.

function varintAt(bytes: Uint8Array, start: number): readonly [value: number, next: number] {
  let [value, at] = [0, start];
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

/** Packed groups may be filled up at the end: so many are wanted. */
function read(bytes: Uint8Array, bits: number, wanted: number): readonly number[] {
  const values: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [head, next] = varintAt(bytes, at);
    at = next;
    if (head % 2 === 0) {
      const size = Math.ceil(bits / 8);
      const value = bytes.subarray(at, at + size).reduce((so, byte, i) => so + byte * 2 ** (8 * i), 0);
      for (let i = 0; i < head / 2; i += 1) values.push(value);
      at += size;
      continue;
    }
    const groups = (head - 1) / 2;
    for (let i = 0; i < groups * 8; i += 1) {
      let value = 0;
      for (let bit = 0; bit < bits; bit += 1) {
        const place = i * bits + bit;
        value += ((bytes[at + (place >> 3)]! >> (place & 7)) & 1) * 2 ** bit;
      }
      values.push(value);
    }
    at += groups * bits;
  }
  expect(values.length - wanted).toBeLessThan(8);
  expect(values.slice(wanted).every((value) => value === 0)).toBe(true);
  return values.slice(0, wanted);
}

/** Runs of up to `longest` equal numbers. */
function made(seed: number, count: number, { below, longest }: { below: number; longest: number }): Uint32Array {
  const values = new Uint32Array(count);
  for (let at = 0, n = 0; at < count; n += 1) {
    const length = 1 + (hash32(seed, n, 1) % longest);
    values.fill(hash32(seed, n, 2) % below, at, at + length);
    at += length;
  }
  return values;
}

describe.each([1, 2, 5, 200, 70_000, 2 ** 24])("numbers below %i", (below) => {
  test.each([1, 9, 40, 1_000])("in runs of up to %i", (longest) => {
    const bits = bitsFor(below);
    for (const count of [0, 1, 7, 8, 9, 64, 3_001]) {
      const values = made(below + longest, count, { below, longest });
      expect(read(hybrid(values, bits), bits, count)).toEqual([...values]);
    }
  });
});

test("a run is what the same numbers are one by one", () => {
  expect(run(300, 5_000, 9)).toEqual(Uint8Array.from(hybrid(new Uint32Array(5_000).fill(300), 9)));
});

test("as many bits as it takes, and never none", () => {
  expect([1, 2, 3, 4, 5, 256, 257].map(bitsFor)).toEqual([1, 1, 2, 2, 3, 8, 9]);
});
