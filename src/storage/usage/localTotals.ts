import type { MeterId } from "../../domain/ids.ts";
import type { Held } from "../../domain/usage/entry.ts";
import type { UsageScope, UsageSegment, UsageTotal } from "../../domain/usage/store.ts";
import type { Engine } from "./engine.ts";
import { SEGMENT_STRUCTURE, segmentLine, stretchColumn } from "./groupedSums.ts";
import { totalFromRow } from "./rows.ts";
import { meterList, type UsageSums } from "./sums.ts";

/** Sums of one local subscription, meter by meter. */
type LocalTotalsRow = [
  registration: number,
  localSubscription: string,
  hourS: number,
  held: Held,
  meters: [meter: string, quantity: string, records: number][],
  newest: number,
];

function totalsFromRow([registration, localSubscription, hourS, held, meters]: LocalTotalsRow): UsageTotal[] {
  return meters.map(([meter, quantity, records]) =>
    totalFromRow([registration, localSubscription, meter, hourS, held, quantity, records]),
  );
}

/** Sums by local subscription and meter; of hours in segments each segment has its own (UsageStore.totals). */
export async function localTotals(
  engine: Engine,
  sums: UsageSums,
  {
    scope,
    segments,
    meters,
  }: {
    readonly scope: UsageScope;
    readonly segments: readonly UsageSegment[];
    readonly meters: readonly MeterId[] | undefined;
  },
): Promise<readonly UsageTotal[]> {
  if (meters?.length === 0) return [];
  const ask = async (cutLocals: string | undefined): Promise<readonly UsageTotal[]> => {
    // Rows of one local subscription in one: its names are long, and come with each of its meters.
    const rows = await sums.ask<LocalTotalsRow>(
      {
        scope,
        segments,
        ...(meters === undefined ? {} : { condition: `meter in (${meterList(meters)})` }),
        columns: (time) => [`${cutLocals === undefined ? "0" : stretchColumn(time, segments, cutLocals)} as hour_s`],
      },
      (from) => `select registration, local_subscription, hour_s, held, groupArray((toString(meter), q, n)), max(newest)
        from (select registration, local_subscription, meter, hour_s, held, sum(quantity) as q, sum(records) as n,
            max(version) as newest
          from ${from} group by registration, local_subscription, meter, hour_s, held
          having n != 0 or newest > ${scope.lastBatch})
        group by registration, local_subscription, hour_s, held`,
      (row) => row[5],
    );
    return rows.flatMap(totalsFromRow);
  };
  if (segments.length === 0) return await ask(undefined);
  return await engine.over(segments.map(segmentLine).join(""), SEGMENT_STRUCTURE, (table) =>
    ask(`(select registration, local_subscription from ${table})`),
  );
}
