import { dataset, PERIOD, SEED } from "./dataset.ts";
import { inTurn, median, report, rounded } from "./report.ts";
import { importAll, openStore } from "./store.ts";

const BARE =
  "select registration, local_subscription, meter, sum(quantity), count() from usage_entry group by 1, 2, 3 format Null";
const RUNS = 5;

/** A whole statement run, against the bare engine's GROUP BY over the same records; in turn, after one warm-up. */
export async function statements(quick: boolean): Promise<void> {
  const data = await dataset(quick ? 1_000_000 : 10_000_000);
  const store = await openStore(data);
  try {
    await importAll(store.client, data);
    const { oursMs, bareMs, ratio } = await inTurn(
      RUNS,
      () => store.client.runStatements(PERIOD),
      () => store.usage.engine.query("read", BARE),
    );
    report({
      bench: "statements",
      measure: "statement run of a month",
      value: rounded(median(oursMs)),
      unit: "ms",
      baseline: rounded(median(bareMs)),
      ratio: rounded(ratio, 2),
      // A run has a fixed part, which a small month cannot hide.
      must: quick ? "reported; the full run must keep to ≤ 3" : "ratio ≤ 3",
      ok: quick || ratio <= 3,
      dataset: data.name,
      seed: SEED,
    });
  } finally {
    await store.close();
    store.remove();
  }
}
