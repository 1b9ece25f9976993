import { Fault } from "../../domain/faults/fault.ts";
import { LIMITS } from "../../domain/limits.ts";
import { correctionTotal, differences, standingLines } from "../../domain/statement/correction.ts";
import type { Closing, CorrectionContent, Document, DocumentHead, SetAside } from "../../domain/statement/document.ts";
import { currencyOf } from "../../domain/statement/statement.ts";
import type { Level } from "../../domain/rating/priceTerms.ts";
import type { Parties } from "../../domain/statement/level.ts";
import type { Period } from "../../domain/statement/period.ts";
import type { ControlStores } from "../../domain/controlStore.ts";
import { faultPoint } from "../../lib/faultPoint.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { boundsNow, ratePeriod } from "../statements/rated.ts";
import type { RatedPeriod } from "../statements/ratedPeriod.ts";
import { withArchives } from "../usage/archives.ts";
import { type ChangesBetween, changesBetween } from "./causes.ts";
import { review } from "./checks.ts";
import { periodOfClosing } from "./close.ts";
import { keyOf, payerKey, pendingOf } from "./openPayers.ts";

/** What corrections of a closed period would be, or were. */
export interface CorrectionsMade {
  /** In the order of level and payer; at most so many as are told. */
  readonly corrections: readonly CorrectionContent[];
  readonly correctionsInAll: number;
  readonly setAside: readonly SetAside[];
}

interface Subject {
  readonly level: Level;
  readonly parties: Parties;
}

/** A closed period as it is today, ready to be laid beside what was told of it. */
interface Comparison extends Disposable {
  readonly rated: RatedPeriod;
  readonly closings: readonly Closing[];
  readonly subjects: readonly Subject[];
  readonly causesSince: (closing: number) => ChangesBetween;
  readonly issuedIn: string;
  readonly partner: string;
}

/**
 * Rates a closed period from scratch with what is known now.
 * @throws Fault PeriodNotClosed, ArchiveDamaged, UsageEngineUnavailable
 */
async function compare(
  context: Context,
  period: Period,
  partner: string,
): Promise<Comparison & { readonly batchesNotCounted: number }> {
  const { control, clock } = context;
  const closings = await control.documents.closings({ period: period.name, partner });
  if (closings.length === 0) throw new Fault("PeriodNotClosed", { period: period.name, partner });
  const hours = periodOfClosing(closings[0]!);
  const { batchesNotCounted, ...bounds } = await boundsNow(context);
  return await withArchives(context, hours, async (archives) => {
    using open = new DisposableStack();
    const rated = open.use(await ratePeriod(context, hours, bounds, archives));
    const since = new Map<number, ChangesBetween>();
    for (const closing of closings) {
      since.set(closing.id, await changesBetween(context, hours, { from: closing, to: bounds, archives }));
    }
    const subjects = await subjectsOf(context, rated, { partner, closings });
    const kept = open.move();
    return {
      rated,
      closings,
      subjects,
      causesSince: (closing) => since.get(closing) ?? since.get(closings[0]!.id)!,
      issuedIn: context.periods.at(clock.now()).name,
      partner,
      batchesNotCounted,
      [Symbol.dispose]: () => kept.dispose(),
    };
  });
}

/** Who has documents for the partner, and who would have got some; not those whose statement is still to come. */
async function subjectsOf(
  { control }: Context,
  rated: RatedPeriod,
  { partner, closings }: { readonly partner: string; readonly closings: readonly Closing[] },
): Promise<readonly Subject[]> {
  const heads = await control.documents.list({ period: rated.period.name });
  const owners = new Map(heads.map((head) => [payerKey(head), head]));
  const pending = new Set(pendingOf(closings).map(payerKey));
  const subjects = new Map<string, Subject>();
  for (const head of heads) {
    if (head.partner !== partner) continue;
    const { level, payer, issuer } = head;
    subjects.set(payerKey(head), { level, parties: { payer, issuer, partner } });
  }
  for (const payer of rated.payers()) {
    const { level, parties } = payer;
    const key = keyOf(payer);
    if (owners.has(key) || pending.has(key) || parties.partner !== partner) continue;
    subjects.set(key, { level, parties });
  }
  return [...subjects.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, subject]) => subject);
}

