import { workerData } from "node:worker_threads";
import { BillingPeriods, type PeriodRule } from "../domain/statement/billingPeriods.ts";
import { type FocusGroup, type GroupOfDocuments, makeFocusGroup } from "../operations/exports/focusGroup.ts";
import type { FocusSource } from "../operations/exports/focusRows.ts";
import { openControlReader } from "../storage/control/reader.ts";

/** What a thread opens, beside what it is asked for. */
export interface ThreadData {
  readonly controlFile: string;
  readonly periodRules: readonly PeriodRule[];
}

// The pool puts something of its own before it.
const [, { controlFile, periodRules }] = workerData as readonly [unknown, ThreadData];
let source: FocusSource | undefined;

/** Runs in a thread of `focusThreads.ts`. What it cannot open it tells whoever asks, and tries again with the next one. */
export async function makeGroup(group: GroupOfDocuments): Promise<FocusGroup> {
  source ??= { control: openControlReader(controlFile), periods: new BillingPeriods(periodRules) };
  return await makeFocusGroup(source, group);
}
