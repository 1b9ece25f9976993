import {
  type Hour,
  type LocalSubscriptionId,
  type MeterId,
  type RegistrationId,
  type SubscriptionId,
  type TenantId,
} from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { Registration } from "../../domain/registration/registration.ts";
import type { Attribution, AttributedSegment } from "../../domain/statement/attribution.ts";
import { monthAfter } from "../../domain/statement/period.ts";
import type { Meters } from "../../domain/usage/meters.ts";
import {
  type GroupedSegment,
  SUM_DIMENSIONS,
  type SumDimension,
  type SumQuery,
  type SumTime,
  type UsageScope,
  type UsageSum,
} from "../../domain/usage/store.ts";
import type { Context } from "../context.ts";
import { loadMeters } from "../meters/read.ts";
import { recentAttribution } from "../statements/attribution.ts";
import { withArchives } from "./archives.ts";
import type { Sight } from "./sight.ts";
import { type UsageState, usageStates } from "../statements/periodFacts.ts";

/** What totals can be told apart by, beside the meter. */
export const TOTAL_DIMENSIONS = ["payer", "tenant", ...SUM_DIMENSIONS] as const;
export type TotalDimension = (typeof TOTAL_DIMENSIONS)[number];

export interface TotalsQuery {
  readonly from: Hour;
  readonly to: Hour;
  readonly by: readonly TotalDimension[];
  /** Name of the tag, for the dimension of that name. */
  readonly tag: string;
  readonly time: SumTime | undefined;
  /** Usage and who pays for it as it was known then. */
  readonly asOfMs: number;
  readonly registration?: RegistrationId;
  readonly payer?: SubscriptionId;
  readonly tenant?: TenantId;
  readonly localSubscription?: LocalSubscriptionId;
  readonly meter?: MeterId;
}

export interface UsageTotalRow {
  readonly from: Hour;
  readonly to: Hour;
  readonly payer?: SubscriptionId;
  readonly tenant?: TenantId;
  readonly dimensions: UsageSum["dimensions"];
  readonly meter: MeterId;
  readonly quantity: string;
  readonly records: number;
  readonly state: UsageState;
}

/** How far a stamp's usage has come in. */
export interface Freshness {
  readonly registration: Registration;
  /** End of the newest reported window; undefined where none is known. */
  readonly reportedUntilMs: number | undefined;
}

/** Totals that can be asked for, all as of one moment of knowledge. */
export interface UsageTotals {
  readonly lastBatch: number;
  /** Batches that had begun by then and are not counted. */
  readonly batchesNotCounted: number;
  readonly freshness: readonly Freshness[];
  readonly meters: Meters;
  registration(id: RegistrationId): Registration;
  /** In the order of hour, payer, tenant, and then meter and the other dimensions. */
  rows(page: { readonly offset: number; readonly limit: number }): Promise<readonly UsageTotalRow[]>;
  /** The same in parts that are small where totals are by the hour or the day. */
  parts(): AsyncIterable<readonly UsageTotalRow[]>;
}

/**
 * Adds up the usage that somebody pays for: what counts, is of a known local subscription and on a known meter. What
 * waits is not in it; that the two are all there is is proved by conservation.
 * @throws Fault ArchiveDamaged, UsageEngineUnavailable, PeriodInvalid
 */
export async function usageTotals(context: Context, query: TotalsQuery, sight: Sight): Promise<UsageTotals> {
  const { control, usage } = context;
  const { from, to, asOfMs, by } = query;
  const { lastBatch, later } = await control.batches.lastComplete(asOfMs);
  const attribution = await recentAttribution(control, asOfMs);
  const meters = await loadMeters(control, asOfMs);
  const all = attribution.attributedSegments(from, to);
  const segments = await seen(all, query, attribution, sight);
  const groups = groupsOf(segments, by);
  const state = await usageStates(context, from, to);
  const registrations = [...new Set(segments.map(({ registration }) => registration))].sort((a, b) => a - b);
  const reportedUntil = await control.usageDays.reportedUntil(lastBatch);
  const counting = meters.knownIn(from, to).filter(({ meter }) => query.meter === undefined || meter === query.meter);
  const sumQuery: Omit<SumQuery, "scope" | "offset" | "limit"> = {
    segments: groups.segments,
    isNarrow: segments.length < all.length,
    meters: counting,
    by: by.filter((so): so is SumDimension => so !== "payer" && so !== "tenant"),
    tag: query.tag,
    time: query.time,
  };
  const scope = { from, to, lastBatch, ...(registrations.length === 1 ? { registration: registrations[0]! } : {}) };
  const sums = async (of: UsageScope, page: { readonly offset: number; readonly limit: number }) =>
    (
      await withArchives(context, of, (archives) =>
        usage.sums({ ...sumQuery, ...clipped(sumQuery, of), scope: { ...of, archives }, ...page }),
      )
    ).map((sum) => {
      const hours = hoursOf(sum, query);
      return { ...hours, ...groups.of(sum.group), ...rowOf(sum), state: state(hours.from, hours.to) };
    });
  return {
    lastBatch,
    batchesNotCounted: later,
    freshness: registrations.map((id) => ({
      registration: attribution.registration(id),
      reportedUntilMs: reportedUntil.get(id),
    })),
    meters,
    registration: (id) => attribution.registration(id),
    rows: (page) => sums(scope, page),
    async *parts() {
      let left = LIMITS.totalRowsStreamedMax + 1;
      for (const part of partsOf(scope, query.time)) {
        const rows = await sums(part, { offset: 0, limit: left });
        yield rows;
        left -= rows.length;
        if (left <= 0) return;
      }
    },
  };
}

