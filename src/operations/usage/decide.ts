import { Fault } from "../../domain/faults/fault.ts";
import type { RegistrationId } from "../../domain/ids.ts";
import { registrationResourceId } from "../../domain/registration/registration.ts";
import type { UsageBatch, UsageDecision } from "../../domain/usage/batch.ts";
import { liveEntries } from "../../domain/usage/entry.ts";
import { formatRecordId } from "../../domain/usage/recordId.ts";
import type { RecordRef, StoredEntry } from "../../domain/usage/store.ts";
import { faultPoint } from "../../lib/faultPoint.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { mustNotBeArchived } from "./archives.ts";
import { usageLock } from "./usageLock.ts";

/** @throws Fault UsageBatchNotFound */
export async function findBatch({ control }: Pick<Context, "control">, id: number): Promise<UsageBatch> {
  const batch = await control.batches.find(id);
  if (batch === undefined) throw new Fault("UsageBatchNotFound", { batch: id });
  return batch;
}

/**
 * Takes a whole delivery back: what it brought counts no more and waits no more, and the same records may come again and
 * count. Nothing is deleted. A delivery that is withdrawn already stays so, and its withdrawal is told again.
 * @returns the withdrawal
 * @throws Fault UsageBatchNotFound, UsageBatchNotWithdrawable, UsageArchived, UsageReasonMissing, UsageEngineUnavailable: the same call
 *   finishes what was begun
 */
export async function withdrawBatch(
  context: Context,
  caller: Caller,
  { batch: id, reason }: { readonly batch: number; readonly reason: string },
): Promise<UsageBatch> {
  const { registration } = await findBatch(context, id);
  return await context.locks.run(usageLock(registration), async () => {
    await finishDecisions(context, registration);
    const batch = await findBatch(context, id);
    if (batch.withdrawnBy !== null) return await findBatch(context, batch.withdrawnBy);
    if (batch.decision !== undefined || batch.finishedAtMs === null) {
      throw new Fault("UsageBatchNotWithdrawable", { batch: id, state: batch.decision?.kind ?? "running" });
    }
    await mustNotBeArchived(context, { delivery: id });
    return await decide(context, caller, registration, { kind: "withdrawal", delivery: id, reason });
  });
}

/**
 * Chooses which version of a conflict counts; the others count and wait no more. Choosing the same again changes nothing.
 * @returns the choice; undefined when this version counts already and nothing waits
 * @throws Fault ConflictNotFound, VersionNotFound, UsageArchived, UsageReasonMissing, UsageEngineUnavailable: the same call finishes what
 *   was begun
 */
export async function chooseVersion(
  context: Context,
  caller: Caller,
  { record, content, reason }: { readonly record: RecordRef; readonly content: string; readonly reason: string },
): Promise<UsageBatch | undefined> {
  const { registration } = record;
  return await context.locks.run(usageLock(registration), async () => {
    await finishDecisions(context, registration);
    const live = liveEntries(await context.usage.entriesOf(record));
    const wanted = live.find((entry) => entry.content === content);
    const waiting = live.filter(({ held }) => held !== "no");
    if (waiting.length === 0 && wanted !== undefined) return undefined;
    const name = formatRecordId(record);
    if (waiting.length === 0) throw new Fault("ConflictNotFound", { record: name });
    if (wanted === undefined) {
      const versions = live.map((entry) => entry.content).join(", ");
      throw new Fault("VersionNotFound", { record: name, content, versions });
    }
    await mustNotBeArchived(context, { record });
    return await decide(context, caller, registration, { kind: "choice", record, content, reason });
  });
}

async function decide(
  context: Context,
  caller: Caller,
  registration: RegistrationId,
  decision: UsageDecision,
): Promise<UsageBatch> {
  if (decision.reason.trim() === "") throw new Fault("UsageReasonMissing", {});
  const { control, clock } = context;
  const atMs = clock.now();
  // The decision is durable, with who made it, before the ledger is touched: from here on it can be finished.
  const id = await control.transaction(async ({ batches, audit, registrations }) => {
    const batch = await batches.start({ registration, recordedBy: caller.name, atMs, decision });
    const [target] = await registrations.findMany([registration]);
    await audit.add({
      ...auditedBy(caller, atMs),
      action: `Stampbook/usage/${decision.kind === "withdrawal" ? "withdraw" : "choose"}/action`,
      target: target === undefined ? "/" : registrationResourceId(target),
      outcome: "done",
      detail: { batch, ...detailOf(decision) },
    });
    return batch;
  });
  faultPoint("decision: recorded");
  await carryOut(context, await findBatch(context, id));
  faultPoint("decision: finished");
  return await findBatch(context, id);
}

const detailOf = (decision: UsageDecision) =>
  decision.kind === "withdrawal" ? decision : { ...decision, record: formatRecordId(decision.record) };

/** Writes a decision into the ledger and ends its batch; the same when it is done again. */
async function carryOut(context: Context, { id, registration, decision, startedAtMs }: UsageBatch): Promise<void> {
  if (decision === undefined) throw new Error(`batch ${id} is no decision`);
  const { control, usage, clock, recentUsage } = context;
  const written = { registration, decision: id, atMs: startedAtMs };
  try {
    const ended =
      decision.kind === "withdrawal"
        ? await usage.withdraw({ ...written, delivery: decision.delivery })
        : await usage.choose({ ...written, record: decision.record, content: decision.content });
    faultPoint("decision: carried out");
    await control.batches.finishDecision(id, ended, clock.now());
  } finally {
    // Whatever was looked up before does not hold any more.
    recentUsage.forget(registration);
  }
}

/**
 * Finishes decisions that were begun and broken off, by the engine or by the end of a process.
 * @returns how many
 */
export async function finishDecisions(context: Context, registration?: RegistrationId): Promise<number> {
  const unfinished = (await context.control.batches.unfinishedDecisions()).filter(
    (batch) => registration === undefined || batch.registration === registration,
  );
  for (const batch of unfinished) {
    faultPoint("decision: taken up again");
    await carryOut(context, batch);
  }
  return unfinished.length;
}

/** A record with versions that wait for a choice. */
export interface UsageConflict {
  readonly record: RecordRef;
  /** The versions that count or wait, in the order in which they came. */
  readonly versions: readonly StoredEntry[];
}

/** Conflicts by registration, hour and record, from after `after`. */
export async function listConflicts(
  { usage }: Pick<Context, "usage">,
  page: { readonly registration?: RegistrationId; readonly after?: RecordRef; readonly limit: number },
): Promise<readonly UsageConflict[]> {
  const records = await usage.conflicts(page);
  const entries = await usage.entriesOfEach(records);
  return records.map((record, i) => ({ record, versions: liveEntries(entries[i]!) }));
}
