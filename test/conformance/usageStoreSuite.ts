import { describe, expect, test } from "vitest";
import { hourOf, registrationId } from "../../src/domain/ids.ts";
import { parsePeriod } from "../../src/domain/statement/period.ts";
import type { UsageRow, UsageScope, UsageSegment, UsageStore } from "../../src/domain/usage/store.ts";
import { add, compare, decimal, formatDecimal, sum, ZERO } from "../../src/lib/decimal.ts";
import { HOUR_MS, parseInstant } from "../../src/lib/instant.ts";
import { hash32 } from "../../src/lib/prng.ts";
import { BASE_VM, SUBSCRIPTION_A, SUBSCRIPTION_B, usageRow, WINDOWS_VM } from "../support/usageRows.ts";

/** An engine under test: opens a store on a folder, again and again. */
export interface UsageEngine {
  readonly name: string;
  open(folder: string): Promise<UsageStore>;
  /** Ends the engine without warning, as a crash would. */
  crash(store: UsageStore): Promise<void>;
}

const { from, to } = parsePeriod("2024-02");
const FEBRUARY: UsageScope = { from, to, lastBatch: 1_000 };
const WINDOWS = { min: 0, max: parseInstant("2030-01-01T00:00:00Z")! };

const wholeMonth = (localSubscription = SUBSCRIPTION_A): UsageSegment => ({
  registration: registrationId(1),
  localSubscription,
  from,
  to,
});

async function total(store: UsageStore, scope = FEBRUARY): Promise<string> {
  const totals = await store.totals(scope, []);
  return formatDecimal(sum(totals.filter(({ held }) => held === "no").map(({ quantity }) => decimal(quantity))));
}

