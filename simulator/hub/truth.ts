import { add, type Decimal, decimal } from "../../src/lib/decimal.ts";
import { HOUR_MS, type InstantMs } from "../../src/lib/instant.ts";
import { type MeterId, hourOf } from "../../src/domain/ids.ts";
import type { HubFaults } from "./faults.ts";
import { createTimeline, type TimedRow, type TimelineOptions } from "./timeline.ts";
import { changedText, fateOf } from "./usagePages.ts";

/** One record that the stamp has in truth, however many readings it takes to see it. */
export interface TrueRecord {
  readonly usageStartMs: InstantMs;
  readonly usageEndMs: InstantMs;
  readonly reportedStartMs: InstantMs;
  readonly localSubscription: string;
  /** In canonical form. */
  readonly meter: MeterId;
  readonly resourceUri: string;
  /** As printed in the record. */
  readonly quantityText: string;
  /** What later readings print instead; undefined when the number does not change. */
  readonly changedText: string | undefined;
  /** False when no list of the stamp has ever had the local subscription. */
  readonly isListed: boolean;
}

/** What one local subscription used of one meter in one hour of usage. */
export interface TrueHour {
  readonly usageStartMs: InstantMs;
  readonly localSubscription: string;
  readonly meter: MeterId;
  readonly records: number;
  readonly quantity: Decimal;
}

export interface HubTruth {
  /** Every record of some reported windows, in the order of its resources. Memory does not grow with their number. */
  records(reportedFromMs: InstantMs, reportedToMs: InstantMs): Generator<TrueRecord>;
  /** Exact sums by hour of usage of what is reported in some windows, in the order of time. Memory grows with hours, subscriptions and meters. */
  hours(reportedFromMs: InstantMs, reportedToMs: InstantMs): readonly TrueHour[];
}

/** It reads the world with a timeline of its own, so that it never disturbs what the Hub keeps. */
export function createTruth(options: TimelineOptions, faults: HubFaults): HubTruth {
  const timeline = createTimeline(options);
  function* records(reportedStartMs: InstantMs, reportedEndMs: InstantMs): Generator<TrueRecord> {
    const odds = { seed: options.seed, rates: faults.rates(), lateHoursMax: faults.shapes.lateHoursMax };
    for (const row of timeline.rows({ reportedStartMs, reportedEndMs })) {
      yield trueRecord(row, fateOf(row, odds).changedFromMs !== undefined);
    }
  }
  return { records, hours: (fromMs, toMs) => sumHours(records(fromMs, toMs)) };
}

const RESOURCE_URI = /\\"resourceUri\\":\\"([^"\\]+)/;

function trueRecord(row: TimedRow, changes: boolean): TrueRecord {
  const { resource, meter, usageStartMs, reportedStartMs, quantityText } = row;
  return {
    usageStartMs,
    usageEndMs: usageStartMs + HOUR_MS,
    reportedStartMs,
    localSubscription: resource.localSubscription,
    meter: meter.meter,
    resourceUri: RESOURCE_URI.exec(resource.instanceText)![1]!,
    quantityText,
    changedText: changes ? changedText(row) : undefined,
    isListed: resource.tenant !== null,
  };
}

function sumHours(records: Iterable<TrueRecord>): readonly TrueHour[] {
  const sums = new Map<string, { -readonly [Name in keyof TrueHour]: TrueHour[Name] }>();
  for (const { usageStartMs, localSubscription, meter, quantityText } of records) {
    const key = `${hourOf(usageStartMs)} ${localSubscription} ${meter}`;
    const quantity = decimal(quantityText);
    const sum = sums.get(key);
    if (sum === undefined) {
      sums.set(key, { usageStartMs, localSubscription, meter, records: 1, quantity });
      continue;
    }
    sum.records += 1;
    sum.quantity = add(sum.quantity, quantity);
  }
  return [...sums.values()].sort((a, b) => a.usageStartMs - b.usageStartMs);
}
