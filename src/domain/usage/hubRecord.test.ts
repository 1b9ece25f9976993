import { describe, expect, test } from "vitest";
import { isFault } from "../faults/fault.ts";
import { identityOf } from "./identity.ts";
import { readRecord } from "./readRecord.ts";
import type { ReadingContext } from "./record.ts";
import { parseReportedWindow } from "./reportedWindow.ts";

// Goal: what a Hub sends is read to the last digit; what is wrong gets its own code.
// Method: one good record, changed in one place at a time.

const SUBSCRIPTION = "1d6c4363-0000-4000-8000-00000000000a";
const context = {
  nowMs: Date.parse("2019-12-10T20:00:00Z"),
  window: parseReportedWindow("2019-12-10T19:00:00Z", "2019-12-10T20:00:00Z"),
};
const instanceData = (change: Record<string, unknown> = {}): string =>
  JSON.stringify({
    "Microsoft.Resources": {
      resourceUri: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/VM0`,
      location: "northwest",
      tags: "null",
      additionalInfo: '{"quantity":7,"ServiceType":"Standard_F2s"}',
      ...change,
    },
  });
function hubRecord(change: Record<string, unknown> = {}, quantity = "2.0"): string {
  const properties = {
    subscriptionId: SUBSCRIPTION,
    usageStartTime: "2019-12-10T18:00:00+00:00",
    usageEndTime: "2019-12-10T19:00:00+00:00",
    instanceData: instanceData(),
    quantity: "@",
    meterId: "9cd92d4c-bafd-4492-b278-bedc2de8232a",
    ...change,
  };
  return JSON.stringify({ id: "x", name: "x", type: "Microsoft.Commerce/UsageAggregate", properties }).replace(
    '"@"',
    quantity,
  );
}
const read = (text: string) => readRecord(text, "hub", context);
function codeOf(text: string, otherContext: ReadingContext = context): string {
  try {
    readRecord(text, "hub", otherContext);
    return "none";
  } catch (error) {
    if (isFault(error)) return error.code;
    throw error;
  }
}

describe("what a Hub sends", () => {
  test("is read in full", () => {
    expect(read(hubRecord())).toEqual({
      localSubscription: SUBSCRIPTION,
      meter: "9cd92d4cbafd4492b278bedc2de8232a",
      meterAsSent: "9cd92d4c-bafd-4492-b278-bedc2de8232a",
      resource: {
        uri: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/VM0`,
        uriFolded: `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.compute/virtualmachines/vm0`,
        location: "northwest",
        tags: "null",
        additionalInfo: '{"quantity":7,"ServiceType":"Standard_F2s"}',
      },
      usageStartMs: Date.parse("2019-12-10T18:00:00Z"),
      usageEndMs: Date.parse("2019-12-10T19:00:00Z"),
      quantity: "2",
      window: context.window,
    });
  });

  test.each([
    ["49.384346361272037", "49.384346361272037"],
    ["1.1444091796875E-05", "0.000011444091796875"],
    ["9.3132257461547852E-10", "0.00000000093132257461547852"],
    ["0", "0"],
    ["-0.0", "0"],
    ["999999999999999.999999999999999999999999999999", "999999999999999.999999999999999999999999999999"],
  ])("quantity %s keeps every digit", (text, plain) => {
    expect(read(hubRecord({}, text)).quantity).toBe(plain);
  });

  test("another member called quantity, or an escaped name, does not mislead", () => {
    expect(read(hubRecord({ extra: { quantity: 5, meterId: "x" } }, "2.50")).quantity).toBe("2.5");
    const escaped = hubRecord({}, "3.25").replace('"quantity":3', '"quantit\\u0079":3');
    expect(read(escaped).quantity).toBe("3.25");
    expect(read(escaped.replace('{"id"', '{"quantity":999,"id"')).quantity).toBe("3.25");
    const twice = hubRecord({}, "1.00000000000000000001").replace(/}}$/, ',"quantit\\u0079":1.00000000000000000002}}');
    expect(read(twice).quantity).toBe("1.00000000000000000002");
  });

  test("tags as '', null and absent, text and object come out alike; 'null' stays", () => {
    const tags = (value: unknown) => read(hubRecord({ instanceData: instanceData({ tags: value }) })).resource.tags;
    expect(["", "null", null, undefined].map(tags)).toEqual(["", "null", "", ""]);
    expect(['{"a":"b"}', { a: "b" }].map(tags)).toEqual(['{"a":"b"}', '{"a":"b"}']);
  });

  test("a record may carry its own reported window", () => {
    const own = JSON.stringify({
      ...(JSON.parse(hubRecord()) as object),
      reportedStartTime: "2019-12-10T20:00:00Z",
      reportedEndTime: "2019-12-10T21:00:00Z",
    });
    expect(read(own).window.startMs).toBe(Date.parse("2019-12-10T20:00:00Z"));
  });
});

