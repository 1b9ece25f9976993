import { canonical, formatDecimal, isNegative, isZero, parseDecimal } from "../../lib/decimal.ts";
import { formatInstant, HOUR_MS, parseInstant } from "../../lib/instant.ts";
import { remember } from "../../lib/remember.ts";
import { Fault } from "../faults/fault.ts";
import { type LocalSubscriptionId, localSubscriptionId, type MeterId, meterId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import type { UsageRecord, UsedResource } from "./record.ts";
import { EARLIEST_MS, parseReportedWindow, type ReportedWindow } from "./reportedWindow.ts";

/** What the reader knows besides the record itself. */
export interface ReadingContext {
  readonly nowMs: number;
  /** The window of the request that read the page; a record may carry its own beside `properties`. */
  readonly window: ReportedWindow | undefined;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * Reads the JSON text of one usage record in the shape that a Hub returns (contract/usage.md §3). The quantity is
 * taken from its text and no digit of it passes through a JavaScript number.
 * @throws Fault with a Record…, Quantity…, UsageTime… or ReportedWindow… code
 */
export function readHubRecord(text: string, context: ReadingContext): UsageRecord {
  const record = parseObject(text);
  const properties = record["properties"];
  if (!isMembers(properties)) throw missing("properties");
  const meterAsSent = spellingOf(textOf(properties, "meterId"));
  const resource = readInstanceData(properties);
  const localSubscription = readId<LocalSubscriptionId>(properties, "subscriptionId", localSubscriptionId, "a GUID");
  const meter = readId<MeterId>(properties, "meterId", meterId, "a meter id");
  const quantity = readQuantity(properties["quantity"], text);
  const [usageStartMs, usageEndMs] = readUsageHour(properties, context.nowMs);
  return {
    localSubscription,
    meter,
    meterAsSent,
    resource,
    usageStartMs,
    usageEndMs,
    quantity,
    window: readWindow(record, context),
  };
}

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const missing = (property: string): Fault => new Fault("RecordPropertyMissing", { property }, { target: property });
const invalid = (property: string, value: unknown, expected: string): Fault =>
  new Fault("RecordPropertyInvalid", { property, value: String(value), expected }, { target: property });

function parseObject(text: string): Members {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Fault("RecordNotJson", { reason: (error as Error).message });
  }
  if (!isMembers(parsed)) throw new Fault("RecordNotJson", { reason: "it is no object" });
  return parsed;
}

function textOf(properties: Members, name: string): string {
  const value = properties[name];
  if (value === undefined || value === null || value === "") throw missing(`properties.${name}`);
  if (typeof value !== "string") throw invalid(`properties.${name}`, JSON.stringify(value), "a text");
  return value;
}

function readId<Id>(properties: Members, name: string, parse: (text: string) => Id | undefined, expected: string): Id {
  const text = textOf(properties, name);
  const id = parse(text);
  if (id === undefined) throw invalid(`properties.${name}`, text, expected);
  return id;
}

/** One text for all records with a meter, so that the many that are held at a time hold it once. */
const SPELLING_CHARS_MAX = 65_536;
const spellingOf = remember((text) => text, SPELLING_CHARS_MAX);

/** `instanceData` is JSON text inside JSON, and its `tags` and `additionalInfo` are JSON text once more, or not. */
const readInstanceData = (properties: Members): UsedResource => resourceOf(textOf(properties, "instanceData"));

/** A resource's text is the same in every hour until somebody changes its tags. */
const RESOURCE_CHARS_MAX = 16_777_216;
const resourceOf = remember(parseInstanceData, RESOURCE_CHARS_MAX);

function parseInstanceData(text: string): UsedResource {
  const name = "properties.instanceData";
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid(name, text, "JSON text");
  }
  const resources = isMembers(parsed) ? parsed["Microsoft.Resources"] : undefined;
  if (!isMembers(resources)) throw missing(`${name}."Microsoft.Resources"`);
  const resourceUri = resources["resourceUri"];
  if (typeof resourceUri !== "string" || resourceUri === "") throw missing(`${name} resourceUri`);
  if (resourceUri.length > LIMITS.resourceUriCharsMax) {
    throw invalid(`${name} resourceUri`, resourceUri, `at most ${LIMITS.resourceUriCharsMax} characters long`);
  }
  const location = resources["location"];
  return {
    uri: resourceUri,
    uriFolded: resourceUri.toLowerCase(),
    location: typeof location === "string" ? location : "",
    tags: jsonTextOf(resources["tags"]),
    additionalInfo: jsonTextOf(resources["additionalInfo"]),
  };
}

