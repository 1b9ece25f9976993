import { expect, test } from "vitest";
import { arrivedOtherwise, monthOf } from "./months.ts";
import { oracleLines } from "./oracle.ts";
import { productLines } from "./product.ts";

// Goal: the product rates a month as somebody would by hand, to the last digit, whatever the prices, who is priced by
// them, and the arrival. Method: random months with many edges, rated by the product and by an oracle that shares nothing
// with it. SCENARIOS and SEED choose others.

const SCENARIOS = Number(process.env["SCENARIOS"] ?? "10000");
const SEED = Number(process.env["SEED"] ?? "1");

test(`${SCENARIOS} months from seed ${SEED} on are rated as the oracle says`, () => {
  const seen: Record<string, number> = {};
  for (let seed = SEED; seed < SEED + SCENARIOS; seed += 1) {
    const month = monthOf(seed);
    const expected = oracleLines(month);
    expect(
      orFault(() => productLines(arrivedOtherwise(month))),
      `seed ${seed}`,
    ).toEqual(expected);
    for (const line of expected) {
      for (const sign of SIGNS) if (sign.test(line)) seen[sign.source] = (seen[sign.source] ?? 0) + 1;
    }
  }
  // What no month has is not proven by them.
  for (const sign of SIGNS) expect.soft(seen[sign.source] ?? 0, sign.source).toBeGreaterThan(SCENARIOS / 50);
}, 300_000);

/** The seed is told of what is thrown, too. */
function orFault(lines: () => readonly string[]): unknown {
  try {
    return lines();
  } catch (error) {
    return error;
  }
}

const SIGNS = [
  /customer usage/,
  /reseller usage/,
  /provider usage/,
  /minimum/,
  /tier 0/,
  /tier 3/,
  / a 2 under/,
  /[A-Z] at /,
  /[1-9]\d* parked/,
  /[1-9]\d* free/,
  /by \d+\/3 /,
];
