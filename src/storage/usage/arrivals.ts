import type { Hour } from "../../domain/ids.ts";
import type { UsageArrivals } from "../../domain/usage/arrivals.ts";
import type { UsageScope } from "../../domain/usage/store.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../lib/instant.ts";
import type { Engine } from "./engine.ts";
import { hourSeconds } from "./entries.ts";
import { archivesIn, FINAL, type Ledger, overLedger, standing } from "./ledger.ts";
import { scopeCondition } from "./sums.ts";

const HOUR_S = HOUR_MS / SECOND_MS;
const DAY_S = DAY_MS / SECOND_MS;

/** [hour, records, held, first arrival, last arrival, late, ahead]; times in milliseconds */
type ArrivalRow = readonly [number, number, number, number, number, number, number];

/**
 * Of every version that still counts or is held: how it came in, by its hour. A version that somebody chose did not come
 * when it was chosen, so that says nothing about who was late; an event has no window that a stamp's clock has made.
 */
function arrivalsSql(
  ledger: Ledger,
  scope: UsageScope,
  { lateAfterMs, hasEnds }: { readonly lateAfterMs: number; readonly hasEnds: boolean },
): string {
  return `select intDiv(usage_s, ${HOUR_S}) as hour, countIf(counts), countIf(not counts), min(arrived_ms), max(arrived_ms),
      countIf(delivered and arrived_ms > reported_end_ms + ${lateAfterMs}),
      max(if(delivered and of_stamp and reported_end_ms > arrived_ms, reported_end_ms - arrived_ms, 0))
    from (select toUnixTimestamp(usage_start) as usage_s, toInt64(toUnixTimestamp(reported_end)) * 1000 as reported_end_ms,
        toUnixTimestamp64Milli(accepted_at) as arrived_ms, held = 'no' as counts, kind = 'delivery' as delivered,
        event = toFixedString('', 16) as of_stamp
      from ${standing(ledger, scopeCondition(scope), hasEnds)})
    group by hour order by hour`;
}

/** [day, records, local subscriptions] */
type VolumeRow = readonly [number, number, number];

/** @param ledger the table of entries, each once */
const volumesSql = (ledger: string, scope: UsageScope): string =>
  `select day, sum(records), count() from (
      select intDiv(toUnixTimestamp(usage_start) - ${hourSeconds(scope.from)}, ${DAY_S}) as day, local_subscription,
        sum(sign) as records
      from ${ledger} where ${scopeCondition(scope)} and held = 'no' group by day, local_subscription having records != 0
    ) group by day order by day`;

/** How usage came in, over the ledger of an engine. */
export const arrivalsOf = (engine: Engine): UsageArrivals => {
  const over = <Result>(scope: UsageScope, use: (ledger: Ledger) => Promise<Result>): Promise<Result> =>
    overLedger(engine, { archives: archivesIn(scope), condition: scopeCondition(scope) }, use);
  const ask = <Row extends readonly unknown[]>(sql: string): Promise<Row[]> => engine.query("read", `${sql} ${FINAL}`);
  return {
    async byHour(scope, lateAfterMs) {
      const rows = await over(scope, async (ledger) => {
        // An index knows where ends are, so that asking costs little; comparing costs as much as everything else.
        const ends = `select count() from ${ledger.asStored} where ${scopeCondition(scope)} and sign = -1`;
        const [found] = await ask<[number]>(ends);
        return await ask<ArrivalRow>(arrivalsSql(ledger, scope, { lateAfterMs, hasEnds: found![0] > 0 }));
      });
      return rows.map(([hour, records, held, firstArrivalMs, lastArrivalMs, late, aheadMs]) => {
        return { hour: hour as Hour, records, held, firstArrivalMs, lastArrivalMs, late, aheadMs };
      });
    },
    async byDay(scope) {
      const rows = await over(scope, ({ once }) => ask<VolumeRow>(volumesSql(once, scope)));
      return rows.map(([day, records, localSubscriptions]) => ({ day, records, localSubscriptions }));
    },
  };
};
