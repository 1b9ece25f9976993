import type { Hour, MeterId } from "../../domain/ids.ts";
import type { KnowledgeMark } from "../../domain/statement/bounds.ts";
import { type Classified, classify, type ClassifyingFacts } from "../../domain/statement/classify.ts";
import type { Attribution } from "../../domain/statement/attribution.ts";
import type { Meters } from "../../domain/usage/meters.ts";
import type { UsageScope, UsageSegment, UsageTotal } from "../../domain/usage/store.ts";
import type { Context } from "../context.ts";
import { loadMeters } from "../meters/read.ts";
import { loadPriceBook } from "../prices/read.ts";
import { loadAttribution } from "./attribution.ts";

/** A sum with what becomes of it, and the first of the hours that were added up. */
export type ClassifiedTotal = UsageTotal & Classified & { readonly from: Hour };

/** Everything that decides what becomes of usage, as it was known at one moment. */
export interface Knowledge extends ClassifyingFacts {
  readonly attribution: Attribution;
  readonly meters: Meters;
}

/**
 * @param knownUntilMs changes recorded later are left out
 * @param mark and those after these
 */
export const loadKnowledge = async (
  { control, priceSheet }: Pick<Context, "control" | "priceSheet">,
  knownUntilMs: number,
  mark?: KnowledgeMark,
): Promise<Knowledge> => ({
  attribution: await loadAttribution(control, knownUntilMs, mark),
  meters: await loadMeters(control, knownUntilMs, mark),
  level: "customer",
  book: await loadPriceBook({ control, priceSheet }, knownUntilMs, mark),
});

/** The hours of a scope in stretches inside which each of these meters is known, and priced, in one way. */
export function stretchesOf(
  scope: UsageScope,
  { meters, book }: Pick<Knowledge, "meters" | "book">,
  used: Iterable<MeterId>,
): readonly UsageScope[] {
  const { from, to } = scope;
  const cuts = new Set([...meters.cuts(used, from, to), ...book.cuts(from, to)]);
  const begins = [from, ...[...cuts].sort((a, b) => a - b)];
  return begins.map((begin, i) => ({ ...scope, from: begin, to: begins[i + 1] ?? to }));
}

/**
 * What becomes of all usage of a scope, summed up as far as one answer holds for it.
 * @param cut where attribution changes, in the hours asked for
 */
export async function classifiedTotals(
  { usage }: Pick<Context, "usage">,
  knowledge: Knowledge,
  stretches: readonly UsageScope[],
  cut: (from: Hour, to: Hour) => readonly UsageSegment[],
): Promise<readonly ClassifiedTotal[]> {
  const classified: ClassifiedTotal[] = [];
  for (const stretch of stretches) {
    for (const total of await usage.totals(stretch, cut(stretch.from, stretch.to))) {
      const from = total.hour ?? stretch.from;
      classified.push({ ...total, from, ...classify(total, from, knowledge) });
    }
  }
  return classified;
}
