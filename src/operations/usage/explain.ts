import { Fault } from "../../domain/faults/fault.ts";
import { type Hour, hourOf, hourStartMs } from "../../domain/ids.ts";
import type { EffectiveChange } from "../../domain/history.ts";
import { LIMITS } from "../../domain/limits.ts";
import { type Pricing, pricingOf } from "../../domain/rating/pricing.ts";
import type { Attributed } from "../../domain/statement/attribution.ts";
import { type Classified, classify } from "../../domain/statement/classify.ts";
import type { Payer } from "../../domain/tenancy/payer.ts";
import { liveEntries } from "../../domain/usage/entry.ts";
import type { MeterFacts } from "../../domain/usage/meterCatalogue.ts";
import type { RecordRef, RecordSearch, StoredEntry } from "../../domain/usage/store.ts";
import { formatInstant } from "../../lib/instant.ts";
import type { Context } from "../context.ts";
import { withArchives } from "./archives.ts";
import { type Knowledge, loadKnowledge } from "../statements/classified.ts";

/** A version of a record, and what becomes of it. */
export interface ExplainedVersion {
  readonly entry: StoredEntry;
  /** Undefined where it was withdrawn, or another version was chosen. */
  readonly becomes: Classified | undefined;
}

/** Everything that decides what becomes of one usage record. */
export interface ExplainedRecord {
  readonly record: RecordRef;
  readonly hour: Hour;
  readonly meter: MeterFacts | undefined;
  /** Every entry of the ledger about it, oldest first. */
  readonly entries: readonly StoredEntry[];
  readonly versions: readonly ExplainedVersion[];
  /** Undefined where nobody knew the local subscription in that hour. */
  readonly attributed: Attributed | undefined;
  /** Who would pay if the tenant had never been mapped. */
  readonly withoutMapping: Payer;
  readonly pricing: Pricing;
}

export interface UsageExplanation {
  readonly knownUntilMs: number;
  readonly records: readonly ExplainedRecord[];
  /** There are others of the same hour and meter. */
  readonly isCut: boolean;
}

/**
 * Why usage is on whose bill, or waits: the records that are looked for, as it was known at a moment.
 * @throws Fault UsageRecordNotFound, ArchiveDamaged, UsageEngineUnavailable
 */
export async function explainUsage(
  context: Context,
  search: RecordSearch,
  knownUntilMs: number,
): Promise<UsageExplanation> {
  const { control, usage } = context;
  const limit = LIMITS.explainedRecordsMax;
  const { lastBatch } = await control.batches.lastComplete(knownUntilMs);
  const knowledge = await loadKnowledge(context, knownUntilMs);
  const wanted = "batch" in search ? { delivery: search.batch } : { from: search.hour, to: (search.hour + 1) as Hour };
  const { refs, records } = await withArchives(context, wanted, async (archives) => {
    const found = await usage.find(search, limit + 1, archives);
    const known: ExplainedRecord[] = [];
    for (const ref of found.slice(0, limit)) {
      const entries = (await usage.entriesOf(ref, archives)).filter(({ batch }) => batch <= lastBatch);
      if (entries.length > 0) known.push(explained(ref, entries, knowledge));
    }
    return { refs: found, records: known };
  });
  if (records.length === 0) throw new Fault("UsageRecordNotFound", { asOf: formatInstant(knownUntilMs) });
  return { knownUntilMs, records, isCut: refs.length > limit };
}

function explained(record: RecordRef, entries: readonly StoredEntry[], knowledge: Knowledge): ExplainedRecord {
  const { attribution, meters, book } = knowledge;
  const hour = hourOf(record.usageStartMs);
  const { localSubscription, meter } = entries[0]!;
  const { registration } = record;
  const attributed = attribution.at(registration, localSubscription, hour);
  const withoutMapping = attribution.withoutMapping(registration, hour);
  const { subscription } = attributed?.payer ?? withoutMapping;
  const terms = book.termsAt("customer", { subscription, registration }, hour);
  const live = new Set(liveEntries(entries));
  const versions = entries
    .filter(({ sign }) => sign === 1)
    .map((entry) => {
      const total = { ...entry, hour, records: 1 };
      return { entry, becomes: live.has(entry) ? classify(total, hour, knowledge) : undefined };
    });
  return {
    record,
    hour,
    meter: meters.factsOf(meter),
    entries,
    versions,
    attributed,
    withoutMapping,
    pricing: pricingOf(knowledge, terms, meter, hour),
  };
}

/** In which order of hours a change came to count, told with its own times: the rule of whole hours, applied. */
export function hourRule({ effectiveHour, recordedAtMs }: Pick<EffectiveChange, "effectiveHour" | "recordedAtMs">) {
  const from = hourStartMs(effectiveHour);
  return {
    recordedAt: formatInstant(recordedAtMs),
    countsFrom: from === 0 ? null : formatInstant(from),
    rule:
      from === 0
        ? ("from the beginning" as const)
        : from >= recordedAtMs
          ? ("next whole hour" as const)
          : ("hour that was given" as const),
  };
}
