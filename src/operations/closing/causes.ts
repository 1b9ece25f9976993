import type { MeterId, RegistrationId } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import { type Cause, type CauseKind, CAUSES, type CorrectionLine } from "../../domain/statement/correction.ts";
import type { Bounds } from "../../domain/statement/bounds.ts";
import type { EffectiveChange } from "../../domain/history.ts";
import type { Period } from "../../domain/statement/period.ts";
import type { UsageBatch } from "../../domain/usage/batch.ts";
import type { ArchivedMonth } from "../../domain/usage/archive.ts";
import type { Context } from "../context.ts";

/** A change since the documents before, and which lines it may have to do with. */
interface Change extends Omit<Cause, "changes"> {
  readonly order: number;
  concerns(line: Pick<CorrectionLine, "old" | "new">): boolean;
}

type Line = Pick<CorrectionLine, "old" | "new">;
const sideOf = (line: Line) => (line.new ?? line.old)!;

/** Entries of batches that are looked through; a period that was closed gets few. */
const BATCH_CHANGES_MAX = 100_000;

/** What was recorded between what two documents knew, for one period. */
export interface ChangesBetween {
  /** The causes of a document, and of each of its lines. */
  of(lines: readonly Omit<CorrectionLine, "causes">[]): {
    readonly causes: readonly Cause[];
    readonly lines: readonly CorrectionLine[];
  };
}

/** @throws Fault UsageEngineUnavailable */
export async function changesBetween(
  context: Context,
  period: Period,
  { from, to, archives }: { readonly from: Bounds; readonly to: Bounds; readonly archives: readonly ArchivedMonth[] },
): Promise<ChangesBetween> {
  const changes = [
    ...(await batchChanges(context, period, { from, to, archives })),
    ...(await decisionChanges(context, period, from, to)),
    ...(await priceChanges(context, period, from, to)),
  ];
  return { of: (lines) => causesOf(lines, changes) };
}

const KIND_OF: Readonly<Record<NonNullable<UsageBatch["decision"]>["kind"], CauseKind>> = {
  withdrawal: "Withdrawal",
  choice: "Choice",
};

async function batchChanges(
  { control, usage }: Context,
  { from: begin, to: end }: Period,
  { from, to, archives }: { readonly from: Bounds; readonly to: Bounds; readonly archives: readonly ArchivedMonth[] },
): Promise<readonly Change[]> {
  const scope = { from: begin, to: end, lastBatch: to.lastBatch, archives };
  const touched = await usage.changedBy(scope, from.lastBatch, BATCH_CHANGES_MAX);
  const changes: Change[] = [];
  for (const [id, rows] of Map.groupBy(touched, ({ batch }) => batch)) {
    const batch = await control.batches.find(id);
    const { decision } = batch ?? {};
    const keys = new Set(rows.map(({ registration, meter }) => `${registration} ${meter}`));
    changes.push({
      kind: decision === undefined ? "LateUsage" : KIND_OF[decision.kind],
      order: id,
      id,
      recordedAtMs: batch?.startedAtMs ?? null,
      recordedBy: batch?.recordedBy ?? null,
      reason: decision?.reason ?? null,
      concerns: (line) => keys.has(`${sideOf(line).registration} ${sideOf(line).meter}`),
    });
  }
  return changes;
}

/** Changes that were not known before and count for hours of the period. */
async function decisionChanges(
  { control }: Context,
  period: Period,
  from: Bounds,
  to: Bounds,
): Promise<readonly Change[]> {
  const known = { recordedUntilMs: to.knownUntilMs };
  const isNew = (kind: string, { id, effectiveHour }: EffectiveChange): boolean =>
    id > (from.mark[kind] ?? 0) && id <= (to.mark[kind] ?? 0) && effectiveHour < period.to;
  const changeOf = (
    kind: CauseKind,
    change: EffectiveChange & { readonly reason?: string },
    concerns: Change["concerns"],
  ): Change => {
    const { id, recordedAtMs, recordedBy } = change;
    return { kind, order: id, id, recordedAtMs, recordedBy, reason: change.reason ?? null, concerns };
  };
  const onStamp =
    (registration: RegistrationId): Change["concerns"] =>
    (line) =>
      sideOf(line).registration === registration;
  const onMeter =
    (meter: MeterId): Change["concerns"] =>
    (line) =>
      sideOf(line).meter === meter;
  const locals = (await control.localSubscriptions.changes(known)).filter((so) => isNew("locals", so));
  const mappings = (await control.tenancy.changes(known)).filter((so) => isNew("mappings", so));
  const models = (await control.registrations.billingModelChanges(known)).filter((so) => isNew("billingModels", so));
  const meters = await control.meters.changes();
  return [
    ...locals.map((so) => changeOf("LocalSubscription", so, onStamp(so.registration))),
    ...mappings.map((so) => changeOf("Mapping", so, onStamp(so.registration))),
    ...models.map((so) => changeOf("BillingModel", so, onStamp(so.registration))),
    ...meters.meters.filter((so) => isNew("meters", so)).map((so) => changeOf("Meter", so, onMeter(so.meter))),
    ...meters.mappings
      .filter((so) => isNew("meterMappings", so))
      .map((so) => changeOf("MeterMapping", so, onMeter(so.meter))),
  ];
}

