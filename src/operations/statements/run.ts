import { faultPoint } from "../../lib/faultPoint.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { Charge } from "../../domain/statement/charges.ts";
import { ChargedSums, conservation } from "../../domain/statement/conservation.ts";
import { DraftComparison, draftKey } from "../../domain/statement/draftChanges.ts";
import { DraftPacker } from "../../domain/statement/draftLines.ts";
import type { Period } from "../../domain/statement/period.ts";
import { currencyOf, sheetNames, type Statement } from "../../domain/statement/statement.ts";
import type { PriceSheet } from "../../domain/rating/priceSheet.ts";
import type { NewDraft, StatementRun } from "../../domain/statement/store.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { mustBeInStore } from "../usage/archives.ts";
import { openPayers } from "../closing/openPayers.ts";
import { boundsNow, ratePeriod } from "./rated.ts";
import type { RatedPeriod } from "./ratedPeriod.ts";

/**
 * Makes the draft statements of a period from what is known now; drafts of an earlier run are replaced, closed statements
 * stay. Tells what is other than at the run before.
 * @throws Fault PeriodArchived, UsageEngineUnavailable
 */
export const runStatements = (context: Context, caller: Caller, period: Period): Promise<StatementRun> =>
  context.locks.run("statements", async () => {
    await mustBeInStore(context, period);
    const { batchesNotCounted, ...bounds } = await boundsNow(context);
    using rated = await ratePeriod(context, period, bounds);
    faultPoint("statements: sums read");
    const run = await saveDrafts(context, caller, rated, batchesNotCounted);
    faultPoint("statements: saved");
    return run;
  });

/** Statements that are written at once: so few that their lines, as text, do not outlive a small collection. */
const STATEMENTS_IN_PIECE = 50;

function byCurrency(charges: readonly Charge[]): Iterable<readonly Charge[]> {
  const [first] = charges;
  if (first === undefined) return [];
  const currency = currencyOf(first);
  return charges.every((charge) => currencyOf(charge) === currency)
    ? [charges]
    : Map.groupBy(charges, currencyOf).values();
}

const saveDrafts = ({ control }: Context, caller: Caller, rated: RatedPeriod, batchesNotCounted: number) =>
  control.transaction(async (stores) => {
    const { period, bounds, knowledge, stored, parked, unpriced } = rated;
    const before = await stores.statements.findRun(period.name);
    const draftsBefore = await stores.statements.drafts(period.name);
    const comparison = before && new DraftComparison(draftsBefore, LIMITS.draftChangesToldMax);
    // Lines of the earlier run are gone once it is replaced.
    const told = new Map<string, Statement["lines"] | undefined>(
      await Promise.all(
        draftsBefore.slice(0, LIMITS.draftLinesComparedMax).map(async (draft) => {
          return [draftKey(draft), (await stores.statements.find(draft.number))?.lines] as const;
        }),
      ),
    );
    const isOpen = await openPayers(stores, period.name);
    const drafts = await stores.statements.replaceDrafts(period.name, bounds);
    const sums = new ChargedSums();
    const packer = new DraftPacker(knowledge.meters);
    let piece: NewDraft[] = [];
    const priced = new Set<PriceSheet>();
    let statements = 0;
    for (const payer of rated.payers()) {
      const charges = rated.tryCharges(payer, sums);
      if (!isOpen(payer) || typeof charges === "string") continue;
      for (const { price } of charges) priced.add(price.terms.sheet);
      // A payer that is priced in several currencies gets a draft for each; it cannot be closed so.
      for (const own of byCurrency(charges)) {
        const draft = rated.draftOf(payer, own, packer);
        statements += 1;
        comparison?.add(draft, {
          before: () => told.get(draftKey(draft)),
          after: () => rated.statementOf(payer, own).lines,
        });
        piece.push({ ...draft, number: `${period.name}-${String(statements).padStart(6, "0")}` });
      }
      if (piece.length < STATEMENTS_IN_PIECE) continue;
      await drafts.add(piece, packer.takeAdded());
      piece = [];
    }
    await drafts.add(piece, packer.takeAdded());
    const run = await drafts.finish({
      priceSheet: sheetNames(priced),
      batchesNotCounted,
      conservation: conservation(stored, sums.sums, { unpriced, parked, meters: knowledge.meters }),
      parked,
      unpriced,
      ...(comparison === undefined ? {} : { changes: comparison.finish() }),
    });
    const replaced = before && { run: before.id, lastBatch: before.lastBatch };
    await stores.audit.add({
      ...auditedBy(caller, bounds.knownUntilMs),
      action: "Stampbook/statements/run",
      target: period.name,
      outcome: "done",
      detail: {
        before: replaced ?? null,
        after: { statements, lastBatch: bounds.lastBatch },
      },
    });
    return run;
  });