describe("identity", () => {
  const identity = (text: string) => identityOf(read(text));
  const base = identity(hubRecord());
  test.each([
    ["meter-id case", { meterId: "9CD92D4C-BAFD-4492-B278-BEDC2DE8232A" }],
    ["meter id without hyphens", { meterId: "9cd92d4cbafd4492b278bedc2de8232a" }],
    ["Z for +00:00", { usageStartTime: "2019-12-10T18:00:00Z" }],
    ["URI case", { instanceData: instanceData().replace("resourceGroups", "resourcegroups") }],
    ["subscription case", { subscriptionId: SUBSCRIPTION.toUpperCase() }],
    ["tags null", { instanceData: instanceData({ tags: null }) }],
  ])("another spelling is the same record: %s", (_, change) => {
    expect(identity(hubRecord(change))).toEqual(base);
  });
  test("1.0 and 1 are the same content, 1.1 is not", () => {
    expect(identity(hubRecord({}, "2"))).toEqual(base);
    const other = identity(hubRecord({}, "2.1"));
    expect(other.key).toBe(base.key);
    expect(other.content).not.toBe(base.content);
  });
  test.each([
    ["another hour", { usageStartTime: "2019-12-10T17:00:00Z", usageEndTime: "2019-12-10T18:00:00Z" }],
    ["another meter", { meterId: "fab6eb84-500b-4a09-a8ca-7358f8bbaea5" }],
    ["another resource", { instanceData: instanceData({ resourceUri: "/x" }) }],
    ["another subscription", { subscriptionId: SUBSCRIPTION.replace("a", "b") }],
  ])("another record: %s", (_, change) => {
    expect(identity(hubRecord(change)).key).not.toBe(base.key);
  });
  test.each([
    ["2019-12-10T20:00:00Z", "2019-12-10T21:00:00Z"],
    ["2019-12-10T19:00:00Z", "2019-12-10T21:00:00Z"],
  ])("another reported window is another record: %s to %s", (start, end) => {
    const window = parseReportedWindow(start, end);
    expect(identityOf({ ...read(hubRecord()), window }).key).not.toBe(base.key);
  });
  test("an event is the same by source and id, whatever it says; what it says is its content", () => {
    const event = { source: "/meters/1", id: "17" };
    const first = identityOf({ ...read(hubRecord()), event });
    const later = identityOf({ ...read(hubRecord({}, "3")), event });
    const elsewhere = identityOf({ ...read(hubRecord({ meterId: "fab6eb84500b4a09a8ca7358f8bbaea5" })), event });
    expect([later.key, elsewhere.key]).toEqual([first.key, first.key]);
    expect(new Set([first, later, elsewhere].map(({ content }) => content)).size).toBe(3);
    expect(identityOf({ ...read(hubRecord()), event: { source: "/meters/11", id: "7" } }).key).not.toBe(first.key);
    expect(base.event).toBe("");
  });
});

