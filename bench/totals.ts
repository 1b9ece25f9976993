import type { UsageTotalsQuery } from "../src/client/totalTypes.ts";
import { PERIOD, SEED } from "./dataset.ts";
import { atSizes } from "./multiplied.ts";
import { inTurn, median, p95, report, rounded, timeMs } from "./report.ts";
import { type OpenStore, rollUpAll } from "./store.ts";

const BARE =
  "select registration, local_subscription, meter, sum(quantity), count() from usage_entry group by 1, 2, 3 format Null";
const RUNS = 5;
const QUERIES = 60;

/**
 * Totals over HTTP against the bare engine's GROUP BY over the same columns, in turn, after one warm-up; and one customer's
 * month.
 * @param stages millions of records: one comes from the simulator, the others are copies of it that the engine makes
 */
export async function totals(quick: boolean, stages: readonly number[] = [quick ? 1 : 10]): Promise<void> {
  await atSizes(stages, (store, { name }) => measured(store, quick, name));
}

async function measured(store: OpenStore, quick: boolean, name: string): Promise<void> {
  const [[records]] = (await store.usage.engine.query("read", "select count() from usage_entry")) as [[number]];
  const of = { seed: SEED, dataset: `${name}: ${records} records` };
  let days = 0;
  const rollMs = await timeMs(async () => {
    days = await rollUpAll(store);
  });
  const reported = { bench: "totals", baseline: null, ratio: null, must: "reported", ok: true, ...of };
  report({ ...reported, measure: "rolling days up", value: rounded(days / (rollMs / 1_000)), unit: "days/s" });
  await monthByPayer(store, quick, of);
  await customerMonth(store, quick, of);
}

interface About {
  readonly seed: number;
  readonly dataset: string;
}

async function monthByPayer(store: OpenStore, quick: boolean, of: About): Promise<void> {
  const { oursMs, bareMs, ratio } = await inTurn(
    RUNS,
    () => store.client.totals.page({ period: PERIOD, groupBy: "payer", limit: 10_000 }),
    () => store.usage.engine.query("read", BARE),
  );
  report({
    bench: "totals",
    measure: "month totals by payer, over HTTP",
    value: rounded(median(oursMs)),
    unit: "ms",
    baseline: rounded(median(bareMs)),
    ratio: rounded(ratio, 2),
    // A request has a fixed part, which a small month cannot hide.
    must: quick ? "reported; the full run must keep to ≤ 2" : "ratio ≤ 2",
    ok: quick || ratio <= 2,
    ...of,
  });
}

async function customerMonth({ client }: OpenStore, quick: boolean, of: About): Promise<void> {
  const { value } = await client.totals.page({ period: PERIOD, groupBy: "payer", limit: 10_000 });
  const payers = [...new Set(value.map(({ payer }) => payer!))];
  const ask = (query: UsageTotalsQuery) => client.totals.page({ period: PERIOD, by: "day", limit: 10_000, ...query });
  const times: number[] = [];
  for (let query = 0; query <= QUERIES; query += 1) {
    const payer = payers[(query * 7) % payers.length]!;
    const ms = await timeMs(() => ask({ payer }));
    if (query > 0) times.push(ms);
  }
  const p95Ms = p95(times);
  const shared = { bench: "totals", unit: "ms", baseline: null, ratio: null, ...of };
  const measure = `one customer's month by day and meter, over HTTP, of ${QUERIES} queries`;
  report({ ...shared, measure: `${measure}: median`, value: rounded(median(times)), must: "reported", ok: true });
  const must = quick ? "reported; the full run must keep to ≤ 250" : "≤ 250";
  report({ ...shared, measure: `${measure}: p95`, value: rounded(p95Ms), must, ok: quick || p95Ms <= 250 });
}
