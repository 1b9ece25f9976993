import { expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../lib/instant.ts";
import { type Hour, hourOf, localSubscriptionId, meterId, tenantId } from "../ids.ts";
import { PARKED_REASONS, type ParkedReason } from "../statement/classify.ts";
import { type Diagnosis, tell } from "./diagnosis.ts";
import { findingsOf, type StampFacts } from "./findings.ts";
import { DIAGNOSIS_TEXTS } from "./texts.ts";

const NOW = 20 * DAY_MS;
const LOCAL = localSubscriptionId("40000000-0000-4000-8000-000000000001")!;
const TENANT = tenantId("30000000-0000-4000-8000-000000000001")!;
const day = (records: number, localSubscriptions = 10) => ({ day: 0, records, localSubscriptions });
const week = Array.from({ length: 7 }, () => day(100));
const facts = (more: Partial<StampFacts> = {}): StampFacts => ({
  registration: "north",
  billingModel: "PayAsYouUse",
  mapsTenants: true,
  nowMs: NOW,
  reportedUntilMs: NOW - HOUR_MS,
  gaps: [],
  arrivals: [],
  unmapped: new Map(),
  waiting: [],
  volumes: { endMs: NOW - 5 * HOUR_MS, newest: day(100), before: week },
  ...more,
});
const kinds = (more: Partial<StampFacts>): readonly string[] => findingsOf(facts(more)).map(({ kind }) => kind);
const gap = (from: number, to: number) => ({ from: (hourOf(NOW) - from) as Hour, to: (hourOf(NOW) - to) as Hour });
const ahead = (aheadMs: number) => ({
  hour: hourOf(NOW),
  records: 1,
  held: 0,
  firstArrivalMs: NOW,
  lastArrivalMs: NOW,
  late: 0,
  aheadMs,
});
const waits = (reason: ParkedReason, meterName = "a meter", records = 3) => ({
  reason,
  meterName,
  records,
  localSubscription: LOCAL,
  meter: meterId("fab6eb84-500b-4a09-a8ca-7358f8bbaea5")!,
});
const volume = (newest: StampFacts["volumes"]["newest"], before = week) => ({
  volumes: { endMs: NOW, newest, before },
});

test.each<[string, Partial<StampFacts>, readonly string[]]>([
  ["a steady stamp", {}, []],
  ["one that never reported", { reportedUntilMs: undefined }, ["NothingReported"]],
  ["one that never reports", { reportedUntilMs: undefined, billingModel: "Capacity" }, []],
  ["nothing for less than six hours", { reportedUntilMs: NOW - 6 * HOUR_MS + 1 }, []],
  ["nothing for six hours", { reportedUntilMs: NOW - 6 * HOUR_MS }, ["CursorStuck"]],
  ["a gap", { gaps: [gap(50, 47)] }, ["Gap"]],
  ["two gaps", { gaps: [gap(50, 47), gap(30, 29)] }, ["Gap", "Gap"]],
  ["missing hours that the stamp has not come to", { gaps: [gap(5, 4)] }, []],
  ["the same where it stands still", { reportedUntilMs: NOW - 9 * HOUR_MS, gaps: [gap(10, 4)] }, ["CursorStuck"]],
  ["a window that ended a minute after its usage came", { arrivals: [ahead(60_000)] }, ["ClockAhead"]],
  ["less than a minute", { arrivals: [ahead(59_999)] }, []],
  ["a day with less than half of the records", volume(day(49)), ["VolumeFalling"]],
  ["a day with half", volume(day(50)), []],
  ["a day with less than half of the local subscriptions", volume(day(100, 4)), ["SubscriptionsFalling"]],
  ["a day with half of them", volume(day(100, 5)), []],
  ["half of a mean that is no whole number", volume(day(5), [day(10), day(11), day(10)]), ["VolumeFalling"]],
  ["a day after a single one", volume(day(1, 1), [day(100)]), []],
  ["a tenant that nobody mapped", { unmapped: new Map([[TENANT, 5]]) }, ["TenantUnmapped"]],
  ["the same where nothing can be mapped", { unmapped: new Map([[TENANT, 5]]), mapsTenants: false }, []],
  ["no price", { waiting: [waits("NoPrice")] }, ["MeterUnpriced"]],
  ["an unknown meter", { waiting: [waits("UnknownMeter")] }, ["MeterUnknown"]],
  ["an unknown local subscription", { waiting: [waits("UnknownLocalSubscription")] }, ["LocalSubscriptionUnknown"]],
  ["conflicts", { waiting: [waits("Conflict")] }, ["Conflicts"]],
  ["usage of an archived month", { waiting: [waits("PeriodArchived")] }, ["CameAfterArchive"]],
])("%s", (_, more, found) => {
  expect(kinds(more)).toEqual(found);
});

test("a gap is cut where the stamp has come to, and told with its ends", () => {
  const [found] = findingsOf(facts({ reportedUntilMs: NOW - 3 * HOUR_MS, gaps: [gap(10, 4)] }));
  expect(tell(found!, "en")).toEqual({
    of: "north",
    kind: "Gap",
    facts: { from: "1970-01-20T14:00:00Z", to: "1970-01-20T17:00:00Z", hours: 3 },
    what: "no usage from 1970-01-20T14:00:00Z to 1970-01-20T17:00:00Z: 3 hours",
    remedy: expect.arrayContaining([expect.stringContaining("startAt")]),
  });
});

test("what waits of one meter is told once, the most first", () => {
  const waiting = [waits("NoPrice", "few", 1), waits("NoPrice", "many", 2), waits("NoPrice", "many", 7)];
  const told = findingsOf(facts({ waiting })).map((so) => tell(so, "en").what);
  expect(told).toEqual([
    "9 records of many wait: The price sheet has no price for what the meter is priced by.",
    "1 records of few wait: The price sheet has no price for what the meter is priced by.",
  ]);
});

test("every kind has its texts in both languages, and every placeholder its fact", () => {
  const all: readonly Diagnosis[] = [
    ...findingsOf(facts({ reportedUntilMs: undefined })),
    ...findingsOf(
      facts({
        reportedUntilMs: NOW - 9 * HOUR_MS,
        gaps: [gap(50, 47)],
        arrivals: [ahead(90_000)],
        ...volume(day(1, 1)),
        unmapped: new Map([[TENANT, 5]]),
        waiting: PARKED_REASONS.map((reason) => waits(reason)),
      }),
    ),
  ];
  expect(new Set(all.map(({ kind }) => kind)).size).toBe(7 + new Set(PARKED_REASONS).size);
  for (const found of all) {
    const [english, chinese] = [tell(found, "en"), tell(found, "zh-Hans")];
    for (const text of [english.what, ...english.remedy]) expect(text).not.toMatch(/undefined|\p{Script=Han}|[{}]/u);
    for (const text of [chinese.what, ...chinese.remedy]) expect(text).not.toMatch(/undefined|[{}]/);
    expect(chinese.what).toMatch(/\p{Script=Han}/u);
    expect(chinese.remedy).toHaveLength(english.remedy.length);
    expect(chinese.facts).toEqual(english.facts);
  }
  for (const text of Object.values(DIAGNOSIS_TEXTS)) {
    const names = (so: { readonly what: string }) => [...so.what.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
    expect(names(text["zh-Hans"])).toEqual(names(text.en));
  }
});
