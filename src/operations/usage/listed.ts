import { type Hour, hourOf, type RegistrationId, type SubscriptionId, type TenantId } from "../../domain/ids.ts";
import type { Registration } from "../../domain/registration/registration.ts";
import type { Attributed, Attribution } from "../../domain/statement/attribution.ts";
import type { PARKED_REASONS } from "../../domain/statement/classify.ts";
import type { ListedFilter, ListedPlace, ListedQuery, ListedRecord } from "../../domain/usage/listed.ts";
import type { Meters } from "../../domain/usage/meters.ts";
import type { Context } from "../context.ts";
import { loadMeters } from "../meters/read.ts";
import { recentAttribution } from "../statements/attribution.ts";
import { type UsageState, usageStates } from "../statements/periodFacts.ts";
import { withArchives } from "./archives.ts";
import type { Sight } from "./sight.ts";

/** Which usage is listed; hours [from, to). */
export interface UsageFilter extends ListedFilter {
  readonly from: Hour;
  readonly to: Hour;
  readonly registration?: RegistrationId;
  readonly payer?: SubscriptionId;
  readonly tenant?: TenantId;
}

/** What was known when somebody began to page. */
export interface UsageSnapshot {
  readonly asOfMs: number;
  readonly lastBatch: number;
}

export interface AttributedRecord extends ListedRecord {
  /** Undefined where nobody knew the local subscription in that hour. */
  readonly attributed: Attributed | undefined;
  /** Why it is not counted; undefined where it is. */
  readonly waits: Exclude<(typeof PARKED_REASONS)[number], "NoPrice"> | undefined;
  readonly state: UsageState;
}

export interface UsagePage {
  readonly records: readonly AttributedRecord[];
  /** Where the next page goes on; undefined where there is none. */
  readonly last: ListedPlace | undefined;
  readonly meters: Meters;
  registration(id: RegistrationId): Registration;
}

/** What is stored up to the newest batch before which none was still coming in. */
export const usageSnapshot = async ({ control }: Pick<Context, "control">, asOfMs: number): Promise<UsageSnapshot> => ({
  asOfMs,
  lastBatch: (await control.batches.lastComplete(asOfMs)).lastBatch,
});

/**
 * A page of the records that count or wait, with who pays for each as it was known at a moment. What nobody is known to
 * pay for is seen by who may see its registration.
 * @throws Fault ArchiveDamaged, UsageEngineUnavailable, PeriodInvalid
 */
export async function listUsage(
  context: Context,
  {
    filter,
    snapshot,
    ...page
  }: {
    readonly filter: UsageFilter;
    readonly snapshot: UsageSnapshot;
    readonly after?: ListedPlace;
    readonly limit: number;
  },
  sight: Sight,
): Promise<UsagePage> {
  const { control, usage } = context;
  const { from, to, registration: _, payer: _payer, tenant: _tenant, ...others } = filter;
  const { asOfMs, lastBatch } = snapshot;
  const attribution = await recentAttribution(control, asOfMs);
  const meters = await loadMeters(control, asOfMs);
  const seen = await seenIn(filter, attribution, sight);
  const query = { from, to, ...others, ...seen, lastBatch, ...page, limit: page.limit + 1 };
  const found = await withArchives(context, { from, to }, (archives) => usage.listed({ ...query, archives }));
  const listed = found.slice(0, page.limit);
  const state = await usageStates(context, from, to);
  return {
    records: listed.map((record) => attributedRecord(record, { attribution, meters, state })),
    last: found.length > page.limit ? placeOf(listed.at(-1)!) : undefined,
    meters,
    registration: (id) => attribution.registration(id),
  };
}

/** What of the wanted usage may be seen. */
async function seenIn(
  { from, to, registration, payer, tenant, localSubscription }: UsageFilter,
  attribution: Attribution,
  sight: Sight,
): Promise<Pick<ListedQuery, "registrations" | "segments">> {
  const wanted = attribution.registrations().filter(({ id }) => registration === undefined || id === registration);
  const whole = await sight.registrations(wanted);
  const isAnyPayer = payer === undefined && tenant === undefined;
  if (isAnyPayer && whole.size === wanted.length) return { registrations: [...whole], segments: [] };
  const ids = new Set(wanted.map(({ id }) => id));
  const segments = attribution
    .attributedSegments(from, to)
    .filter(
      (so) =>
        ids.has(so.registration) &&
        (payer === undefined || so.payer.subscription === payer) &&
        (tenant === undefined || so.tenant === tenant) &&
        (localSubscription === undefined || so.localSubscription === localSubscription),
    );
  const elsewhere = segments.filter((so) => !whole.has(so.registration));
  const paying = await sight.payers([...new Set(elsewhere.map((so) => so.payer.subscription))]);
  if (isAnyPayer) {
    return { registrations: [...whole], segments: elsewhere.filter((so) => paying.has(so.payer.subscription)) };
  }
  const visible = segments.filter((so) => whole.has(so.registration) || paying.has(so.payer.subscription));
  return { registrations: [], segments: visible };
}

function attributedRecord(
  record: ListedRecord,
  {
    attribution,
    meters,
    state,
  }: {
    readonly attribution: Attribution;
    readonly meters: Meters;
    readonly state: (from: Hour, to: Hour) => UsageState;
  },
): AttributedRecord {
  const hour = hourOf(record.usageStartMs);
  const attributed = attribution.at(record.registration, record.localSubscription, hour);
  const waits = waitsFor(record, attributed !== undefined, meters.isKnown(record.meter, hour));
  return { ...record, attributed, waits, state: state(hour, (hour + 1) as Hour) };
}

/** In the order of precedence that `classify` has. */
function waitsFor({ held }: ListedRecord, isAttributed: boolean, isKnown: boolean): AttributedRecord["waits"] {
  if (held !== "no") return held === "conflict" ? "Conflict" : "PeriodArchived";
  if (!isAttributed) return "UnknownLocalSubscription";
  return isKnown ? undefined : "UnknownMeter";
}

const placeOf = ({
  registration,
  usageStartMs,
  reportedStartMs,
  series,
  event,
  localSubscription,
  content,
}: ListedRecord): ListedPlace => ({
  registration,
  usageStartMs,
  reportedStartMs,
  series,
  event,
  localSubscription,
  content,
});
