import type { ControlStores } from "../../domain/controlStore.ts";
import { isKnownBy, type KnowledgeMark } from "../../domain/statement/bounds.ts";
import { Attribution, type AttributionRecords } from "../../domain/statement/attribution.ts";

async function recordsOf(
  stores: ControlStores,
  recordedUntilMs: number,
  mark?: KnowledgeMark,
): Promise<AttributionRecords> {
  const known = { recordedUntilMs };
  const marked = <Change extends { readonly id: number }>(kind: string, changes: readonly Change[]) =>
    mark === undefined ? changes : changes.filter(({ id }) => isKnownBy(mark, kind, id));
  return {
    registrations: await stores.registrations.list({ withDeleted: true }),
    locals: marked("locals", await stores.localSubscriptions.changes(known)),
    mappings: marked("mappings", await stores.tenancy.changes(known)),
    billingModels: marked("billingModels", await stores.registrations.billingModelChanges(known)),
  };
}

/**
 * @param knownUntilMs changes recorded later are left out
 * @param mark and those after these
 */
export const loadAttribution = async (
  stores: ControlStores,
  knownUntilMs: number,
  mark?: KnowledgeMark,
): Promise<Attribution> => new Attribution(await recordsOf(stores, knownUntilMs, mark));

interface Remembered {
  readonly version: string;
  /** When its newest change was recorded: what is asked for as of then or later is the same. */
  readonly newestMs: number;
  readonly attribution: Attribution;
}

/** The last one that was loaded for each control store. */
const remembered = new WeakMap<ControlStores, Remembered>();

/**
 * The same, remembered as long as nothing changes who pays: for questions that come often and are about little. What was
 * known at an earlier moment is loaded each time.
 * @param stores the control store itself, and no transaction of it
 */
export async function recentAttribution(stores: ControlStores, knownUntilMs: number): Promise<Attribution> {
  const version = await stores.attributionLog.version();
  const known = remembered.get(stores);
  if (known?.version === version && knownUntilMs >= known.newestMs) return known.attribution;
  const records = await recordsOf(stores, Number.MAX_SAFE_INTEGER);
  let newestMs = 0;
  for (const changes of [records.locals, records.mappings, records.billingModels]) {
    for (const { recordedAtMs } of changes) newestMs = Math.max(newestMs, recordedAtMs);
  }
  if (knownUntilMs < newestMs) return await loadAttribution(stores, knownUntilMs);
  const attribution = new Attribution(records);
  remembered.set(stores, { version, newestMs, attribution });
  return attribution;
}
