import { Fault, isFault } from "../../domain/faults/fault.ts";
import { hourOf } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { Registration } from "../../domain/registration/registration.ts";
import type { IntakeCounts } from "../../domain/usage/batch.ts";
import type { KnownEntry } from "../../domain/usage/entry.ts";
import { type Identity, identityOf } from "../../domain/usage/identity.ts";
import { entriesMadeBy, heldBy, type Verdict, Versions } from "../../domain/usage/judge.ts";
import { type IntakeParkedReason, parkedReason, type UsageKnowledge } from "../../domain/usage/knowledge.ts";
import { readRecord } from "../../domain/usage/readRecord.ts";
import type { UsageRecord } from "../../domain/usage/record.ts";
import type { ReportedWindow } from "../../domain/usage/reportedWindow.ts";
import type { UsageRow } from "../../domain/usage/store.ts";
import { faultPoint } from "../../lib/faultPoint.ts";
import type { Item } from "../../lib/jsonItems.ts";
import type { Caller, Context } from "../context.ts";
import { finishDelivery } from "./finish.ts";
import { itemsOf, SHAPE_OF_FORMAT, type UsageFormat } from "./items.ts";
import { knowledgeOf } from "./knowledge.ts";
import { usageLock } from "./usageLock.ts";

export interface IntakeRequest {
  readonly registration: Registration;
  readonly format: UsageFormat;
  /** The window that the page was asked for; records may carry their own. */
  readonly window: ReportedWindow | undefined;
  /** Decompressed bytes. */
  readonly body: AsyncIterable<Buffer>;
  /**
   * Told what became of each record, in the order of the batch, as soon as it is durable. The intake goes on when the
   * promise is kept, so a slow reader slows the sender down.
   */
  readonly onOutcomes?: (outcomes: readonly RecordOutcome[]) => Promise<void>;
}

/** A record that was neither accepted nor a duplicate. */
export type RecordProblem =
  | { readonly position: number; readonly outcome: "conflict" }
  | { readonly position: number; readonly outcome: "parked"; readonly reason: IntakeParkedReason }
  | { readonly position: number; readonly outcome: "rejected"; readonly fault: Fault };

/** What became of a record. */
export type RecordOutcome =
  | { readonly position: number; readonly outcome: "duplicate" }
  | {
      readonly position: number;
      readonly outcome: "accepted";
      /** The withdrawal that made room for it. */
      readonly afterWithdrawal?: number;
    }
  | RecordProblem;

export interface IntakeResult {
  readonly batch: number;
  readonly counts: IntakeCounts;
  /** The first of them in the order of the batch; `problemsOmitted` more are only counted. */
  readonly problems: readonly RecordProblem[];
  readonly problemsOmitted: number;
  /** What was wrong with the body as a whole. The records counted above were kept. */
  readonly fault: Fault | undefined;
}

/** An item that was read: a record with its identity, or why it is rejected. */
type ReadItem =
  | { readonly position: number; readonly record: UsageRecord; readonly identity: Identity }
  | { readonly position: number; readonly fault: Fault };
type ReadRecord = Extract<ReadItem, { record: unknown }>;
/** A record next to what is stored, and whether its month is archived. */
type Judged = ReadRecord & { readonly verdict: Verdict; readonly archived: boolean };

/**
 * Takes a batch of usage in, piece by piece: reading the next piece overlaps with storing the one before. Every record
 * is judged on its own; what is counted as accepted, parked or conflict is durable when this returns.
 * @throws Fault UsageEngineUnavailable: the batch can be sent again, what was stored of it will be duplicates
 */
export async function takeIn(context: Context, caller: Caller, request: IntakeRequest): Promise<IntakeResult> {
  const { control, clock, recentUsage } = context;
  const { registration } = request;
  const startedMs = clock.now();
  const batch = await control.batches.start({
    registration: registration.id,
    recordedBy: caller.name,
    atMs: startedMs,
  });
  faultPoint("intake: batch started");
  const taking = new Taking(context, request, batch);
  recentUsage.begin(registration.id);
  try {
    const fault = await pump(taking, request);
    faultPoint("intake: batch stored");
    return taking.result(fault);
  } finally {
    recentUsage.end(registration.id);
    // Also when the body or the engine broke: what was stored until then stays, and the batch does not go on.
    await finishDelivery(context, {
      batch,
      counts: taking.counts,
      isBrokenOff: taking.isBrokenOff,
      caller,
      registration,
    });
    context.metrics.takenIn(taking.counts, clock.now() - startedMs);
  }
}

/** Pieces on their way into the store: one is inserted while the next one is looked up and a third one is read. */
const PIECES_UNDER_WAY_MAX = 2;

async function pump(taking: Taking, request: IntakeRequest): Promise<Fault | undefined> {
  const underWay: Promise<void>[] = [];
  let piece: ReadItem[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const storing = taking.store(piece);
    [piece, bytes] = [[], 0];
    // Failures surface at the next await; this only keeps them from being reported as unhandled until then.
    storing.catch(() => undefined);
    underWay.push(storing);
    if (underWay.length >= PIECES_UNDER_WAY_MAX) await underWay.shift();
  };
  const source = itemsOf(request.body, request.format);
  try {
    for await (const items of source.items) {
      for (const item of items) {
        piece.push(taking.read(item, request));
        bytes += "text" in item ? item.text.length : 0;
        if (piece.length >= LIMITS.intakePieceRecordsMax || bytes >= LIMITS.intakePieceBytesMax) await flush();
      }
    }
    await flush();
  } finally {
    // Also when reading broke off: what is under way is finished before the batch is.
    await Promise.all(underWay);
  }
  return source.fault();
}

