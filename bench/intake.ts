import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LIMITS } from "../src/domain/limits.ts";
import { openChdbUsageStore } from "../src/storage/usage/chdb/open.ts";
import { dataset, SEED } from "./dataset.ts";
import { median, report, rounded, timeMs } from "./report.ts";
import { importAll, type OpenStore, openStore } from "./store.ts";

const MEMORY_BYTES_MAX = 4 * 2 ** 30;

/** The stored rows as JSON files of one intake piece each, keys made printable: what the bare engine is to insert. */
async function exportRows({
  usage,
  folder,
}: OpenStore): Promise<{ readonly files: readonly string[]; readonly rows: number }> {
  const into = join(folder, "rows");
  mkdirSync(into);
  const [[rows]] = (await usage.engine.query("write", "select count() from usage_entry")) as [[number]];
  await usage.engine.query(
    "write",
    `insert into function file('${into}/{_partition_id}.json', 'JSONEachRow')
     partition by concat(leftPad(toString(batch), 6, '0'), '-', leftPad(toString(intDiv(position, ${LIMITS.intakePieceRecordsMax})), 6, '0'))
     select * replace (substring(hex(series), 1, 8) as series, substring(hex(event), 1, 16) as event,
       substring(hex(content), 1, 8) as content) from usage_entry
     settings output_format_json_quote_decimals = 0, max_partitions_per_insert_block = 100000`,
  );
  const files = readdirSync(into)
    .sort()
    .map((file) => join(into, file));
  return { files, rows };
}

/** Two ways to give the bare engine the same rows as JSON: in the statement, or as a file, which is the quicker one. */
const WAYS = {
  "raw insert": (file: string): string => `insert into usage_entry format JSONEachRow ${readFileSync(file, "utf8")}`,
  "insert through file()": (file: string): string =>
    `insert into usage_entry select * from file('${file}', 'JSONEachRow')`,
} as const;
type Way = keyof typeof WAYS;

/** The bare engine: the same rows into the same table, in pieces of the same size, durable as ours are. */
async function rawInsertMs(files: readonly string[], folder: string, way: Way): Promise<number> {
  const store = await openChdbUsageStore(join(folder, "raw"), join(folder, "raw-spool"), MEMORY_BYTES_MAX);
  try {
    return await timeMs(async () => {
      for (const file of files) await store.engine.query("write", WAYS[way](file));
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
