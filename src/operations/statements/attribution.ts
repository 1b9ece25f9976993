import type { ControlStores } from "../../domain/controlStore.ts";
import type { RegistrationId } from "../../domain/ids.ts";
import { isKnownBy, type KnowledgeMark } from "../../domain/statement/bounds.ts";
import { Attribution, type AttributionRecords } from "../../domain/statement/attribution.ts";
import { type StampRecords, Stamps } from "../../domain/statement/stamps.ts";
import type { MappingChange } from "../../domain/tenancy/mapping.ts";
import type { LocalSubscription, LocalSubscriptionChange } from "../../domain/usage/localSubscription.ts";

/** What an attribution is asked about: all stamps, those from the first to the last of two, or some local subscriptions. */
export type AttributionPart =
  | { readonly registrations: readonly [first: RegistrationId, last: RegistrationId] }
  | { readonly locals: readonly Pick<LocalSubscription, "registration" | "localSubscription">[] };

/** Leaves out what was recorded after a mark. */
const marked = <Change extends { readonly id: number }>(
  mark: KnowledgeMark | undefined,
  kind: string,
  changes: readonly Change[],
): readonly Change[] => (mark === undefined ? changes : changes.filter(({ id }) => isKnownBy(mark, kind, id)));

async function stampRecordsOf(
  { registrations }: Pick<ControlStores, "registrations">,
  recordedUntilMs: number,
  mark?: KnowledgeMark,
): Promise<StampRecords> {
  return {
    registrations: await registrations.list({ withDeleted: true }),
    billingModels: marked(mark, "billingModels", await registrations.billingModelChanges({ recordedUntilMs })),
  };
}

/** Changes of some local subscriptions, and those of their tenants' mappings. */
async function changesOfLocals(
  { localSubscriptions, tenancy }: ControlStores,
  wanted: readonly Pick<LocalSubscription, "registration" | "localSubscription">[],
  recordedUntilMs: number,
): Promise<Pick<AttributionRecords, "locals" | "mappings">> {
  const isKnown = ({ recordedAtMs }: { readonly recordedAtMs: number }): boolean => recordedAtMs <= recordedUntilMs;
  const [locals, mappings]: [LocalSubscriptionChange[], MappingChange[]] = [[], []];
  for (const [registration, own] of Map.groupBy(wanted, (so) => so.registration)) {
    const ids = own.map(({ localSubscription }) => localSubscription);
    const changes = (await localSubscriptions.changesOf(registration, ids)).filter(isKnown);
    locals.push(...changes);
    const tenants = changes.map(({ tenant }) => tenant);
    mappings.push(...(await tenancy.changesOf(registration, tenants)).filter(isKnown));
  }
  return { locals, mappings };
}

async function changesOf(
  stores: ControlStores,
  part: AttributionPart | undefined,
  recordedUntilMs: number,
): Promise<Pick<AttributionRecords, "locals" | "mappings">> {
  if (part !== undefined && "locals" in part) return await changesOfLocals(stores, part.locals, recordedUntilMs);
  const of = { recordedUntilMs, ...part };
  return { locals: await stores.localSubscriptions.changes(of), mappings: await stores.tenancy.changes(of) };
}

/**
 * The stamps alone, which are few.
 * @param knownUntilMs changes recorded later are left out
 * @param mark and those after these
 */
export const loadStamps = async (
  stores: Pick<ControlStores, "registrations">,
  knownUntilMs: number,
  mark?: KnowledgeMark,
): Promise<Stamps> => new Stamps(await stampRecordsOf(stores, knownUntilMs, mark));

/**
 * @param knownUntilMs changes recorded later are left out
 * @param mark and those after these
 */
export async function loadAttribution(
  stores: ControlStores,
  knownUntilMs: number,
  mark?: KnowledgeMark,
): Promise<Attribution> {
  return await attributionOf(stores, await loadStamps(stores, knownUntilMs, mark), undefined, { knownUntilMs, mark });
}

/**
 * @param stamps as they were known at the same moment
 * @param part what it is asked about, of all else it knows nothing; undefined for everything
 */
export async function attributionOf(
  stores: ControlStores,
  stamps: Stamps,
  part: AttributionPart | undefined,
  { knownUntilMs, mark }: { readonly knownUntilMs: number; readonly mark: KnowledgeMark | undefined },
): Promise<Attribution> {
  const { locals, mappings } = await changesOf(stores, part, knownUntilMs);
  return new Attribution({
    ...stamps.records,
    locals: marked(mark, "locals", locals),
    mappings: marked(mark, "mappings", mappings),
  });
}

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
  const everKnownMs = Number.MAX_SAFE_INTEGER;
  const records = {
    ...(await stampRecordsOf(stores, everKnownMs)),
    ...(await changesOf(stores, undefined, everKnownMs)),
  };
  let newestMs = 0;
  for (const changes of [records.locals, records.mappings, records.billingModels]) {
    for (const { recordedAtMs } of changes) newestMs = Math.max(newestMs, recordedAtMs);
  }
  if (knownUntilMs < newestMs) return await loadAttribution(stores, knownUntilMs);
  const attribution = new Attribution(records);
  remembered.set(stores, { version, newestMs, attribution });
  return attribution;
}
