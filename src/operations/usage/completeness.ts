import type { Diagnosis } from "../../domain/completeness/diagnosis.ts";
import { DAYS_TO_COMPARE, findingsOf, type StampFacts } from "../../domain/completeness/findings.ts";
import { type Completeness, completenessOf, LATE_HOURS, SETTLING_HOURS } from "../../domain/completeness/hours.ts";
import { type Hour, hourOf, hourStartMs, type TenantId } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { Registration } from "../../domain/registration/registration.ts";
import { approvalState } from "../../domain/tenancy/approval.ts";
import type { DayVolume, HourArrivals } from "../../domain/usage/arrivals.ts";
import type { UsageScope } from "../../domain/usage/store.ts";
import { HOUR_MS } from "../../lib/instant.ts";
import type { Context } from "../context.ts";
import { loadMeters } from "../meters/read.ts";
import { recentAttribution } from "../statements/attribution.ts";
import { withArchives } from "./archives.ts";
import { parkedGroups } from "./parked.ts";

const DAY_HOURS = 24;

/** What was expected of a stamp, what came, and what is wrong. */
export interface StampCompleteness {
  readonly completeness: Completeness;
  /** The first hour of those asked for that is expected; undefined where none is. */
  readonly expectedFrom: Hour | undefined;
  /** Hours from here on are too new to be missed. */
  readonly settledTo: Hour;
  /** End of the newest reported window; undefined where nothing was ever delivered. */
  readonly reportedUntilMs: number | undefined;
  readonly lastBatch: number;
  /** Deliveries that are still coming in, or came after one that is. */
  readonly batchesNotCounted: number;
  readonly findings: readonly Diagnosis[];
}

const earlier = (a: Hour, b: Hour): Hour => (a < b ? a : b);
const later = (a: Hour, b: Hour): Hour => (a > b ? a : b);

/**
 * Looks at hours of one stamp. Hours that were archived are read from their archives, and tell the same as before.
 * @throws Fault ArchiveDamaged, UsageEngineUnavailable
 */
export async function stampCompleteness(
  context: Context,
  registration: Registration,
  { from, to }: { readonly from: Hour; readonly to: Hour },
): Promise<StampCompleteness> {
  const { control, clock } = context;
  const settledTo = earlier(to, hourOf(clock.now() - SETTLING_HOURS * HOUR_MS));
  const { lastBatch, later: batchesNotCounted } = await control.batches.lastComplete();
  const firstDay = await control.usageDays.firstDay(registration.id);
  const firstDayHour = firstDay === undefined ? undefined : ((firstDay * DAY_HOURS) as Hour);
  const base = { lastBatch, registrations: [registration.id, registration.id] as const };
  // The first hour of all may lie before those that are asked for, on the same day.
  const onFirstDay = firstDayHour !== undefined && firstDayHour < from && from < firstDayHour + DAY_HOURS;
  const all = await arrivalsIn(context, { ...base, from: onFirstDay ? firstDayHour : from, to });
  const arrivals = all.filter(({ hour }) => hour >= from);
  const expectedFrom =
    firstDayHour === undefined
      ? undefined
      : firstDayHour + DAY_HOURS <= from
        ? from
        : all[0] && later(all[0].hour, from);
  const completeness = completenessOf({ from, to, expectedFrom, settledTo, arrivals });
  const reportedUntilMs = (await control.usageDays.reportedUntil(lastBatch)).get(registration.id);
  // Beside each other: none of these needs what another tells.
  const [unmappedTenants, whatWaits, dayVolumes] = await Promise.all([
    unmapped(context, { ...base, from, to }),
    waiting(context, base),
    volumes(context, base, {
      end: earlier(settledTo, hourOf((reportedUntilMs ?? 0) - SETTLING_HOURS * HOUR_MS)),
      begin: firstDayHour ?? to,
    }),
  ]);
  const facts: StampFacts = {
    registration: registration.name,
    billingModel: registration.billingModel,
    mapsTenants: approvalState(await control.tenancy.approvalEvents(registration.id)) === "approved",
    // Of hours that are long past, only what was delivered by their end can stand still.
    nowMs: Math.min(clock.now(), hourStartMs(to)),
    reportedUntilMs,
    gaps: completeness.gaps,
    arrivals,
    unmapped: unmappedTenants,
    waiting: whatWaits,
    volumes: dayVolumes,
  };
  const findings = findingsOf(facts);
  return { completeness, expectedFrom, settledTo, reportedUntilMs, lastBatch, batchesNotCounted, findings };
}

