import { hourStartMs } from "../../domain/ids.ts";
import type { Says } from "../../domain/reconciliation/amounts.ts";
import { causeOf, type Difference, type ReconciliationCause } from "../../domain/reconciliation/cause.ts";
import type { ColumnMap } from "../../domain/reconciliation/columns.ts";
import { compareSides } from "../../domain/reconciliation/compare.ts";
import type { OpenQuantity, QuantityFacts } from "../../domain/reconciliation/quantities.ts";
import { type Place, placeKey, type Side, totalAmount } from "../../domain/reconciliation/side.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { Bounds } from "../../domain/statement/bounds.ts";
import type { Period } from "../../domain/statement/period.ts";
import type { ArchivedMonth } from "../../domain/usage/archive.ts";
import { add, type Decimal, formatDecimal, isZero, subtract, ZERO } from "../../lib/decimal.ts";
import { HOUR_MS } from "../../lib/instant.ts";
import type { Context } from "../context.ts";
import { loadKnowledge } from "../statements/classified.ts";
import { boundsNow } from "../statements/rated.ts";
import { withArchives } from "../usage/archives.ts";
import { type Ours, ourSide } from "./ours.ts";
import { type ComparedScope, type Grain, loadStamps, type Stamps } from "./scope.ts";
import { openFile } from "./theirs.ts";
import { type DailyUsage, dailyUsage } from "./usage.ts";

/** What both sides come to for a payer of whom anything differs. */
export interface ComparedPayer {
  readonly payer: string;
  /** Null where the other side has it in other currencies, or says no amounts. */
  readonly currency: string | null;
  readonly ours: string;
  readonly theirs: string;
  readonly difference: string;
  readonly differences: number;
}

export interface Comparison {
  readonly period: string;
  readonly level: ComparedScope["level"];
  /** The shape of the file, or the other period; null where only a map of columns told what the file has. */
  readonly against: string | null;
  /** Rows of the file that were compared; null for a period. */
  readonly rows: number | null;
  /** How many payers, stamps and meters were laid side by side. */
  readonly places: number;
  /** In the order of payer, stamp, meter and day; at most so many as are told. */
  readonly differences: readonly Difference[];
  readonly differencesInAll: number;
  readonly causes: Readonly<Partial<Record<ReconciliationCause, number>>>;
  /** Those of whom something differs; at most so many as are told. */
  readonly payers: readonly ComparedPayer[];
}

/** All that both sides have, and the differences. */
interface Found {
  readonly ours: Side;
  readonly theirs: Side;
  readonly says: Says;
  readonly differences: readonly Difference[];
}

function comparisonOf(
  head: Pick<Comparison, "period" | "level" | "against" | "rows">,
  { ours, theirs, says, differences }: Found,
): Comparison {
  const causes: Partial<Record<ReconciliationCause, number>> = {};
  const counts = new Map<string, number>();
  for (const { situation, payer } of differences) {
    causes[causeOf(situation)] = (causes[causeOf(situation)] ?? 0) + 1;
    counts.set(payer, (counts.get(payer) ?? 0) + 1);
  }
  const [own, other] = [sumsOf(ours, counts), sumsOf(theirs, counts)];
  const payers = [...counts].slice(0, LIMITS.reconciliationDifferencesMax).map(([payer, count]): ComparedPayer => {
    const [mine, their] = [own.get(payer), other.get(payer)];
    const currencies = new Set([...(mine?.currencies ?? []), ...(their?.currencies ?? [])]);
    const [a, b] = [mine?.amount ?? ZERO, their?.amount ?? ZERO];
    return {
      payer,
      currency: currencies.size === 1 && says.amount ? [...currencies][0]! : null,
      ours: formatDecimal(a),
      theirs: formatDecimal(b),
      difference: formatDecimal(subtract(b, a)),
      differences: count,
    };
  });
  return {
    ...head,
    places: new Set([...ours.entries.keys(), ...theirs.entries.keys()]).size,
    differences: differences.slice(0, LIMITS.reconciliationDifferencesMax),
    differencesInAll: differences.length,
    causes,
    payers,
  };
}

