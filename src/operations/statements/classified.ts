import type { Hour, MeterId } from "../../domain/ids.ts";
import type { KnowledgeMark } from "../../domain/statement/bounds.ts";
import { type Classified, classify, type ClassifyingFacts } from "../../domain/statement/classify.ts";
import type { Attribution } from "../../domain/statement/attribution.ts";
import type { Stamps } from "../../domain/statement/stamps.ts";
import type { Meters } from "../../domain/usage/meters.ts";
import type { UsageScope, UsageSegment, UsageTotal } from "../../domain/usage/store.ts";
import type { Context } from "../context.ts";
import { loadMeters } from "../meters/read.ts";
import { loadPriceBook } from "../prices/read.ts";
import { loadAttribution, loadStamps } from "./attribution.ts";

/** A sum with what becomes of it, and the first of the hours that were added up. */
export type ClassifiedTotal = UsageTotal & Classified & { readonly from: Hour };

/** Everything that decides what becomes of usage, as it was known at one moment. */
export interface Knowledge extends ClassifyingFacts {
  readonly attribution: Attribution;
  readonly meters: Meters;
}

/** The same without who pays for which tenant, of which there may be very many. */
export type CommonKnowledge = Omit<Knowledge, "attribution"> & { readonly stamps: Stamps };

type Stores = Pick<Context, "control" | "priceSheet">;

/** How meters are known and what prices usage. */
const loadTerms = async (
  { control, priceSheet }: Stores,
  knownUntilMs: number,
  mark?: KnowledgeMark,
): Promise<Pick<Knowledge, "meters" | "level" | "book">> => ({
  meters: await loadMeters(control, knownUntilMs, mark),
  level: "customer",
  book: await loadPriceBook({ control, priceSheet }, knownUntilMs, mark),
});

/**
 * @param knownUntilMs changes recorded later are left out
 * @param mark and those after these
 */
export const loadKnowledge = async (
  context: Stores,
  knownUntilMs: number,
  mark?: KnowledgeMark,
): Promise<Knowledge> => ({
  attribution: await loadAttribution(context.control, knownUntilMs, mark),
  ...(await loadTerms(context, knownUntilMs, mark)),
});

/** The same without who pays for which tenant. */
export const loadCommonKnowledge = async (
  context: Stores,
  knownUntilMs: number,
  mark?: KnowledgeMark,
): Promise<CommonKnowledge> => ({
  stamps: await loadStamps(context.control, knownUntilMs, mark),
  ...(await loadTerms(context, knownUntilMs, mark)),
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
