import { expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../lib/instant.ts";
import { type Diagnosis, diagnose, diagnoseBridge, type StampFacts } from "./doctor.ts";
import { startState } from "./stampState.ts";

const NOW = 7 * DAY_MS;
/** A week with ten records in every hour. */
const steady = (): Map<number, number> =>
  new Map(Array.from({ length: 7 * 24 - 1 }, (_, hour) => [hour * HOUR_MS, 10] as const));
const facts = (more: Partial<StampFacts> = {}): StampFacts => ({
  registration: "north",
  mapsTenants: true,
  fromMs: 0,
  nowMs: NOW,
  reportedUntilMs: NOW,
  records: steady(),
  unmapped: new Map(),
  waiting: [],
  ...more,
});
const kinds = (found: readonly Diagnosis[]): readonly string[] => found.map(({ kind }) => kind);
const without = (fromHour: number, toHour: number, leaves = 0): Map<number, number> => {
  const records = steady();
  for (let hour = fromHour; hour < toHour; hour += 1) {
    if (leaves === 0) records.delete(hour * HOUR_MS);
    else records.set(hour * HOUR_MS, leaves);
  }
  return records;
};
const waiting = (reason: string) => [{ reason, name: "a meter", records: 3 }];

test.each<[string, Partial<StampFacts>, readonly string[]]>([
  ["a steady stamp", {}, []],
  ["one that was never read", { reportedUntilMs: undefined, records: new Map() }, ["NothingReported"]],
  [
    "one whose cursor stands still",
    { reportedUntilMs: NOW - 6 * HOUR_MS, records: without(160, 168) },
    ["CursorStuck"],
  ],
  ["hours without usage", { records: without(50, 53) }, ["Gap"]],
  [
    "two stretches",
    { records: new Map([...without(50, 53)].filter(([hour]) => hour !== 60 * HOUR_MS)) },
    ["Gap", "Gap"],
  ],
  ["a day with less than half", { records: without(140, 168, 4) }, ["VolumeFalling"]],
  ["a day with half", { records: without(140, 168, 5) }, []],
  ["tenants that nobody mapped", { unmapped: new Map([["t", 5]]) }, ["TenantUnmapped"]],
  ["the same where nothing can be mapped", { unmapped: new Map([["t", 5]]), mapsTenants: false }, []],
  ["no price", { waiting: waiting("NoPrice") }, ["MeterUnpriced"]],
  ["an unknown meter", { waiting: waiting("UnknownMeter") }, ["MeterUnknown"]],
  ["an unknown subscription", { waiting: waiting("UnknownLocalSubscription") }, ["LocalSubscriptionUnknown"]],
  ["conflicts", { waiting: waiting("Conflict") }, ["Conflicts"]],
])("%s", (_, more, found) => {
  expect(kinds(diagnose(facts(more)))).toEqual(found);
});

test("a gap is told with its ends", () => {
  const [gap] = diagnose(facts({ records: without(50, 53) }));
  expect(gap?.what).toBe("no usage from 1970-01-03T02:00:00Z to 1970-01-03T05:00:00Z: 3 hours");
});

test("what a bridge can tell", () => {
  const limits = { spoolBytesMax: 100, spoolWarnPercent: 70 };
  const reading = {
    startMs: 0,
    readAtMs: 0,
    rows: 1,
    digest: "x",
    by: "subscription" as const,
    confirmTries: 0,
    readings: 1,
    number: 1,
    file: "1",
    bytes: 40,
  };
  const good = startState(NOW - HOUR_MS);
  expect(diagnoseBridge("north", good, limits, NOW)).toEqual([]);
  const bundle = { number: 1, content: "", after: "", createdAt: "", readings: [] };
  const bad = {
    ...good,
    cursorMs: NOW - 10 * HOUR_MS,
    skewMs: -90_000,
    spool: [reading],
    setAside: [reading],
    bundles: [bundle, { ...bundle, number: 2 }],
    recent: [reading],
  };
  expect(kinds(diagnoseBridge("north", bad, limits, NOW))).toEqual([
    "CursorStuck",
    "ClockSkewed",
    "SpoolFilling",
    "RowsRejected",
    "BundlesUnconfirmed",
    "HoursUnconfirmed",
  ]);
});