/** The correction of one payer; undefined where what was told is still right. */
async function correctionOf(
  { documents }: Pick<ControlStores, "documents">,
  { rated, causesSince, issuedIn, closings }: Comparison,
  { level, parties }: Subject,
  reason: string,
): Promise<CorrectionContent | SetAside | undefined> {
  const chain = await documents.chain({ period: rated.period.name, level, payer: parties.payer });
  // Undefined where nothing of the period is the payer's any more.
  const payer = rated.payer({ level, payer: parties.payer });
  const charges = payer === undefined ? [] : rated.tryCharges(payer);
  if (typeof charges === "string") {
    return { level, payer: parties.payer, reason: "RatingFailed", detail: charges };
  }
  const currencies = [...new Set(charges.map(currencyOf))];
  if (currencies.length > 1) {
    const detail = `it is priced in ${currencies.join(" and ")}`;
    return { level, payer: parties.payer, reason: "CurrencyConflict", detail };
  }
  const scratch = payer === undefined ? undefined : rated.statementOf(payer, charges);
  const lines = differences(standingLines(chain), scratch?.lines ?? []);
  if (lines.length === 0) return undefined;
  const last: Document | undefined = chain.at(-1);
  const currency = last?.currency ?? scratch!.currency;
  if (scratch !== undefined && scratch.currency !== currency) {
    const detail = `it was closed in ${currency} and is priced in ${scratch.currency} now`;
    return { level, payer: parties.payer, reason: "CurrencyConflict", detail };
  }
  const told = causesSince(last?.closing ?? closings[0]!.id).of(lines);
  return {
    level,
    ...parties,
    issuer: last?.issuer ?? parties.issuer,
    period: rated.period.name,
    currency,
    issuedIn,
    corrects: last?.number ?? null,
    reason,
    causes: told.causes,
    lines: told.lines,
    total: correctionTotal(lines),
  };
}

const isSetAside = (made: CorrectionContent | SetAside): made is SetAside => "detail" in made;

/**
 * What corrections of a closed period would say, without issuing them.
 * @throws Fault PeriodNotClosed, ArchiveDamaged, UsageEngineUnavailable
 */
export async function previewCorrections(context: Context, period: Period, partner: string): Promise<CorrectionsMade> {
  using comparison = await compare(context, period, partner);
  const corrections: CorrectionContent[] = [];
  const setAside: SetAside[] = [];
  let correctionsInAll = 0;
  for (const subject of comparison.subjects) {
    const made = await correctionOf(context.control, comparison, subject, "");
    if (made === undefined) continue;
    if (isSetAside(made)) {
      setAside.push(made);
      continue;
    }
    correctionsInAll += 1;
    if (corrections.length < LIMITS.correctionsPreviewedMax) corrections.push(made);
  }
  return { corrections, correctionsInAll, setAside };
}

/** Corrections that were issued together. */
export interface Issued {
  /** Undefined where nothing was to be corrected. */
  readonly closing: Closing | undefined;
  readonly documents: readonly DocumentHead[];
  readonly setAside: readonly SetAside[];
}

/**
 * Issues what `previewCorrections` tells, in the period that is open now: each payer whose closed period comes out other
 * than it was told gets a correction, also one who had no statement in it. Afterwards a statement and its corrections come
 * to what rating from scratch comes to. All or nothing; where nothing is to be corrected nothing is kept.
 * @throws Fault PeriodNotClosed, CorrectionReasonMissing, ArchiveDamaged, UsageEngineUnavailable
 */
export const issueCorrections = (
  context: Context,
  caller: Caller,
  { period, partner, reason }: { readonly period: Period; readonly partner: string; readonly reason: string },
): Promise<Issued> =>
  context.locks.run("statements", async () => {
    if (reason.trim() === "") throw new Fault("CorrectionReasonMissing", {});
    using comparison = await compare(context, period, partner);
    const { rated, batchesNotCounted } = comparison;
    const { conservation, checks } = await review(context, rated, partner, { isOpen: () => false, batchesNotCounted });
    const [conserved] = checks;
    if (conserved?.passed !== true)
      throw new Fault("CloseChecksFailed", { period: period.name, partner, checks: "conservation" });
    faultPoint("corrections: worked out");
    const issued = await save(context, caller, { comparison, reason, conservation });
    faultPoint("corrections: saved");
    return issued;
  });

const save = (
  { control, clock }: Context,
  caller: Caller,
  {
    comparison,
    reason,
    conservation,
  }: { readonly comparison: Comparison; readonly reason: string; readonly conservation: Closing["conservation"] },
): Promise<Issued> =>
  control.transaction(async (stores) => {
    const { rated, partner, subjects } = comparison;
    const setAside: SetAside[] = [];
    const needed: Subject[] = [];
    for (const subject of subjects) {
      const made = await correctionOf(stores, comparison, subject, reason);
      if (made === undefined) continue;
      if (isSetAside(made)) setAside.push(made);
      else needed.push(subject);
    }
    if (needed.length === 0) return { closing: undefined, documents: [], setAside };
    const atMs = clock.now();
    const { period, bounds } = rated;
    const writer = await stores.documents.addClosing({
      ...bounds,
      kind: "correction",
      period: period.name,
      from: period.from,
      to: period.to,
      partner,
      closedAtMs: atMs,
      closedBy: caller.name,
      conservation,
      checks: [],
      accepted: [],
      setAside,
      remaining: 0,
      reason,
    });
    for (const subject of needed) {
      const made = await correctionOf(stores, comparison, subject, reason);
      if (made !== undefined && !isSetAside(made)) await writer.add({ kind: "correction", ...made });
    }
    await writer.finish();
    await stores.audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/statements/correct/action",
      target: period.name,
      outcome: "done",
      detail: { partner, closing: writer.closing, corrections: needed.length, setAside: setAside.length, reason },
    });
    const documents = await stores.documents.list({ closing: writer.closing });
    return { closing: await stores.documents.findClosing(writer.closing), documents, setAside };
  });
