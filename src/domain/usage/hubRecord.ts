import { remember } from "../../lib/remember.ts";
import { Fault } from "../faults/fault.ts";
import { localSubscriptionId, meterId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { idOf, invalid, isMembers, jsonTextOf, type Members, missing, textOf } from "./members.ts";
import { readQuantity } from "./quantity.ts";
import type { ReadingContext, UsageRecord, UsedResource } from "./record.ts";
import { type ReportedWindow, sharedWindow } from "./reportedWindow.ts";
import { readUsageHour } from "./usageHour.ts";

const WITHIN = "properties";

/**
 * Reads a usage record in the shape that a Hub returns (contract/usage.md §3). The quantity is taken from its text.
 * @param record what `text` says
 * @throws Fault with a Record…, Quantity…, UsageTime… or ReportedWindow… code
 */
export function readHubRecord(record: Members, text: string, context: ReadingContext): UsageRecord {
  const properties = record[WITHIN];
  if (!isMembers(properties)) throw missing(WITHIN);
  const meterAsSent = spellingOf(textOf(properties, WITHIN, "meterId"));
  const resource = resourceOf(textOf(properties, WITHIN, "instanceData"));
  const localSubscription = idOf(
    properties,
    { within: WITHIN, name: "subscriptionId", expected: "a GUID" },
    localSubscriptionId,
  );
  const meter = idOf(properties, { within: WITHIN, name: "meterId", expected: "a meter id" }, meterId);
  const quantity = readQuantity(properties, text, { within: WITHIN, texts: false });
  const [usageStartMs, usageEndMs] = readUsageHour(properties, WITHIN, context.nowMs);
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

/** One text for all records with a meter, so that the many that are held at a time hold it once. */
const SPELLING_CHARS_MAX = 65_536;
const spellingOf = remember((text) => text, SPELLING_CHARS_MAX);

/**
 * `instanceData` is JSON text inside JSON, and its `tags` and `additionalInfo` are JSON text once more, or not. A
 * resource's text is the same in every hour until somebody changes its tags.
 */
const RESOURCE_CHARS_MAX = 1_048_576;
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

function readWindow(record: Members, context: ReadingContext): ReportedWindow {
  const start = record["reportedStartTime"];
  const end = record["reportedEndTime"];
  if (typeof start === "string" && typeof end === "string") return sharedWindow(start, end);
  if (context.window === undefined) throw new Fault("ReportedWindowMissing", {});
  return context.window;
}
