import { expect, test } from "vitest";
import { oracle } from "./oracle.ts";
import { product } from "./product.ts";
import { randomOf, scenarioOf } from "./scenarios.ts";

// Goal: the product rates a month as somebody would by hand, to the last digit, whatever the prices and the arrival.
// Method: random months with many edges, rated by the product and by an oracle that shares nothing with it. SCENARIOS and
// SEED choose others.

const SCENARIOS = Number(process.env["SCENARIOS"] ?? "10000");
const SEED = Number(process.env["SEED"] ?? "1");

const sorted = (lines: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries([...lines].sort(([a], [b]) => (a < b ? -1 : 1)));

test(`${SCENARIOS} months from seed ${SEED} on are rated as the oracle says`, () => {
  let lines = 0;
  for (let seed = SEED; seed < SEED + SCENARIOS; seed += 1) {
    const scenario = scenarioOf(seed);
    const random = randomOf(seed + 1);
    const arrival = scenario.records.map((record) => ({ record, at: random() })).sort((a, b) => a.at - b.at);
    const expected = sorted(oracle({ ...scenario, records: [...scenario.records] }));
    const got = sorted(
      product(
        scenario,
        arrival.map(({ record }) => record),
      ),
    );
    expect(got, `seed ${seed}`).toEqual(expected);
    lines += Object.keys(expected).length;
  }
  // A scenario without lines would prove nothing.
  expect(lines).toBeGreaterThan(SCENARIOS * 2);
}, 300_000);
