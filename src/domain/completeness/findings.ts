import { formatInstant, HOUR_MS, type InstantMs } from "../../lib/instant.ts";
import { type Hour, hourOf, hourStartMs, type LocalSubscriptionId, type MeterId, type TenantId } from "../ids.ts";
import type { BillingModel } from "../registration/registration.ts";
import { PARKED_REASONS, type ParkedReason } from "../statement/classify.ts";
import type { DayVolume, HourArrivals } from "../usage/arrivals.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { SETTLING_HOURS, type Stretch } from "./hours.ts";

/** A stamp reports an hour within two, and a bridge reads it some minutes later; this is long after. */
export const STUCK_HOURS = 6;
/** How far a stamp's clock may be ahead; less than this is the way of a network. */
const AHEAD_MS_MAX = 60_000;
/** Days whose mean the newest day is compared with. */
export const DAYS_TO_COMPARE = 7;
const DAYS_TO_COMPARE_MIN = 2;
/** A day with less than so many per cent of the days before it. */
const FALLING_PERCENT = 50;

/** Stamps on other models do not report usage at all (contract/usage.md §6). */
const REPORTING: readonly BillingModel[] = ["PayAsYouUse", "Development", "Ruggedized"];

/** Usage that waits, of one meter or one local subscription. */
export interface Waiting {
  readonly reason: ParkedReason;
  readonly localSubscription: LocalSubscriptionId;
  readonly meter: MeterId;
  readonly meterName: string;
  readonly records: number;
}

/** What a server knows of one stamp. */
export interface StampFacts {
  readonly registration: string;
  readonly billingModel: BillingModel;
  /** Only such a stamp has payers beside its own subscription. */
  readonly mapsTenants: boolean;
  readonly nowMs: InstantMs;
  /** End of the newest reported window. */
  readonly reportedUntilMs: InstantMs | undefined;
  readonly gaps: readonly Stretch[];
  readonly arrivals: readonly HourArrivals[];
  /** Tenants whose usage the registration subscription pays for because nobody mapped them, with their records. */
  readonly unmapped: ReadonlyMap<TenantId, number>;
  readonly waiting: readonly Waiting[];
  /** The newest day that has settled, and the days before it that lie wholly in hours that are expected. */
  readonly volumes: { readonly endMs: InstantMs; readonly newest: DayVolume; readonly before: readonly DayVolume[] };
}

/** What is wrong with a stamp's usage as far as a server can tell, in the order in which it is to be looked at. */
export function findingsOf(facts: StampFacts): readonly Diagnosis[] {
  const { registration: of, reportedUntilMs, nowMs } = facts;
  if (reportedUntilMs === undefined) {
    return REPORTING.includes(facts.billingModel) ? [{ of, kind: "NothingReported", facts: {} }] : [];
  }
  const hours = Math.floor((nowMs - reportedUntilMs) / HOUR_MS);
  const until = formatInstant(reportedUntilMs);
  const found: Diagnosis[] = hours >= STUCK_HOURS ? [{ of, kind: "CursorStuck", facts: { until, hours } }] : [];
  for (const { from, to } of gapsBefore(hourOf(reportedUntilMs), facts.gaps)) {
    const ends = { from: formatInstant(hourStartMs(from)), to: formatInstant(hourStartMs(to)) };
    found.push({ of, kind: "Gap", facts: { ...ends, hours: to - from } });
  }
  const aheadMs = facts.arrivals.reduce((most, so) => Math.max(most, so.aheadMs), 0);
  if (aheadMs >= AHEAD_MS_MAX) {
    found.push({ of, kind: "ClockAhead", facts: { seconds: Math.ceil(aheadMs / 1_000) } });
  }
  found.push(...falling(facts), ...unmapped(facts), ...waiting(facts));
  return found;
}

/** Hours that the stamp has not come to yet are no gap: where it stands still, that is told. */
function gapsBefore(reportedUntil: Hour, gaps: readonly Stretch[]): readonly Stretch[] {
  const end = (reportedUntil - SETTLING_HOURS) as Hour;
  return gaps.filter(({ from }) => from < end).map(({ from, to }) => ({ from, to: to < end ? to : end }));
}

/** The newest day against the mean of the days before it, by records and by local subscriptions; no rounding decides. */
function falling({ registration: of, volumes: { endMs, newest, before } }: StampFacts): readonly Diagnosis[] {
  const days = before.length;
  if (days < DAYS_TO_COMPARE_MIN) return [];
  const found: Diagnosis[] = [];
  for (const [kind, measure] of [
    ["VolumeFalling", "records"],
    ["SubscriptionsFalling", "localSubscriptions"],
  ] as const) {
    const sum = before.reduce((so, day) => so + day[measure], 0);
    if (newest[measure] * days * 100 >= sum * FALLING_PERCENT) continue;
    const facts = { until: formatInstant(endMs), newest: newest[measure], before: Math.round(sum / days), days };
    found.push({ of, kind, facts });
  }
  return found;
}

function unmapped({ registration: of, mapsTenants, unmapped: tenants }: StampFacts): readonly Diagnosis[] {
  if (!mapsTenants) return [];
  return [...tenants]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([tenant, records]) => ({ of, kind: "TenantUnmapped", facts: { tenant, records } }));
}

const KIND_OF = {
  NoPrice: "MeterUnpriced",
  UnknownMeter: "MeterUnknown",
  UnknownLocalSubscription: "LocalSubscriptionUnknown",
  Conflict: "Conflicts",
  PeriodArchived: "CameAfterArchive",
} as const satisfies Record<ParkedReason, Diagnosis["kind"]>;

/** What waits, once for each meter, or each local subscription that nobody knows; in the order of reasons. */
function waiting({ registration: of, waiting: all }: StampFacts): readonly Diagnosis[] {
  const nameOf = (so: Waiting): string =>
    so.reason === "UnknownLocalSubscription" ? so.localSubscription : so.meterName;
  const groups = Map.groupBy(all, (so) => `${so.reason} ${nameOf(so)}`);
  return [...groups.values()]
    .map((group) => {
      const [first] = group;
      const records = group.reduce((sum, so) => sum + so.records, 0);
      return { ...first!, name: nameOf(first!), records };
    })
    .sort(
      (a, b) =>
        PARKED_REASONS.indexOf(a.reason) - PARKED_REASONS.indexOf(b.reason) ||
        b.records - a.records ||
        (a.name < b.name ? -1 : 1),
    )
    .map(({ reason, localSubscription, meter, name, records }) => {
      return { of, kind: KIND_OF[reason], facts: { name, records, reason, localSubscription, meter } };
    });
}
