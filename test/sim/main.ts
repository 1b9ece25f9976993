// Simulates by hand: npm run sim -- --seed 1 --steps 100000, or the bridge: npm run sim -- bridge --days 90 --seed 1. Without a
// seed it takes one from the clock and tells it.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { simulate } from "./epochs.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    days: { type: "string", default: "90" },
    seed: { type: "string" },
    steps: { type: "string", default: "10000" },
    "epoch-steps": { type: "string", default: "1000" },
    "at-once": { type: "string", default: "3" },
    "full-every": { type: "string", default: "25" },
  },
});

const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed);
if (positionals[0] === "bridge") process.exit(simulateBridge(Number(values.days)));
const began = performance.now();
const counts = await simulate({
  seed,
  steps: Number(values.steps),
  stepsPerEpoch: Number(values["epoch-steps"]),
  atOnce: Number(values["at-once"]),
  fullEvery: Number(values["full-every"]),
});
const seconds = Math.round((performance.now() - began) / 1_000);
console.log(JSON.stringify({ seed, steps: Number(values.steps), seconds, counts }));

/** The test of the suite, for longer: every round is half a day. */
function simulateBridge(days: number): number {
  const vitest = join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");
  const env = {
    ...process.env,
    SEED: String(seed),
    ROUNDS: String(days * 2),
    HOURS_A_ROUND: "12",
    KILL_MS_MAX: "2500",
    TIMEOUT_MS: String(6 * 3_600_000),
  };
  const args = [vitest, "run", "--project", "e2e", "--silent=false", "test/sim/bridge.test.ts"];
  return spawnSync(process.execPath, args, { env, stdio: "inherit" }).status ?? 1;
}
