import type { Random } from "./random.ts";

const TELLING = [
  ..."{}[],:<0-.eE".split(""),
  '"',
  "\\",
  " ",
  "\n",
  "\r",
  "\0",
  "\uFEFF",
  "😀",
  "\\u",
  '"value"',
  "null",
  "]}",
  "},{",
];

function someBytes(random: Random): Buffer {
  if (random.oneIn(4)) return Buffer.from([random.below(256)]);
  if (random.oneIn(30)) return Buffer.alloc(random.below(5_000), random.pick(["[", '"', "x", " ", "\n", '{"a":']));
  return Buffer.from(random.pick(TELLING));
}

/** Damages bytes in one place. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const length = random.oneIn(3) ? random.below(200) : 1 + random.below(3);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (random.below(6)) {
    case 0:
      return Buffer.from(before);
    case 1:
      return Buffer.concat([before, after.subarray(length)]);
    case 2:
      return Buffer.concat([before, someBytes(random), after]);
    case 3:
      return Buffer.concat([before, someBytes(random), after.subarray(1)]);
    case 4:
      return Buffer.concat([before, after.subarray(0, length), after]);
    default: {
      const changed = Buffer.from(bytes);
      if (at < changed.length) changed[at] = changed[at]! ^ (1 << random.below(8));
      return changed;
    }
  }
}

/** How many bytes two texts have in common from their beginning. */
export function commonBytes(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a[at] === b[at]) at += 1;
  return at;
}

/** Cuts bytes into chunks: one by one, or of any sizes, empty ones among them. */
export function chunksOf(bytes: Buffer, random: Random): Buffer[] {
  const chunks: Buffer[] = [];
  const largest = random.pick([1, 2, 3, 7, 50, 1_000]);
  for (let at = 0; at < bytes.length; ) {
    const length = random.oneIn(20) ? 0 : 1 + random.below(largest);
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}
