import { type Hour, hourOf, type MeterId } from "../../domain/ids.ts";
import type { ParkedReason } from "../../domain/statement/classify.ts";
import { add, decimal, formatDecimal } from "../../lib/decimal.ts";
import type { Context } from "../context.ts";
import { classifiedTotals, loadKnowledge, stretchesOf } from "../statements/classified.ts";

/** Usage that is stored and visible but on no statement until someone resolves it. */
export interface ParkedUsage {
  readonly reason: ParkedReason;
  readonly registration: string;
  readonly localSubscription: string;
  readonly meter: MeterId;
  readonly quantity: string;
  readonly records: number;
}

/** What is parked by what is known now, largest number of records first. */
export async function listParked(context: Context): Promise<readonly ParkedUsage[]> {
  const { control, usage, clock } = context;
  const knowledge = await loadKnowledge(context, clock.now());
  const { attribution, meters } = knowledge;
  const scope = {
    from: hourOf(0),
    to: hourOf(clock.now()),
    lastBatch: (await control.batches.lastComplete()).lastBatch,
  };
  const touched = new Set(meters.touched());
  const used = touched.size === 0 ? [] : (await usage.stored(scope)).map(({ meter }) => meter);
  const stretches = stretchesOf(scope, meters, used);
  const cut = (from: Hour, to: Hour) => attribution.parkingCuts(from, to);
  const sums = new Map<string, ParkedUsage>();
  for (const total of await classifiedTotals(context, knowledge, stretches, cut)) {
    if (total.kind !== "parked") continue;
    const { reason, meter, localSubscription, quantity, records } = total;
    const registration = attribution.registration(total.registration).name;
    const key = tieOf({ reason, registration, localSubscription, meter });
    const so = sums.get(key) ?? { reason, registration, localSubscription, meter, quantity: "0", records: 0 };
    sums.set(key, {
      ...so,
      quantity: formatDecimal(add(decimal(so.quantity), decimal(quantity))),
      records: so.records + records,
    });
  }
  return [...sums.values()].sort((a, b) => b.records - a.records || (tieOf(a) < tieOf(b) ? -1 : 1));
}

const tieOf = (so: Omit<ParkedUsage, "quantity" | "records">): string =>
  `${so.registration} ${so.localSubscription} ${so.meter} ${so.reason}`;
