import { describe, expect, test } from "vitest";
import { isFault } from "../faults/fault.ts";
import { readRecord } from "./readRecord.ts";

// Goal: events of any source are read to the last digit, and each rule of the specification has its own refusal.
// Method: one good event, changed in one place at a time.

const LOCAL = "1d6c4363-0000-4000-8000-00000000000a";
const CONTEXT = { nowMs: Date.parse("2019-12-10T20:00:00Z"), window: undefined };
const DATA = {
  subscriptionId: LOCAL,
  meterId: "9CD92D4C-BAFD-4492-B278-BEDC2DE8232A",
  resourceUri: "/gpu/Pool7",
  usageStartTime: "2019-12-10T18:00:00Z",
  usageEndTime: "2019-12-10T19:00:00Z",
  quantity: "@",
};
function cloudEvent(
  change: Record<string, unknown> = {},
  data: Record<string, unknown> = {},
  quantity = "2.50",
): string {
  const event = {
    specversion: "1.0",
    id: "17",
    source: "/meters/gpu?rack=1",
    type: "stampbook.usage.v1",
    data: { ...DATA, ...data },
    ...change,
  };
  return JSON.stringify(event).replace('"@"', quantity);
}
const read = (text: string) => readRecord(text, "event", CONTEXT);
function faultOf(text: string): string {
  try {
    read(text);
    return "none";
  } catch (error) {
    if (isFault(error)) return `${error.code} ${error.target}`;
    throw error;
  }
}

describe("a good event", () => {
  test("is read in full", () => {
    const data = { location: "north", tags: { team: "a" }, additionalInfo: '{"model":"x"}' };
    expect(read(cloudEvent({}, data))).toEqual({
      localSubscription: LOCAL,
      meter: "9cd92d4cbafd4492b278bedc2de8232a",
      meterAsSent: DATA.meterId,
      resource: {
        uri: "/gpu/Pool7",
        uriFolded: "/gpu/pool7",
        location: "north",
        tags: '{"team":"a"}',
        additionalInfo: '{"model":"x"}',
      },
      usageStartMs: Date.parse("2019-12-10T18:00:00Z"),
      usageEndMs: Date.parse("2019-12-10T19:00:00Z"),
      quantity: "2.5",
      window: { startMs: Date.parse("2019-12-10T19:00:00Z"), endMs: Date.parse("2019-12-10T20:00:00Z") },
      event: { source: "/meters/gpu?rack=1", id: "17" },
    });
  });

  test.each([
    ["2019-12-10T19:59:59.999999999999Z", "2019-12-10T19:00:00Z"],
    ["2019-12-10t21:05:00+01:00", "2019-12-10T20:00:00Z"],
    ["2016-01-01T00:00:00z", "2016-01-01T00:00:00Z"],
  ])("its reported window is the hour of its time: %s", (time, start) => {
    expect(read(cloudEvent({ time })).window.startMs).toBe(Date.parse(start));
  });

  test.each([
    ["9.3132257461547852E-10", "0.00000000093132257461547852"],
    ['"9.3132257461547852E-10"', "0.00000000093132257461547852"],
    ['"999999999999999.999999999999999999999999999999"', "999999999999999.999999999999999999999999999999"],
    ["49.384346361272037", "49.384346361272037"],
    ['"0"', "0"],
  ])("quantity %s keeps every digit", (text, plain) => {
    expect(read(cloudEvent({}, {}, text)).quantity).toBe(plain);
  });

  test.each<[string, Record<string, unknown>]>([
    ["extensions", { traceparent: "00-abc", sampled: true, priority: -3, nothing: null }],
    ["attributes that are null", { time: null, subject: null, datacontenttype: null, dataschema: null }],
    ["JSON by another name", { datacontenttype: "application/vnd.contoso+json; charset=utf-8" }],
    ["a subject and a schema", { subject: "pool 7", dataschema: "https://contoso.example/usage" }],
    ["no base64", { data_base64: null }],
  ])("%s change nothing", (_, change) => {
    expect(read(cloudEvent(change))).toEqual(read(cloudEvent()));
  });

  test("a line is an event where it says specversion, and a Hub's record otherwise", () => {
    expect(readRecord(cloudEvent(), "either", CONTEXT).event?.id).toBe("17");
    expect(() => readRecord("{}", "either", CONTEXT)).toThrow("no 'properties'");
    expect(() => readRecord(cloudEvent(), "hub", CONTEXT)).toThrow("no 'properties'");
  });
});

