import { Fault } from "../../domain/faults/fault.ts";
import { billingPartnerOf } from "../../domain/catalogue/subscription.ts";
import { hourStartMs } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import { type CheckName, isAcceptable } from "../../domain/statement/checks.ts";
import type { Acceptance, Closing, DocumentHead, SetAside } from "../../domain/statement/document.ts";
import type { Period } from "../../domain/statement/period.ts";
import { faultPoint } from "../../lib/faultPoint.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { boundsNow, ratePeriod } from "../statements/rated.ts";
import type { RatedPeriod } from "../statements/ratedPeriod.ts";
import { withArchives } from "../usage/archives.ts";
import { type Review, review } from "./checks.ts";
import { openPayers, pendingOf } from "./openPayers.ts";

/** What a close came to. */
export interface Closed {
  /** Undefined where there was nothing left to close: what was closed before is told. */
  readonly closing: Closing;
  /** Whether this call closed it. */
  readonly now: boolean;
  /** The first of its statements, in the order of their numbers. */
  readonly documents: readonly DocumentHead[];
  readonly documentsInAll: number;
  /** Payers that still have no statement. */
  readonly setAside: readonly SetAside[];
}

/** @throws Fault PeriodNotEnded */
export function mustHaveEnded({ clock }: Pick<Context, "clock">, period: Period): void {
  if (hourStartMs(period.to) > clock.now()) throw new Fault("PeriodNotEnded", { period: period.name });
}

interface Prepared extends Disposable {
  readonly review: Review;
  readonly rated: RatedPeriod;
}

/**
 * Everything that a close for a partner looks at, from what is known now.
 * @throws Fault PeriodPartnerUnknown, ArchiveDamaged, UsageEngineUnavailable
 */
async function prepare(context: Context, period: Period, partner: string): Promise<Prepared> {
  const { control } = context;
  const { batchesNotCounted, ...bounds } = await boundsNow(context);
  const closings = await control.documents.closings({ period: period.name, partner });
  const isOpen = await openPayers(control, period.name);
  return await withArchives(context, period, async (archives) => {
    using open = new DisposableStack();
    const rated = open.use(await ratePeriod(context, period, bounds, archives));
    const looked = await review(context, rated, partner, { isOpen, batchesNotCounted, archives });
    const isKnown =
      closings.length > 0 ||
      looked.hasPayers ||
      (await control.catalogue.list()).some((entry) => billingPartnerOf(entry) === partner);
    if (!isKnown) throw new Fault("PeriodPartnerUnknown", { period: period.name, partner });
    const kept = open.move();
    return { rated, review: looked, [Symbol.dispose]: () => kept.dispose() };
  });
}

/** What would keep a close from being done, without doing it. @throws Fault as of `closePeriod` */
export async function checkPeriod(context: Context, period: Period, partner: string): Promise<Review> {
  using prepared = await prepare(context, period, partner);
  return prepared.review;
}

/** @throws Fault CheckNotAcceptable, AcceptanceReasonMissing */
function mustBeAcceptable(accepted: readonly Acceptance[]): void {
  for (const { check, reason } of accepted) {
    if (!isAcceptable(check)) throw new Fault("CheckNotAcceptable", { check });
    if (reason.trim() === "") throw new Fault("AcceptanceReasonMissing", { check });
  }
}

/**
 * Closes a period for a partner: each of its payers gets a statement that nothing changes any more; a payer with a fault is
 * set aside and can be closed by the next call. All or nothing. A call when everything is closed changes nothing and tells
 * what was closed; of two at once one closes, and the other is told the same.
 * @throws Fault PeriodNotEnded, PeriodPartnerUnknown, CheckNotAcceptable, AcceptanceReasonMissing, CloseChecksFailed,
 *   ArchiveDamaged, UsageEngineUnavailable
 */
export const closePeriod = (
  context: Context,
  caller: Caller,
  {
    period,
    partner,
    accepted,
  }: { readonly period: Period; readonly partner: string; readonly accepted: readonly Acceptance[] },
): Promise<Closed> =>
  context.locks.run("statements", async () => {
    const { control } = context;
    mustHaveEnded(context, period);
    mustBeAcceptable(accepted);
    const before = await control.documents.closings({ period: period.name, partner });
    const last = before.findLast(({ kind }) => kind === "close");
    if (last !== undefined && pendingOf(before).length === 0) return await closedBefore(context, last);
    using prepared = await prepare(context, period, partner);
    const { review: looked } = prepared;
    if (last !== undefined && looked.payers === 0) return await closedBefore(context, last);
    const names = new Set<CheckName>(accepted.map(({ check }) => check));
    const failed = looked.checks.filter(({ passed, check }) => !passed && !names.has(check));
    if (failed.length > 0) {
      const checks = failed.map(({ check, count }) => `${check} (${count})`).join(", ");
      throw new Fault("CloseChecksFailed", { period: period.name, partner, checks });
    }
    faultPoint("close: checked");
    const closing = await save(context, caller, { ...prepared, partner, accepted });
    faultPoint("close: saved");
    return { closing, now: true, ...(await firstOf(control, { closing: closing.id })), setAside: closing.setAside };
  });

async function closedBefore({ control }: Context, closing: Closing): Promise<Closed> {
  const { period, partner, setAside } = closing;
  return {
    closing,
    now: false,
    ...(await firstOf(control, { period, partner })),
    setAside,
  };
}

async function firstOf(
  { documents }: Context["control"],
  of: { readonly closing: number } | { readonly period: string; readonly partner: string },
): Promise<Pick<Closed, "documents" | "documentsInAll">> {
  const statements = { ...of, kind: "statement" } as const;
  return {
    documents: await documents.page({ ...statements, after: "", limit: LIMITS.pageRowsMax }),
    documentsInAll: await documents.count(statements),
  };
}

const save = (
  { control, clock }: Context,
  caller: Caller,
  {
    rated,
    review: looked,
    partner,
    accepted,
  }: Prepared & { readonly partner: string; readonly accepted: readonly Acceptance[] },
): Promise<Closing> =>
  control.transaction(async (stores) => {
    const { period, bounds } = rated;
    const atMs = clock.now();
    const writer = await stores.documents.addClosing({
      ...bounds,
      kind: "close",
      period: period.name,
      from: period.from,
      to: period.to,
      partner,
      closedAtMs: atMs,
      closedBy: caller.name,
      conservation: looked.conservation,
      checks: looked.checks,
      accepted,
      setAside: looked.setAside,
      remaining: looked.remaining - looked.payers,
      reason: "",
    });
    let statements = 0;
    for (const payer of rated.payers()) {
      if (!looked.isReady(payer)) continue;
      await writer.add({ kind: "statement", ...rated.statementOf(payer, rated.chargesOf(payer)) });
      statements += 1;
    }
    await writer.finish();
    await stores.statements.removeDrafts(writer.closing);
    await stores.audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/statements/close/action",
      target: period.name,
      outcome: "done",
      detail: {
        partner,
        closing: writer.closing,
        statements,
        setAside: looked.setAside.length,
        accepted: accepted.map(({ check, reason }) => ({ check, reason })),
        lastBatch: bounds.lastBatch,
      },
    });
    return (await stores.documents.findClosing(writer.closing))!;
  });

/** The hours that a closing is of, whatever the setting says today. */
export const periodOfClosing = ({ period: name, from, to }: Pick<Closing, "period" | "from" | "to">): Period => ({
  name,
  from,
  to,
});
