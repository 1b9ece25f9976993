import { readCloudEvent } from "./cloudEvent.ts";
import { readHubRecord } from "./hubRecord.ts";
import { parseObject } from "./members.ts";
import type { ReadingContext, UsageRecord } from "./record.ts";

/** What a text may be. `either`: a CloudEvent when it has the member `specversion`, which no Hub record has. */
export type RecordShape = "hub" | "event" | "either";

/**
 * Reads the JSON text of one usage record.
 * @throws Fault with a Record…, Event…, Quantity…, UsageTime… or ReportedWindow… code
 */
export function readRecord(text: string, shape: RecordShape, context: ReadingContext): UsageRecord {
  const record = parseObject(text);
  const isEvent = shape === "event" || (shape === "either" && Object.hasOwn(record, "specversion"));
  return isEvent ? readCloudEvent(record, text, context) : readHubRecord(record, text, context);
}