test.each<[string, string, string]>([
  ["NaN", hubRecord({}, "NaN"), "RecordNotJson"],
  ["an array", "[1]", "RecordNotJson"],
  ["no properties", "{}", "RecordPropertyMissing"],
  ["no meter", hubRecord({ meterId: undefined }), "RecordPropertyMissing"],
  ["a meter of 100 characters", hubRecord({ meterId: "x".repeat(100) }), "RecordPropertyInvalid"],
  ["a meter that is a number", hubRecord({ meterId: 7 }), "RecordPropertyInvalid"],
  ["no quantity", hubRecord({ quantity: undefined }), "RecordPropertyMissing"],
  ["quantity null", hubRecord({}, "null"), "RecordPropertyMissing"],
  ["a textual quantity", hubRecord({}, '"24,10"'), "QuantityNotANumber"],
  ["a negative quantity", hubRecord({}, "-1"), "QuantityNegative"],
  ["40 digits before the point", hubRecord({}, "1".repeat(40)), "QuantityTooManyDigits"],
  ["40 digits after the point", hubRecord({}, `0.${"1".repeat(40)}`), "QuantityTooManyDigits"],
  ["a million zeros", hubRecord({}, `1.${"0".repeat(200_000)}`), "QuantityTooManyDigits"],
  ["1e999", hubRecord({}, "1e999"), "QuantityTooManyDigits"],
  ["1e-99999", hubRecord({}, "1e-99999"), "QuantityTooManyDigits"],
  ["no instanceData", hubRecord({ instanceData: undefined }), "RecordPropertyMissing"],
  ["instanceData that is no JSON", hubRecord({ instanceData: "{" }), "RecordPropertyInvalid"],
  ["instanceData without resources", hubRecord({ instanceData: "{}" }), "RecordPropertyMissing"],
  ["no resource", hubRecord({ instanceData: instanceData({ resourceUri: "" }) }), "RecordPropertyMissing"],
  [
    "a huge resource",
    hubRecord({ instanceData: instanceData({ resourceUri: "x".repeat(3_000) }) }),
    "RecordPropertyInvalid",
  ],
  ["a subscription that is no GUID", hubRecord({ subscriptionId: "abc" }), "RecordPropertyInvalid"],
  ["no start", hubRecord({ usageStartTime: "" }), "RecordPropertyMissing"],
  ["a start that is no time", hubRecord({ usageStartTime: "yesterday" }), "RecordPropertyInvalid"],
  ["an end before its start", hubRecord({ usageEndTime: "2019-12-10T17:00:00Z" }), "UsageTimeReversed"],
  [
    "a day",
    hubRecord({ usageStartTime: "2019-12-09T00:00:00Z", usageEndTime: "2019-12-10T00:00:00Z" }),
    "UsageTimeNotOneHour",
  ],
  [
    "an unaligned hour",
    hubRecord({ usageStartTime: "2019-12-10T17:20:00Z", usageEndTime: "2019-12-10T18:20:00Z" }),
    "UsageTimeNotAligned",
  ],
  [
    "an hour in the future",
    hubRecord({ usageStartTime: "2019-12-11T17:00:00Z", usageEndTime: "2019-12-11T18:00:00Z" }),
    "UsageTimeInFuture",
  ],
  [
    "an hour of 1999",
    hubRecord({ usageStartTime: "1999-12-11T17:00:00Z", usageEndTime: "1999-12-11T18:00:00Z" }),
    "UsageTimeTooOld",
  ],
  [
    "a window before there were stamps",
    hubRecord().replace(
      '{"id"',
      '{"reportedStartTime":"1969-12-31T00:00:00Z","reportedEndTime":"1969-12-31T01:00:00Z","id"',
    ),
    "ReportedWindowInvalid",
  ],
  [
    "a window of the year 2200",
    hubRecord().replace(
      '{"id"',
      '{"reportedStartTime":"2200-01-01T00:00:00Z","reportedEndTime":"2200-01-01T01:00:00Z","id"',
    ),
    "ReportedWindowInvalid",
  ],
  [
    "a bad window of its own",
    hubRecord().replace('{"id"', '{"reportedStartTime":"a","reportedEndTime":"b","id"'),
    "ReportedWindowInvalid",
  ],
])("%s is refused", (_, text, code) => {
  expect(codeOf(text)).toBe(code);
});

test("without any window the record is refused", () => {
  expect(codeOf(hubRecord(), { ...context, window: undefined })).toBe("ReportedWindowMissing");
});
