// Simulates by hand: npm run sim -- --seed 1 --steps 100000. Without a seed it takes one from the clock and tells it.
import { parseArgs } from "node:util";
import { simulate } from "./epochs.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    steps: { type: "string", default: "10000" },
    "epoch-steps": { type: "string", default: "1000" },
    "at-once": { type: "string", default: "3" },
    "full-every": { type: "string", default: "25" },
  },
});

const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed);
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
