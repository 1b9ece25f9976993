import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hourOf, registrationId } from "../../src/domain/ids.ts";
import type {
  RecordRef,
  SumQuery,
  UsageRow,
  UsageScope,
  UsageSegment,
  UsageStore,
} from "../../src/domain/usage/store.ts";
import { HOUR_MS, parseInstant } from "../../src/lib/instant.ts";
import { hash32 } from "../../src/lib/prng.ts";
import { openChdbUsageStore } from "../../src/storage/usage/chdb/open.ts";
import { CEILINGS, openOn } from "../support/clickhousePlace.ts";
import { CLUSTER, type ClickhouseServers, startClickhouse } from "../support/clickhouseServer.ts";
import { mustClose, temporaryFolder } from "../support/temporary.ts";
import { withDaysIn } from "../support/usageDays.ts";
import { BASE_VM, SUBSCRIPTION_A, SUBSCRIPTION_B, usageRow, WINDOWS_VM } from "../support/usageRows.ts";

// Goal: a server and a cluster answer every question as the embedded engine does. Method: the same seeded history of
// deliveries, repeated deliveries, conflicts, events, withdrawals, choices and rollups, over registrations that lie on different
// shards and hours of three months, goes into all of them; after each step each question gets the same answer. SEED and
// STEPS may be set from outside.

const SEED = Number(process.env["SEED"] ?? "1");
const STEPS = Number(process.env["STEPS"] ?? "7");
const REGISTRATIONS = [1, 2, 3, 4].map(registrationId);
const FIRST_HOUR_MS = parseInstant("2024-01-30T00:00:00Z")!;
const HOURS = 24 * 34;
const BETWEEN = { from: hourOf(FIRST_HOUR_MS), to: hourOf(FIRST_HOUR_MS + HOURS * HOUR_MS) };
const METERS = [WINDOWS_VM, BASE_VM];
const LOCALS = [SUBSCRIPTION_A, SUBSCRIPTION_B];

let servers: { readonly one: ClickhouseServers; readonly two: ClickhouseServers };
beforeAll(async () => {
  servers = { one: await startClickhouse(1), two: await startClickhouse(2) };
});
afterAll(async () => {
  await servers.one.close();
  await servers.two.close();
});

const random = (...salt: number[]): number => salt.reduce((so, part) => hash32(so, part), SEED);
const pick = <Of>(of: readonly Of[], ...salt: number[]): Of => of[random(...salt) % of.length]!;

function delivery(step: number): readonly UsageRow[] {
  const rows = Array.from({ length: 40 }, (_, i) => {
    const hour = new Date(FIRST_HOUR_MS + (random(step, i, 1) % HOURS) * HOUR_MS).toISOString();
    const isEvent = random(step, i, 2) % 5 === 0;
    return usageRow({
      hour,
      quantity: `${random(step, i, 3) % 1_000}.${random(step, i, 4)}`,
      registration: pick(REGISTRATIONS, step, i, 5),
      localSubscription: pick(LOCALS, step, i, 6),
      meter: pick(METERS, step, i, 7),
      resource: `/R${random(step, i, 8) % 9}`,
      reportedAfterHours: pick([1, 7], step, i, 9),
      held: pick(["no", "no", "no", "conflict"], step, i, 10),
      batch: step,
      ...(isEvent ? { event: `e${random(step, i, 11) % 20}` } : {}),
    });
  });
  return rows.map((row, i) => ({ ...row, position: i + 1 }));
}

const segments: readonly UsageSegment[] = REGISTRATIONS.flatMap((registration) => {
  const middle = hourOf(FIRST_HOUR_MS + (HOURS / 2 + registration) * HOUR_MS);
  const of = { registration, localSubscription: SUBSCRIPTION_A };
  return [
    { ...of, from: BETWEEN.from, to: middle },
    { ...of, from: middle, to: BETWEEN.to },
  ];
});

const refOf = ({ registration, record, identity }: UsageRow): RecordRef => ({
  registration,
  usageStartMs: record.usageStartMs,
  reportedStartMs: record.window.startMs,
  series: identity.series,
  event: identity.event,
});

/** In one order: sums come in any. */
const ordered = (rows: readonly unknown[]): readonly string[] => rows.map((row) => JSON.stringify(row)).sort();

const sums = (scope: UsageScope): SumQuery => ({
  scope,
  segments: segments.map((segment) => ({ ...segment, group: segment.registration % 2 })),
  isNarrow: false,
  meters: METERS.map((meter) => ({ meter, from: BETWEEN.from, to: BETWEEN.to })),
  by: ["localSubscription"],
  tag: "",
  time: undefined,
  offset: 0,
  limit: 40,
});