/** Hubs send `""`, `"null"` or JSON text, Azure sends objects, and the documentation shows null: one form for all. */
function jsonTextOf(value: unknown): string {
  if (value === undefined || value === null || value === "" || value === "null") return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Inside a JSON string a quotation mark is escaped, so this finds only member names; two hits need a real parser. */
const QUANTITY = /"quantity"\s*:\s*(-?[\d.eE+-]+)/;

/** The number's own text: a JavaScript number would lose digits of 129 of 236 recorded quantities. */
function quantityText(value: number, recordText: string): string {
  const match = QUANTITY.exec(recordText);
  // Only when it is the sole one and the very number that was parsed: a name may also be written with escapes.
  const isIt =
    match !== null && +(match[1] ?? "") === value && !recordText.includes('"quantity"', match.index + match[0].length);
  if (isIt) return match[1]!;
  const withSources = JSON.parse(recordText, (_name, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? { source: context?.source } : value,
  ) as { properties: { quantity: { source: string } } };
  return withSources.properties.quantity.source;
}

const tooManyDigits = (value: string): Fault =>
  new Fault("QuantityTooManyDigits", {
    value,
    wholeMax: LIMITS.quantityWholeDigitsMax,
    decimalsMax: LIMITS.quantityDecimalsMax,
  });

function readQuantity(value: unknown, recordText: string): string {
  if (value === undefined || value === null) throw missing("properties.quantity");
  if (typeof value !== "number") throw new Fault("QuantityNotANumber", { value: JSON.stringify(value) });
  const text = quantityText(value, recordText);
  const parsed = parseDecimal(text);
  // What is a number in JSON and none to us has an exponent of five digits or more.
  if (parsed === undefined) throw tooManyDigits(text);
  if (isNegative(parsed)) throw new Fault("QuantityNegative", { value: text });
  const quantity = canonical(parsed);
  const { quantityWholeDigitsMax, quantityDecimalsMax } = LIMITS;
  const wholeDigits = isZero(quantity) ? 0 : quantity.coefficient.toString().length - quantity.scale;
  if (quantity.scale > quantityDecimalsMax || wholeDigits > quantityWholeDigitsMax) {
    throw tooManyDigits(text);
  }
  return formatDecimal(quantity);
}

function readInstant(properties: Members, name: string): number {
  const text = textOf(properties, name);
  const instant = parseInstant(text);
  if (instant === undefined) throw invalid(`properties.${name}`, text, "an instant like 2019-12-10T18:00:00+00:00");
  return instant;
}

function readUsageHour(properties: Members, nowMs: number): readonly [startMs: number, endMs: number] {
  const startMs = readInstant(properties, "usageStartTime");
  const endMs = readInstant(properties, "usageEndTime");
  if (endMs - startMs !== HOUR_MS || startMs % HOUR_MS !== 0) throw notAnHour(startMs, endMs);
  if (endMs > nowMs + LIMITS.clockSkewMsMax) {
    throw new Fault("UsageTimeInFuture", { end: formatInstant(endMs), now: formatInstant(nowMs) });
  }
  if (startMs < EARLIEST_MS) {
    throw new Fault("UsageTimeTooOld", { start: formatInstant(startMs), earliest: formatInstant(EARLIEST_MS) });
  }
  return [startMs, endMs];
}

function notAnHour(startMs: number, endMs: number): Fault {
  const [start, end] = [formatInstant(startMs), formatInstant(endMs)];
  if (endMs <= startMs) return new Fault("UsageTimeReversed", { start, end });
  if (endMs - startMs !== HOUR_MS) return new Fault("UsageTimeNotOneHour", { start, end });
  return new Fault("UsageTimeNotAligned", { start });
}

const windowOf = remember((ends) => {
  const [start = "", end = ""] = ends.split("\n");
  return parseReportedWindow(start, end);
}, RESOURCE_CHARS_MAX);

function readWindow(record: Members, context: ReadingContext): ReportedWindow {
  const start = record["reportedStartTime"];
  const end = record["reportedEndTime"];
  if (typeof start === "string" && typeof end === "string") return windowOf(`${start}\n${end}`);
  if (context.window === undefined) throw new Fault("ReportedWindowMissing", {});
  return context.window;
}