type Base = Pick<UsageScope, "lastBatch"> & { readonly registrations: NonNullable<UsageScope["registrations"]> };

const arrivalsIn = async (context: Context, scope: UsageScope): Promise<readonly HourArrivals[]> =>
  await withArchives(context, scope, (archives) =>
    context.usage.arrivals.byHour({ ...scope, archives }, LATE_HOURS * HOUR_MS),
  );

/** Records of tenants whose usage falls to the registration subscription because no mapping says otherwise. */
async function unmapped(context: Context, scope: Base & UsageScope): Promise<ReadonlyMap<TenantId, number>> {
  const { control, usage, clock } = context;
  const { from, to } = scope;
  const [id] = scope.registrations;
  const nowMs = clock.now();
  const attribution = await recentAttribution(control, nowMs);
  const own = attribution
    .attributedSegments(from, to)
    .filter(({ registration, payer }) => registration === id && payer.by !== "mapping");
  const tenants = [...new Set(own.map(({ tenant }) => tenant))].sort();
  if (tenants.length === 0) return new Map();
  const numbers = new Map(tenants.map((tenant, i) => [tenant, i]));
  const segments = own.map((so) => ({ ...so, group: numbers.get(so.tenant)! }));
  const meters = (await loadMeters(control, nowMs)).knownIn(from, to);
  const query = { segments, isNarrow: true, meters, by: [], tag: "", time: undefined, offset: 0 };
  const sums = await withArchives(context, scope, (archives) =>
    usage.sums({ ...query, scope: { ...scope, archives }, limit: LIMITS.totalRowsStreamedMax }),
  );
  const records = new Map<TenantId, number>();
  for (const sum of sums) {
    const tenant = tenants[sum.group]!;
    records.set(tenant, (records.get(tenant) ?? 0) + sum.records);
  }
  return records;
}

/** What waits now, whatever hour it is of. */
async function waiting(context: Context, { registrations }: Base): Promise<StampFacts["waiting"]> {
  const hours = { from: hourOf(0), to: hourOf(context.clock.now()), registrations };
  const { groups, knowledge } = await parkedGroups(context, hours);
  return groups.map(({ reason, localSubscription, meter, records }) => {
    return { reason, localSubscription, meter, records, meterName: knowledge.meters.factsOf(meter)?.name ?? meter };
  });
}

/**
 * The newest 24 hours that have settled, and as many days before it as lie in hours that are expected.
 * @param hours `end`: of the newest day; `begin`: the first hour that may be compared with
 */
async function volumes(
  context: Context,
  base: Base,
  { begin, end }: { readonly begin: Hour; readonly end: Hour },
): Promise<StampFacts["volumes"]> {
  const days = Math.max(0, Math.min(DAYS_TO_COMPARE, Math.floor((end - begin) / DAY_HOURS) - 1));
  const none = { records: 0, localSubscriptions: 0 };
  const endMs = hourStartMs(end);
  if (days === 0) return { endMs, newest: { day: 0, ...none }, before: [] };
  const scope = { ...base, from: (end - (days + 1) * DAY_HOURS) as Hour, to: end };
  const found = await withArchives(context, scope, (archives) => context.usage.arrivals.byDay({ ...scope, archives }));
  const byDay = new Map(found.map((so) => [so.day, so]));
  const all: DayVolume[] = Array.from({ length: days + 1 }, (_, day) => byDay.get(day) ?? { day, ...none });
  return { endMs, newest: all[days]!, before: all.slice(0, days) };
}