test.each<[string, string, string]>([
  ["no version", cloudEvent({ specversion: null }), "RecordPropertyMissing specversion"],
  ["version 0.3", cloudEvent({ specversion: "0.3" }), "EventVersionUnsupported specversion"],
  ["a version that is a number", cloudEvent({ specversion: 1 }), "RecordPropertyInvalid specversion"],
  ["a name with a hyphen", cloudEvent({ "trace-id": "1" }), "EventAttributeNameInvalid trace-id"],
  ["a name in upper case", cloudEvent({ traceId: "1" }), "EventAttributeNameInvalid traceId"],
  ["an extension that is an object", cloudEvent({ trace: {} }), "RecordPropertyInvalid trace"],
  ["an extension with a fraction", cloudEvent({ ratio: 0.5 }), "RecordPropertyInvalid ratio"],
  ["an extension past 32 bits", cloudEvent({ count: 2 ** 31 }), "RecordPropertyInvalid count"],
  ["no id", cloudEvent({ id: undefined }), "RecordPropertyMissing id"],
  ["an empty id", cloudEvent({ id: "" }), "RecordPropertyMissing id"],
  ["an id that is a number", cloudEvent({ id: 17 }), "RecordPropertyInvalid id"],
  ["a long id", cloudEvent({ id: "x".repeat(1_025) }), "RecordPropertyInvalid id"],
  ["a control character", cloudEvent({ id: "a\u0000b" }), "RecordPropertyInvalid id"],
  ["half a surrogate pair", cloudEvent({ id: "a\ud800b" }), "RecordPropertyInvalid id"],
  ["a code point for nothing", cloudEvent({ id: "a\uffffb" }), "RecordPropertyInvalid id"],
  ["no source", cloudEvent({ source: undefined }), "RecordPropertyMissing source"],
  ["a source with a space", cloudEvent({ source: "my meter" }), "RecordPropertyInvalid source"],
  ["no type", cloudEvent({ type: undefined }), "RecordPropertyMissing type"],
  ["another type", cloudEvent({ type: "com.example.started" }), "EventTypeUnsupported type"],
  ["XML", cloudEvent({ datacontenttype: "application/xml" }), "EventDataUnsupported datacontenttype"],
  ["base64", cloudEvent({ data_base64: "e30=", data: undefined }), "EventDataUnsupported data_base64"],
  ["no data", cloudEvent({ data: undefined }), "RecordPropertyMissing data"],
  ["data that is text", cloudEvent({ data: "{}" }), "RecordPropertyInvalid data"],
  ["no meter", cloudEvent({}, { meterId: undefined }), "RecordPropertyMissing data.meterId"],
  ["a wrong meter", cloudEvent({}, { meterId: "a b" }), "RecordPropertyInvalid data.meterId"],
  ["no resource", cloudEvent({}, { resourceUri: "" }), "RecordPropertyMissing data.resourceUri"],
  ["a long resource", cloudEvent({}, { resourceUri: "x".repeat(2_049) }), "RecordPropertyInvalid data.resourceUri"],
  ["a location that is none", cloudEvent({}, { location: 7 }), "RecordPropertyInvalid data.location"],
  ["tags that are a list", cloudEvent({}, { tags: [] }), "RecordPropertyInvalid data.tags"],
  ["no subscription", cloudEvent({}, { subscriptionId: null }), "RecordPropertyMissing data.subscriptionId"],
  ["a wrong subscription", cloudEvent({}, { subscriptionId: "abc" }), "RecordPropertyInvalid data.subscriptionId"],
  ["no quantity", cloudEvent({}, {}, "null"), "RecordPropertyMissing data.quantity"],
  ["a comma", cloudEvent({}, {}, '"24,10"'), "QuantityNotANumber data.quantity"],
  ["leading zeros", cloudEvent({}, {}, '"007"'), "QuantityNotANumber data.quantity"],
  ["a negative quantity", cloudEvent({}, {}, '"-1"'), "QuantityNegative data.quantity"],
  ["40 decimals", cloudEvent({}, {}, `0.${"1".repeat(40)}`), "QuantityTooManyDigits data.quantity"],
  ["no start", cloudEvent({}, { usageStartTime: null }), "RecordPropertyMissing data.usageStartTime"],
  ["two hours", cloudEvent({}, { usageStartTime: "2019-12-10T17:00:00Z" }), "UsageTimeNotOneHour data.usageEndTime"],
  [
    "an unaligned hour",
    cloudEvent({}, { usageStartTime: "2019-12-10T17:20:00Z", usageEndTime: "2019-12-10T18:20:00Z" }),
    "UsageTimeNotAligned data.usageStartTime",
  ],
  [
    "an hour to come",
    cloudEvent({}, { usageStartTime: "2019-12-10T20:00:00Z", usageEndTime: "2019-12-10T21:00:00Z" }),
    "UsageTimeInFuture data.usageEndTime",
  ],
  ["a time without a zone", cloudEvent({ time: "2019-12-10T19:05:00" }), "RecordPropertyInvalid time"],
  ["a time of 1999", cloudEvent({ time: "1999-12-10T19:05:00Z" }), "RecordPropertyInvalid time"],
  ["a time to come", cloudEvent({ time: "2019-12-10T21:00:00Z" }), "UsageTimeInFuture time"],
])("%s is refused", (_, text, fault) => {
  expect(faultOf(text)).toBe(fault);
});
