import { add, decimal, formatDecimal } from "../../lib/decimal.ts";
import type { SubscriptionId } from "../../domain/ids.ts";
import { commerceMeterOf } from "../../domain/rating/priceSheet.ts";
import type { Attribution } from "../../domain/statement/attribution.ts";
import {
  type Charge,
  type ChargeGroup,
  groupCharges,
  groupNeedsTimeOrder,
  inTimeOrder,
  rate,
} from "../../domain/statement/charges.ts";
import { type Classified, classify } from "../../domain/statement/classify.ts";
import { conservation } from "../../domain/statement/conservation.ts";
import type { Period } from "../../domain/statement/period.ts";
import { buildStatements } from "../../domain/statement/statement.ts";
import type { StatementRun } from "../../domain/statement/store.ts";
import type { UsageScope, UsageTotal } from "../../domain/usage/store.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { loadAttribution } from "./attribution.ts";

/**
 * Makes the draft statements of a period from what is known now; drafts of an earlier run are replaced.
 * @throws Fault UsageEngineUnavailable
 */
export const runStatements = (context: Context, caller: Caller, period: Period): Promise<StatementRun> =>
  context.locks.run("statements", async () => {
    const { control, usage, clock, priceSheet } = context;
    const knownUntilMs = clock.now();
    const { lastBatch, later } = await control.batches.lastComplete();
    const scope: UsageScope = { from: period.from, to: period.to, lastBatch };
    const attribution = await loadAttribution(control, knownUntilMs);
    // Read apart from the totals below, so that a record which they lose is missed on the other side.
    const storedTotals = usage.stored(scope);
    const totals = await usage.totals(scope, attribution.cuts(period.from, period.to));

    const classified = totals.map((total) => ({
      ...total,
      ...classify(total, period.from, attribution, priceSheet),
    }));
    const groups = groupCharges(classified.filter(isBilled), priceSheet);
    const charges = await rateAll(context, attribution, scope, groups);
    const parked = sumUp(classified.filter((total) => total.kind === "parked"));
    const unpriced = sumUp(classified.filter((total) => total.kind === "unpriced"));
    const run = {
      period: period.name,
      priceSheet: priceSheet.id,
      knownUntilMs,
      lastBatch,
      batchesNotCounted: later,
      conservation: conservation(await storedTotals, charges, { unpriced, parked }),
      parked,
      unpriced,
    };
    const statements = buildStatements(charges, period, priceSheet);
    return await control.transaction(async (stores) => {
      const before = await stores.statements.findRun(period.name);
      const replaced = before && { run: before.id, lastBatch: before.lastBatch, priceSheet: before.priceSheet };
      await stores.audit.add({
        ...auditedBy(caller, knownUntilMs),
        action: "Stampbook/statements/run",
        target: period.name,
        outcome: "done",
        detail: {
          before: replaced ?? null,
          after: { statements: statements.length, lastBatch, priceSheet: priceSheet.id },
        },
      });
      return await stores.statements.save(run, statements);
    });
  });

type ClassifiedTotal = UsageTotal & Classified;
const isBilled = (total: ClassifiedTotal): total is UsageTotal & { kind: "billed"; payer: SubscriptionId } =>
  total.kind === "billed";

async function rateAll(
  { usage, priceSheet }: Context,
  attribution: Attribution,
  scope: UsageScope,
  groups: readonly ChargeGroup[],
): Promise<readonly Charge[]> {
  const charges: Charge[] = [];
  for (const group of groups) {
    if (!groupNeedsTimeOrder(group)) {
      charges.push(...rate(group, priceSheet.rounding));
      continue;
    }
    const segments = attribution.segmentsOf(group.payer, scope.from, scope.to);
    const meters = [...new Set(group.keys.map(({ meter }) => meter))];
    const hourly = await usage.segmentTotals(scope, meters, segments, "hour");
    const own = hourly.filter(({ meter }) => commerceMeterOf(priceSheet, meter) === group.price.commerceMeter);
    const keys = new Set(group.keys.map(({ registration }) => registration));
    charges.push(...rate(group, priceSheet.rounding, inTimeOrder(own.filter((so) => keys.has(so.registration)))));
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
