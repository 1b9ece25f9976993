import type { AgeQuery, RecordPlace, RecordSearch, UsageAge } from "../../domain/usage/store.ts";
import { hourStartMs } from "../../domain/ids.ts";
import { SECOND_MS } from "../../lib/instant.ts";
import { seconds, VERSION, timeLiteral } from "./entries.ts";
import { REF_COLUMNS } from "./rows.ts";
import { tsvField } from "./tsv.ts";

export const AGE_STRUCTURE =
  "n UInt32, registration UInt32, local_subscription String, meter String, held String, from_s UInt32";

export const ageLine = ({ registration, localSubscription, meter, held, from }: AgeQuery, n: number): string =>
  `${n}\t${registration}\t${localSubscription}\t${meter}\t${held}\t${seconds(hourStartMs(from))}\n`;

/**
 * Since when each group has versions that still count or wait.
 * @param ledger the table of entries
 */
export const agesSql = (
  ledger: string,
  { table, condition }: { readonly table: string; readonly condition: string },
): string => `select g.n, min(e.usage_s), min(e.accepted_ms)
  from (select registration as registration, local_subscription as local_subscription, meter as meter,
      toString(held) as held_name, toUnixTimestamp(usage_start) as usage_s,
      toUnixTimestamp64Milli(accepted_at) as accepted_ms
    from ${ledger}
    where ${condition} and sign = 1
      and (registration, local_subscription, meter) in (select registration, local_subscription, meter from ${table})
      and (${VERSION}, decision) not in (select ${VERSION}, ended from ${ledger} where ${condition} and sign = -1)) as e
  inner join ${table} as g on e.registration = g.registration and e.local_subscription = g.local_subscription
    and e.meter = g.meter and e.held_name = g.held
  where e.usage_s >= g.from_s
  group by g.n`;

/** [number of the group, oldest usage hour in seconds, oldest arrival in milliseconds] */
export type AgeRow = readonly [number, number, number];

export function agesFrom(rows: readonly AgeRow[], groups: readonly AgeQuery[]): readonly (UsageAge | undefined)[] {
  const ages = new Map(
    rows.map(([n, usageS, oldestArrivalMs]) => [n, { oldestUsageMs: usageS * SECOND_MS, oldestArrivalMs }]),
  );
  return groups.map((_, n) => ages.get(n));
}

export const isPlace = (search: RecordSearch): search is RecordPlace => "batch" in search;

export const placeCondition = ({
  registration,
  batch,
  position,
}: RecordPlace): string => `registration = ${registration} and delivery = ${batch} and position = ${position}
    and kind = 'delivery' and sign = 1`;

/** @param ledger the table of entries */
export const placeSql = (ledger: string, place: RecordPlace): string =>
  `select distinct ${REF_COLUMNS} from ${ledger} where ${placeCondition(place)}`;

export const hourCondition = ({ registration, hour }: Exclude<RecordSearch, RecordPlace>): string =>
  `registration = ${registration} and usage_start = ${timeLiteral(hourStartMs(hour))}`;

export const SEARCH_STRUCTURE = "local_subscription String, meter String, resource String";

/** What somebody wrote goes into the query as data, never as SQL. */
export const searchLine = ({ localSubscription, meter, resource }: Exclude<RecordSearch, RecordPlace>): string =>
  `${localSubscription}\t${meter}\t${tsvField((resource ?? "").toLowerCase())}\n`;

/** @param table what is looked for */
export function searchSql(
  { ledger, table }: { readonly ledger: string; readonly table: string },
  search: Exclude<RecordSearch, RecordPlace>,
  limit: number,
): string {
  const { resource } = search;
  const ofResource = resource === undefined ? "" : `and lowerUTF8(resource_uri) in (select resource from ${table})`;
  return `select distinct ${REF_COLUMNS} from ${ledger}
    where ${hourCondition(search)}
      and (local_subscription, meter) in (select local_subscription, meter from ${table}) ${ofResource}
    order by series, reported_start, event limit ${limit}`;
}
