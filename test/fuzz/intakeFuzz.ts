import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { isFault } from "../../src/domain/faults/fault.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import { usageBytes } from "../../src/http/usageBody.ts";
import { itemsOf, readerOf } from "../../src/operations/usage/items.ts";
import type { Item, ItemLimits } from "../../src/lib/jsonItems.ts";
import { type Body, bodyOf, FORMATS } from "./bodies.ts";
import { chunksOf, commonBytes, mutateBytes } from "./bytes.ts";
import { checkKept, checkOracle, checkPositions, checkRecord, type Open, readChunks } from "./check.ts";
import { Random } from "./random.ts";

/** What was done to one input. */
export interface Tried {
  readonly kind: "valid" | "structure" | "bytes" | "compressed";
  readonly bytes: number;
  readonly items: number;
  readonly records: number;
}

export class Finding extends Error {
  readonly body: Buffer;

  constructor(what: string, body: Buffer, cause: unknown) {
    super(`${what}: ${(cause as Error).message}\nbody ${shown(body)}`, { cause });
    this.body = body;
  }
}

const shown = (body: Buffer): string => {
  const text = body.toString("utf8");
  return Buffer.from(text).equals(body) ? JSON.stringify(text) : `base64 ${body.toString("base64")}`;
};

/** Small ones are met by inputs of a few thousand bytes. */
const LIMIT_CHOICES: readonly ItemLimits[] = [
  { itemBytesMax: LIMITS.recordBytesMax, itemDepthMax: LIMITS.recordDepthMax },
  { itemBytesMax: LIMITS.recordBytesMax, itemDepthMax: LIMITS.recordDepthMax },
  { itemBytesMax: 1_500, itemDepthMax: 4 },
];

/** Bodies up to this size are cut at each of their bytes. */
const EVERY_BORDER_BYTES_MAX = 120;

/** One in so many inputs also goes the whole way, through decompression and the cutting of a stream. */
const WHOLE_WAY_ONE_IN = 40;

/**
 * Tries one input. All of it follows from seed and number.
 * @throws Finding
 */
export async function tryInput(seed: number, input: number, open: Open = readerOf): Promise<Tried> {
  const random = new Random(seed, input);
  const kind = random.pick(["valid", "structure", "structure", "bytes", "bytes"] as const);
  const original = bodyOf(random.pick(FORMATS), random, kind === "structure" ? 1 + random.below(3) : 0);
  let bytes = original.bytes;
  if (kind === "bytes") for (let i = 0; i <= random.below(3); i += 1) bytes = mutateBytes(bytes, random);
  try {
    const limits = random.pick(LIMIT_CHOICES);
    const tried = tryPlain({ original, bytes, limits }, random, open);
    if (!random.oneIn(WHOLE_WAY_ONE_IN)) return { kind, ...tried };
    await tryWholeWay(original, bytes, random);
    return { kind: "compressed", ...tried };
  } catch (error) {
    throw new Finding(`a ${original.format}, ${kind}`, bytes, error);
  }
}

function tryPlain(
  { original, bytes, limits }: { readonly original: Body; readonly bytes: Buffer; readonly limits: ItemLimits },
  random: Random,
  open: Open,
): Omit<Tried, "kind"> {
  const { format } = original;
  const whole = readChunks(open(format, limits), [bytes]);
  const ways = [chunksOf(bytes, random)];
  // Both sides of one border, anywhere.
  const border = random.below(bytes.length + 1);
  ways.push([bytes.subarray(0, border), bytes.subarray(border)]);
  for (let at = 0; at <= bytes.length && bytes.length <= EVERY_BORDER_BYTES_MAX; at += 1) {
    ways.push([bytes.subarray(0, at), bytes.subarray(at)]);
  }
  for (const chunks of ways) {
    const read = readChunks(open(format, limits), chunks);
    assert.deepEqual(read, whole, `chunks of ${chunks.map(({ length }) => length).join(", ")} are read otherwise`);
  }
  checkPositions(format, whole.items);
  checkOracle(bytes, format, whole, limits);
  if (limits.itemBytesMax === LIMITS.recordBytesMax && original.quantities !== undefined) {
    checkKept(original, whole.items, commonBytes(original.bytes, bytes));
  }
  const records = whole.items.map((item) => ("text" in item ? checkRecord(item.text, format) : undefined));
  if (bytes === original.bytes && original.quantities !== undefined && limits.itemBytesMax === LIMITS.recordBytesMax) {
    assert.deepEqual(
      records.map((record) => record?.quantity),
      original.quantities,
    );
  }
  return { bytes: bytes.length, items: whole.items.length, records: records.filter((so) => so !== undefined).length };
}

/** Through `usageBytes` and `itemsOf`, compressed in one way or another and damaged or not. */
async function tryWholeWay(original: Body, plain: Buffer, random: Random): Promise<void> {
  const encoding = random.pick(["identity", "gzip", "zstd"] as const);
  const compress = encoding === "gzip" ? gzipSync : encoding === "zstd" ? zstdCompressSync : (bytes: Buffer) => bytes;
  const cut = random.below(plain.length + 1);
  // Two frames, of which the first may be empty.
  const packed = Buffer.concat([compress(plain.subarray(0, cut)), compress(plain.subarray(cut))]);
  const sent = random.oneIn(2) ? packed : mutateBytes(packed, random);
  const got = await wholeWay(sent, encoding, original.format, random);
  checkPositions(original.format, got.items);
  if (sent === packed) {
    const straight = readChunks(readerOf(original.format, LIMIT_CHOICES[0]!), [plain]);
    assert.deepEqual(got.items, straight.items, `${encoding} gives other items`);
    assert.equal(got.fault === undefined, straight.fault === undefined, `${encoding} gives ${got.fault?.code}`);
  }
}

async function wholeWay(sent: Buffer, encoding: string, format: Body["format"], random: Random) {
  const source = itemsOf(usageBytes(Readable.from(chunksOf(sent, random)), encoding), format);
  const items: Item[] = [];
  for await (const some of source.items) items.push(...some);
  const fault = source.fault();
  assert(fault === undefined || isFault(fault));
  return { items, fault };
}
