import { execFileSync } from "node:child_process";
import { registrationToken } from "../simulator/stamps.ts";
import { importFile } from "../src/cli/usageImport.ts";
import { type Dataset, dataset, SEED } from "./dataset.ts";
import { multiply } from "./multiplied.ts";
import { report, rounded } from "./report.ts";
import { importAll, openStore, type OpenStore, reopenStore } from "./store.ts";

const MiB = 2 ** 20;
const MILLION = 1_000_000;

interface Peak {
  readonly server: number;
  readonly engine: number;
}

async function tellPeak(store: OpenStore): Promise<void> {
  await store.close();
  const server = process.resourceUsage().maxRSS * 1_024;
  console.log(JSON.stringify({ server, engine: store.enginePeakRssBytes() } satisfies Peak));
}

/** Peak memory of an import in a process of its own: this one's and the engine's together. */
export async function importAndTellPeak(records: number): Promise<void> {
  const data = await dataset(records);
  const store = await openStore(data);
  await importAll(store.client, data);
  await tellPeak(store);
  store.remove();
}

/** The same for a million records of stamps that a store did not know, on top of all that it holds. */
export async function importIntoAndTellPeak(folder: string, run: number): Promise<void> {
  const data = await dataset(MILLION);
  const store = await reopenStore(data, folder);
  for (const { stamp, file } of data.files) {
    const scope = { ...stamp.scope, name: `${stamp.scope.name}-new-${run}` };
    await store.client.register(scope, registrationToken({ ...stamp, cloudId: `${stamp.cloudId}-new-${run}` }));
    await importFile(store.client, scope.name, file, { progress: false });
  }
  await tellPeak(store);
}

function peakMiB(...args: readonly string[]): Peak {
  const text = execFileSync(process.execPath, [...process.execArgv, `${import.meta.dirname}/main.ts`, ...args], {
    encoding: "utf8",
    maxBuffer: MiB,
  });
  const { server, engine } = JSON.parse(text) as Peak;
  return { server: server / MiB, engine: engine / MiB };
}

const inAll = ({ server, engine }: Peak): number => server + engine;

/** Whether memory stays flat while the input grows ten times. */
export async function memory(quick: boolean): Promise<void> {
  const [few, many] = quick ? [100_000, 1_000_000] : [1_000_000, 10_000_000];
  // Written first and by this process, so that making the files does not count.
  await dataset(few);
  const { name } = await dataset(many);
  const [small, large] = [few, many].map((records) => peakMiB("--peak-of-import", String(records))) as [Peak, Peak];
  const ratio = inAll(large) / inAll(small);
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
    value: rounded(inAll(large)),
    unit: "MiB",
    baseline: rounded(inAll(small)),
    ratio: rounded(ratio, 2),
    must: quick ? "reported; the full run must keep to ≤ 1.1" : "ratio ≤ 1.1",
    ok: quick || ratio <= 1.1,
    dataset: name,
    seed: SEED,
  });
}

/**
 * Whether the memory of an intake stays flat while the store grows: a million records into each size of it.
 * @param stages millions of records; one comes from the simulator, the others are copies of it that the engine makes
 */
export async function memoryOfIntake(stages: readonly number[]): Promise<void> {
  const data = await dataset(MILLION);
  const store = await openStore(data);
  await importAll(store.client, data);
  await store.close();
  try {
    let held = 1;
    let first: Peak | undefined;
    for (const [run, millions] of stages.entries()) {
      await grow(data, store.folder, { from: held, to: millions });
      // The new stamps take the numbers of the next copy.
      held = millions + 1;
      const peak = peakMiB("--peak-of-import-into", store.folder, String(run));
      first ??= peak;
      const ratio = inAll(peak) / inAll(first);
      report({
        bench: "memory",
        measure: `peak of an intake of 1 M new records with ${millions} M stored, both processes, against ${stages[0]} M stored`,
        value: rounded(inAll(peak)),
        unit: "MiB",
        baseline: rounded(inAll(first)),
        ratio: rounded(ratio, 2),
        must: "ratio ≤ 1.15",
        ok: ratio <= 1.15,
        dataset: `${data.name} and ${millions - 1} copies on other stamps`,
        seed: SEED,
      });
    }
  } finally {
    store.remove();
  }
}

async function grow(data: Dataset, folder: string, copies: { readonly from: number; readonly to: number }) {
  const store = await reopenStore(data, folder);
  await multiply(store, data.files.length, copies);
  await store.close();
}
