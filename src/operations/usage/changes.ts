import type { RegistrationId } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { UsageBatch } from "../../domain/usage/batch.ts";
import { type ChangeCursor, type ChangePlace, type ChangesQuery, isPlaceInBatch } from "../../domain/usage/changes.ts";
import type { StoredEntry } from "../../domain/usage/store.ts";
import { SECOND_MS } from "../../lib/instant.ts";
import type { Context } from "../context.ts";
import { withArchives } from "./archives.ts";

export interface UsageChanges {
  /** In the order of the ledger. */
  readonly entries: readonly StoredEntry[];
  /** Where the next page goes on; also when there is nothing new. */
  readonly cursor: ChangeCursor;
  /** There is more already. */
  readonly more: boolean;
}

/**
 * The newest batch up to which nothing is added to the ledger any more: no batch before it is running, and of none that
 * broke off an insert can still be under way.
 */
export const settledBatch = ({ control, clock }: Pick<Context, "control" | "clock">): Promise<number> =>
  control.batches.lastSettled(clock.now() - LIMITS.engineQuerySecondsMax * SECOND_MS);

/**
 * What changed in the ledger after a cursor, batch by batch. Nothing is passed over: a page never goes beyond a batch that
 * is still coming in, however many later ones are complete.
 * @throws Fault ArchiveDamaged, UsageEngineUnavailable
 */
export async function usageChanges(
  context: Context,
  {
    cursor,
    settled,
    registration,
    limit,
  }: {
    readonly cursor: ChangeCursor;
    /** What `settledBatch` gave; the cursor is not beyond it. */
    readonly settled: number;
    readonly registration?: RegistrationId;
    readonly limit: number;
  },
): Promise<UsageChanges> {
  const { control } = context;
  const first = isPlaceInBatch(cursor) ? cursor.batch : cursor.batch + 1;
  const of = registration === undefined ? {} : { registration };
  const batches = await control.batches.listFrom({ ...of, first, last: settled, limit: LIMITS.changeBatchesMax });
  const entries: StoredEntry[] = [];
  let after = isPlaceInBatch(cursor) ? cursor : undefined;
  for (const run of runsOf(batches, limit)) {
    const page = await changesOf(context, run, { after, limit: limit - entries.length });
    entries.push(...page.entries);
    if (page.last !== undefined) return { entries, cursor: page.last, more: true };
    after = undefined;
    if (entries.length >= limit) {
      const batch = run.at(-1)!.id;
      return { entries, cursor: { batch }, more: batch < settled };
    }
  }
  const isCut = batches.length === LIMITS.changeBatchesMax;
  const batch = isCut ? batches.at(-1)!.id : Math.max(settled, cursor.batch);
  return { entries, cursor: { batch }, more: isCut };
}

/** Batches that one question can ask for: deliveries until they have enough for a page, or one decision. */
function* runsOf(batches: readonly UsageBatch[], limit: number): Generator<readonly UsageBatch[]> {
  let run: UsageBatch[] = [];
  let expected = 0;
  for (const batch of batches) {
    if (batch.decision === undefined && expected < limit) {
      run.push(batch);
      expected += batch.counts.accepted + batch.counts.parked + batch.counts.conflict;
      continue;
    }
    if (run.length > 0) yield run;
    run = [batch];
    expected = batch.decision === undefined ? batch.counts.accepted : limit;
  }
  if (run.length > 0) yield run;
}

async function changesOf(
  context: Context,
  run: readonly UsageBatch[],
  { after, limit }: { readonly after: ChangePlace | undefined; readonly limit: number },
) {
  const [{ decision }] = run as [UsageBatch];
  const query: ChangesQuery = {
    batches: run.map(({ id }) => id),
    registrations: [...new Set(run.map((batch) => batch.registration))],
    of: decision === undefined ? "own" : decision.kind === "withdrawal" ? { delivery: decision.delivery } : decision,
    ...(after && { after }),
    limit,
  };
  const wanted =
    decision?.kind === "choice"
      ? { record: decision.record }
      : { deliveries: decision === undefined ? query.batches : [decision.delivery] };
  return await withArchives(context, wanted, (archives) => context.usage.changes({ ...query, archives }));
}
