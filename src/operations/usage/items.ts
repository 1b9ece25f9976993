import { Fault, isFault } from "../../domain/faults/fault.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { RecordShape } from "../../domain/usage/readRecord.ts";
import { ElementReader } from "../../lib/jsonElements.ts";
import { type Item, type ItemLimits, type ItemReader, LineReader, type StreamEnd } from "../../lib/jsonItems.ts";

/**
 * `page`: a Hub's answer, a JSON object with a `value` array. `events`: an array of CloudEvents. `event`: one CloudEvent.
 * `ndjson`: a record or a CloudEvent a line.
 */
export type UsageFormat = "page" | "events" | "event" | "ndjson";

/** What the items of a format may be. */
export const SHAPE_OF_FORMAT: Readonly<Record<UsageFormat, RecordShape>> = {
  page: "hub",
  events: "event",
  event: "event",
  ndjson: "either",
};

const READERS: Readonly<Record<UsageFormat, (limits: ItemLimits) => ItemReader>> = {
  page: (limits) => new ElementReader("page", limits),
  events: (limits) => new ElementReader("array", limits),
  event: (limits) => new ElementReader("one", limits),
  ndjson: (limits) => new LineReader(limits),
};

/** Cuts a body of a format into items. */
export const readerOf = (format: UsageFormat, limits: ItemLimits): ItemReader => READERS[format](limits);

export interface ItemSource {
  readonly items: AsyncIterable<readonly Item[]>;
  /** What was wrong with the body as a whole; to be asked after the items. */
  fault(): Fault | undefined;
}

/** How much of a body is kept to tell what it is when it holds no usage. */
const HEAD_BYTES_MAX = 2_048;

/** Cuts a body into items. A fault of the body ends the items; it does not take back those before it. */
export function itemsOf(body: AsyncIterable<Buffer>, format: UsageFormat): ItemSource {
  const reader = readerOf(format, { itemBytesMax: LIMITS.recordBytesMax, itemDepthMax: LIMITS.recordDepthMax });
  let fault: Fault | undefined;
  let head = Buffer.alloc(0);
  async function* items(): AsyncGenerator<readonly Item[]> {
    let bytes = 0;
    try {
      for await (const chunk of body) {
        bytes += chunk.length;
        if (bytes > LIMITS.intakeBodyBytesMax)
          throw new Fault("UsageBodyTooLarge", { bytesMax: LIMITS.intakeBodyBytesMax });
        if (head.length < HEAD_BYTES_MAX) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES_MAX)]);
        yield reader.push(chunk);
        if (reader.stopped) break;
      }
    } catch (error) {
      if (!isFault(error)) throw error;
      fault = error;
    }
    const end = reader.end();
    // A body that was cut off on purpose ends inside a record; the fault says so better. What is whole is kept.
    yield fault === undefined ? end.items : end.items.filter((item) => "text" in item);
    fault ??= bodyFault(end, bytes, head);
  }
  return { items: items(), fault: () => fault };
}

function bodyFault({ fault, damage }: StreamEnd, bytes: number, head: Buffer): Fault | undefined {
  if (fault === undefined) return undefined;
  switch (fault) {
    case "empty":
      return new Fault("UsageBodyEmpty", {});
    case "html":
      return new Fault("UsageBodyIsHtml", {});
    case "not-utf8":
      return new Fault("UsageBodyNotUtf8", {});
    case "truncated":
      return new Fault("UsageBodyTruncated", { bytes });
    case "malformed": {
      const { atByte: at = 0, afterItem: record = 0, found = "" } = damage ?? {};
      return new Fault("UsageBodyMalformed", { at, record, found });
    }
    case "not-a-page":
    case "no-value":
    case "not-an-array": {
      const code = errorCodeIn(head);
      if (code !== undefined) return new Fault("UsageBodyIsError", { code });
      return fault === "not-an-array" ? new Fault("UsageBodyNotArray", {}) : new Fault("UsageBodyNotPage", {});
    }
  }
}

/** The code of a stamp's error answer, in either of the two shapes that the specifications know. */
function errorCodeIn(head: Buffer): string | undefined {
  try {
    const body = JSON.parse(head.toString("utf8")) as { error?: { code?: unknown }; code?: unknown };
    const code = body.error?.code ?? body.code;
    return typeof code === "string" ? code : undefined;
  } catch {
    return undefined;
  }
}
