import type { Hour } from "../../domain/ids.ts";
import type { UsageArrivals } from "../../domain/usage/arrivals.ts";
import type { UsageScope } from "../../domain/usage/store.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../lib/instant.ts";
import type { Engine } from "./engine.ts";
import { hourSeconds, VERSION } from "./entries.ts";
import { archivesIn, FINAL, overLedger } from "./ledger.ts";
import { scopeCondition } from "./sums.ts";

const HOUR_S = HOUR_MS / SECOND_MS;
const DAY_S = DAY_MS / SECOND_MS;

/** [hour, records, held, first arrival, last arrival, late, ahead]; times in milliseconds */
type ArrivalRow = readonly [number, number, number, number, number, number, number];

/**
 * Of every version that still counts or is held: how it came in, by its hour. A version that somebody chose did not come
 * when it was chosen, so that says nothing about who was late; an event has no window that a stamp's clock has made.
 * @param ledger the table of entries, each once
 */
function arrivalsSql(ledger: string, scope: UsageScope, lateAfterMs: number): string {
  const where = `where ${scopeCondition(scope)}`;
  return `select intDiv(usage_s, ${HOUR_S}) as hour, countIf(counts), countIf(not counts), min(arrived_ms), max(arrived_ms),
      countIf(delivered and arrived_ms > reported_end_ms + ${lateAfterMs}),
      max(if(delivered and of_stamp and reported_end_ms > arrived_ms, reported_end_ms - arrived_ms, 0))
    from (select toUnixTimestamp(usage_start) as usage_s, toInt64(toUnixTimestamp(reported_end)) * 1000 as reported_end_ms,
        toUnixTimestamp64Milli(accepted_at) as arrived_ms, held = 'no' as counts, kind = 'delivery' as delivered,
        event = toFixedString('', 16) as of_stamp
      from ${ledger} ${where} and sign = 1
        and (${VERSION}, decision) not in (select ${VERSION}, ended from ${ledger} ${where} and sign = -1))
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
  const rowsOf = <Row extends readonly unknown[]>(scope: UsageScope, sql: (ledger: string) => string): Promise<Row[]> =>
    overLedger(engine, { archives: archivesIn(scope), condition: scopeCondition(scope) }, ({ once }) =>
      engine.query<Row>("read", `${sql(once)} ${FINAL}`),
    );
  return {
    async byHour(scope, lateAfterMs) {
      const rows = await rowsOf<ArrivalRow>(scope, (ledger) => arrivalsSql(ledger, scope, lateAfterMs));
      return rows.map(([hour, records, held, firstArrivalMs, lastArrivalMs, late, aheadMs]) => {
        return { hour: hour as Hour, records, held, firstArrivalMs, lastArrivalMs, late, aheadMs };
      });
    },
    async byDay(scope) {
      const rows = await rowsOf<VolumeRow>(scope, (ledger) => volumesSql(ledger, scope));
      return rows.map(([day, records, localSubscriptions]) => ({ day, records, localSubscriptions }));
    },
  };
};
