import { isFault } from "../../domain/faults/fault.ts";
import type { Level } from "../../domain/rating/priceTerms.ts";
import type { Bounds } from "../../domain/statement/bounds.ts";
import { capacityCharges } from "../../domain/statement/capacity.ts";
import type { Charge } from "../../domain/statement/charges.ts";
import type { ChargedSums } from "../../domain/statement/conservation.ts";
import type { DraftPacker } from "../../domain/statement/draftLines.ts";
import type { Period } from "../../domain/statement/period.ts";
import { type FxRates, rate } from "../../domain/statement/rate.ts";
import {
  buildStatement,
  orderedCharges,
  type StatementContent,
  type StatementFacts,
  type StatementHead,
  statementTotals,
} from "../../domain/statement/statement.ts";
import type { NewDraft, ParkedSum, UnpricedSum } from "../../domain/statement/store.ts";
import type { StoredTotal } from "../../domain/usage/store.ts";
import type { CommonKnowledge } from "./classified.ts";
import type { RatedGroup, RatedPayer } from "./ratedPayer.ts";
import type { Waiting } from "./unbilled.ts";

/** A whole period, rated from scratch as it was known at one moment. Payers are on disk until it is disposed of. */
export interface RatedPeriod extends Disposable {
  readonly period: Period;
  readonly bounds: Bounds;
  readonly knowledge: CommonKnowledge;
  readonly stored: readonly StoredTotal[];
  readonly parked: readonly ParkedSum[];
  readonly unpriced: readonly UnpricedSum[];
  /** What is parked, with what is at stake. */
  readonly waiting: readonly Waiting[];
  /** In their order. No I/O that waits: payers may be gone through inside a transaction. */
  payers(): Generator<RatedPayer>;
  /** One of them. */
  payer(of: { readonly level: Level; readonly payer: string }): RatedPayer | undefined;
  chargesOf(payer: RatedPayer): readonly Charge[];
  /**
   * The same, or what is wrong: one payer's fault does not keep others from their statements.
   * @param sums get what was charged, or the usage that would have been
   */
  tryCharges(payer: RatedPayer, sums?: ChargedSums): readonly Charge[] | string;
  /** The same of some of the payer's groups alone, without what it pays for capacity. */
  tryGroups(groups: readonly RatedGroup[]): readonly Charge[] | string;
  /** The same of capacity alone. */
  tryCapacity(payer: RatedPayer): readonly Charge[] | string;
  statementOf(payer: RatedPayer, charges: readonly Charge[]): StatementContent;
  /** The same as a draft, but for its number. */
  draftOf(payer: RatedPayer, charges: readonly Charge[], packer: DraftPacker): Omit<NewDraft, "number">;
}

/** How charges and statements are made of payers. */
export function chargesBy(
  { book, meters }: CommonKnowledge,
  period: Period,
  { knownUntilMs }: Bounds,
): Pick<RatedPeriod, "chargesOf" | "tryCharges" | "tryGroups" | "tryCapacity" | "statementOf" | "draftOf"> {
  const fxRates: FxRates = (from, to) => book.fxRate(period.name, from, to);
  const usageCharges = (groups: readonly RatedGroup[]): readonly Charge[] =>
    groups.flatMap(({ group, ordered }) => rate(group, fxRates, ordered));
  const ofCapacity = ({ capacity }: RatedPayer): readonly Charge[] =>
    capacity.flatMap((facts) => capacityCharges(facts, period, { knownUntilMs, fxRates }));
  const chargesOf = (payer: RatedPayer): readonly Charge[] => [...usageCharges(payer.groups), ...ofCapacity(payer)];
  const statementFacts = ({ mappings }: RatedPayer): StatementFacts => {
    return { period, meters, mappingsOf: (registration) => mappings.get(registration) ?? [] };
  };
  return {
    chargesOf,
    tryCharges(payer, sums) {
      const charges = orWrong(() => chargesOf(payer));
      // Usage is lost or kept once, however many levels it is rated for.
      const counted = payer.level === "customer" ? sums : undefined;
      if (typeof charges !== "string") counted?.add(charges);
      else for (const { group } of payer.groups) counted?.addUsage(group.keys);
      return charges;
    },
    tryGroups: (groups) => orWrong(() => usageCharges(groups)),
    tryCapacity: (payer) => orWrong(() => ofCapacity(payer)),
    statementOf: (payer, charges) => buildStatement(headOf(payer), charges, statementFacts(payer)),
    draftOf(payer, charges, packer) {
      const ordered = orderedCharges(charges, meters);
      const lines = packer.pack(ordered, statementFacts(payer).mappingsOf);
      return { ...statementTotals(headOf(payer), charges, period), ...lines, lineCount: ordered.length };
    },
  };
}

const headOf = ({ level, parties }: RatedPayer): StatementHead => ({ level, ...parties });

/** What work gives, or what is wrong. */
function orWrong<Result>(work: () => Result): Result | string {
  try {
    return work();
  } catch (error) {
    return isFault(error) ? `${error.code}: ${error.message}` : (error as Error).message;
  }
}
