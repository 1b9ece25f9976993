import type { Hour, MeterId } from "../../domain/ids.ts";
import { add, type Decimal } from "../../lib/decimal.ts";
import type { Context } from "../context.ts";
import type { Knowledge } from "../statements/classified.ts";
import { parkedGroups } from "../usage/parked.ts";

/** A meter that stamps have sent usage of, and that nobody has priced. */
export interface UnpricedMeter {
  readonly meter: MeterId;
  readonly quantity: Decimal;
  readonly records: number;
  readonly registrations: number;
  /** The first hour that anything of it may be of. */
  readonly from: Hour;
}

/** Usage that waits for a price by what is known now, meter by meter; the largest number of records first. */
export async function unpricedMeters(
  context: Context,
): Promise<{ readonly meters: readonly UnpricedMeter[]; readonly knowledge: Knowledge }> {
  const { groups, knowledge } = await parkedGroups(context);
  const waiting = Map.groupBy(
    groups.filter(({ reason }) => reason === "NoPrice"),
    ({ meter }) => meter,
  );
  const meters = [...waiting].map(
    ([meter, own]): UnpricedMeter => ({
      meter,
      quantity: own.map(({ quantity }) => quantity).reduce(add),
      records: own.reduce((sum, { records }) => sum + records, 0),
      registrations: new Set(own.map(({ registration }) => registration)).size,
      from: own.map(({ from }) => from).reduce((a, b) => (a < b ? a : b)),
    }),
  );
  return { meters: meters.sort((a, b) => b.records - a.records || (a.meter < b.meter ? -1 : 1)), knowledge };
}
