import { faultPoint } from "../../lib/faultPoint.ts";
import { add, decimal, formatDecimal } from "../../lib/decimal.ts";
import type { Hour } from "../../domain/ids.ts";
import { pricingOf } from "../../domain/rating/pricing.ts";
import {
  type BilledTotal,
  type Charge,
  type ChargeGroup,
  groupCharges,
  groupNeedsTimeOrder,
  inTimeOrder,
  rate,
} from "../../domain/statement/charges.ts";
import { conservation } from "../../domain/statement/conservation.ts";
import type { Period } from "../../domain/statement/period.ts";
import { buildStatements, sheetsOf } from "../../domain/statement/statement.ts";
import type { StatementRun } from "../../domain/statement/store.ts";
import type { UsageScope, UsageTotal } from "../../domain/usage/store.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { mustBeInStore } from "../usage/archives.ts";
import { type ClassifiedTotal, classifiedTotals, type Knowledge, loadKnowledge, stretchesOf } from "./classified.ts";

/**
 * Makes the draft statements of a period from what is known now; drafts of an earlier run are replaced.
 * @throws Fault PeriodArchived, UsageEngineUnavailable
 */
export const runStatements = (context: Context, caller: Caller, period: Period): Promise<StatementRun> =>
  context.locks.run("statements", async () => {
    const { control, usage, clock } = context;
    await mustBeInStore(context, period);
    const knownUntilMs = clock.now();
    const { lastBatch, later } = await control.batches.lastComplete();
    const scope: UsageScope = { from: period.from, to: period.to, lastBatch };
    const knowledge = await loadKnowledge(context, knownUntilMs);
    const { attribution, meters } = knowledge;
    // Read apart from the totals below, so that a record which they lose is missed on the other side.
    const stored = await usage.stored(scope);
    const used = stored.map(({ meter }) => meter);
    const cut = (from: Hour, to: Hour) => attribution.cuts(from, to);
    const classified = await classifiedTotals(context, knowledge, stretchesOf(scope, knowledge, used), cut);
    const groups = groupCharges(classified.filter(isBilled));
    const charges = await rateAll(context, knowledge, scope, groups);
    const parked = sumUp(classified.filter((total) => total.kind === "parked"));
    const unpriced = sumUp(classified.filter((total) => total.kind === "unpriced"));
    const run = {
      period: period.name,
      priceSheet: sheetsOf(charges),
      knownUntilMs,
      lastBatch,
      batchesNotCounted: later,
      conservation: conservation(stored, charges, { unpriced, parked, meters }),
      parked,
      unpriced,
    };
    faultPoint("statements: sums read");
    const statements = buildStatements(charges, period, { meters });
    const saved = await control.transaction(async (stores) => {
      const before = await stores.statements.findRun(period.name);
      const replaced = before && { run: before.id, lastBatch: before.lastBatch };
      await stores.audit.add({
        ...auditedBy(caller, knownUntilMs),
        action: "Stampbook/statements/run",
        target: period.name,
        outcome: "done",
        detail: {
          before: replaced ?? null,
          after: { statements: statements.length, lastBatch },
        },
      });
      return await stores.statements.save(run, statements);
    });
    faultPoint("statements: saved");
    return saved;
  });

const isBilled = (total: ClassifiedTotal): total is ClassifiedTotal & BilledTotal => total.kind === "billed";

async function rateAll(
  { usage }: Context,
  knowledge: Knowledge,
  scope: UsageScope,
  groups: readonly ChargeGroup[],
): Promise<readonly Charge[]> {
  const { attribution, meters: known, book } = knowledge;
  const charges: Charge[] = [];
  for (const group of groups) {
    if (!groupNeedsTimeOrder(group)) {
      charges.push(...rate(group));
      continue;
    }
    const segments = attribution.segmentsOf(group.payer, scope.from, scope.to);
    const meters = [...new Set(group.keys.map(({ meter }) => meter))];
    const hourly = await usage.segmentTotals(scope, meters, segments, "hour");
    const priced = hourly.flatMap((total) => {
      const hour = total.hour ?? scope.from;
      const party = { subscription: group.payer, registration: total.registration };
      const { price, factor } = pricingOf(knowledge, book.termsAt("customer", party, hour), total.meter, hour);
      const isOwn = known.isKnown(total.meter, hour) && price === group.price;
      return isOwn ? [{ ...total, factor }] : [];
    });
    charges.push(...rate(group, inTimeOrder(priced)));
  }
  return charges;
}

interface SummedUp<Reason> {
  readonly reason: Reason;
  readonly registration: UsageTotal["registration"];
  readonly meter: UsageTotal["meter"];
  readonly quantity: string;
  readonly records: number;
}

function sumUp<Reason extends string>(
  totals: readonly (UsageTotal & { reason: Reason })[],
): readonly SummedUp<Reason>[] {
  const sums = new Map<string, SummedUp<Reason>>();
  for (const { reason, registration, meter, quantity, records } of totals) {
    const key = `${reason} ${registration} ${meter}`;
    const so = sums.get(key);
    sums.set(key, {
      reason,
      registration,
      meter,
      quantity: so ? formatDecimal(add(decimal(so.quantity), decimal(quantity))) : quantity,
      records: (so?.records ?? 0) + records,
    });
  }
  return [...sums.values()];
}
