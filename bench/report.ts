import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";

export interface Measurement {
  readonly bench: string;
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  /** The same work by the bare engine, in the same run; null where there is no such thing. */
  readonly baseline: number | null;
  readonly ratio: number | null;
  /** What the ratio (or the value, where there is no baseline) has to keep to. */
  readonly must: string;
  readonly ok: boolean;
  readonly dataset: string;
  readonly seed: number;
}

const hardware = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.version}`;

function commitOf(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

/** One JSON object a line. */
export function report(measurement: Measurement): void {
  console.log(JSON.stringify({ ...measurement, hardware, commit: commitOf() }));
}

export const rounded = (value: number, digits = 0): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** The 95th percentile, by nearest rank. */
export const p95 = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1]!;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Milliseconds that the work takes. */
export async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Times two kinds of work in turn, so that both meet the same machine; after one warm-up. Milliseconds of each run. */
export async function inTurn(
  runs: number,
  ours: () => Promise<unknown>,
  bare: () => Promise<unknown>,
): Promise<{ readonly oursMs: readonly number[]; readonly bareMs: readonly number[]; readonly ratio: number }> {
  const oursMs: number[] = [];
  const bareMs: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const times = [await timeMs(ours), await timeMs(bare)] as const;
    if (run === 0) continue;
    oursMs.push(times[0]);
    bareMs.push(times[1]);
  }
  return { oursMs, bareMs, ratio: median(oursMs.map((ms, i) => ms / bareMs[i]!)) };
}
