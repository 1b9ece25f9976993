import assert from "node:assert/strict";
import { parentPort, workerData } from "node:worker_threads";
import { BillingPeriods, type PeriodRule } from "../domain/statement/billingPeriods.ts";
import { type FocusGroup, type GroupOfDocuments, makeFocusGroup } from "../operations/exports/focusGroup.ts";
import type { FocusSource } from "../operations/exports/focusRows.ts";
import { openControlReader } from "../storage/control/reader.ts";

/** What a thread opens, beside what it is asked for. */
export interface ThreadData {
  readonly controlFile: string;
  readonly periodRules: readonly PeriodRule[];
}

/** Of an error that goes from thread to thread, message and cause are left, and not its class. */
export type ThreadAnswer = { readonly made: FocusGroup } | { readonly error: unknown };

const { controlFile, periodRules } = workerData as ThreadData;
let source: FocusSource | undefined;

/** What it cannot open it tells whoever asks, and tries again with the next one. */
async function made(group: GroupOfDocuments): Promise<FocusGroup> {
  source ??= { control: openControlReader(controlFile), periods: new BillingPeriods(periodRules) };
  return await makeFocusGroup(source, group);
}

assert(parentPort !== null, "this runs in a thread of focusThreads.ts");
const answer = (so: ThreadAnswer): void => parentPort!.postMessage(so, []);
parentPort.on("message", (group: GroupOfDocuments) => {
  made(group).then(
    (own) => answer({ made: own }),
    (error: unknown) => answer({ error }),
  );
});
