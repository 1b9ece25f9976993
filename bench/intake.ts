import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LIMITS } from "../src/domain/limits.ts";
import { ChdbUsageStore } from "../src/storage/usage/chdb/usageStore.ts";
import { dataset, SEED } from "./dataset.ts";
import { median, report, rounded, timeMs } from "./report.ts";
import { importAll, type OpenStore, openStore } from "./store.ts";

const MEMORY_BYTES_MAX = 4 * 2 ** 30;

/** The stored rows as JSON files of one intake piece each: what the bare engine is given to insert. */
async function exportRows({
  usage,
  folder,
}: OpenStore): Promise<{ readonly files: readonly string[]; readonly rows: number }> {
  const into = join(folder, "rows");
  mkdirSync(into);
  const [[rows]] = (await usage.engine.query("write", "select count() from usage_record")) as [[number]];
  await usage.engine.query(
    "write",
    `insert into function file('${into}/{_partition_id}.json', 'JSONEachRow')
     partition by concat(leftPad(toString(batch), 6, '0'), '-', leftPad(toString(intDiv(position, ${LIMITS.intakePieceRecordsMax})), 6, '0'))
     select * from usage_record
     settings output_format_json_quote_decimals = 0, max_partitions_per_insert_block = 100000`,
  );
  const files = readdirSync(into)
    .sort()
    .map((file) => join(into, file));
  return { files, rows };
}

/** The bare engine: the same rows into the same table, in pieces of the same size, durable as ours are. */
async function rawInsertMs(files: readonly string[], folder: string): Promise<number> {
  const store = await ChdbUsageStore.open(join(folder, "raw"), join(folder, "raw-spool"), MEMORY_BYTES_MAX);
  try {
    return await timeMs(async () => {
      for (const file of files) {
        await store.engine.query("write", `insert into usage_record select * from file('${file}', 'JSONEachRow')`);
      }
    });
  } finally {
    await store.close();
    rmSync(join(folder, "raw"), { recursive: true, force: true });
  }
}

/** Records per second from NDJSON files to the durable store, against the bare engine's insert of the same rows. */
export async function intake(quick: boolean): Promise<void> {
  const data = await dataset(quick ? 200_000 : 1_000_000);
  const ours: number[] = [];
  const raw: number[] = [];
  const ratios: number[] = [];
  for (let run = 0; run < (quick ? 1 : 3); run += 1) {
    const store = await openStore(data);
    try {
      let records = 0;
      const ms = await timeMs(async () => {
        records = await importAll(store.client, data);
      });
      const { files, rows } = await exportRows(store);
      await store.close();
      const rawMs = await rawInsertMs(files, store.folder);
      ours.push((records / ms) * 1_000);
      raw.push((rows / rawMs) * 1_000);
      ratios.push(records / ms / (rows / rawMs));
    } finally {
      store.remove();
    }
  }
  const ratio = median(ratios);
  report({
    bench: "intake",
    measure: "file to durable store",
    value: rounded(median(ours)),
    unit: "records/s",
    baseline: rounded(median(raw)),
    ratio: rounded(ratio, 2),
    must: "ratio ≥ 0.4",
    ok: ratio >= 0.4,
    dataset: data.name,
    seed: SEED,
  });
}
