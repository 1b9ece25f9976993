import type { ControlStores } from "../../domain/controlStore.ts";
import type { Hour } from "../../domain/ids.ts";
import type { Period } from "../../domain/statement/period.ts";
import type { Context } from "../context.ts";
import { isClosed, type PeriodFacts } from "../../domain/statement/periodState.ts";

type Stores = Pick<ControlStores, "statements" | "documents">;

/** What `periodState` needs to know of a period. */
async function periodFacts({ statements, documents }: Stores, period: string): Promise<PeriodFacts> {
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

/**
 * How final numbers are.
 * @returns the state of the hours [from, to), which lie inside those asked for here
 * @throws Fault PeriodInvalid
 */
export async function usageStates(
  { control, periods }: Pick<Context, "control" | "periods">,
  from: Hour,
  to: Hour,
): Promise<(from: Hour, to: Hour) => UsageState> {
  const open: Period[] = [];
  for (const period of periods.over(from, to)) {
    if (!isClosed(await periodFacts(control, period.name))) open.push(period);
  }
  return (begin, end) => (open.some((period) => period.from < end && begin < period.to) ? "provisional" : "closed");
}

/** How far the billing periods are that hours of a month lie in, as if they were one: as far as the least final of them. */
export async function monthFacts(
  { control, periods }: Pick<Context, "control" | "periods">,
  month: Period,
): Promise<{ readonly facts: PeriodFacts; readonly to: Hour }> {
  const over = periods.over(month.from, month.to);
  const all: PeriodFacts[] = [];
  for (const { name } of over) all.push(await periodFacts(control, name));
  const batches = all.map(({ lastBatch }) => lastBatch);
  return {
    facts: {
      pending: all.reduce((so, { pending }) => so + pending, 0),
      closings: Math.min(...all.map(({ closings }) => closings)),
      lastBatch: batches.reduce((so, batch) =>
        so === undefined || batch === undefined ? undefined : Math.min(so, batch),
      ),
    },
    to: over.at(-1)!.to,
  };
}
