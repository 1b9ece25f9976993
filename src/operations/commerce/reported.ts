import { mustBeProcessed, type ReportedRange } from "../../domain/commerce/reportedRange.ts";
import { Fault } from "../../domain/faults/fault.ts";
import {
  type Hour,
  hourOf,
  type LocalSubscriptionId,
  localSubscriptionId,
  type RegistrationId,
  type SubscriptionId,
} from "../../domain/ids.ts";
import { BEGINNING } from "../../domain/history.ts";
import type { Registration } from "../../domain/registration/registration.ts";
import type { AttributedSegment, Attribution } from "../../domain/statement/attribution.ts";
import type { ReportedPlace, ReportedQuery, ReportedRow, UsageSegment } from "../../domain/usage/store.ts";
import { monthStart } from "../../lib/instant.ts";
import type { Context } from "../context.ts";
import { recentAttribution } from "../statements/attribution.ts";
import { withArchives } from "../usage/archives.ts";

/** What was known when a client began to page: rows that arrive later are in none of its pages. */
export interface Snapshot {
  readonly asOfMs: number;
  readonly lastBatch: number;
}

/** Whose usage it is. */
export interface Reporters {
  readonly registrations: readonly RegistrationId[];
  readonly localSubscription?: LocalSubscriptionId;
  /** Only these hours of local subscriptions; undefined for everything on the registrations. */
  readonly segments?: readonly UsageSegment[];
}

/** The stamps of a provider, removed ones too: their usage is still asked for. */
export const registrationsOf = async (
  { control }: Pick<Context, "control">,
  subscription: SubscriptionId,
): Promise<readonly Registration[]> =>
  (await control.registrations.list({ withDeleted: true })).filter((so) => so.subscription === subscription);

/**
 * A local subscription on one of these stamps, gone from there or not.
 * @throws Fault SubscriberIdIsNotDirectTenant
 */
export async function directTenant(
  { control }: Pick<Context, "control">,
  { subscriber, subscription }: { readonly subscriber: string; readonly subscription: SubscriptionId },
  registrations: readonly Registration[],
): Promise<LocalSubscriptionId> {
  const id = localSubscriptionId(subscriber);
  if (id !== undefined) {
    for (const { id: registration } of registrations) {
      if ((await control.localSubscriptions.changesOf(registration, [id])).length > 0) return id;
    }
  }
  throw new Fault("SubscriberIdIsNotDirectTenant", { subscriber, subscription });
}

/** Later than any usage; the same each time, so that what is worked out for it is remembered. */
const END: Hour = hourOf(monthStart(2100, 1));

/**
 * The hours that are a tenant's: of its local subscription, or of all that its customer subscription pays for; as far as
 * it was known at a moment.
 */
export async function tenantSegments(
  { control }: Pick<Context, "control">,
  subscription: SubscriptionId,
  asOfMs: number,
): Promise<{ readonly segments: readonly AttributedSegment[]; readonly attribution: Attribution }> {
  const attribution = await recentAttribution(control, asOfMs);
  const segments = attribution
    .attributedSegments(BEGINNING, END)
    .filter((so) => so.payer.subscription === subscription || String(so.localSubscription) === subscription);
  return { segments, attribution };
}

export const snapshotNow = async ({ control, clock }: Pick<Context, "control" | "clock">): Promise<Snapshot> => {
  const asOfMs = clock.now();
  return { asOfMs, lastBatch: (await control.batches.lastComplete(asOfMs)).lastBatch };
};

/** @throws Fault ProcessingNotComplete */
export async function mustHaveReported(
  { control }: Pick<Context, "control">,
  { asOfMs, lastBatch }: Snapshot,
  { range, registrations }: { readonly range: ReportedRange; readonly registrations: readonly RegistrationId[] },
): Promise<void> {
  const reportedUntil = await control.usageDays.reportedUntil(lastBatch);
  mustBeProcessed(
    range,
    asOfMs,
    registrations.map((id) => reportedUntil.get(id)),
  );
}

/**
 * A page of reported usage, as it was known at a moment.
 * @throws Fault ArchiveDamaged, UsageEngineUnavailable
 */
export async function reportedUsage(
  context: Pick<Context, "control" | "usage" | "archiveFolder">,
  {
    range,
    snapshot,
    after,
    limit,
    ...reporters
  }: Reporters & {
    readonly range: ReportedRange;
    readonly snapshot: Snapshot;
    readonly after?: ReportedPlace;
    readonly limit: number;
  },
): Promise<readonly ReportedRow[]> {
  const query: ReportedQuery = {
    ...range,
    ...reporters,
    lastBatch: snapshot.lastBatch,
    ...(after && { after }),
    limit,
  };
  return await withArchives(context, { reportedFromMs: range.fromMs, reportedToMs: range.toMs }, (archives) =>
    context.usage.reported({ ...query, archives }),
  );
}