const rowOf = ({ dimensions, meter, quantity, records }: UsageSum) => ({ dimensions, meter, quantity, records });

async function seen(
  all: readonly AttributedSegment[],
  { registration, payer, tenant, localSubscription }: TotalsQuery,
  attribution: Attribution,
  sight: Sight,
): Promise<readonly AttributedSegment[]> {
  const wanted = all.filter(
    (so) =>
      (registration === undefined || so.registration === registration) &&
      (payer === undefined || so.payer.subscription === payer) &&
      (tenant === undefined || so.tenant === tenant) &&
      (localSubscription === undefined || so.localSubscription === localSubscription),
  );
  const registrations = [...new Set(wanted.map((so) => so.registration))].map((id) => attribution.registration(id));
  const whole = await sight.registrations(registrations);
  if (whole.size === registrations.length) return wanted;
  const paying = await sight.payers([...new Set(wanted.map((so) => so.payer.subscription))]);
  return wanted.filter((so) => whole.has(so.registration) || paying.has(so.payer.subscription));
}

type Group = Pick<UsageTotalRow, "payer" | "tenant">;

/** Segments by what the store does not know of them; groups are numbered in the order of payer and tenant. */
function groupsOf(
  segments: readonly AttributedSegment[],
  by: readonly TotalDimension[],
): { readonly segments: readonly GroupedSegment[]; of(group: number): Group } {
  const groupOf = ({ payer, tenant }: AttributedSegment): Group => ({
    ...(by.includes("payer") ? { payer: payer.subscription } : {}),
    ...(by.includes("tenant") ? { tenant } : {}),
  });
  const keyOf = ({ payer = "", tenant = "" }: { readonly payer?: string; readonly tenant?: string }): string =>
    `${payer} ${tenant}`;
  const groups = new Map(segments.map((so) => [keyOf(groupOf(so)), groupOf(so)]));
  const ordered = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  const numbers = new Map(ordered.map(([key], i) => [key, i]));
  return {
    segments: segments.map((so) => ({
      registration: so.registration,
      localSubscription: so.localSubscription,
      from: so.from,
      to: so.to,
      group: numbers.get(keyOf(groupOf(so)))!,
    })),
    of: (group) => ordered[group]?.[1] ?? {},
  };
}

const later = (a: Hour, b: Hour): Hour => (a > b ? a : b);
const earlier = (a: Hour, b: Hour): Hour => (a < b ? a : b);

/** What a query is about in a part of its hours. */
function clipped(
  { segments, meters }: Pick<SumQuery, "segments" | "meters">,
  { from, to }: UsageScope,
): Pick<SumQuery, "segments" | "meters"> {
  const clip = <Stretch extends { readonly from: Hour; readonly to: Hour }>(stretches: readonly Stretch[]): Stretch[] =>
    stretches
      .filter((so) => so.from < to && from < so.to)
      .map((so) => ({ ...so, from: later(so.from, from), to: earlier(so.to, to) }));
  return { segments: clip(segments), meters: clip(meters) };
}

const DAY_HOURS = 24;

/** The hours of a sum: those of its month, day or hour that were asked for, or all of them. */
function hoursOf({ hour }: UsageSum, { from, to, time }: TotalsQuery): { readonly from: Hour; readonly to: Hour } {
  if (hour === undefined || time === undefined) return { from, to };
  const end = time === "month" ? monthAfter(hour) : ((hour + (time === "day" ? DAY_HOURS : 1)) as Hour);
  return { from: later(hour, from), to: earlier(end, to) };
}

function* partsOf(scope: UsageScope, time: SumTime | undefined): Generator<UsageScope> {
  if (time !== "day" && time !== "hour") {
    yield scope;
    return;
  }
  for (let from = scope.from; from < scope.to; ) {
    const to = earlier(((Math.floor(from / DAY_HOURS) + 1) * DAY_HOURS) as Hour, scope.to);
    yield { ...scope, from, to };
    from = to;
  }
}
