import { readFileSync, writeFileSync } from "node:fs";

/**
 * What a piece of work takes, with the most memory that this process had resident meanwhile, in MiB. What was taken before and
 * not given back counts too. Linux alone tells (proc(5): VmHWM, begun anew by writing 5 to clear_refs).
 */
export async function withPeakMiB<Result>(work: () => Promise<Result>): Promise<readonly [Result, peakMiB: number]> {
  writeFileSync("/proc/self/clear_refs", "5");
  const result = await work();
  const [, peakKiB] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))!;
  return [result, Number(peakKiB) / 1_024];
}
