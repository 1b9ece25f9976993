import { hourOf } from "../../domain/ids.ts";
import { type ParkedReason, classify } from "../../domain/statement/classify.ts";
import type { Context } from "../context.ts";
import { loadAttribution } from "../statements/attribution.ts";

/** Usage that is stored and visible but on no statement until someone resolves it. */
export interface ParkedUsage {
  readonly reason: ParkedReason;
  readonly registration: string;
  readonly localSubscription: string;
  readonly meter: string;
  readonly quantity: string;
  readonly records: number;
}

/** What is parked by what is known now, largest number of records first. */
export async function listParked({ control, usage, clock, priceSheet }: Context): Promise<readonly ParkedUsage[]> {
  const attribution = await loadAttribution(control, clock.now());
  const scope = {
    from: hourOf(0),
    to: hourOf(clock.now()),
    lastBatch: (await control.batches.lastComplete()).lastBatch,
  };
  const totals = await usage.totals(scope, attribution.parkingCuts(scope.from, scope.to));
  return totals
    .flatMap((total) => {
      const verdict = classify(total, scope.from, attribution, priceSheet);
      if (verdict.kind !== "parked") return [];
      const { meter, localSubscription, quantity, records } = total;
      const registration = attribution.registration(total.registration).name;
      return [{ reason: verdict.reason, registration, localSubscription, meter, quantity, records }];
    })
    .sort((a, b) => b.records - a.records || (tieOf(a) < tieOf(b) ? -1 : 1));
}

const tieOf = ({ registration, localSubscription, meter, reason }: ParkedUsage): string =>
  `${registration} ${localSubscription} ${meter} ${reason}`;
