import type { ControlStores } from "../../domain/controlStore.ts";
import { type Hour, hourStartMs } from "../../domain/ids.ts";
import { type Period, periodOf } from "../../domain/statement/period.ts";

/** Whether a number may still change. */
export type UsageState = "provisional" | "closed";

/** The billing periods that hours lie in. @throws Fault PeriodInvalid */
function periodsOf(from: Hour, to: Hour): readonly Period[] {
  const periods: Period[] = [];
  for (let hour = from; hour < to; hour = periods.at(-1)!.to) periods.push(periodOf(hourStartMs(hour)));
  return periods;
}

/**
 * How final numbers are: those of a period are closed once it has statements and none of them is a draft. The one place
 * that decides it.
 * @returns the state of the hours [from, to), which lie inside those asked for here
 * @throws Fault PeriodInvalid
 */
export async function usageStates(
  { statements }: Pick<ControlStores, "statements">,
  from: Hour,
  to: Hour,
): Promise<(from: Hour, to: Hour) => UsageState> {
  const open: Period[] = [];
  for (const period of periodsOf(from, to)) {
    const made = await statements.list(period.name);
    const states = new Set<string>(made.map(({ state }) => state));
    if (made.length === 0 || states.has("draft")) open.push(period);
  }
  return (begin, end) => (open.some((period) => period.from < end && begin < period.to) ? "provisional" : "closed");
}