function sumsOf(
  { entries }: Side,
  wanted: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, { readonly amount: Decimal; readonly currencies: ReadonlySet<string> }> {
  const sums = new Map<string, { amount: Decimal; currencies: Set<string> }>();
  for (const entry of entries.values()) {
    const { payer, currency } = entry;
    if (!wanted.has(payer)) continue;
    const so = sums.get(payer) ?? sums.set(payer, { amount: ZERO, currencies: new Set() }).get(payer)!;
    so.amount = add(so.amount, totalAmount(entry));
    if (currency !== "") so.currencies.add(currency);
  }
  return sums;
}

/**
 * Lays our statements of a period beside a reconciliation file. Nothing is kept of the file.
 * @throws Fault StatementRunNotFound, ReconciliationFileUnreadable, ReconciliationColumnMissing, ReconciliationTooLarge,
 * RequestTooLarge, ArchiveDamaged, UsageEngineUnavailable; ReconciliationFileRefused with what is wrong in which row
 */
export async function compareWithFile(
  context: Context,
  {
    period,
    scope,
    columns,
    body,
  }: {
    readonly period: Period;
    readonly scope: ComparedScope;
    readonly columns: ColumnMap;
    readonly body: AsyncIterable<Buffer>;
  },
): Promise<Comparison> {
  const file = await openFile(body, { columns, period, scope });
  const { layout, says } = file;
  const grain: Grain = {
    meter: file.grain,
    hasStamps: layout.at.stamp !== undefined,
    hasDays: layout.at.day !== undefined && says.quantity,
    isLocal: layout.at.localQuantity !== undefined,
  };
  const stamps = await loadStamps(context.control);
  const ours = await ourSide(context, period, { scope, grain, stamps });
  const { side: theirs, rows } = await file.read(ours.side, ours.names);
  const differences = await withArchives(context, period, async (archives) => {
    const causes = new Causes(context, { period, scope, grain, stamps, ours, archives });
    if (grain.hasDays) await causes.addDays();
    return await compareSides(ours.side, theirs, { says, factsOf: (open) => causes.factsOf(open) });
  });
  const head = { period: period.name, level: scope.level, against: layout.shape ?? null, rows };
  return comparisonOf(head, { ours: ours.side, theirs, says, differences });
}

/**
 * Lays our statements of two periods side by side; `other` stands for the other side.
 * @throws Fault StatementRunNotFound, ReconciliationTooLarge
 */
export async function comparePeriods(
  context: Context,
  { period, other, scope }: { readonly period: Period; readonly other: Period; readonly scope: ComparedScope },
): Promise<Comparison> {
  const stamps = await loadStamps(context.control);
  const grain: Grain = { meter: "commerce", hasStamps: true, hasDays: false, isLocal: false };
  const { side: ours } = await ourSide(context, period, { scope, grain, stamps });
  const { side: theirs } = await ourSide(context, other, { scope, grain, stamps });
  const says = { quantity: true, price: true, amount: true };
  const { unmappedPayers } = stamps;
  const facts: QuantityFacts = { late: () => [], unmappedPayers, waiting: () => ZERO };
  const differences = await compareSides(ours, theirs, { says, factsOf: () => Promise.resolve(facts) });
  const head = { period: period.name, level: scope.level, against: other.name, rows: null };
  return comparisonOf(head, { ours, theirs, says, differences });
}

interface Known {
  readonly period: Period;
  readonly scope: ComparedScope;
  readonly grain: Grain;
  readonly stamps: Stamps;
  readonly ours: Ours;
  readonly archives: readonly ArchivedMonth[];
}

const boundsKey = ({ knownUntilMs, lastBatch }: Bounds): string => `${knownUntilMs} ${lastBatch}`;

/** Asks the usage store what causes can be found from. */
class Causes {
  readonly #context: Context;
  readonly #known: Known;

  constructor(context: Context, known: Known) {
    this.#context = context;
    this.#known = known;
  }

  /** Usage as it was known by some bounds; of later or earlier batches where they are given. */
  async #usage(
    bounds: Bounds,
    isNeeded: (place: Place) => boolean,
    lastBatch: number = bounds.lastBatch,
  ): Promise<DailyUsage> {
    const knowledge = await loadKnowledge(this.#context, bounds.knownUntilMs, bounds.mark);
    return await dailyUsage(this.#context, knowledge, { ...this.#known, lastBatch, isNeeded });
  }

  /** Payers by the bounds of what was told to them last. */
  #groups(): readonly { readonly bounds: Bounds; readonly first: readonly Bounds[]; readonly payers: Set<string> }[] {
    const groups = new Map<string, { bounds: Bounds; first: Map<string, Bounds>; payers: Set<string> }>();
    for (const [payer, { first, last }] of this.#known.ours.boundsOf) {
      const key = boundsKey(last);
      const group = groups.get(key) ?? { bounds: last, first: new Map<string, Bounds>(), payers: new Set<string>() };
      groups.set(key, group);
      group.payers.add(payer);
      if (boundsKey(first) !== key) group.first.set(boundsKey(first), first);
    }
    return [...groups.values()].map(({ first, ...group }) => ({ ...group, first: [...first.values()] }));
  }

  /** Adds the days of our usage to our side, of each payer as it was known for what was told to it last. */
  async addDays(): Promise<void> {
    const { side } = this.#known.ours;
    for (const { bounds, payers } of this.#groups()) {
      const { billed } = await this.#usage(bounds, ({ payer }) => payers.has(payer));
      for (const [place, day, quantity] of billed.all()) {
        side.addQuantity(side.at(place, { meterName: "", currency: "" }), day, quantity);
      }
      if (side.cells > LIMITS.reconciliationCellsMax) {
        throw new Fault("ReconciliationTooLarge", { cellsMax: LIMITS.reconciliationCellsMax });
      }
    }
  }

  async factsOf(open: readonly OpenQuantity[]): Promise<QuantityFacts> {
    const { ours, stamps } = this.#known;
    const late = new Map<string, Decimal[]>();
    const addLate = (place: Place, day: string, difference: Decimal): void => {
      if (isZero(difference)) return;
      const key = `${placeKey(place)}\n${day}`;
      const own = late.get(key);
      if (own === undefined) late.set(key, [difference]);
      else own.push(difference);
    };
    for (const so of open) {
      const entry = ours.side.entries.get(placeKey(so));
      for (const earlier of entry?.earlier ?? []) addLate(so, so.day, subtract(earlier, so.ours ?? ZERO));
    }
    const now = await boundsNow(this.#context);
    const groups = this.#groups();
    let waiting: DailyUsage["waiting"] | undefined;
    for (const [i, { bounds, first, payers }] of groups.entries()) {
      // Who has no statement yet is looked for with the newest of them.
      const isLast = i === groups.length - 1;
      const own = open.filter(({ payer }) => payers.has(payer) || (isLast && !ours.boundsOf.has(payer)));
      if (own.length === 0) continue;
      const wanted = new Set(own.map(placeKey));
      const isNeeded = (place: Place): boolean => wanted.has(placeKey(place));
      const standing = await this.#usage(bounds, isNeeded);
      waiting ??= standing.waiting;
      const others = [await this.#usage(bounds, isNeeded, now.lastBatch), await this.#inTime(bounds, isNeeded)];
      for (const so of first) others.push(await this.#usage(so, isNeeded));
      for (const other of others) {
        if (other === undefined) continue;
        for (const so of own)
          addLate(so, so.day, subtract(other.billed.at(so, so.day), standing.billed.at(so, so.day)));
      }
    }
    return {
      late: (place, day) => late.get(`${placeKey(place)}\n${day}`) ?? [],
      unmappedPayers: stamps.unmappedPayers,
      waiting: (meter, day) => waiting?.at({ payer: "", stamp: "", meter }, day) ?? ZERO,
    };
  }

  /**
   * Usage that was here in time for the file of its own period. Undefined where none was: then the period was delivered
   * as a whole later on, and its times of arrival tell nothing.
   */
  async #inTime(bounds: Bounds, isNeeded: (place: Place) => boolean): Promise<DailyUsage | undefined> {
    const { period, archives } = this.#known;
    const untilMs = hourStartMs(period.to) + LIMITS.reconciliationGraceHours * HOUR_MS;
    if (untilMs >= this.#context.clock.now()) return undefined;
    const { lastBatch } = await this.#context.control.batches.lastComplete(untilMs);
    if (lastBatch >= bounds.lastBatch) return undefined;
    const stored = await this.#context.usage.stored({ from: period.from, to: period.to, lastBatch, archives });
    return stored.length === 0 ? undefined : await this.#usage(bounds, isNeeded, lastBatch);
  }
}
