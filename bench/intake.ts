import { dataset, SEED } from "./dataset.ts";
import { exportRows, rawInsertMs, type Way, WAYS } from "./rawInsert.ts";
import { median, report, rounded, timeMs } from "./report.ts";
import { importAll, openStore } from "./store.ts";

/** Records per second from NDJSON files to the durable store, against the bare engine's insert of the same rows. */
export async function intake(quick: boolean): Promise<void> {
  const data = await dataset(quick ? 200_000 : 1_000_000);
  const ours: number[] = [];
  const raw: Record<Way, number[]> = { "raw insert": [], "insert through file()": [] };
  for (let run = 0; run < (quick ? 1 : 3); run += 1) {
    const store = await openStore(data);
    try {
      let records = 0;
      const ms = await timeMs(async () => {
        records = await importAll(store.client, data);
      });
      const { files, rows } = await exportRows(store);
      await store.close();
      ours.push((records / ms) * 1_000);
      for (const way of Object.keys(WAYS) as Way[]) {
        raw[way].push((rows / (await rawInsertMs(files, store.folder, way))) * 1_000);
      }
    } finally {
      store.remove();
    }
  }
  for (const way of Object.keys(WAYS) as Way[]) {
    const ratio = median(ours.map((rate, i) => rate / raw[way][i]!));
    const isTarget = way === "raw insert";
    report({
      bench: "intake",
      measure: `file to durable store, against the bare engine's ${way} of the same rows as JSON`,
      value: rounded(median(ours)),
      unit: "records/s",
      baseline: rounded(median(raw[way])),
      ratio: rounded(ratio, 2),
      must: isTarget ? "ratio ≥ 0.4" : "reported",
      ok: !isTarget || ratio >= 0.4,
      dataset: data.name,
      seed: SEED,
    });
  }
}