/** Sheets that were published and assignments that were made since, where a line is priced by them now. */
async function priceChanges(
  { control }: Context,
  period: Period,
  from: Bounds,
  to: Bounds,
): Promise<readonly Change[]> {
  const { assignments } = await control.prices.records();
  const newest = (mark: Bounds["mark"]): number => mark["priceAssignments"] ?? 0;
  const changes: Change[] = assignments
    .filter(({ id, effectiveHour }) => id > newest(from.mark) && id <= newest(to.mark) && effectiveHour < period.to)
    .map(({ id, recordedAtMs, recordedBy, reason }) => ({
      kind: "Price",
      order: recordedAtMs,
      id,
      recordedAtMs,
      recordedBy,
      reason,
      concerns: (line) => isRepriced(line) && line.new?.priceAssignment === id,
    }));
  for (const version of await control.prices.versions()) {
    const { publishedAtMs: atMs, publishedBy, reason, sheet } = version;
    if (atMs === undefined || atMs <= from.knownUntilMs || atMs > to.knownUntilMs) continue;
    changes.push({
      kind: "Price",
      order: atMs,
      id: sheet.version,
      recordedAtMs: atMs,
      recordedBy: publishedBy ?? null,
      reason,
      concerns: (line) =>
        isRepriced(line) && line.new?.priceSheet === sheet.id && line.new.priceVersion === sheet.version,
    });
  }
  return changes;
}

/** Whether a line is priced in another way than it was. */
const isRepriced = ({ old: before, new: after }: Line): boolean =>
  before !== null &&
  after !== null &&
  (before.effectiveUnitPrice !== after.effectiveUnitPrice ||
    before.hoursPerMonth !== after.hoursPerMonth ||
    before.priceSheet !== after.priceSheet ||
    before.priceVersion !== after.priceVersion ||
    before.priceAssignment !== after.priceAssignment ||
    before.tierTo !== after.tierTo);

const orderOf = (kind: CauseKind): number => CAUSES.indexOf(kind);

function causesOf(
  lines: readonly Omit<CorrectionLine, "causes">[],
  changes: readonly Change[],
): { readonly causes: readonly Cause[]; readonly lines: readonly CorrectionLine[] } {
  const used = new Set<Change>();
  const unnamed = new Set<CauseKind>();
  const told = lines.map((line) => {
    const own = changes.filter((change) => change.concerns(line));
    for (const change of own) used.add(change);
    const kinds = new Set(own.map(({ kind }) => kind));
    if (isRepriced(line) && !kinds.has("Price")) {
      kinds.add("Price");
      unnamed.add("Price");
    }
    // Nothing happened to this stamp and meter: others that share the price's tiers moved its place in them.
    if (kinds.size === 0) {
      kinds.add("Tiers");
      unnamed.add("Tiers");
    }
    return { ...line, causes: [...kinds].sort((a, b) => orderOf(a) - orderOf(b)) };
  });
  const causes: Cause[] = [];
  for (const kind of CAUSES) {
    const own = [...used].filter((change) => change.kind === kind).sort((a, b) => a.order - b.order);
    const few = own.slice(0, LIMITS.correctionCausesToldMax);
    for (const { id, recordedAtMs, recordedBy, reason } of few) {
      causes.push({ kind, id, recordedAtMs, recordedBy, reason, changes: 1 });
    }
    const more = own.length - few.length;
    const changesMore = more + (unnamed.has(kind) ? 1 : 0);
    if (changesMore > 0) {
      causes.push({ kind, id: null, recordedAtMs: null, recordedBy: null, reason: null, changes: changesMore });
    }
  }
  return { causes, lines: told };
}