class Taking {
  readonly #context: Context;
  readonly #request: IntakeRequest;
  readonly #batch: number;
  readonly counts = { accepted: 0, duplicate: 0, conflict: 0, parked: 0, rejected: 0 };
  readonly #problems: RecordProblem[] = [];
  /** An insert had no answer. */
  isBrokenOff = false;

  constructor(context: Context, request: IntakeRequest, batch: number) {
    this.#context = context;
    this.#request = request;
    this.#batch = batch;
  }

  read(item: Item, { format, window }: IntakeRequest): ReadItem {
    const { position } = item;
    try {
      if ("broken" in item) throw brokenItemFault(item.broken);
      const record = readRecord(item.text, SHAPE_OF_FORMAT[format], { nowMs: this.#context.clock.now(), window });
      return { position, record, identity: identityOf(record) };
    } catch (error) {
      if (!isFault(error)) throw error;
      return { position, fault: error };
    }
  }

  /**
   * Judges a piece against what is stored and makes the new versions durable. Pieces of a registration are judged and
   * inserted one at a time, in the order of the calls; the look-up runs ahead of its turn.
   */
  async store(piece: readonly ReadItem[]): Promise<void> {
    const records = piece.filter((item) => "record" in item);
    const { control, locks, recentUsage } = this.#context;
    const registration = this.#request.registration.id;
    const named = records.map(({ record }) => record);
    const { generation } = recentUsage;
    const lookup = this.#stored(records);
    lookup.catch(() => undefined);
    await locks.run(usageLock(registration), async () => {
      const since = recentUsage.since(registration, generation);
      const versions = new Versions();
      for (const entry of since === undefined ? await this.#stored(records) : await lookup) versions.add(entry);
      for (const entry of since ?? []) versions.add(entry);
      // Asked while nobody else appends: whoever raises it waits for us before anything is dropped (archive.ts).
      const horizon = await control.archives.horizon();
      const judged = records.map((read): Judged => {
        const archived = hourOf(read.record.usageStartMs) < horizon;
        return { ...read, archived, verdict: versions.judge(read.identity, archived) };
      });
      await this.#append(judged);
      const known = { ...(await knowledgeOf(control, registration, named)), horizon };
      // Counted only now: nothing is reported that is not durable.
      let next = 0;
      const outcomes = piece.map((item): RecordOutcome => {
        if ("fault" in item) return { position: item.position, outcome: "rejected", fault: item.fault };
        return outcomeOf(judged[next++]!, known);
      });
      for (const outcome of outcomes) this.#note(outcome);
      await this.#request.onOutcomes?.(outcomes);
    });
  }

  async #append(records: readonly Judged[]): Promise<void> {
    const { usage, clock, recentUsage } = this.#context;
    const registration = this.#request.registration.id;
    const acceptedAtMs = clock.now();
    const rows: UsageRow[] = [];
    const entries: KnownEntry[] = [];
    for (const { position, record, identity, verdict, archived } of records) {
      if (verdict.is === "duplicate") continue;
      const { is, ...how } = verdict;
      const held = heldBy(is, archived);
      rows.push({ registration, record, identity, held, ...how, batch: this.#batch, position, acceptedAtMs });
      entries.push(...entriesMadeBy(identity, verdict, archived));
    }
    if (rows.length === 0) return;
    faultPoint("intake: piece judged");
    try {
      await usage.append(rows);
    } catch (error) {
      this.isBrokenOff = true;
      recentUsage.forget(registration);
      throw error;
    }
    faultPoint("intake: piece stored");
    recentUsage.add(registration, entries);
  }

  async #stored(records: readonly ReadRecord[]): Promise<readonly KnownEntry[]> {
    let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { record } of records) {
      min = Math.min(min, record.window.startMs);
      max = Math.max(max, record.window.startMs);
    }
    const identities = records.map(({ identity }) => identity);
    return await this.#context.usage.knownEntries({
      registration: this.#request.registration.id,
      reportedStartMs: { min, max },
      series: identities.filter(({ event }) => event === "").map(({ series }) => series),
      events: identities.filter(({ event }) => event !== "").map(({ event }) => event),
    });
  }

  #note(outcome: RecordOutcome): void {
    this.counts[outcome.outcome] += 1;
    if (outcome.outcome === "accepted" || outcome.outcome === "duplicate") return;
    if (this.#problems.length < LIMITS.intakeProblemsMax) this.#problems.push(outcome);
  }

  result(fault: Fault | undefined): IntakeResult {
    const { conflict, parked, rejected } = this.counts;
    return {
      batch: this.#batch,
      counts: this.counts,
      problems: this.#problems,
      problemsOmitted: conflict + parked + rejected - this.#problems.length,
      fault,
    };
  }
}

function brokenItemFault(broken: Exclude<Item, { text: string }>["broken"]): Fault {
  switch (broken) {
    case "too-large":
      return new Fault("RecordTooLarge", { bytesMax: LIMITS.recordBytesMax });
    case "too-deep":
      return new Fault("RecordTooDeep", { levelsMax: LIMITS.recordDepthMax });
    case "not-utf8":
      return new Fault("RecordNotUtf8", {});
    case "truncated":
      return new Fault("RecordTruncated", {});
  }
}

function outcomeOf({ position, record, verdict }: Judged, known: UsageKnowledge): RecordOutcome {
  if (verdict.is !== "new") return { position, outcome: verdict.is };
  const reason = parkedReason(record, known);
  if (reason !== undefined) return { position, outcome: "parked", reason };
  return { position, outcome: "accepted", ...(verdict.after === 0 ? {} : { afterWithdrawal: verdict.after }) };
}
