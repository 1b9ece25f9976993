import { Fault } from "../../domain/faults/fault.ts";
import type { EffectiveChange } from "../../domain/history.ts";
import type { Hour, MeterId, SubscriptionId } from "../../domain/ids.ts";
import type { Registration } from "../../domain/registration/registration.ts";
import type { AttributedSegment } from "../../domain/statement/attribution.ts";
import type { StatementHead, StatementLine, StatementState } from "../../domain/statement/statement.ts";
import type { Payer } from "../../domain/tenancy/payer.ts";
import type { LocalSubscriptionChange } from "../../domain/usage/localSubscription.ts";
import type { UsageTotal } from "../../domain/usage/store.ts";
import { add, type Decimal, decimal, ZERO } from "../../lib/decimal.ts";
import type { Context } from "../context.ts";
import { withArchives } from "../usage/archives.ts";
import { loadKnowledge } from "./classified.ts";
import { boundsOf } from "./explain.ts";

/** Why a tenant's usage on a stamp is paid for by the payer, in a stretch of hours in which nothing of it changes. */
export interface PayerReason {
  readonly registration: Registration;
  readonly tenant: string;
  readonly from: Hour;
  readonly to: Hour;
  readonly by: Payer["by"];
  /** The mapping, or its removal; undefined where the tenant was never mapped. */
  readonly change: EffectiveChange | undefined;
  /** Who would pay if the tenant had never been mapped. */
  readonly withoutMapping: SubscriptionId;
  /** Where the tenant has usage, each with the change that says whose it is. */
  readonly localSubscriptions: readonly LocalSubscriptionChange[];
  readonly usage: readonly { readonly meter: MeterId; readonly quantity: Decimal; readonly records: number }[];
}

/** Whatever of a document the reasons are of. */
export interface ExplainedDocument extends StatementHead {
  readonly number: string;
  readonly period: string;
  readonly state: StatementState;
  readonly total: string;
  readonly currency: string;
}

export interface PayerExplanation {
  readonly document: ExplainedDocument;
  readonly from: Hour;
  readonly to: Hour;
  readonly knownUntilMs: number;
  /** Stamp by stamp, tenant by tenant, in the order of hours; the first of them. */
  readonly reasons: readonly PayerReason[];
  readonly reasonsInAll: number;
  /** Stamps of which the payer pays the capacity, because its subscription registered them. */
  readonly capacity: readonly Registration[];
  readonly nameOf: (meter: MeterId) => { readonly name: string; readonly unit: string };
}

/** Reasons that are told in full; how many there are is told of all. */
const REASONS_TOLD_MAX = 500;

type Told = ExplainedDocument & { readonly lines: readonly StatementLine[] };

/** A draft, a closed statement, or a correction, of which the lines count that there are or were. */
async function documentOf({ control }: Context, number: string): Promise<Told> {
  const statement = await control.statements.find(number);
  if (statement !== undefined) return statement;
  const document = await control.documents.find(number);
  if (document?.kind !== "correction") throw new Fault("StatementNotFound", { number });
  return { ...document, state: "closed", lines: document.lines.map((line) => (line.new ?? line.old)!) };
}

/**
 * Why the usage of a statement or a correction is on it, as it was known to what made it. Of resellers and providers there
 * are no reasons here: they pay for what their customers' statements say.
 * @throws Fault StatementNotFound, ArchiveDamaged, UsageEngineUnavailable
 */
export async function explainPayer(context: Context, number: string): Promise<PayerExplanation> {
  const { lines, ...document } = await documentOf(context, number);
  const { from, to, ...bounds } = await boundsOf(context, document);
  const { attribution, meters } = await loadKnowledge(context, bounds.knownUntilMs, bounds.mark);
  const used = new Set(lines.filter(({ kind }) => kind !== "capacity").map(({ meter }) => meter));
  const stamps = new Set(lines.map(({ registration }) => registration));
  const segments = attribution.segmentsOf(document.payer, from, to).filter((so) => stamps.has(so.registration));
  const totals = await withArchives(context, { from, to }, async (archives) => {
    const scope = { from, to, lastBatch: bounds.lastBatch, archives };
    return await context.usage.segmentTotals(scope, [...used], segments, "segment");
  });
  const groups = groupsOf(segments, totals);
  const bought = new Set(lines.filter(({ kind }) => kind === "capacity").map(({ registration }) => registration));
  return {
    document,
    from,
    to,
    knownUntilMs: bounds.knownUntilMs,
    reasons: groups.slice(0, REASONS_TOLD_MAX).map((group): PayerReason => {
      const { registration, tenant, from: begin, to: end, payer } = group[0]!.segment;
      return {
        registration: attribution.registration(registration),
        tenant,
        from: begin,
        to: end,
        by: payer.by,
        change: payer.interval?.change,
        withoutMapping: attribution.withoutMapping(registration, begin).subscription,
        localSubscriptions: group.map(({ segment }) => segment.local.change),
        usage: usageOf(group.flatMap((so) => so.totals)),
      };
    }),
    reasonsInAll: groups.length,
    capacity: [...bought].map((registration) => attribution.registration(registration)),
    nameOf(meter) {
      const line = lines.find((so) => so.meter === meter);
      return { name: line?.meterName ?? meters.factsOf(meter)?.name ?? meter, unit: line?.unit ?? "" };
    },
  };
}

interface UsedSegment {
  readonly segment: AttributedSegment;
  readonly totals: readonly UsageTotal[];
}

/** Segments that have usage, those of one tenant on one stamp in the same hours together. */
function groupsOf(
  segments: readonly AttributedSegment[],
  totals: readonly UsageTotal[],
): readonly (readonly UsedSegment[])[] {
  const bySegment = Map.groupBy(totals, (so) => `${so.registration} ${so.localSubscription} ${so.hour}`);
  const used = segments.flatMap((segment): UsedSegment[] => {
    const own = bySegment.get(`${segment.registration} ${segment.localSubscription} ${segment.from}`);
    return own === undefined ? [] : [{ segment, totals: own }];
  });
  const groups = Map.groupBy(used, ({ segment: { registration, tenant, from, to } }) =>
    [registration, tenant, from, to].join(" "),
  );
  return [...groups.values()].sort(([a], [b]) => {
    const [one, other] = [a!.segment, b!.segment];
    if (one.registration !== other.registration) return one.registration - other.registration;
    if (one.tenant !== other.tenant) return one.tenant < other.tenant ? -1 : 1;
    return one.from - other.from;
  });
}

const usageOf = (totals: readonly UsageTotal[]): PayerReason["usage"] =>
  [...Map.groupBy(totals, ({ meter }) => meter)].map(([meter, own]) => ({
    meter,
    quantity: own.reduce((so, { quantity }) => add(so, decimal(quantity)), ZERO),
    records: own.reduce((so, { records }) => so + records, 0),
  }));
