import { Fault, isFault } from "../../domain/faults/fault.ts";
import { LIMITS } from "../../domain/limits.ts";
import { type Item, type ItemReader, LineReader, PageReader, type StreamFault } from "../../lib/jsonItems.ts";

/** `page`: a Hub's answer, a JSON object with a `value` array. `ndjson`: one record a line. */
export type UsageFormat = "page" | "ndjson";

export interface ItemSource {
  readonly items: AsyncIterable<readonly Item[]>;
  /** What was wrong with the body as a whole; to be asked after the items. */
  fault(): Fault | undefined;
}

/** How much of a body is kept to tell what it is when it holds no usage. */
const HEAD_BYTES_MAX = 2_048;

/** Cuts a body into items. A fault of the body ends the items; it does not take back those before it. */
export function itemsOf(body: AsyncIterable<Buffer>, format: UsageFormat): ItemSource {
  const limits = { itemBytesMax: LIMITS.recordBytesMax, itemDepthMax: LIMITS.recordDepthMax };
  const reader: ItemReader = format === "page" ? new PageReader(limits) : new LineReader(limits);
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
    // A body that was cut off on purpose ends inside a record; the fault says so better.
    if (fault === undefined) yield end.items;
    if (end.fault !== undefined) fault ??= bodyFault(end.fault, bytes, head);
  }
  return { items: items(), fault: () => fault };
}

function bodyFault(streamFault: StreamFault, bytes: number, head: Buffer): Fault {
  switch (streamFault) {
    case "empty":
      return new Fault("UsageBodyEmpty", {});
    case "html":
      return new Fault("UsageBodyIsHtml", {});
    case "not-utf8":
      return new Fault("UsageBodyNotUtf8", {});
    case "truncated":
      return new Fault("UsageBodyTruncated", { bytes });
    case "not-a-page":
    case "no-value": {
      const code = errorCodeIn(head);
      return code === undefined ? new Fault("UsageBodyNotPage", {}) : new Fault("UsageBodyIsError", { code });
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
