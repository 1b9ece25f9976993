import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Hour, hourOf, registrationId } from "../../src/domain/ids.ts";
import { parsePeriod } from "../../src/domain/statement/period.ts";
import { type ArchivedMonth, sameFacts } from "../../src/domain/usage/archive.ts";
import type { UsageRow, UsageScope, UsageStore } from "../../src/domain/usage/store.ts";
import { hash32 } from "../../src/lib/prng.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { BASE_VM, SUBSCRIPTION_A, SUBSCRIPTION_B, usageRow, WINDOWS_VM } from "../support/usageRows.ts";

// Goal: a month that was written to Parquet and dropped is read back as if it were still there, to the last digit, on
// every engine. Method: every answer about the month before and after, and the same of the months beside it.

const JANUARY = parsePeriod("2024-01");
const FEBRUARY = parsePeriod("2024-02");
const ALL: UsageScope = { from: 0 as Hour, to: parsePeriod("2099-12").to, lastBatch: 1_000 };
const registration = registrationId(1);

const refOf = ({ record, identity }: UsageRow) => ({
  registration,
  usageStartMs: record.usageStartMs,
  reportedStartMs: record.window.startMs,
  series: identity.series,
  event: identity.event,
});

const text = "/a\tb\nc\\N'\"`\u0000\u{1F600} ü";
const first = usageRow({ hour: "2024-01-05T10:00:00Z", quantity: "999999999999999.999999999999999999999999999999" });
const conflicting = usageRow({ hour: "2024-01-05T10:00:00Z", quantity: "2", held: "conflict", batch: 2 });
const event = usageRow({ hour: "2024-01-31T23:00:00Z", quantity: "0.25", event: "7", meter: BASE_VM });
const odd = usageRow({ hour: "2024-01-05T10:00:00Z", quantity: "0.000000000000000000000000000001", resource: text });
const withdrawn = usageRow({ hour: "2024-01-06T10:00:00Z", quantity: "5", batch: 3 });
const shards = [1, 2, 3, 4].map((other) =>
  usageRow({ hour: "2024-01-07T10:00:00Z", quantity: `${other}.5`, registration: other, resource: "/of/each" }),
);
const kept = [
  usageRow({ hour: "2023-12-31T23:00:00Z", quantity: "8" }),
  usageRow({ hour: "2024-02-01T00:00:00Z", quantity: "16", localSubscription: SUBSCRIPTION_B }),
];

async function filled(store: UsageStore): Promise<void> {
  await store.append([first, event, odd, ...shards, ...kept]);
  await store.append([first, odd]);
  await store.append([conflicting]);
  await store.append([withdrawn]);
  await store.withdraw({ registration, decision: 4, atMs: 5_000, delivery: 3 });
}

const segments = [1, 2, 3, 4].flatMap((one) =>
  [SUBSCRIPTION_A, SUBSCRIPTION_B].map((localSubscription) => {
    return { registration: registrationId(one), localSubscription, from: 0 as Hour, to: ALL.to };
  }),
);

/** Everything that the store tells. */
async function answers(store: UsageStore, archives: readonly ArchivedMonth[] = []) {
  const scope = { ...ALL, archives };
  const wanted = { meters: [WINDOWS_VM, BASE_VM], segments };
  const own = { registrations: [registration], limit: 99, archives };
  const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
  return {
    totals: sorted(await store.totals(scope, [])),
    cut: sorted(await store.totals(scope, segments)),
    hours: sorted(await store.segmentTotals(scope, wanted.meters, segments, "hour")),
    stored: sorted(await store.stored(scope)),
    records: await store.records({ scope, ...wanted, offset: 1, limit: 6 }),
    byTime: await store.sums({
      scope,
      segments: segments.map((segment, group) => ({ ...segment, group })),
      isNarrow: false,
      meters: wanted.meters.map((meter) => ({ meter, from: 0 as Hour, to: ALL.to })),
      by: ["registration", "localSubscription", "resource", "location", "tag"],
      tag: "none",
      time: "day",
      offset: 0,
      limit: 100,
    }),
    changes: sorted((await store.changes({ ...own, batches: [1, 2, 3], of: "own" })).entries),
    withdrawn: sorted((await store.changes({ ...own, batches: [4], of: { delivery: 3 } })).entries),
    listed: await store.listed({
      ...scope,
      registrations: [registration],
      segments: segments.slice(2),
      resource: "/RESOURCE",
      limit: 5,
    }),
    found: [
      sorted(await store.find({ registration, batch: 1, position: 1 }, 10, archives)),
      await store.find(
        { registration, localSubscription: SUBSCRIPTION_A, meter: WINDOWS_VM, hour: HOUR },
        10,
        archives,
      ),
    ],
    entries: [
      await store.entriesOf(refOf(first), archives),
      await store.entriesOf(refOf(event), archives),
      await store.entriesOf(refOf(withdrawn), archives),
    ],
  };
}

const HOUR = hourOf(first.record.usageStartMs);
const KNOWN = { registration, reportedStartMs: { min: 0, max: 4e12 }, series: [], events: [] };

