import type { ControlStores } from "../../domain/controlStore.ts";
import { type Hour, hourStartMs } from "../../domain/ids.ts";
import { type Period, periodOf } from "../../domain/statement/period.ts";
import { isClosed, type PeriodFacts } from "../../domain/statement/periodState.ts";

type Stores = Pick<ControlStores, "statements" | "documents">;

/** What `periodState` needs to know of a period. */
export async function periodFacts({ statements, documents }: Stores, period: string): Promise<PeriodFacts> {
  const closings = await documents.closings({ period });
  const run = await statements.findRun(period);
  const batches = [...closings, ...(run === undefined ? [] : [run])].map(({ lastBatch }) => lastBatch);
  const closes = closings.filter(({ kind }) => kind === "close");
  return {
    pending: closes.at(-1)?.remaining ?? 0,
    closings: closes.length,
    lastBatch: batches.length === 0 ? undefined : Math.max(...batches),
  };
}

/** Whether a number may still change other than by a correction. */
export type UsageState = "provisional" | "closed";

/** The billing periods that hours lie in. @throws Fault PeriodInvalid */
function periodsOf(from: Hour, to: Hour): readonly Period[] {
  const periods: Period[] = [];
  for (let hour = from; hour < to; hour = periods.at(-1)!.to) periods.push(periodOf(hourStartMs(hour)));
  return periods;
}

/**
 * How final numbers are.
 * @returns the state of the hours [from, to), which lie inside those asked for here
 * @throws Fault PeriodInvalid
 */
export async function usageStates(stores: Stores, from: Hour, to: Hour): Promise<(from: Hour, to: Hour) => UsageState> {
  const open: Period[] = [];
  for (const period of periodsOf(from, to)) {
    if (!isClosed(await periodFacts(stores, period.name))) open.push(period);
  }
  return (begin, end) => (open.some((period) => period.from < end && begin < period.to) ? "provisional" : "closed");
}
