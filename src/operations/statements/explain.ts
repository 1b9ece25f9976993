import { Fault } from "../../domain/faults/fault.ts";
import { type Hour, hourStartMs, type SubscriptionId } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { Price, PriceSheet } from "../../domain/rating/priceSheet.ts";
import { pricingOf } from "../../domain/rating/pricing.ts";
import type { Registration } from "../../domain/registration/registration.ts";
import type { AttributedSegment } from "../../domain/statement/attribution.ts";
import type { Bounds } from "../../domain/statement/bounds.ts";
import { partiesOf } from "../../domain/statement/level.ts";
import type { Statement, StatementLine } from "../../domain/statement/statement.ts";
import type { RecordPage, UsageTotal } from "../../domain/usage/store.ts";
import { decimal, formatDecimal, sum } from "../../lib/decimal.ts";
import { formatFraction } from "../../lib/fraction.ts";
import { formatInstant } from "../../lib/instant.ts";
import type { Context } from "../context.ts";
import { withArchives } from "../usage/archives.ts";
import { type Knowledge, loadKnowledge } from "./classified.ts";

/** Why a tenant's usage in some hours is on this payer's statement. */
export interface MappingDecision {
  readonly tenant: string;
  readonly localSubscriptions: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly by: "mapping" | "removed-mapping" | "no-mapping";
  /** The change that decided, and who recorded it when; null where the tenant was never mapped. */
  readonly change: { readonly id: number; readonly recordedAt: string; readonly recordedBy: string } | null;
  readonly records: number;
  readonly quantity: string;
}

export interface Explanation {
  readonly statement: Omit<Statement, "lines">;
  readonly line: StatementLine;
  readonly registration: Registration;
  readonly price: Price | undefined;
  readonly rounding: PriceSheet["rounding"];
  readonly knownUntil: string;
  readonly decisions: readonly MappingDecision[];
  readonly records: RecordPage;
}

/**
 * Everything behind a statement line: its price, why this payer pays, and its records, as they were known to the run
 * that made it. The records are those of the payer's usage of this stamp and meter; where several tiers share them,
 * their quantities add up to the records' sum.
 * @throws Fault StatementNotFound, StatementLineNotFound, ArchiveDamaged, UsageEngineUnavailable
 */
export async function explainLine(
  context: Context,
  number: string,
  lineNumber: number,
  page: { readonly offset: number; readonly limit: number },
): Promise<Explanation> {
  const { control, usage } = context;
  const found = await control.statements.find(number);
  if (found === undefined) throw new Fault("StatementNotFound", { number });
  const { lines, ...statement } = found;
  const line = lines.find((candidate) => candidate.line === lineNumber);
  if (line === undefined) throw new Fault("StatementLineNotFound", { number, line: lineNumber, lines: lines.length });
  const { from, to, ...bounds } = await boundsOf(context, statement);
  const { level } = statement;
  const knowledge = { ...(await loadKnowledge(context, bounds.knownUntilMs, bounds.mark)), level };
  const { attribution, book } = knowledge;
  const segments = (await subscriptionsOf(context, statement, attribution, bounds))
    .flatMap((subscription) => attribution.segmentsOf(subscription, from, to))
    .filter(({ registration }) => line.kind !== "capacity" && registration === line.registration)
    .flatMap((segment) => pricedAlike(segment, line, knowledge));
  const [first] = segments;
  const terms = first && book.termsAt(level, partyOf(first), first.from);
  const meters = [line.meter];
  const limit = Math.min(page.limit, LIMITS.explainRecordsMax);
  const { totals, records } = await withArchives(context, { from, to }, async (archives) => {
    const scope = { from, to, lastBatch: bounds.lastBatch, archives };
    return {
      totals: await usage.segmentTotals(scope, meters, segments, "segment"),
      records: await usage.records({ scope, meters, segments, offset: page.offset, limit }),
    };
  });
  return {
    statement,
    line,
    registration: attribution.registration(line.registration),
    price: terms && book.priceOf(terms, line.commerceMeter),
    rounding: terms?.sheet.rounding ?? context.priceSheet.rounding,
    knownUntil: formatInstant(bounds.knownUntilMs),
    decisions: decisionsOf(segments, totals),
    records,
  };
}

