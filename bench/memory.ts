import { execFileSync } from "node:child_process";
import { dataset, SEED } from "./dataset.ts";
import { report, rounded } from "./report.ts";
import { importAll, openStore } from "./store.ts";

const MiB = 2 ** 20;

/** Peak memory of an import in a process of its own: this one's and the engine's together. */
export async function importAndTellPeak(records: number): Promise<void> {
  const data = await dataset(records);
  const store = await openStore(data);
  await importAll(store.client, data);
  await store.close();
  store.remove();
  const server = process.resourceUsage().maxRSS * 1_024;
  console.log(JSON.stringify({ server, engine: store.enginePeakRssBytes() }));
}

function peakMiB(records: number): { readonly server: number; readonly engine: number } {
  const text = execFileSync(process.execPath, [`${import.meta.dirname}/main.ts`, "--peak-of-import", String(records)], {
    encoding: "utf8",
    maxBuffer: MiB,
  });
  const { server, engine } = JSON.parse(text) as { server: number; engine: number };
  return { server: server / MiB, engine: engine / MiB };
}

/** Whether memory stays flat while the input grows ten times. */
export async function memory(quick: boolean): Promise<void> {
  const [few, many] = quick ? [100_000, 1_000_000] : [1_000_000, 10_000_000];
  // Written first and by this process, so that making the files does not count.
  await dataset(few);
  const { name } = await dataset(many);
  const [small, large] = [peakMiB(few), peakMiB(many)];
  const sum = ({ server, engine }: typeof small): number => server + engine;
  const ratio = sum(large) / sum(small);
  for (const part of ["server", "engine"] as const) {
    const partRatio = large[part] / small[part];
    report({
      bench: "memory",
      measure: `peak of an import, ${part} process, ${many} records against ${few}`,
      value: rounded(large[part]),
      unit: "MiB",
      baseline: rounded(small[part]),
      ratio: rounded(partRatio, 2),
      must: "reported",
      ok: true,
      dataset: name,
      seed: SEED,
    });
  }
  report({
    bench: "memory",
    measure: `peak of an import, both processes, ${many} records against ${few}`,
    value: rounded(sum(large)),
    unit: "MiB",
    baseline: rounded(sum(small)),
    ratio: rounded(ratio, 2),
    must: quick ? "reported; the full run must keep to ≤ 1.1" : "ratio ≤ 1.1",
    ok: quick || ratio <= 1.1,
    dataset: name,
    seed: SEED,
  });
}