export function archiveSuite(name: string, openEmpty: () => Promise<UsageStore>): void {
  describe(`${name}: archives`, () => {
    test("a month is read back as it was; nothing else changes; what identifies its events stays", async () => {
      const store = await openEmpty();
      await filled(store);
      const { months } = store;
      const before = await answers(store);
      const path = join(temporaryFolder(), "january.parquet");
      await months.write(JANUARY, path);
      const facts = await months.facts(JANUARY);
      const ofFile = await months.factsOfFile(path);
      expect(ofFile).toEqual(facts);
      expect(sameFacts(ofFile, facts)).toBe(true);
      expect(facts.entries).toBe(10);
      expect(facts.sums).toContainEqual({ meter: BASE_VM, held: "no", sign: 1, entries: 1, quantity: "0.25" });
      expect(facts.sums.find(({ sign }) => sign === -1)).toMatchObject({ held: "no", entries: 1, quantity: "-5" });
      expect(await months.deliveries(JANUARY)).toEqual([
        { delivery: 1, entries: 7 },
        { delivery: 2, entries: 1 },
        { delivery: 3, entries: 2 },
      ]);
      const archives = [{ ...JANUARY, path }];
      // Sealed and not dropped yet: nothing comes twice.
      expect(await answers(store, archives)).toEqual(before);
      for (let time = 0; time < 2; time += 1) await months.drop(JANUARY);
      expect(await answers(store, archives)).toEqual(before);
      expect((await store.stored(ALL)).map(({ quantity }) => quantity)).toEqual(["24"]);
      expect((await months.list(FEBRUARY.to)).map(({ period, entries }) => [period.name, entries])).toEqual([
        ["2023-12", 1],
        ["2024-02", 1],
      ]);
      // Of the same resource in another month.
      expect(await store.knownEntries({ ...KNOWN, series: [first.identity.series] })).toHaveLength(1);
      const { key, content } = event.identity;
      expect(await store.knownEntries({ ...KNOWN, events: [key] })).toMatchObject([{ key, content, held: "no" }]);
      expect(await months.isEventArchived(refOf(event))).toBe(true);
      expect(await months.isEventArchived({ ...refOf(event), event: "0".repeat(32) })).toBe(false);
      await store.close();
    });

    test("what comes after the archive is no part of it, and stays when the month is dropped again", async () => {
      const store = await openEmpty();
      await filled(store);
      const { months } = store;
      const path = join(temporaryFolder(), "january.parquet");
      await months.write(JANUARY, path);
      const facts = await months.facts(JANUARY);
      const late = usageRow({ hour: "2024-01-05T10:00:00Z", quantity: "7", resource: "/late", held: "archived" });
      await store.append([late]);
      expect(await months.facts(JANUARY)).toEqual(facts);
      await months.drop(JANUARY);
      const again = usageRow({ hour: "2024-01-05T11:00:00Z", quantity: "1", resource: "/late", held: "archived" });
      await store.append([again]);
      await months.drop(JANUARY);
      const held = (await store.totals(ALL, [])).filter((total) => total.held === "archived");
      expect(held).toMatchObject([{ quantity: "8", records: 2, meter: WINDOWS_VM }]);
      const both = await store.totals({ ...ALL, archives: [{ ...JANUARY, path }] }, []);
      expect(both.filter((total) => total.held === "archived")).toEqual(held);
      expect((await months.list(FEBRUARY.to)).map(({ period }) => period.name)).toEqual(["2023-12", "2024-02"]);
      expect((await store.knownEntries({ ...KNOWN, series: [late.identity.series] })).map((so) => so.held)).toEqual([
        "archived",
        "archived",
      ]);
      await store.close();
    });

    test("sums of 5,000 entries with 30 decimals are the same in the file; one that differs is told", async () => {
      const store = await openEmpty();
      const rows = Array.from({ length: 5_000 }, (_, i): UsageRow => {
        const digits = `${hash32(1, i)}${hash32(2, i)}${hash32(3, i)}`.padEnd(30, "7").slice(0, 30);
        return usageRow({ hour: "2024-01-03T04:00:00Z", quantity: `${hash32(4, i)}.${digits}`, resource: `/r${i}` });
      });
      await store.append(rows);
      const path = join(temporaryFolder(), "january.parquet");
      await store.months.write(JANUARY, path);
      const facts = await store.months.facts(JANUARY);
      expect(await store.months.factsOfFile(path)).toEqual(facts);
      const more = usageRow({ hour: "2024-01-03T04:00:00Z", quantity: "0", resource: "/more" });
      await store.append([more]);
      expect(sameFacts(await store.months.facts(JANUARY), facts)).toBe(false);
      writeFileSync(`${path}.part`, readFileSync(path).subarray(0, 10_000));
      await expect(store.months.factsOfFile(`${path}.part`)).rejects.toMatchObject({ code: "UsageEngineUnavailable" });
      await store.close();
    });
  });
}
