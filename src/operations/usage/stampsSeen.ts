import { SETTLING_HOURS, stretchesWithout } from "../../domain/completeness/hours.ts";
import { type Hour, hourOf, type RegistrationId } from "../../domain/ids.ts";
import { HOUR_MS } from "../../lib/instant.ts";
import type { Context } from "../context.ts";

/** How many hours back is looked for missing ones. */
const HOURS_SEEN = 7 * 24;

/** How complete a stamp's usage of the last days is. */
export interface StampSeen {
  readonly registration: RegistrationId;
  readonly name: string;
  readonly hoursMissing: number;
  /** End of the newest reported window; undefined where nothing was ever delivered. */
  readonly reportedUntilMs: number | undefined;
}

/**
 * All stamps at once, by the same rule as each of them (`completeness.ts`).
 * @throws Fault UsageEngineUnavailable
 */
export async function stampsSeen({ control, usage, clock }: Context): Promise<readonly StampSeen[]> {
  const to = hourOf(clock.now() - SETTLING_HOURS * HOUR_MS);
  const from = Math.max(0, to - HOURS_SEEN) as Hour;
  const { lastBatch } = await control.batches.lastComplete();
  const reportedUntil = await control.usageDays.reportedUntil(lastBatch);
  const reported = new Map((await usage.reportedHours({ from, to, lastBatch })).map((so) => [so.registration, so]));
  return (await control.registrations.list()).map(({ id, name }) => {
    const { first = to, hours = [] } = reported.get(id) ?? {};
    const gaps = stretchesWithout(hours, first > from ? first : from, to);
    const hoursMissing = gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0);
    return { registration: id, name, hoursMissing, reportedUntilMs: reportedUntil.get(id) };
  });
}
