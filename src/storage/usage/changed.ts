import { type Hour, type MeterId, registrationId } from "../../domain/ids.ts";
import type { BatchChange, ReportedHours, UsageScope } from "../../domain/usage/store.ts";
import { HOUR_MS, SECOND_MS } from "../../lib/instant.ts";
import type { Engine } from "./engine.ts";
import { hourSeconds } from "./entries.ts";
import { scopeCondition } from "./sums.ts";

const HOUR_S = HOUR_MS / SECOND_MS;

/** The hours that each registration reported, and the first one of all that the store holds, archived or not. */
export async function reportedHours(
  engine: Engine,
  ledger: string,
  scope: UsageScope,
): Promise<readonly ReportedHours[]> {
  const rows = await engine.query<[registration: number, hours: number[]]>(
    "read",
    `select registration, groupArray(hour) from (
       select registration, intDiv(toUnixTimestamp(usage_start), ${HOUR_S}) as hour from ${ledger}
       where ${scopeCondition(scope)} group by registration, hour having sum(sign) != 0
     ) group by registration`,
  );
  const hours = new Map(rows.map(([registration, own]) => [registration, [...own].sort((a, b) => a - b)]));
  const firsts = await engine.query<[registration: number, hour: number]>(
    "read",
    `select registration, intDiv(min(toUnixTimestamp(usage_start)), ${HOUR_S}) from usage_entry
     where usage_start < ${hourSeconds(scope.to)} and batch <= ${scope.lastBatch} group by registration`,
  );
  const first = new Map(firsts);
  for (const [registration, [earliest]] of hours) {
    if (earliest === undefined) continue;
    first.set(registration, Math.min(first.get(registration) ?? earliest, earliest));
  }
  return [...first]
    .sort(([a], [b]) => a - b)
    .map(([registration, hour]) => ({
      registration: registrationId(registration),
      first: hour as Hour,
      hours: (hours.get(registration) ?? []) as Hour[],
    }));
}

/** Entries of batches after one, by registration, meter and batch. */
export async function changedBy(
  engine: Engine,
  ledger: string,
  { scope, after, limit }: { readonly scope: UsageScope; readonly after: number; readonly limit: number },
): Promise<readonly BatchChange[]> {
  const rows = await engine.query<[registration: number, meter: string, batch: number]>(
    "read",
    `select registration, meter, batch from ${ledger} where ${scopeCondition(scope)} and batch > ${after}
     group by registration, meter, batch order by batch, registration, meter limit ${limit}`,
  );
  return rows.map(([registration, meter, batch]) => ({
    registration: registrationId(registration),
    meter: meter as MeterId,
    batch,
  }));
}
