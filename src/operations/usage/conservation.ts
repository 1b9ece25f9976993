import type { Hour, RegistrationId } from "../../domain/ids.ts";
import type { Registration } from "../../domain/registration/registration.ts";
import type { Period } from "../../domain/statement/period.ts";
import { type ConservedMeter, conserve } from "../../domain/usage/conservation.ts";
import type { Meters } from "../../domain/usage/meters.ts";
import type { UsageScope } from "../../domain/usage/store.ts";
import type { Context } from "../context.ts";
import { withArchives } from "./archives.ts";
import { classifiedTotals, loadKnowledge, stretchesOf } from "../statements/classified.ts";

export interface UsageConservation {
  readonly lastBatch: number;
  readonly batchesNotCounted: number;
  readonly lines: readonly ConservedMeter[];
  readonly meters: Meters;
  registration(id: RegistrationId): Registration;
}

/**
 * Proves for a period that all usage that is stored is attributed or waits, by registration and meter. Both sides are
 * read by queries of their own as of one batch, so that it holds whatever comes in meanwhile.
 * @param of `asOfMs`: usage and everything that decides about it as it was known then
 * @throws Fault ArchiveDamaged, UsageEngineUnavailable
 */
export async function usageConservation(
  context: Context,
  { period, registration, asOfMs }: { period: Period; registration: RegistrationId | undefined; asOfMs: number },
): Promise<UsageConservation> {
  const { lastBatch, later } = await context.control.batches.lastComplete(asOfMs);
  const knowledge = await loadKnowledge(context, asOfMs);
  const { attribution, meters } = knowledge;
  const cut = (from: Hour, to: Hour) => attribution.parkingCuts(from, to);
  const { stored, totals } = await withArchives(context, period, async (archives) => {
    const scope: UsageScope = {
      from: period.from,
      to: period.to,
      lastBatch,
      archives,
      ...(registration === undefined ? {} : { registrations: [registration, registration] as const }),
    };
    const all = await context.usage.stored(scope);
    const stretches = stretchesOf(scope, knowledge, new Set(all.map(({ meter }) => meter)));
    return { stored: all, totals: await classifiedTotals(context, knowledge, stretches, cut) };
  });
  // What has no price yet is somebody's all the same.
  const parked = totals.flatMap((so) => (so.kind === "parked" && so.reason !== "NoPrice" ? [so] : []));
  const attributed = totals.filter((so) => so.kind !== "parked" || so.reason === "NoPrice");
  return {
    lastBatch,
    batchesNotCounted: later,
    lines: conserve(stored, attributed, parked),
    meters,
    registration: (id) => attribution.registration(id),
  };
}
