import type { ControlStores } from "../../domain/controlStore.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { type Hour, hourStartMs } from "../../domain/ids.ts";
import { formatInstant } from "../../lib/instant.ts";
import type { Context } from "../context.ts";

type Stores = Pick<ControlStores, "documents">;

/** Whether somebody's statement of a billing period is closed. */
export const isClosed = async ({ documents }: Stores, period: string): Promise<boolean> =>
  (await documents.closedPayers(period)).length > 0;

/**
 * Prices of a closed period are decided again only to put right what was wrong, and whoever does so says that.
 * @throws Fault PriceChangeInClosedPeriod
 */
export async function mustBeOpen(
  stores: Stores,
  { periods }: Pick<Context, "periods">,
  { from, isCorrection }: { readonly from: Hour; readonly isCorrection: boolean },
): Promise<void> {
  if (isCorrection) return;
  const period = periods.at(hourStartMs(from)).name;
  if (await isClosed(stores, period)) {
    throw new Fault("PriceChangeInClosedPeriod", { from: formatInstant(hourStartMs(from)), period });
  }
}