async function answers(store: UsageStore, rows: readonly UsageRow[], lastBatch: number) {
  const scope = { ...BETWEEN, lastBatch };
  const [row] = rows as [UsageRow];
  const known = {
    registration: row.registration,
    reportedStartMs: { min: FIRST_HOUR_MS, max: FIRST_HOUR_MS + 2 * HOURS * HOUR_MS },
    series: rows.map(({ identity }) => identity.series),
    events: rows.map(({ identity }) => identity.event).filter((event) => event !== ""),
  };
  return {
    totals: ordered(await store.totals(scope, [])),
    totalsByStretch: ordered(await store.totals(scope, segments)),
    byHour: ordered(await store.segmentTotals(scope, METERS, segments, "hour")),
    bySegment: ordered(await store.segmentTotals(scope, [BASE_VM], segments, "segment")),
    stored: ordered(await store.stored(scope)),
    sumsByDay: await store.sums({ ...sums(scope), time: "day" }),
    sumsByHour: await store.sums({ ...sums(scope), time: "hour", by: ["location", "resource"], offset: 3 }),
    page: await store.records({ scope, meters: METERS, segments, offset: 5, limit: 50 }),
    // Rows that were appended twice may be told twice, until they are merged.
    known: [...new Set(ordered(await store.knownEntries(known)))],
    conflicts: await store.conflicts({ limit: 10 }),
    conflictsOfOne: await store.conflicts({ registration: row.registration, limit: 10 }),
    entries: ordered(await store.entriesOf(refOf(row))),
    entriesOfEach: (await store.entriesOfEach([refOf(row), ...(await store.conflicts({ limit: 10 }))])).map(ordered),
  };
}

async function step(stores: readonly UsageStore[], number: number): Promise<void> {
  const [first] = stores as [UsageStore];
  const kind = number % 6;
  const atMs = FIRST_HOUR_MS + number;
  if (kind === 4) {
    const withdrawal = {
      registration: pick(REGISTRATIONS, number),
      decision: number,
      atMs,
      delivery: 1 + (random(number, 1) % number),
    };
    const ended = await Promise.all(stores.map((store) => store.withdraw(withdrawal)));
    expect(new Set(ended).size, `SEED=${SEED} step ${number}: ${ended.join(", ")}`).toBe(1);
  } else if (kind === 5) {
    const [record] = await first.conflicts({ registration: pick(REGISTRATIONS, number), limit: 1 });
    if (record === undefined) return;
    const content = pick(await first.entriesOf(record), number).content;
    const choice = { registration: record.registration, decision: number, atMs, record, content };
    await Promise.all(stores.map((store) => store.choose(choice)));
  } else {
    // Every fourth delivery is one of before, sent again.
    const rows = delivery(kind === 3 ? number - 1 : number);
    await Promise.all(stores.map((store) => store.append(rows)));
  }
}

test(`chDB, a server and two shards answer alike (SEED=${SEED})`, async () => {
  const folder = temporaryFolder();
  const chdb = mustClose(
    await withDaysIn(folder, (days) =>
      openChdbUsageStore({
        folder: join(folder, "usage"),
        spoolFolder: join(folder, "spool"),
        memoryBytesMax: CEILINGS.memoryBytesMax,
        days,
      }),
    ),
  );
  const one = mustClose(await openOn(servers.one, { database: "alike" }));
  const two = mustClose(await openOn(servers.two, { database: "alike", cluster: CLUSTER }));
  let questions = 0;
  for (let number = 1; number <= STEPS; number += 1) {
    await step([chdb, one, two], number);
    const rows = delivery(number - (number % 6) + 1);
    // Some days are rolled up and others are behind, in every mixture.
    if (number % 2 === 0) {
      const page = { touchedUpTo: number - 1, limit: 20 };
      const days = await Promise.all([chdb, one, two].map((store) => store.rollUp(page)));
      expect(new Set(days).size, `SEED=${SEED} step ${number}: days rolled up ${days.join(", ")}`).toBe(1);
    }
    const meant = await answers(chdb, rows, number);
    questions += Object.keys(meant).length;
    expect(await answers(one, rows, number), `SEED=${SEED} step ${number}: one server`).toEqual(meant);
    expect(await answers(two, rows, number), `SEED=${SEED} step ${number}: two shards`).toEqual(meant);
  }
  for (const shard of [1, 2]) {
    const [here] = await two.engine.query<[number]>(
      "read",
      `select count() from usage_entry where registration % 2 = ${shard % 2}`,
    );
    expect(here![0], `rows on one of the shards`).toBeGreaterThan(0);
  }
  console.log(`${STEPS} steps, ${questions} answers alike on three engines`);
  for (const store of [chdb, one, two]) await store.close();
}, 600_000);
