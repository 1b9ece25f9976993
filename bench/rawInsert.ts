import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LIMITS } from "../src/domain/limits.ts";
import { openSqliteControlStore } from "../src/storage/control/sqlite/controlStore.ts";
import { openChdbUsageStore } from "../src/storage/usage/chdb/open.ts";
import { timeMs } from "./report.ts";
import type { OpenStore } from "./store.ts";

const MEMORY_BYTES_MAX = 4 * 2 ** 30;

/** The stored rows as JSON files of one intake piece each, keys made printable: what the bare engine is to insert. */
export async function exportRows({
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
export const WAYS = {
  "raw insert": (file: string): string => `insert into usage_entry format JSONEachRow ${readFileSync(file, "utf8")}`,
  "insert through file()": (file: string): string =>
    `insert into usage_entry select * from file('${file}', 'JSONEachRow')`,
} as const;
export type Way = keyof typeof WAYS;

/** The bare engine: the same rows into the same table, in pieces of the same size, durable as ours are. */
export async function rawInsertMs(files: readonly string[], folder: string, way: Way): Promise<number> {
  const control = openSqliteControlStore(join(folder, "raw.db"));
  const store = await openChdbUsageStore({
    folder: join(folder, "raw"),
    spoolFolder: join(folder, "raw-spool"),
    memoryBytesMax: MEMORY_BYTES_MAX,
    days: control.usageDays,
  });
  try {
    return await timeMs(async () => {
      for (const file of files) await store.engine.query("write", WAYS[way](file));
    });
  } finally {
    await store.close();
    await control.close();
    rmSync(join(folder, "raw.db"), { force: true });
    rmSync(join(folder, "raw"), { recursive: true, force: true });
  }
}
