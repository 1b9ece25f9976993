import assert from "node:assert/strict";
import { isFault } from "../../src/domain/faults/fault.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import { readRecord } from "../../src/domain/usage/readRecord.ts";
import type { UsageRecord } from "../../src/domain/usage/record.ts";
import type { Item, ItemLimits, ItemReader, StreamEnd } from "../../src/lib/jsonItems.ts";
import { SHAPE_OF_FORMAT, type UsageFormat } from "../../src/operations/usage/items.ts";
import { type Body, NOW_MS } from "./bodies.ts";
import { tell, textDepth } from "./oracle.ts";

/** What is under test: makes the reader of a format. */
export type Open = (format: UsageFormat, limits: ItemLimits) => ItemReader;

export interface Read extends StreamEnd {
  readonly items: Item[];
}

export function readChunks(reader: ItemReader, chunks: readonly Buffer[]): Read {
  const items: Item[] = [];
  for (const chunk of chunks) {
    items.push(...reader.push(chunk));
    if (reader.stopped) break;
  }
  const end = reader.end();
  return { ...end, items: [...items, ...end.items] };
}

/** Positions only grow, and of elements none is left out. */
export function checkPositions(format: UsageFormat, items: readonly Item[]): void {
  let last = 0;
  for (const { position } of items) {
    assert(format === "ndjson" ? position > last : position === last + 1, `position ${position} after ${last}`);
    last = position;
  }
}

/** The original's items that end before the first change have to be there as they were. */
export function checkKept({ bytes, spans, format }: Body, items: readonly Item[], unchangedBytes: number): void {
  const wanted = spans.filter(({ to }) => to <= unchangedBytes).map(({ from, to }) => bytes.toString("utf8", from, to));
  const texts = items.map((item) => ("text" in item ? item.text.trim() : item.broken));
  wanted.forEach((text, i) =>
    assert.equal(texts[i], text.trim(), `record ${i + 1} of a ${format} was good and is not kept`),
  );
}

/** Compares with JSON.parse of the whole body. */
export function checkOracle(bytes: Buffer, format: UsageFormat, read: Read, limits: ItemLimits): void {
  const told = tell(bytes, format, limits);
  if ("unsure" in told) return;
  const complains = read.fault !== undefined || read.items.some((item) => "broken" in item || !isJson(item.text));
  if ("wrong" in told) {
    assert(complains, "the body is not JSON, and nothing says so");
    return;
  }
  if (told.values.length > 0 || format !== "ndjson") assert.equal(read.fault, undefined, `good JSON is ${read.fault}`);
  assert.equal(read.items.length, told.values.length, "another number of items");
  told.values.forEach(({ position, value }, i) => {
    const item = read.items[i]!;
    assert.equal(item.position, position);
    if ("text" in item) {
      assert.deepEqual(JSON.parse(item.text), value);
      assert(textDepth(item.text) <= limits.itemDepthMax, "nested too deeply, and taken");
      assert(Buffer.byteLength(item.text) <= limits.itemBytesMax, "too large, and taken");
    } else if (item.broken === "too-deep") {
      assert(textDepth(bytes.toString("utf8")) > limits.itemDepthMax, "refused as too deep");
    } else {
      assert.equal(item.broken, "too-large");
      assert(bytes.length > limits.itemBytesMax, "refused as too large");
    }
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const PLAIN = /^(0|[1-9]\d{0,14})(\.\d{0,29}[1-9])?$/;

/** Reads an item as a record: it is one that keeps every rule, or a Fault says why not. */
export function checkRecord(text: string, format: UsageFormat): UsageRecord | undefined {
  let record: UsageRecord;
  try {
    record = readRecord(text, SHAPE_OF_FORMAT[format], { nowMs: NOW_MS, window: undefined });
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
  const { usageStartMs, usageEndMs, window, quantity, resource } = record;
  assert(usageStartMs % 3_600_000 === 0 && usageEndMs - usageStartMs === 3_600_000, "not an hour");
  assert(window.startMs % 3_600_000 === 0 && window.endMs > window.startMs, "not a window");
  assert.match(quantity, PLAIN);
  assert(resource.uri.length > 0 && resource.uri.length <= LIMITS.resourceUriCharsMax);
  const said = JSON.parse(text) as Record<string, { quantity: string | number }>;
  const { quantity: value } = said[record.event === undefined ? "properties" : "data"]!;
  // As a double it is what JSON.parse says; that no digit is lost is compared where the digits are known.
  assert(Number(quantity) === Number(value), `${value} is read as ${quantity}`);
  return record;
}
