import { formatInstant, HOUR_MS, parseInstant } from "../../lib/instant.ts";
import { Fault } from "../faults/fault.ts";
import { LIMITS } from "../limits.ts";
import { invalid, type Members, textOf } from "./members.ts";
import { EARLIEST_MS } from "./reportedWindow.ts";

function readInstant(members: Members, within: string, name: string): number {
  const text = textOf(members, within, name);
  const instant = parseInstant(text);
  if (instant === undefined) throw invalid(`${within}.${name}`, text, "an instant like 2019-12-10T18:00:00+00:00");
  return instant;
}

/**
 * The members `usageStartTime` and `usageEndTime`: one whole UTC hour, whatever the source, since an hour has one payer.
 * @param within path of `members`
 * @throws Fault RecordPropertyMissing, RecordPropertyInvalid, UsageTime…
 */
export function readUsageHour(
  members: Members,
  within: string,
  nowMs: number,
): readonly [startMs: number, endMs: number] {
  const startMs = readInstant(members, within, "usageStartTime");
  const endMs = readInstant(members, within, "usageEndTime");
  if (endMs - startMs !== HOUR_MS || startMs % HOUR_MS !== 0) throw notAnHour(startMs, endMs, within);
  if (endMs > nowMs + LIMITS.clockSkewMsMax) {
    const target = `${within}.usageEndTime`;
    throw new Fault("UsageTimeInFuture", { end: formatInstant(endMs), now: formatInstant(nowMs) }, { target });
  }
  if (startMs < EARLIEST_MS) {
    const target = `${within}.usageStartTime`;
    throw new Fault(
      "UsageTimeTooOld",
      { start: formatInstant(startMs), earliest: formatInstant(EARLIEST_MS) },
      { target },
    );
  }
  return [startMs, endMs];
}

function notAnHour(startMs: number, endMs: number, within: string): Fault {
  const [start, end] = [formatInstant(startMs), formatInstant(endMs)];
  const atEnd = { target: `${within}.usageEndTime` };
  if (endMs <= startMs) return new Fault("UsageTimeReversed", { start, end }, atEnd);
  if (endMs - startMs !== HOUR_MS) return new Fault("UsageTimeNotOneHour", { start, end }, atEnd);
  return new Fault("UsageTimeNotAligned", { start }, { target: `${within}.usageStartTime` });
}