const partyOf = ({ payer, registration }: AttributedSegment) => ({ subscription: payer.subscription, registration });

/** Whose usage a statement is of: that of a reseller or a provider is of all who buy through it. */
async function subscriptionsOf(
  { control }: Pick<Context, "control">,
  { level, payer }: Pick<Statement, "level" | "payer">,
  attribution: Knowledge["attribution"],
  { mark }: Pick<Bounds, "mark">,
): Promise<readonly SubscriptionId[]> {
  if (level === "customer") return [payer as SubscriptionId];
  const known = await control.catalogue.asOf([...attribution.payers()], mark["catalogue"] ?? 0);
  return known
    .filter(({ entry }) => partiesOf(level, entry.subscription, entry)?.payer === payer)
    .map(({ entry }) => entry.subscription);
}

/** What was known to what made a statement: the run that it is a draft of, or the closing. */
export async function boundsOf(
  { control, periods }: Context,
  { number, period, state }: Pick<Statement, "number" | "period" | "state">,
): Promise<Bounds & { readonly from: Hour; readonly to: Hour }> {
  if (state === "draft") {
    const run = await control.statements.findRun(period);
    if (run === undefined) throw new Fault("StatementRunNotFound", { period });
    return { ...run, ...periods.named(period) };
  }
  const document = await control.documents.find(number);
  const closing = await control.documents.findClosing(document!.closing);
  return closing!;
}

/** The hours of a segment in which the line's meter was priced as the line says. */
function pricedAlike(
  segment: AttributedSegment,
  line: StatementLine,
  knowledge: Knowledge,
): readonly AttributedSegment[] {
  const { meters, book } = knowledge;
  const { meter, commerceMeter, factor, priceSheet, priceVersion, priceAssignment } = line;
  const { from: first, to } = segment;
  const cuts = new Set([...meters.cuts([meter], first, to), ...book.cuts(first, to)]);
  const begins = [first, ...[...cuts].sort((a, b) => a - b)];
  return begins.flatMap((from, i) => {
    const terms = book.termsAt(knowledge.level, partyOf(segment), from);
    const pricing = pricingOf(knowledge, terms, meter, from);
    const isSheet = terms.sheet.id === priceSheet && terms.sheet.version === priceVersion;
    const isLine =
      isSheet &&
      (terms.assignment?.id ?? null) === priceAssignment &&
      pricing.commerceMeter === commerceMeter &&
      formatFraction(pricing.factor) === factor;
    const isKnown = meters.isKnown(meter, from);
    return isLine && isKnown ? [{ ...segment, from, to: begins[i + 1] ?? to }] : [];
  });
}

const hourText = (hour: Hour): string => formatInstant(hourStartMs(hour));

/** One decision for each tenant and stretch of hours that has records of the line. */
function decisionsOf(
  segments: readonly AttributedSegment[],
  totals: readonly UsageTotal[],
): readonly MappingDecision[] {
  const sums = new Map(totals.map((total) => [`${total.localSubscription} ${total.hour}`, total]));
  const used = segments.flatMap((segment) => {
    const total = sums.get(`${segment.localSubscription} ${segment.from}`);
    return total === undefined ? [] : [{ segment, total }];
  });
  const groups = Map.groupBy(used, ({ segment: { tenant, from, to } }) => `${tenant} ${from} ${to}`);
  return [...groups.values()].map((group) => {
    const { tenant, from, to, payer } = group[0]!.segment;
    const change = payer.interval?.change;
    return {
      tenant,
      localSubscriptions: group.map(({ segment }) => segment.localSubscription),
      from: hourText(from),
      to: hourText(to),
      by: payer.by,
      change: change
        ? { id: change.id, recordedAt: formatInstant(change.recordedAtMs), recordedBy: change.recordedBy }
        : null,
      records: group.reduce((sum, { total }) => sum + total.records, 0),
      quantity: formatDecimal(sum(group.map(({ total }) => decimal(total.quantity)))),
    };
  });
}
