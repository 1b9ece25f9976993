import { parseArgs } from "node:util";
import { Finding, tryInput } from "./intakeFuzz.ts";

// Fuzzes the intake parsers by hand: npm run fuzz -- --inputs 1000000 --seed 7

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const seed = Number(values.seed);
const [from, to] =
  values.only === undefined ? [0, Number(values.inputs)] : [Number(values.only), Number(values.only) + 1];

const begun = performance.now();
const kinds: Record<string, number> = {};
let [findings, bytes, records, slowestMs, slowest] = [0, 0, 0, 0, 0];
for (let input = from; input < to; input += 1) {
  const before = performance.now();
  try {
    const tried = await tryInput(seed, input);
    kinds[tried.kind] = (kinds[tried.kind] ?? 0) + 1;
    bytes += tried.bytes;
    records += tried.records;
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    findings += 1;
    process.stderr.write(
      `seed ${seed} input ${input}: ${error.message}\n  again: npm run fuzz -- --seed ${seed} --only ${input}\n`,
    );
    if (findings >= 20) break;
  }
  const tookMs = performance.now() - before;
  if (tookMs > slowestMs) [slowestMs, slowest] = [tookMs, input];
}
const seconds = Math.round(performance.now() - begun) / 1_000;
const peakMiB = Math.round(process.resourceUsage().maxRSS / 1_024);
process.stdout.write(
  `${JSON.stringify({ seed, inputs: to - from, findings, seconds, kinds, bytes, records, slowestMs: Math.round(slowestMs), slowest, peakMiB })}\n`,
);
process.exitCode = findings === 0 ? 0 : 1;
