import { LIMITS } from "../../domain/limits.ts";
import { SECOND_MS } from "../../lib/instant.ts";
import type { Context } from "../context.ts";

export type RollUpContext = Pick<Context, "control" | "usage" | "clock" | "locks">;

/**
 * Rolls up the days of usage that no batch has touched lately. A batch counts as over only when no insert of it can be
 * under way any more, also one whose answer was lost: what comes after a roll-up would be missed by it.
 * @param isOver asked between two statements
 * @returns how many days of registrations were rolled up
 */
export const rollUp = (context: RollUpContext, isOver: () => boolean = () => false): Promise<number> =>
  context.locks.run("roll-ups", () => rollUpSettled(context, isOver));

async function rollUpSettled({ control, usage, clock }: RollUpContext, isOver: () => boolean): Promise<number> {
  const settledMs = clock.now() - LIMITS.engineQuerySecondsMax * SECOND_MS;
  const { lastBatch: touchedUpTo } = await control.batches.lastComplete(settledMs);
  const limit = LIMITS.rollUpDaysMax;
  let days = 0;
  while (!isOver()) {
    const rolledUp = await usage.rollUp({ touchedUpTo, limit });
    days += rolledUp;
    if (rolledUp < limit) break;
  }
  return days;
}
