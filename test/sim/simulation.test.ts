import { describe, expect, test } from "vitest";
import type { UsageRow, UsageScope, UsageSegment, UsageStore } from "../../src/domain/usage/store.ts";
import { Divergence, type Plan, simulate } from "./epochs.ts";

// Goal: however deliveries, retries with lost answers, conflicts, withdrawals, choices, re-mappings and restarts interleave,
// Stampbook says what a plain model says: of each record, of each sum, now and as of earlier batches.
// Method: random steps through the operations on the real stores; an auditor compares. SEED and STEPS may be set from
// outside; a failure tells its seed, and `npm run sim` replays it.

const SEED = Number(process.env["SEED"] ?? "1");
const STEPS = Number(process.env["STEPS"] ?? "10000");
/** 10,000 steps take a quarter of an hour on two cores that other tests use too. */
const MINUTES_MAX = 60;

const plan: Plan = { seed: SEED, steps: STEPS, stepsPerEpoch: 1_000, atOnce: 2, fullEvery: 100 };

test(
  `${STEPS} steps (SEED=${SEED})`,
  async () => {
    const counts = await simulate(plan);
    console.log(`SEED=${SEED}: ${JSON.stringify(counts)}`);
    expect(Object.values(counts).reduce((so, count) => so + count, 0)).toBeGreaterThan(STEPS * 0.9);
    expect(Object.keys(counts).sort()).toEqual(EVERY_KIND);
  },
  MINUTES_MAX * 60_000,
);

const EVERY_KIND = [
  "choose",
  "deliver",
  "deliver, all stored",
  "deliver, nothing stored",
  "deliver, one month stored",
  "kill the engine",
  "local subscription",
  "map",
  "restart",
  "roll up",
  "roll up, cut off",
  "unmap",
  "withdraw",
];

/** The real store with one method that does not do what it says. */
function spoilt<Name extends keyof UsageStore>(
  name: Name,
  spoil: (store: UsageStore) => UsageStore[Name],
): (store: UsageStore) => UsageStore {
  return (store) =>
    new Proxy(store, {
      get(target, of) {
        if (of === name) return spoil(target);
        const member: unknown = Reflect.get(target, of);
        return typeof member === "function" ? (member as () => unknown).bind(target) : member;
      },
    });
}

describe("canaries: a fault of the store is found", () => {
  test.each<[string, (store: UsageStore) => UsageStore, RegExp]>([
    [
      "now and then a row is lost",
      spoilt("append", (store) => (rows: readonly UsageRow[]) => {
        return store.append(rows.length > 4 ? rows.slice(1) : rows);
      }),
      /what is stored of each meter|outcomes of the records/,
    ],
    ["rows count twice when they come again", spoilt("knownEntries", () => async () => []), /outcomes of the records/],
    [
      "a withdrawal ends nothing",
      spoilt("withdraw", (store) => async (decision) => await store.withdraw({ ...decision, delivery: 0 })),
      /versions that the withdrawal ended/,
    ],
    [
      "what was known later is told for an earlier batch",
      spoilt("totals", (store) => (scope: UsageScope, segments: readonly UsageSegment[]) => {
        return store.totals({ ...scope, lastBatch: 1_000_000 }, segments);
      }),
      /as of batch/,
    ],
  ])("%s", async (_, spoil, message) => {
    const failure = await simulate({ ...plan, steps: 200, fullEvery: 10, spoil }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Divergence);
    expect((failure as Error).message).toMatch(message);
    expect((failure as Error).message).toMatch(/npm run sim -- --seed \d+ --steps 200/);
  });
});