/** What every engine must do; the same meaning small and large. */
export function usageStoreSuite(engine: UsageEngine, openEmpty: () => Promise<UsageStore>): void {
  describe(`${engine.name}: identity`, () => {
    test("appending the same rows again changes nothing", async () => {
      const store = await openEmpty();
      const rows = [usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1.5" })];
      await store.append(rows);
      await store.append(rows);
      expect(await total(store)).toBe("1.5");
      expect(await store.stored(FEBRUARY)).toEqual([
        { registration: 1, meter: WINDOWS_VM, quantity: "1.5", records: 1 },
      ]);
      await store.close();
    });

    test("one usage hour from two reported windows adds up", async () => {
      const store = await openEmpty();
      await store.append([
        usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1.5" }),
        usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "0.25", reportedAfterHours: 7 }),
      ]);
      expect(await total(store)).toBe("1.75");
      await store.close();
    });

    test("known entries are found by series or event, whatever else is stored", async () => {
      const store = await openEmpty();
      const known = usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1" });
      const other = usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1", resource: "/other" });
      const event = usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1", event: "7", reportedAfterHours: 90_000 });
      await store.append([known, event]);
      const query = { registration: registrationId(1), reportedStartMs: WINDOWS, series: [], events: [] };
      const { key, content, series } = known.identity;
      const first = { held: "no", kind: "delivery", sign: 1, decision: 0, ended: 0 };
      const found = await store.knownEntries({ ...query, series: [series, other.identity.series] });
      expect(found).toEqual([{ key, content, ...first }]);
      const narrow = { min: 0, max: 1 };
      expect(await store.knownEntries({ ...query, reportedStartMs: narrow, series: [series] })).toEqual([]);
      expect(await store.knownEntries({ ...query, reportedStartMs: narrow, events: [event.identity.event] })).toEqual([
        { key: event.identity.event, content: event.identity.content, ...first },
      ]);
      expect(await store.knownEntries({ ...query, registration: registrationId(2), series: [series] })).toEqual([]);
      expect(await store.knownEntries(query)).toEqual([]);
      await store.close();
    });

    test("the later version of a conflict is stored and told apart", async () => {
      const store = await openEmpty();
      await store.append([
        usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1" }),
        usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "9", held: "conflict" }),
      ]);
      expect(await total(store)).toBe("1");
      expect(await store.stored(FEBRUARY)).toEqual([
        { registration: 1, meter: WINDOWS_VM, quantity: "10", records: 2 },
      ]);
      await store.close();
    });
  });

  describe(`${engine.name}: decisions`, () => {
    const first = usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1" });
    const later = { ...usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "9", held: "conflict", batch: 2 }) };
    const other = usageRow({ hour: "2024-01-31T10:00:00Z", quantity: "4", resource: "/other" });
    const registration = registrationId(1);
    const refOf = ({ record, identity }: UsageRow) => ({
      registration,
      usageStartMs: record.usageStartMs,
      reportedStartMs: record.window.startMs,
      series: identity.series,
      event: identity.event,
    });
    const both = { ...FEBRUARY, from: 0 as typeof from };
    const sums = async (store: UsageStore, lastBatch = 1_000) => {
      const totals = await store.totals({ ...both, lastBatch }, []);
      return totals.map(({ held, quantity, records }) => `${held} ${quantity} ${records}`).sort();
    };

    test("a withdrawn delivery counts no more from then on, and did before; doing it again changes nothing", async () => {
      const store = await openEmpty();
      await store.append([first, other]);
      await store.append([usageRow({ hour: "2024-02-01T11:00:00Z", quantity: "2", batch: 2 })]);
      for (let time = 0; time < 2; time += 1) {
        expect(await store.withdraw({ registration, decision: 3, atMs: 5_000, delivery: 1 })).toBe(2);
        expect(await sums(store)).toEqual(["no 2 1"]);
      }
      expect(await sums(store, 2)).toEqual(["no 7 3"]);
      expect(await store.withdraw({ registration: registrationId(2), decision: 4, atMs: 5_000, delivery: 2 })).toBe(0);
      const anew = { ...first, after: 3, batch: 5 };
      await store.append([anew]);
      expect(await sums(store)).toEqual(["no 3 2"]);
      const query = { scope: FEBRUARY, meters: [WINDOWS_VM], segments: [wholeMonth()], offset: 0, limit: 10 };
      const page = await store.records(query);
      expect(page.records.map(({ quantity, batch }) => [quantity, batch])).toEqual([
        ["1", 5],
        ["2", 2],
      ]);
      expect([page.recordsInAll, page.quantityInAll]).toEqual([2, "3"]);
      const entries = await store.entriesOf(refOf(first));
      expect(entries.map(({ sign, kind, batch, delivery }) => [sign, kind, batch, delivery])).toEqual([
        [1, "delivery", 1, 1],
        [-1, "withdrawal", 3, 1],
        [1, "delivery", 5, 5],
      ]);
      expect(await store.withdraw({ registration, decision: 6, atMs: 6_000, delivery: 5 })).toBe(1);
      expect(await sums(store)).toEqual(["no 2 1"]);
      await store.close();
    });

    test("of a conflict the version that is chosen counts; nothing waits any more", async () => {
      const store = await openEmpty();
      await store.append([first, other]);
      await store.append([later]);
      expect(await store.conflicts({ limit: 5 })).toEqual([refOf(first)]);
      expect(await store.conflicts({ registration: registrationId(2), limit: 5 })).toEqual([]);
      expect(await store.conflicts({ after: refOf(first), limit: 5 })).toEqual([]);
      const choice = { registration, atMs: 5_000, record: refOf(first) };
      for (let time = 0; time < 2; time += 1) {
        await store.choose({ ...choice, decision: 3, content: later.identity.content });
        expect(await sums(store)).toEqual(["no 13 2"]);
      }
      expect(await sums(store, 2)).toEqual(["conflict 9 1", "no 5 2"]);
      expect(await store.conflicts({ limit: 5 })).toEqual([]);
      // The chosen version belongs to the delivery that brought it.
      expect(await store.withdraw({ registration, decision: 4, atMs: 6_000, delivery: 2 })).toBe(1);
      expect(await sums(store)).toEqual(["no 4 1"]);
      await store.close();
    });

    test("a version that waited and came anew is not ended once more with the delivery that it waited in", async () => {
      const store = await openEmpty();
      await store.append([first]);
      await store.append([later]);
      expect(await store.withdraw({ registration, decision: 3, atMs: 5_000, delivery: 1 })).toBe(1);
      await store.append([{ ...later, held: "no", after: 3, endsParked: 0, batch: 4 }]);
      expect(await sums(store)).toEqual(["no 9 1"]);
      expect(await store.withdraw({ registration, decision: 5, atMs: 6_000, delivery: 2 })).toBe(0);
      expect(await sums(store)).toEqual(["no 9 1"]);
      await store.close();
    });

    test("the first version can be kept, and an event's versions are one conflict whatever hour they tell", async () => {
      const store = await openEmpty();
      const event = usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1", event: "7" });
      const moved = usageRow({ hour: "2024-01-05T10:00:00Z", quantity: "1", event: "7", held: "conflict", batch: 2 });
      const ofStamp = usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1" });
      await store.append([event, ofStamp]);
      await store.append([moved]);
      expect((await store.entriesOf(refOf(event))).map(({ batch }) => batch)).toEqual([1, 2]);
      const never = { ...refOf(ofStamp), series: "0123456789abcdef" };
      const each = await store.entriesOfEach([refOf(moved), never, refOf(ofStamp), refOf(event)]);
      expect(each.map((entries) => entries.map(({ batch }) => batch))).toEqual([[1, 2], [], [1], [1, 2]]);
      const choice = { registration, decision: 3, atMs: 5_000, record: refOf(moved) };
      await store.choose({ ...choice, content: event.identity.content });
      expect(await sums(store)).toEqual(["no 2 2"]);
      await store.close();
    });
  });

  describe(`${engine.name}: exactness`, () => {
    test("every digit that the wire may carry comes back", async () => {
      const store = await openEmpty();
      const quantities = ["999999999999999.999999999999999999999999999999", "0.000000000000000000000000000001", "0"];
      const rows = quantities.map((quantity, i) =>
        usageRow({ hour: "2024-02-01T10:00:00Z", quantity, resource: `/${i}` }),
      );
      await store.append(rows);
      expect(await total(store)).toBe("1000000000000000");
      const query = { scope: FEBRUARY, meters: [WINDOWS_VM], segments: [wholeMonth()], offset: 0, limit: 10 };
      const { records } = await store.records(query);
      expect(records.map((record) => record.quantity)).toEqual(quantities);
      await store.close();
    });

    test("sums equal exact sums in any order, 5,000 rows with 30 decimals", async () => {
      const store = await openEmpty();
      const rows = Array.from({ length: 5_000 }, (_, i): UsageRow => {
        const digits = `${hash32(1, i)}${hash32(2, i)}${hash32(3, i)}`.padEnd(30, "7").slice(0, 30);
        return usageRow({ hour: "2024-02-03T04:00:00Z", quantity: `${hash32(4, i)}.${digits}`, resource: `/r${i}` });
      });
      await store.append(rows.slice(0, 2_500));
      await store.append(rows.slice(2_500));
      const expected = rows.reduce((so, { record }) => add(so, decimal(record.quantity)), ZERO);
      expect(compare(decimal(await total(store)), expected)).toBe(0);
      await store.close();
    });

    test("text that could break the hand-over comes back unchanged", async () => {
      const store = await openEmpty();
      const resource = "/a\tb\nc\\N\\t'\"`\u0000\u{1F600} ü;drop table usage_entry";
      await store.append([usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1", resource })]);
      const query = { scope: FEBRUARY, meters: [WINDOWS_VM], segments: [wholeMonth()], offset: 0, limit: 10 };
      expect((await store.records(query)).records.map((record) => record.resourceUri)).toEqual([resource]);
      await store.close();
    });
  });

  describe(`${engine.name}: bounds`, () => {
    test("a period is half-open, and a month end belongs to one period", async () => {
      const store = await openEmpty();
      await store.append([
        usageRow({ hour: "2024-01-31T23:00:00Z", quantity: "1" }),
        usageRow({ hour: "2024-02-01T00:00:00Z", quantity: "10" }),
        usageRow({ hour: "2024-02-29T23:00:00Z", quantity: "100" }),
        usageRow({ hour: "2024-03-01T00:00:00Z", quantity: "1000" }),
      ]);
      expect(await total(store)).toBe("110");
      await store.close();
    });

    test("batches after the last one known do not count", async () => {
      const store = await openEmpty();
      await store.append([usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1", batch: 5 })]);
      await store.append([usageRow({ hour: "2024-02-01T11:00:00Z", quantity: "2", batch: 6 })]);
      expect(await total(store, { ...FEBRUARY, lastBatch: 5 })).toBe("1");
      expect(await total(store, { ...FEBRUARY, lastBatch: 6 })).toBe("3");
      await store.close();
    });
  });

  describe(`${engine.name}: totals and records`, () => {
    const rows = [
      usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1" }),
      usageRow({ hour: "2024-02-01T11:00:00Z", quantity: "2" }),
      usageRow({ hour: "2024-02-01T11:00:00Z", quantity: "4", localSubscription: SUBSCRIPTION_B }),
      usageRow({ hour: "2024-02-01T11:00:00Z", quantity: "8", meter: BASE_VM }),
    ];

    test("by the segment only for the local subscriptions that were asked for", async () => {
      const store = await openEmpty();
      await store.append(rows);
      const eleven = hourOf(parseInstant("2024-02-01T11:00:00Z")!);
      const segments = [
        { ...wholeMonth(), to: eleven },
        { ...wholeMonth(), from: eleven },
      ];
      const totals = await store.totals(FEBRUARY, segments);
      const told = totals.map(({ localSubscription, meter, hour, quantity, records }) => {
        return `${localSubscription.slice(0, 1)} ${meter === BASE_VM ? "base" : "win"} ${hour === null ? "-" : hour - from} ${quantity} ${records}`;
      });
      expect(told.sort()).toEqual(["a base 11 8 1", "a win 0 1 1", "a win 11 2 1", "b win - 4 1"]);
      await store.close();
    });

    test("hourly totals keep to the segments and meters", async () => {
      const store = await openEmpty();
      await store.append(rows);
      const eleven = hourOf(parseInstant("2024-02-01T11:00:00Z")!);
      const segments = [
        { ...wholeMonth(), from: eleven },
        { ...wholeMonth(SUBSCRIPTION_B), to: eleven },
      ];
      const totals = await store.segmentTotals(FEBRUARY, [WINDOWS_VM], segments, "hour");
      expect(totals.map(({ hour, quantity }) => [hour, quantity])).toEqual([[eleven, "2"]]);
      const bySegment = await store.segmentTotals(FEBRUARY, [WINDOWS_VM], [wholeMonth()], "segment");
      expect(bySegment.map(({ hour, quantity, records }) => [hour, quantity, records])).toEqual([[from, "3", 2]]);
      expect(await store.segmentTotals(FEBRUARY, [], segments, "hour")).toEqual([]);
      await store.close();
    });

    test("records come in pages, in usage-time order, with the sum of all", async () => {
      const store = await openEmpty();
      await store.append([...rows].reverse());
      const query = { scope: FEBRUARY, meters: [WINDOWS_VM], segments: [wholeMonth(), wholeMonth(SUBSCRIPTION_B)] };
      const pages = [0, 2].map((offset) => store.records({ ...query, offset, limit: 2 }));
      const [first, second] = await Promise.all(pages);
      expect([...first!.records, ...second!.records].map(({ quantity }) => quantity)).toEqual(["1", "2", "4"]);
      expect([first!.recordsInAll, first!.quantityInAll]).toEqual([3, "7"]);
      expect(first!.records[0]).toMatchObject({
        usageStartMs: parseInstant("2024-02-01T10:00:00Z"),
        reportedEndMs: parseInstant("2024-02-01T10:00:00Z")! + 2 * HOUR_MS,
        batch: 1,
        position: 1,
      });
      await store.close();
    });
  });

  describe(`${engine.name}: crashes`, () => {
    test("what was appended is there after a crash; the store answers again by itself", async () => {
      const store = await openEmpty();
      await store.append([usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1.5" })]);
      await engine.crash(store);
      expect(await total(store)).toBe("1.5");
      await store.close();
    });

    test("calls that come together after a crash all find one and the same new engine", async () => {
      const store = await openEmpty();
      await store.append([usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1.5" })]);
      for (let crash = 0; crash < 3; crash += 1) {
        await engine.crash(store);
        await Promise.all([store.ping(), store.stored(FEBRUARY), total(store), store.ping()]);
      }
      expect(await total(store)).toBe("1.5");
      await store.close();
    });

    test("a call that the crash caught fails with UsageEngineUnavailable and can be made again", async () => {
      const store = await openEmpty();
      const rows = Array.from({ length: 3_000 }, (_, i) =>
        usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1", resource: `/r${i}` }),
      );
      const caught = store.append(rows).then(
        () => "appended",
        (error: { code?: string }) => error.code,
      );
      await engine.crash(store);
      expect(["appended", "UsageEngineUnavailable"]).toContain(await caught);
      await store.append(rows);
      expect(await total(store)).toBe("3000");
      await store.close();
    });
  });
}
