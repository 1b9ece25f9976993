import { describe, expect, test } from "vitest";
import { type Hour, hourOf, type LocalSubscriptionId, type MeterId, registrationId } from "../../src/domain/ids.ts";
import type { SumQuery, UsageRow, UsageScope, UsageSegment, UsageStore } from "../../src/domain/usage/store.ts";
import { add, type Decimal, decimal, formatDecimal, ZERO } from "../../src/lib/decimal.ts";
import { parseInstant } from "../../src/lib/instant.ts";
import { hash32 } from "../../src/lib/prng.ts";
import type { Engine } from "../../src/storage/usage/engine.ts";
import type { EngineUsageStore } from "../../src/storage/usage/usageStore.ts";
import { BASE_VM, type RowFacts, SUBSCRIPTION_A, SUBSCRIPTION_B, usageRow, WINDOWS_VM } from "../support/usageRows.ts";
import type { UsageEngine } from "./usageStoreSuite.ts";

const at = (text: string): Hour => hourOf(parseInstant(text)!);
const BEFORE = at("2024-01-30T00:00:00Z");
const AFTER = at("2024-02-03T00:00:00Z");
const LOCALS = [SUBSCRIPTION_A, SUBSCRIPTION_B];
const METERS = [WINDOWS_VM, BASE_VM];

type EntryRow = [number, string, string, string, number, string, number, number];

/** Every entry as the engine tells it, apart from days and rollups. */
const entriesOf = (store: UsageStore): Promise<EntryRow[]> =>
  (store as EngineUsageStore).engine.query<EntryRow>(
    "read",
    `select registration, local_subscription, meter, held, intDiv(toUnixTimestamp(usage_start), 3600), quantity, sign,
       batch from usage_entry final`,
  );

type Sums = Readonly<Record<string, string>>;

function added(rows: Iterable<readonly [key: string, quantity: string, records: number]>): Sums {
  const sums = new Map<string, { quantity: Decimal; records: number }>();
  for (const [key, quantity, records] of rows) {
    const so = sums.get(key) ?? { quantity: ZERO, records: 0 };
    sums.set(key, { quantity: add(so.quantity, decimal(quantity)), records: so.records + records });
  }
  const told = [...sums].filter(([, { records }]) => records !== 0);
  return Object.fromEntries(told.map(([key, so]) => [key, `${formatDecimal(so.quantity)} of ${so.records}`]));
}

const inScope = ({ from, to, lastBatch }: UsageScope, hour: number, batch: number): boolean =>
  from <= hour && hour < to && batch <= lastBatch;

/** The sums that `totals` must tell, out of single entries; keyed by the segment that an hour lies in. */
function expected(entries: readonly EntryRow[], scope: UsageScope, segments: readonly UsageSegment[]): Sums {
  return added(
    entries.flatMap(([registration, local, meter, held, hour, quantity, sign, batch]) => {
      if (!inScope(scope, hour, batch)) return [];
      const segment = segmentOf(segments, registration, local, hour);
      return [[`${registration} ${local} ${meter} ${held} ${segment}`, quantity, sign] as const];
    }),
  );
}

const segmentOf = (segments: readonly UsageSegment[], registration: number, local: string, hour: number): number =>
  segments.findIndex(
    (so) => so.registration === registration && so.localSubscription === local && so.from <= hour && hour < so.to,
  );

async function told(store: UsageStore, scope: UsageScope, segments: readonly UsageSegment[]): Promise<Sums> {
  const totals = await store.totals(scope, segments);
  return added(
    totals.map(({ registration, localSubscription, meter, held, hour, quantity, records }) => {
      const segment = segmentOf(segments, registration, localSubscription, hour ?? -1);
      return [`${registration} ${localSubscription} ${meter} ${held} ${segment}`, quantity, records] as const;
    }),
  );
}

/** A local subscription's hours in two segments. */
const cutAt = (scope: UsageScope, hour: Hour, local: LocalSubscriptionId, registration = 1): readonly UsageSegment[] =>
  [
    { from: scope.from, to: hour },
    { from: hour, to: scope.to },
  ].map((bounds) => ({ registration: registrationId(registration), localSubscription: local, ...bounds }));

