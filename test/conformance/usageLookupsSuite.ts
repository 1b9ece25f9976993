import { describe, expect, test } from "vitest";
import { hourOf, registrationId } from "../../src/domain/ids.ts";
import { parsePeriod } from "../../src/domain/statement/period.ts";
import type { AgeQuery, ReportedUnit, UsageStore } from "../../src/domain/usage/store.ts";
import { parseInstant } from "../../src/lib/instant.ts";
import { BASE_VM, SUBSCRIPTION_A, SUBSCRIPTION_B, usageRow, WINDOWS_VM } from "../support/usageRows.ts";

const HOUR = "2024-02-01T10:00:00Z";
const NEXT = "2024-02-01T11:00:00Z";
const ONE = registrationId(1);
const at = (text: string): number => parseInstant(text)!;

/** How long usage has waited, and where a record is. */
export function usageLookupsSuite(name: string, openEmpty: () => Promise<UsageStore>): void {
  describe(`${name}: lookups`, () => {
    test("the age of a group is that of its oldest version that counts or waits", async () => {
      const store = await openEmpty();
      const first = { ...usageRow({ hour: HOUR, quantity: "1", batch: 1 }), acceptedAtMs: at("2024-02-03T00:00:00Z") };
      const second = { ...usageRow({ hour: NEXT, quantity: "1", batch: 2 }), acceptedAtMs: at("2024-02-02T00:00:00Z") };
      const held = {
        ...usageRow({ hour: HOUR, quantity: "2", batch: 3, held: "conflict" }),
        acceptedAtMs: at("2024-02-04T00:00:00Z"),
      };
      await store.append([first]);
      await store.append([second]);
      await store.append([held]);
      const scope = { ...parsePeriod("2024-02"), lastBatch: 10 };
      const group: AgeQuery = {
        registration: ONE,
        localSubscription: SUBSCRIPTION_A,
        meter: WINDOWS_VM,
        held: "no",
        from: scope.from,
      };
      const groups = [
        group,
        { ...group, held: "conflict" as const },
        { ...group, from: hourOf(at(NEXT)) },
        { ...group, meter: BASE_VM },
      ];
      const age = (usage: string, arrival: string) => ({ oldestUsageMs: at(usage), oldestArrivalMs: at(arrival) });
      expect(await store.ages(scope, groups)).toEqual([
        age(HOUR, "2024-02-02T00:00:00Z"),
        age(HOUR, "2024-02-04T00:00:00Z"),
        age(NEXT, "2024-02-02T00:00:00Z"),
        undefined,
      ]);
      await store.withdraw({ registration: ONE, decision: 4, delivery: 1, atMs: at("2024-02-05T00:00:00Z") });
      expect((await store.ages(scope, [group]))[0]).toEqual(age(NEXT, "2024-02-02T00:00:00Z"));
      expect((await store.ages({ ...scope, lastBatch: 3 }, [group]))[0]?.oldestUsageMs).toBe(at(HOUR));
      expect(await store.ages(scope, [])).toEqual([]);
      await store.close();
    });

    test("how usage came in, hour by hour and day by day, without what was withdrawn", async () => {
      const store = await openEmpty();
      // The window of an hour's usage ends two hours after the hour begins.
      const came = (facts: Parameters<typeof usageRow>[0], acceptedAt: string) => ({
        ...usageRow(facts),
        acceptedAtMs: at(acceptedAt),
      });
      const [early, late] = ["2024-02-01T13:00:00.500Z", "2024-02-01T18:00:00.001Z"];
      const rows = [
        came({ hour: HOUR, quantity: "1", batch: 1, resource: "/1" }, early),
        came({ hour: HOUR, quantity: "1", batch: 2, resource: "/2" }, "2024-02-01T18:00:00Z"),
        came({ hour: HOUR, quantity: "1", batch: 3, resource: "/3", localSubscription: SUBSCRIPTION_B }, late),
        came({ hour: HOUR, quantity: "2", batch: 4, resource: "/3", held: "conflict" }, "2024-02-03T00:00:00Z"),
        came({ hour: NEXT, quantity: "1", batch: 5 }, "2024-02-01T12:58:30Z"),
        came({ hour: NEXT, quantity: "1", batch: 6, event: "1", reportedAfterHours: 4 }, "2024-02-01T15:00:00Z"),
        came({ hour: NEXT, quantity: "1", batch: 7, registration: 2 }, late),
        came({ hour: "2024-02-02T10:00:00Z", quantity: "1", batch: 8 }, "2024-02-02T12:00:00Z"),
      ];
      // The same usage again, as after a crash.
      for (const row of [...rows, ...rows.slice(0, 2)]) await store.append([row]);
      const { from, to } = { from: hourOf(at(HOUR)), to: hourOf(at("2024-02-03T10:00:00Z")) };
      const scope = { from, to, lastBatch: 20, registrations: [ONE, ONE] as const };
      const hours = async (lastBatch = 20) =>
        (await store.arrivals.byHour({ ...scope, lastBatch }, 6 * 3_600_000)).map(
          ({ hour, records, held, firstArrivalMs, lastArrivalMs, late: lateRecords, aheadMs }) => {
            const times = [firstArrivalMs, lastArrivalMs].map((ms) => new Date(ms).toISOString().slice(8, 23));
            return [hour - from, records, held, ...times, lateRecords, aheadMs].join(" ");
          },
        );
      const second = "1 2 0 01T12:58:30.000 01T15:00:00.000 0 90000";
      const third = "24 1 0 02T12:00:00.000 02T12:00:00.000 0 0";
      const first = "0 3 1 01T13:00:00.500 03T00:00:00.000 2 0";
      expect(await hours()).toEqual([first, second, third]);
      expect(await hours(2)).toEqual(["0 2 0 01T13:00:00.500 01T18:00:00.000 0 0"]);
      expect(await store.arrivals.byDay(scope)).toEqual([
        { day: 0, records: 5, localSubscriptions: 2 },
        { day: 1, records: 1, localSubscriptions: 1 },
      ]);
      await store.withdraw({ registration: ONE, decision: 11, delivery: 3, atMs: at("2024-02-05T00:00:00Z") });
      await store.withdraw({ registration: ONE, decision: 12, delivery: 8, atMs: at("2024-02-05T00:00:00Z") });
      expect(await hours()).toEqual(["0 2 1 01T13:00:00.500 03T00:00:00.000 1 0", second]);
      expect(await hours(10)).toEqual([first, second, third]);
      expect(await store.arrivals.byDay(scope)).toEqual([{ day: 0, records: 4, localSubscriptions: 1 }]);
      await store.close();
    });

    test("a record is found by its place in a delivery, and by what it is of, whatever somebody wrote", async () => {
      const store = await openEmpty();
      const nasty = "/Resource'); drop table usage_entry; --\t\\n";
      const rows = [
        { ...usageRow({ hour: HOUR, quantity: "1", resource: nasty, batch: 7 }), position: 1 },
        { ...usageRow({ hour: HOUR, quantity: "1", resource: "/other", batch: 7 }), position: 2 },
        { ...usageRow({ hour: HOUR, quantity: "1", localSubscription: SUBSCRIPTION_B, batch: 7 }), position: 3 },
      ];
      await store.append(rows);
      const seriesOf = async (search: Parameters<UsageStore["find"]>[0], limit = 10) =>
        (await store.find(search, limit)).map(({ series }) => series);
      const series = rows.map(({ identity }) => identity.series);
      expect(await seriesOf({ registration: ONE, batch: 7, position: 2 })).toEqual([series[1]]);
      expect(await seriesOf({ registration: ONE, batch: 7, position: 9 })).toEqual([]);
      const search = {
        registration: ONE,
        localSubscription: SUBSCRIPTION_A,
        meter: WINDOWS_VM,
        hour: hourOf(at(HOUR)),
      };
      expect(await seriesOf(search)).toEqual([series[0]!, series[1]!].toSorted((a, b) => (a < b ? -1 : 1)));
      expect((await seriesOf(search, 1)).length).toBe(1);
      expect(await seriesOf({ ...search, resource: nasty.toUpperCase() })).toEqual([series[0]]);
      expect(await seriesOf({ ...search, resource: "/RESOURCE" })).toEqual([]);
      expect(await seriesOf({ ...search, hour: hourOf(at(NEXT)) })).toEqual([]);
      expect(await seriesOf({ ...search, meter: BASE_VM })).toEqual([]);
      const [found] = await store.find({ ...search, resource: nasty }, 10);
      expect((await store.entriesOf(found!)).map(({ resourceUri }) => resourceUri)).toEqual([nasty]);
      await store.close();
    });

    test("reported usage comes in one order, whole or row by row, and each version that counts once", async () => {
      const store = await openEmpty();
      const rows = [
        usageRow({ hour: HOUR, quantity: "1" }),
        usageRow({ hour: HOUR, quantity: "2", resource: "/b" }),
        usageRow({ hour: HOUR, quantity: "4", localSubscription: SUBSCRIPTION_B }),
        usageRow({ hour: HOUR, quantity: "8", registration: 2 }),
        usageRow({ hour: NEXT, quantity: "16" }),
        usageRow({ hour: HOUR, quantity: "32", resource: "/late", reportedAfterHours: 2 }),
        usageRow({ hour: HOUR, quantity: "64", event: "e1" }),
        usageRow({ hour: HOUR, quantity: "128", held: "conflict" }),
        usageRow({ hour: HOUR, quantity: "256", reportedAfterHours: 24 * 80, batch: 2 }),
      ];
      await store.append(rows);
      // As after a crash.
      await store.append(rows.slice(0, 4));
      const query = {
        fromMs: at("2024-02-01T00:00:00Z"),
        toMs: at("2024-08-01T00:00:00Z"),
        unit: "hour" as ReportedUnit,
        lastBatch: 10,
        registrations: [ONE, registrationId(2)],
        limit: 100,
      };
      const quantities = async (of: Partial<typeof query> & Partial<Parameters<UsageStore["reported"]>[0]>) =>
        (await store.reported({ ...query, ...of })).map(({ quantity }) => Number(quantity)).toSorted((a, b) => a - b);
      expect(await quantities({})).toEqual([1, 2, 4, 8, 16, 32, 64, 256]);
      expect(await quantities({ lastBatch: 1 })).toEqual([1, 2, 4, 8, 16, 32, 64]);
      expect(await quantities({ toMs: at("2024-02-01T12:00:00Z") })).toEqual([1, 2, 4, 8, 64]);
      expect(await quantities({ registrations: [registrationId(2)] })).toEqual([8]);
      expect(await quantities({ registrations: [] })).toEqual([]);
      expect(await quantities({ localSubscription: SUBSCRIPTION_B })).toEqual([4]);
      const segment = {
        registration: ONE,
        localSubscription: SUBSCRIPTION_A,
        from: hourOf(at(NEXT)),
        to: hourOf(at("2100-01-01T00:00:00Z")),
      };
      expect(await quantities({ segments: [segment] })).toEqual([16]);
      // Of a day: both hours of the first resource and its event, and apart what was reported 80 days later.
      expect(await quantities({ unit: "day" })).toEqual([2, 4, 8, 32, 81, 256]);
      const parts = [
        { unit: "hour" },
        { unit: "day" },
        { unit: "hour", registrations: [ONE] },
        { unit: "hour", segments: [{ ...segment, from: hourOf(at(HOUR)) }] },
      ] as const;
      const oneByOne = async (of: Partial<Parameters<UsageStore["reported"]>[0]>) => {
        const single = [];
        for (let [row] = await store.reported({ ...query, ...of, limit: 1 }); row !== undefined; ) {
          single.push(row);
          [row] = await store.reported({ ...query, ...of, limit: 1, after: row });
        }
        return single;
      };
      for (const of of parts) expect(await oneByOne(of)).toEqual(await store.reported({ ...query, ...of }));
      await store.withdraw({ registration: ONE, decision: 4, delivery: 1, atMs: at("2024-02-05T00:00:00Z") });
      expect(await quantities({})).toEqual([8, 256]);
      // What ends an entry stands right behind it, also where a page ends in between.
      expect((await oneByOne({})).map(({ quantity }) => quantity)).toEqual(["8", "256"]);
      expect(await quantities({ lastBatch: 3 })).toEqual([1, 2, 4, 8, 16, 32, 64, 256]);
      expect(await quantities({ unit: "day" })).toEqual([8, 256]);
      await store.close();
    });
  });
}
