import { recordBody } from "../src/commerce/usageAggregates.ts";
import { subscriptionId, type SubscriptionId } from "../src/domain/ids.ts";
import { LIMITS } from "../src/domain/limits.ts";
import type { ReportedRow } from "../src/domain/usage/store.ts";
import { DAY_MS, formatInstant } from "../src/lib/instant.ts";
import { bareReportedSql, type ReportedSqlRow, rowFromSql } from "../src/storage/usage/reported.ts";
import { afterPeriodMs, type Dataset, SEED } from "./dataset.ts";
import { atSizes, payerOf } from "./multiplied.ts";
import { median, p95, report, rounded, timeMs } from "./report.ts";
import type { OpenStore } from "./store.ts";

/** Days that are read, and pages of each. */
const DAYS = 12;
const PAGES = 5;
const PAGE_MS_MAX = 200;
const RATIO_MIN = 0.5;

/**
 * Pages of the provider usage API over HTTP, 1,000 rows each, against the bare engine's query for the same rows in the same
 * order, written out by the same code.
 * @param stages millions of records: one comes from the simulator, the others are copies of it that the engine makes
 */
export async function pages(quick: boolean, stages: readonly number[] = [quick ? 1 : 10]): Promise<void> {
  await atSizes(stages, (store, of) => measured(store, { ...of, quick }));
}

interface Timed {
  readonly oursMs: number;
  readonly bareMs: number;
}

async function measured(
  store: OpenStore,
  {
    data,
    millions,
    name,
    quick,
  }: { readonly data: Dataset; readonly millions: number; readonly name: string; readonly quick: boolean },
): Promise<void> {
  const [[records]] = (await store.usage.engine.query("read", "select count() from usage_entry")) as [[number]];
  const timed: Timed[] = [];
  for (let day = 0; day <= DAYS; day += 1) {
    const { scope } = data.world.stamps[day % data.world.stamps.length]!;
    const provider = payerOf(subscriptionId(scope.subscription)!, (day * 7) % millions);
    const fromMs = afterPeriodMs(data.world) - (4 + day * 2) * DAY_MS;
    const times = await dayOf(store, provider, { fromMs, toMs: fromMs + DAY_MS });
    // The first day warms everything up.
    if (day > 0) timed.push(...times);
  }
  const oursMs = timed.map((so) => so.oursMs);
  const p95Ms = p95(oursMs);
  const ratio = median(timed.map((so) => so.bareMs / so.oursMs));
  const dataset = `${name}: ${records} records`;
  const of = { bench: "pages", unit: "ms", dataset, seed: SEED };
  const measure = `a page of ${LIMITS.pageRowsMax} rows of the provider usage API, over HTTP, of ${timed.length}`;
  const must = (kept: string): string => (quick ? `reported; the full run must keep to ${kept}` : kept);
  report({
    ...of,
    measure: `${measure}: p95`,
    value: rounded(p95Ms),
    baseline: null,
    ratio: null,
    must: must(`≤ ${PAGE_MS_MAX}`),
    ok: quick || p95Ms <= PAGE_MS_MAX,
  });
  report({
    ...of,
    measure: `${measure}: median, and its rate against the bare query's`,
    value: rounded(median(oursMs), 1),
    baseline: rounded(median(timed.map((so) => so.bareMs)), 1),
    ratio: rounded(ratio, 2),
    must: must(`rate ≥ ${RATIO_MIN}`),
    ok: quick || ratio >= RATIO_MIN,
  });
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Full pages of a reported day, each both ways in turn. */
async function dayOf(store: OpenStore, provider: SubscriptionId, range: Range): Promise<readonly Timed[]> {
  const registrations = (await store.control.registrations.list()).filter((so) => so.subscription === provider);
  const ids = registrations.map(({ id }) => id);
  const timed: Timed[] = [];
  let after: ReportedRow | undefined;
  let path = `/subscriptions/${provider}/providers/Microsoft.Commerce.Admin/subscriberUsageAggregates?api-version=2015-06-01-preview&aggregationGranularity=Hourly&reportedStartTime=${formatInstant(range.fromMs)}&reportedEndTime=${formatInstant(range.toMs)}`;
  for (let page = 0; page < PAGES; page += 1) {
    let answer: { readonly value: readonly unknown[]; readonly nextLink?: string } | undefined;
    const oursMs = await timeMs(async () => {
      answer = await store.client.call({ method: "GET", path });
    });
    const { value, nextLink } = answer!;
    let rows: readonly ReportedRow[] = [];
    let text = "";
    const bareMs = await timeMs(async () => {
      const limit = LIMITS.pageRowsMax;
      const sql = bareReportedSql({
        ...range,
        unit: "hour",
        lastBatch: 0,
        registrations: ids,
        ...(after && { after }),
        limit,
      });
      rows = (await store.usage.engine.query<ReportedSqlRow>("read", sql)).map(rowFromSql);
      text = JSON.stringify({ value: rows.map((row) => recordBody(provider, row, "hour")) });
    });
    if (JSON.stringify(JSON.parse(text)) !== JSON.stringify({ value }))
      throw new Error(`page ${page} of ${path} differs from the bare query's`);
    if (nextLink === undefined) break;
    timed.push({ oursMs, bareMs });
    after = rows.at(-1)!;
    const next = new URL(nextLink);
    path = `${next.pathname}${next.search}`;
  }
  return timed;
}