/** Whether a day is read from its rollup: the rollup is made to lie, and the totals are asked. */
async function readsRollup(store: UsageStore, scope: UsageScope): Promise<boolean> {
  const { engine } = store as EngineUsageStore;
  await engine.query(
    "write",
    `insert into usage_day (registration, local_subscription, day, meter, held, quantity, records, version)
     select registration, local_subscription, day, meter, held, quantity + 1000000, records, version from usage_day final`,
  );
  return Object.values(await told(store, scope, [])).some((text) => /^[1-9]\d{6}/.test(text));
}

/** Days of usage and their rollups, on every engine. */
export function usageDaysSuite(
  engine: Pick<UsageEngine, "name" | "crash">,
  openEmpty: () => Promise<UsageStore>,
): void {
  const row = (facts: Partial<RowFacts>): UsageRow =>
    usageRow({ hour: "2024-02-01T10:00:00Z", quantity: "1", ...facts });
  const all = (lastBatch: number): UsageScope => ({ from: BEFORE, to: AFTER, lastBatch });
  const rolled = (store: UsageStore, touchedUpTo: number): Promise<number> => store.rollUp({ touchedUpTo, limit: 100 });

  describe(`${engine.name}: rollups of days`, () => {
    test("a day is rolled up once, by what its batches were, and read from there", async () => {
      const store = await openEmpty();
      await store.append([row({ batch: 1 }), row({ batch: 1, hour: "2024-01-31T23:00:00Z", quantity: "2" })]);
      await store.append([row({ batch: 2, registration: 2, quantity: "4" })]);
      expect(await rolled(store, 1)).toBe(2);
      expect(await rolled(store, 1)).toBe(0);
      expect(await store.rollUp({ touchedUpTo: 2, limit: 1 })).toBe(1);
      expect(await store.rollUp({ touchedUpTo: 2, limit: 1 })).toBe(0);
      expect(await told(store, all(2), [])).toEqual(expected(await entriesOf(store), all(2), []));
      expect(await readsRollup(store, all(2))).toBe(true);
      await store.close();
    });

    test("a day that was touched since, or that was not yet known, is read from its entries", async () => {
      const store = await openEmpty();
      await store.append([row({ batch: 1 })]);
      await store.append([row({ batch: 3, quantity: "2", resource: "/other" })]);
      await rolled(store, 3);
      expect(Object.values(await told(store, all(2), []))).toEqual(["1 of 1"]);
      expect(Object.values(await told(store, all(3), []))).toEqual(["3 of 2"]);
      await store.append([row({ batch: 5, quantity: "4", resource: "/late" })]);
      expect(Object.values(await told(store, all(5), []))).toEqual(["7 of 3"]);
      expect(Object.values(await told(store, all(4), []))).toEqual(["3 of 2"]);
      expect(await rolled(store, 4)).toBe(0);
      expect(await readsRollup(store, all(5))).toBe(false);
      await store.close();
    });

    test("withdrawals and choices touch the days of what they end", async () => {
      const store = await openEmpty();
      const first = row({ batch: 1 });
      await store.append([first, row({ batch: 1, hour: "2024-01-31T10:00:00Z", quantity: "2" })]);
      await store.append([row({ batch: 2, quantity: "8", held: "conflict" })]);
      await rolled(store, 2);
      const registration = registrationId(1);
      const { record, identity } = first;
      const ref = { registration, usageStartMs: record.usageStartMs, reportedStartMs: record.window.startMs };
      const content = row({ quantity: "8" }).identity.content;
      const chosen = { ...ref, series: identity.series, event: identity.event };
      await store.choose({ registration, decision: 3, atMs: 1_000, record: chosen, content });
      expect(await told(store, all(3), [])).toEqual(expected(await entriesOf(store), all(3), []));
      await rolled(store, 3);
      await store.withdraw({ registration, decision: 4, atMs: 2_000, delivery: 1 });
      for (let time = 0; time < 2; time += 1) {
        expect(Object.values(await told(store, all(4), []))).toEqual(["8 of 1"]);
        expect(Object.values(await told(store, all(3), []))).toEqual(["10 of 2"]);
        expect(Object.values(await told(store, all(2), [])).sort()).toEqual(["3 of 2", "8 of 1"]);
        await rolled(store, 4);
      }
      await store.close();
    });

    test("days inside which a segment ends are read hour by hour, for that local subscription only", async () => {
      const store = await openEmpty();
      const hours = ["2024-02-01T09:00:00Z", "2024-02-01T10:00:00Z", "2024-02-02T00:00:00Z"];
      await store.append(
        LOCALS.flatMap((localSubscription) =>
          hours.map((hour, i) => row({ hour, localSubscription, quantity: `${i + 1}` })),
        ),
      );
      await rolled(store, 1);
      const segments = cutAt(all(1), at("2024-02-01T10:00:00Z"), SUBSCRIPTION_A);
      const sums = await told(store, all(1), segments);
      expect(sums).toEqual(expected(await entriesOf(store), all(1), segments));
      expect(Object.values(sums).sort()).toEqual(["1 of 1", "5 of 2", "6 of 3"]);
      expect(await readsRollup(store, all(1))).toBe(true);
      await store.close();
    });

    test("a roll-up that a crash cut off is done again; what it left half done is not read", async () => {
      const store = await openEmpty();
      await store.append([row({ batch: 1 })]);
      await rolled(store, 1);
      await store.append([row({ batch: 2, quantity: "2", resource: "/other" })]);
      const cut = rolled(store, 2).catch(() => -1);
      await engine.crash(store);
      await cut;
      expect(Object.values(await told(store, all(2), []))).toEqual(["3 of 2"]);
      await rolled(store, 2);
      expect(Object.values(await told(store, all(2), []))).toEqual(["3 of 2"]);
      await store.close();
    });

    test("an append whose marks were made and whose rows were not changes nothing", async () => {
      const store = await openEmpty();
      await store.append([row({ batch: 1 })]);
      await rolled(store, 1);
      const cut = store.append([row({ batch: 2, quantity: "2", resource: "/other" })]).then(
        () => true,
        () => false,
      );
      await engine.crash(store);
      const kept = await cut;
      const sums = Object.values(await told(store, all(2), []));
      expect(sums).toEqual(Object.values(expected(await entriesOf(store), all(2), [])));
      if (kept) expect(sums).toEqual(["3 of 2"]);
      await store.close();
    });

    test("a day that is rolled up anew between plan and answer does not count what came later", async () => {
      const store = await openEmpty();
      await store.append([row({ batch: 1 })]);
      await rolled(store, 1);
      const asked: Engine = (store as EngineUsageStore).engine;
      const query = asked.query.bind(asked);
      let overtaken = false;
      asked.query = async (lane, sql) => {
        if (!overtaken && lane === "read" && sql.includes("from usage_day ")) {
          overtaken = true;
          await store.append([row({ batch: 2, quantity: "2", resource: "/other" })]);
          await rolled(store, 2);
        }
        return await query(lane, sql);
      };
      expect(Object.values(await told(store, all(1), []))).toEqual(["1 of 1"]);
      expect(overtaken).toBe(true);
      expect(Object.values(await told(store, all(2), []))).toEqual(["3 of 2"]);
      await store.close();
    });

    test("totals stay exact as of their batch while days are written and rolled up", async () => {
      const store = await openEmpty();
      await store.append([row({ batch: 1 })]);
      await rolled(store, 1);
      const BATCHES = 12;
      let complete = 1;
      const writer = (async () => {
        for (let batch = 2; batch <= BATCHES; batch += 1) {
          await store.append([row({ batch, quantity: "2", resource: `/${batch}` })]);
          complete = batch;
          await rolled(store, batch);
        }
      })();
      for (let asked = 0; asked < BATCHES; asked += 1) {
        const lastBatch = complete;
        const sums = await Promise.all([told(store, all(lastBatch), []), told(store, all(lastBatch), [])]);
        const sum = `${2 * lastBatch - 1} of ${lastBatch}`;
        expect(sums.map((so) => Object.values(so))).toEqual([[sum], [sum]]);
      }
      await writer;
      expect(Object.values(await told(store, all(BATCHES), []))).toEqual([`${2 * BATCHES - 1} of ${BATCHES}`]);
      await store.close();
    });

    test("whatever comes in whatever order, totals are what the entries say, as of any batch", async () => {
      const store = await openEmpty();
      const seed = 7;
      const pick = (n: number, step: number, of: number): number => hash32(seed, step * 100 + n) % of;
      let batch = 0;
      for (let step = 0; step < 30; step += 1) {
        batch += 1;
        if (pick(0, step, 6) === 0 && batch > 2) {
          const delivery = 1 + pick(1, step, batch - 1);
          const registration = registrationId(1 + pick(2, step, 2));
          await store.withdraw({ registration, decision: batch, atMs: step, delivery });
        } else {
          const rows = Array.from({ length: 1 + pick(3, step, 6) }, (_, i) => randomRow(step * 10 + i, batch, seed));
          await store.append(rows);
          if (pick(4, step, 3) === 0) await store.append(rows);
        }
        if (pick(5, step, 2) === 0)
          await store.rollUp({ touchedUpTo: pick(6, step, batch + 1), limit: 1 + pick(7, step, 9) });
        const lastBatch = 1 + pick(8, step, batch);
        const from = (BEFORE + pick(9, step, 40)) as Hour;
        const scope = { from, to: (from + 1 + pick(10, step, 60)) as Hour, lastBatch };
        const local = LOCALS[pick(11, step, 2)]!;
        const segments =
          pick(12, step, 2) === 0 ? [] : cutAt(scope, (from + pick(13, step, scope.to - from)) as Hour, local);
        const entries = await entriesOf(store);
        expect(await told(store, scope, segments), `seed ${seed} step ${step}`).toEqual(
          expected(entries, scope, segments),
        );
        expect(await told(store, all(batch), []), `seed ${seed} step ${step}`).toEqual(
          expected(entries, all(batch), []),
        );
      }
      await store.close();
    });
  });

  describe(`${engine.name}: sums`, () => {
    const query = (of: Partial<SumQuery>): SumQuery => ({
      scope: all(9),
      segments: LOCALS.map((localSubscription, group) => ({
        registration: registrationId(1),
        localSubscription,
        from: BEFORE,
        to: AFTER,
        group,
      })),
      isNarrow: false,
      meters: METERS.map((meter) => ({ meter, from: BEFORE, to: AFTER })),
      by: [],
      tag: "",
      time: undefined,
      offset: 0,
      limit: 100,
      ...of,
    });
    const brief = async (store: UsageStore, of: Partial<SumQuery>): Promise<string[]> =>
      (await store.sums(query(of))).map(({ hour, group, meter, dimensions, quantity, records }) =>
        [
          hour === undefined ? "-" : hour - BEFORE,
          group,
          meter === BASE_VM ? "base" : "win",
          ...Object.values(dimensions).map((value) => String(value)),
          quantity,
          records,
        ].join(" "),
      );
    const rows = [
      row({ hour: "2024-01-31T23:00:00Z", quantity: "1" }),
      row({ quantity: "2", resource: "/B" }),
      row({ quantity: "0.000000000000000000000000000001", resource: "/b", reportedAfterHours: 9 }),
      row({ hour: "2024-02-02T01:00:00Z", quantity: "8", meter: BASE_VM }),
      row({ quantity: "16", localSubscription: SUBSCRIPTION_B }),
      row({ quantity: "32", localSubscription: SUBSCRIPTION_B, held: "conflict", resource: "/held" }),
      row({ quantity: "64", meter: "ffff" as MeterId }),
      row({ quantity: "128", registration: 2 }),
    ];

    test("by group and time, from entries and from rollups alike; only what counts and is in a segment", async () => {
      const store = await openEmpty();
      await store.append(rows);
      for (const roll of [false, true]) {
        if (roll) expect(await rolled(store, 1)).toBeGreaterThan(0);
        const two = "2.000000000000000000000000000001";
        expect(await brief(store, {})).toEqual([`- 0 win 3${two.slice(1)} 3`, "- 0 base 8 1", "- 1 win 16 1"]);
        expect(await brief(store, { time: "day" })).toEqual([
          "24 0 win 1 1",
          `48 0 win ${two} 2`,
          "48 1 win 16 1",
          "72 0 base 8 1",
        ]);
        const months = await brief(store, { time: "month" });
        expect(months).toEqual(["-696 0 win 1 1", `48 0 win ${two} 2`, "48 0 base 8 1", "48 1 win 16 1"]);
        expect(await brief(store, { time: "hour" })).toEqual([
          "47 0 win 1 1",
          `58 0 win ${two} 2`,
          "58 1 win 16 1",
          "73 0 base 8 1",
        ]);
        expect(await brief(store, { by: ["registration", "localSubscription"], limit: 1, offset: 2 })).toEqual([
          `- 1 win 1 ${SUBSCRIPTION_B} 16 1`,
        ]);
        expect(await brief(store, { by: ["resource", "location"], time: "day" })).toEqual([
          "24 0 win /resource north 1 1",
          `48 0 win /B north ${two} 2`,
          "48 1 win /resource north 16 1",
          "72 0 base /resource north 8 1",
        ]);
      }
      await store.close();
    });

    test("a segment that ends inside a day counts to the hour; a meter counts from its hour", async () => {
      const store = await openEmpty();
      const hours = ["2024-02-01T09:00:00Z", "2024-02-01T10:00:00Z", "2024-02-02T09:00:00Z"];
      await store.append(hours.map((hour, i) => row({ hour, quantity: `${i + 1}` })));
      await rolled(store, 1);
      const ten = at("2024-02-01T10:00:00Z");
      const [before, after] = cutAt(all(1), ten, SUBSCRIPTION_A);
      const segments = [
        { ...before!, group: 0 },
        { ...after!, group: 1 },
      ];
      expect(await brief(store, { segments })).toEqual(["- 0 win 1 1", "- 1 win 5 2"]);
      expect(await brief(store, { segments: segments.slice(1), isNarrow: true })).toEqual(["- 1 win 5 2"]);
      expect(await brief(store, { segments: segments.slice(0, 1), time: "day" })).toEqual(["48 0 win 1 1"]);
      expect(await brief(store, { meters: [{ meter: WINDOWS_VM, from: ten, to: AFTER }] })).toEqual(["- 0 win 5 2"]);
      const early = { meter: WINDOWS_VM, from: BEFORE, to: ten };
      expect(await brief(store, { meters: [early] })).toEqual(["- 0 win 1 1"]);
      expect(await brief(store, { meters: [] })).toEqual([]);
      expect(await brief(store, { segments: [] })).toEqual([]);
      await store.close();
    });

    test("names of tags and resources are data, whatever is in them", async () => {
      const store = await openEmpty();
      const name = `a'); drop table usage_entry; --\\" \t\u{1F600}`;
      const value = `\\'"\n\0v`;
      const tagged = row({ quantity: "1" });
      const withTags = (tags: string, resource: string): UsageRow => {
        const other = row({ quantity: "1", resource });
        return { ...other, record: { ...other.record, resource: { ...other.record.resource, tags } } };
      };
      const odd = `/x'); drop table usage_entry; --\\\t`;
      await store.append([
        tagged,
        withTags(JSON.stringify({ [name]: value }), "/one"),
        withTags(JSON.stringify({ [name]: { deep: 1 } }), odd),
        withTags("not json", "/three"),
      ]);
      const sums = await store.sums(query({ by: ["tag"], tag: name }));
      expect(sums.map(({ dimensions, records }) => [dimensions["tag"], records])).toEqual(
        expect.arrayContaining([
          [null, 2],
          [value, 1],
          [`{"deep":1}`, 1],
        ]),
      );
      const resources = await store.sums(query({ by: ["resource"] }));
      expect(resources.map(({ dimensions }) => dimensions["resource"])).toContain(odd);
      await store.close();
    });
  });
}

function randomRow(n: number, batch: number, seed: number): UsageRow {
  const of = (salt: number, bound: number): number => hash32(seed, n * 31 + salt) % bound;
  const hour = new Date((BEFORE + of(1, AFTER - BEFORE)) * 3_600_000).toISOString();
  return usageRow({
    hour: `${hour.slice(0, 19)}Z`,
    quantity: `${of(2, 1_000)}.${of(3, 1_000_000)}1`,
    registration: 1 + of(4, 2),
    localSubscription: LOCALS[of(5, 2)]!,
    meter: METERS[of(6, 2)]!,
    resource: `/r${of(7, 50)}`,
    held: of(8, 8) === 0 ? "conflict" : "no",
    batch,
  });
}
