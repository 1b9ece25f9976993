import { formatInstant, HOUR_MS, parseInstant } from "../../lib/instant.ts";
import { remember } from "../../lib/remember.ts";
import { Fault } from "../faults/fault.ts";
import { localSubscriptionId, meterId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { idOf, invalid, isMembers, jsonTextOf, type Members, missing, textOf } from "./members.ts";
import { readQuantity } from "./quantity.ts";
import type { ReadingContext, UsageEvent, UsageRecord, UsedResource } from "./record.ts";
import { EARLIEST_MS, type ReportedWindow, sharedWindow } from "./reportedWindow.ts";
import { readUsageHour } from "./usageHour.ts";

/** The one type of event that is usage; another version would say other things in `data`. */
export const EVENT_TYPE = "stampbook.usage.v1";
const SPEC_VERSION = "1.0";
const WITHIN = "data";

/** Attributes and members of the specification; all others are extensions. */
const OWN_NAMES: ReadonlySet<string> = new Set([
  "specversion",
  "id",
  "source",
  "type",
  "time",
  "subject",
  "datacontenttype",
  "dataschema",
  "data",
  "data_base64",
]);

/**
 * Reads a CloudEvent 1.0 of any metered source, in the JSON format of the specification. What is checked, in this order:
 * version, names, the required attributes, the form of the data, the other attributes, the data, its hour, the window.
 * Extensions and unknown members of the data are neither stored nor compared.
 * @param event what `text` says
 * @throws Fault with an Event…, Record…, Quantity…, UsageTime… or ReportedWindow… code
 */
export function readCloudEvent(event: Members, text: string, context: ReadingContext): UsageRecord {
  const identity = readAttributes(event);
  const data = event[WITHIN];
  if (data === undefined || data === null) throw missing(WITHIN);
  if (!isMembers(data)) throw invalid(WITHIN, data, "a JSON object");
  const meterAsSent = spellingOf(textOf(data, WITHIN, "meterId"));
  const resource = readResource(data);
  const localSubscription = idOf(
    data,
    { within: WITHIN, name: "subscriptionId", expected: "a GUID" },
    localSubscriptionId,
  );
  const meter = idOf(data, { within: WITHIN, name: "meterId", expected: "a meter id" }, meterId);
  const quantity = readQuantity(data, text, { within: WITHIN, texts: true });
  const [usageStartMs, usageEndMs] = readUsageHour(data, WITHIN, context.nowMs);
  const window = readWindow(event, usageEndMs, context.nowMs);
  return {
    localSubscription,
    meter,
    meterAsSent,
    resource,
    usageStartMs,
    usageEndMs,
    quantity,
    window,
    event: identity,
  };
}

/** Allowed in a text of CloudEvents: no control characters, no halves of surrogate pairs, no code points for nothing. */
const NOT_IN_TEXT = /[\p{Cc}\p{Noncharacter_Code_Point}]/u;
const isText = (value: string): boolean => value.isWellFormed() && !NOT_IN_TEXT.test(value);

/** What RFC 3986 lets stand in a URI or a relative reference. */
const URI_REFERENCE = /^[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/;
const ATTRIBUTE_NAME = /^[a-z0-9]+$/;

function readAttributes(event: Members): UsageEvent {
  const version = attribute(event, "specversion", LIMITS.eventIdCharsMax);
  if (version === undefined) throw missing("specversion");
  if (version !== SPEC_VERSION) throw new Fault("EventVersionUnsupported", { version });
  checkExtensions(event);
  const id = attribute(event, "id", LIMITS.eventIdCharsMax);
  if (id === undefined) throw missing("id");
  const source = attribute(event, "source", LIMITS.eventSourceCharsMax);
  if (source === undefined) throw missing("source");
  if (!URI_REFERENCE.test(source)) throw invalid("source", source, "a URI reference");
  const type = attribute(event, "type", LIMITS.eventSourceCharsMax);
  if (type === undefined) throw missing("type");
  if (type !== EVENT_TYPE) throw new Fault("EventTypeUnsupported", { type, supported: EVENT_TYPE });
  checkDataForm(event);
  attribute(event, "subject", LIMITS.eventSourceCharsMax);
  attribute(event, "dataschema", LIMITS.eventSourceCharsMax);
  return { source, id };
}

/** An attribute that is a text; null means that it is not there. */
function attribute(event: Members, name: string, charsMax: number): string | undefined {
  const value = event[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid(name, value, "a text");
  if (value === "") throw missing(name);
  if (value.length > charsMax) throw invalid(name, value, `at most ${charsMax} characters long`);
  if (!isText(value)) throw invalid(name, value, "a text without control characters");
  return value;
}

function checkExtensions(event: Members): void {
  for (const name of Object.keys(event)) {
    if (OWN_NAMES.has(name)) continue;
    if (!ATTRIBUTE_NAME.test(name)) throw new Fault("EventAttributeNameInvalid", { name }, { target: name });
    const value = event[name];
    const isSimple =
      value === null ||
      typeof value === "boolean" ||
      (typeof value === "string" && isText(value)) ||
      // The specification's integers have 32 bits.
      (typeof value === "number" && (value | 0) === value);
    if (!isSimple) throw invalid(name, value, "a text, a whole number of 32 bits, true or false");
  }
}

const JSON_TYPE = /^[^\s;/]+\/(?:[^\s;]+\+)?json\s*(?:;|$)/i;

function checkDataForm(event: Members): void {
  if (event["data_base64"] !== undefined && event["data_base64"] !== null) {
    throw new Fault("EventDataUnsupported", { found: "data_base64" }, { target: "data_base64" });
  }
  const type = attribute(event, "datacontenttype", LIMITS.eventIdCharsMax);
  if (type === undefined || JSON_TYPE.test(type)) return;
  throw new Fault("EventDataUnsupported", { found: type }, { target: "datacontenttype" });
}

/** One text for all records with a meter, so that the many that are held at a time hold it once. */
const SPELLING_CHARS_MAX = 65_536;
const spellingOf = remember((text) => text, SPELLING_CHARS_MAX);

function readResource(data: Members): UsedResource {
  const uri = textOf(data, WITHIN, "resourceUri");
  if (uri.length > LIMITS.resourceUriCharsMax) {
    throw invalid(`${WITHIN}.resourceUri`, uri, `at most ${LIMITS.resourceUriCharsMax} characters long`);
  }
  const location = data["location"] ?? "";
  if (typeof location !== "string") throw invalid(`${WITHIN}.location`, location, "a text");
  const [tags, additionalInfo] = [jsonOf(data, "tags"), jsonOf(data, "additionalInfo")];
  return resourceOf(JSON.stringify([uri, location, tags, additionalInfo]));
}

function jsonOf(data: Members, name: string): string {
  const value = data[name];
  if (value === undefined || value === null || typeof value === "string" || isMembers(value)) return jsonTextOf(value);
  throw invalid(`${WITHIN}.${name}`, value, "a JSON object or its text");
}

/** The same resource comes in every hour, and is to be one object then. */
const RESOURCE_CHARS_MAX = 16_777_216;
const resourceOf = remember((text): UsedResource => {
  const [uri, location, tags, additionalInfo] = JSON.parse(text) as [string, string, string, string];
  return { uri, uriFolded: uri.toLowerCase(), location, tags, additionalInfo };
}, RESOURCE_CHARS_MAX);

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;
const PAST_NANOSECONDS = /(?<=\.\d{9})\d+/;

/**
 * An event says itself when it was reported: the hour of its `time`, or else the one that begins when the usage ends, in
 * which stamps report most of an hour.
 */
function readWindow(event: Members, usageEndMs: number, nowMs: number): ReportedWindow {
  const text = attribute(event, "time", LIMITS.eventIdCharsMax);
  if (text === undefined) return windowFrom(usageEndMs);
  const time = TIMESTAMP.test(text) ? parseInstant(text.toUpperCase().replace(PAST_NANOSECONDS, "")) : undefined;
  if (time === undefined) throw invalid("time", text, "a time like 2019-12-10T19:05:00Z");
  if (time < EARLIEST_MS) throw invalid("time", text, "a time from 2015 on");
  if (time > nowMs + LIMITS.clockSkewMsMax) {
    throw new Fault("UsageTimeInFuture", { end: formatInstant(time), now: formatInstant(nowMs) }, { target: "time" });
  }
  return windowFrom(time);
}

function windowFrom(instantMs: number): ReportedWindow {
  const startMs = Math.floor(instantMs / HOUR_MS) * HOUR_MS;
  return sharedWindow(formatInstant(startMs), formatInstant(startMs + HOUR_MS));
}
