import { rm, stat } from "node:fs/promises";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { once } from "node:events";
import { CHECKS, isAcceptable } from "../src/domain/statement/checks.ts";
import { dataset, PERIOD, SEED } from "./dataset.ts";
import { addManyPayers, PARTNER } from "./manyPayers.ts";
import { inTurn, median, report, rounded } from "./report.ts";
import { importAll, type OpenStore, openStore } from "./store.ts";

/** The world that every payer is a copy of. */
const FIRST = 10_000;
const RECORDS_OF_PAYER = 200;
const RATIO_MIN = 0.5;
const RUNS = 3;
const TABLE = "bench_focus";

/**
 * FOCUS Parquet of a closed month over HTTP, against the bare engine's export of the same rows from a table of its own, with
 * the same columns, to the same disk.
 */
export async function exports(quick: boolean): Promise<void> {
  const payers = quick ? 1_000 : 50_000;
  const data = await dataset(FIRST);
  const store = await openStore(data);
  try {
    await importAll(store.client, data);
    await addManyPayers(store, payers, payers * RECORDS_OF_PAYER);
    const accept = CHECKS.filter(isAcceptable).map((check) => ({ check, reason: "a benchmark" }));
    await store.client.closing.close(PERIOD, PARTNER, accept);
    const { rows, oursMs, bareMs } = await measured(store);
    const ratio = median(bareMs.map((ms, i) => ms / oursMs[i]!));
    const must = `rate ≥ ${RATIO_MIN}`;
    report({
      bench: "exports",
      measure: `FOCUS Parquet of a closed month, ${rows} rows, over HTTP`,
      value: rounded(median(oursMs)),
      unit: "ms",
      baseline: rounded(median(bareMs)),
      ratio: rounded(ratio, 2),
      // A request has a fixed part, which a small month cannot hide.
      must: quick ? `reported; the full run must keep to ${must}` : must,
      ok: quick || ratio >= RATIO_MIN,
      dataset: `${payers} payers, ${payers * RECORDS_OF_PAYER} records`,
      seed: SEED,
    });
  } finally {
    await store.close();
    store.remove();
  }
}

interface Measured {
  readonly rows: number;
  readonly oursMs: readonly number[];
  readonly bareMs: readonly number[];
}

/** Ours first to fill the bare engine's table, then both in turn, timed, when the engine has put its table together. */
async function measured(store: OpenStore): Promise<Measured> {
  const { engine } = store.usage;
  const ours = join(store.folder, "ours.parquet");
  await writeOurs(store, ours);
  await engine.query(
    "write",
    `create table ${TABLE} engine = MergeTree order by tuple() as select * from file('${ours}', 'Parquet')`,
  );
  const [[rows]] = (await engine.query("read", `select count() from ${TABLE}`)) as [[number]];
  await engine.query("write", `optimize table ${TABLE} final`);
  const bare = join(store.folder, "bare.parquet");
  const times = await inTurn(
    RUNS,
    () => writeOurs(store, ours),
    async () => {
      await rm(bare, { force: true });
      await engine.exportFile(`select * from ${TABLE}`, "parquet", bare);
    },
  );
  for (const file of [ours, bare]) if ((await stat(file)).size === 0) throw new Error(`${file} is empty`);
  await engine.query("write", `drop table ${TABLE}`);
  return { rows, ...times };
}

async function writeOurs({ client }: OpenStore, path: string): Promise<void> {
  const file = createWriteStream(path);
  await client.closing.exports.focus(
    PERIOD,
    PARTNER,
    async (bytes) => {
      if (!file.write(bytes)) await once(file, "drain");
    },
    "parquet",
  );
  file.end();
  await once(file, "close");
}
