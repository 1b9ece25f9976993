import type { ControlStores } from "../../domain/controlStore.ts";
import { Fault } from "../../domain/faults/fault.ts";
import type { Hour, MeterId, RegistrationId, SubscriptionId, TenantId } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { Bounds } from "../../domain/statement/bounds.ts";
import { type CorrectionLine, differences } from "../../domain/statement/correction.ts";
import { lineKeys } from "../../domain/statement/lineKey.ts";
import type { Period } from "../../domain/statement/period.ts";
import type { StatementContent } from "../../domain/statement/statement.ts";
import type { Level } from "../../domain/rating/priceTerms.ts";
import { amountOf, type Charge } from "../../domain/statement/charges.ts";
import type { ArchivedMonth } from "../../domain/usage/archive.ts";
import { add, type Decimal, decimal, formatDecimal, subtract, ZERO } from "../../lib/decimal.ts";
import type { Context } from "../context.ts";
import { versionOf } from "../prices/versions.ts";
import { withArchives } from "../usage/archives.ts";
import { boundsNow, type MetersRated, ratePayers, ratePeriods } from "./rated.ts";
import type { RatedPeriod } from "./ratedPeriod.ts";
import type { RatedGroup, RatedPayer } from "./ratedPayer.ts";
import { sameMeters } from "./sameMeters.ts";
import { metersTouched } from "./triedMeters.ts";

/** What is supposed, for a trial: a draft (or an older version) of a sheet counts, or a tenant is mapped in another way. */
export type Supposition =
  | { readonly kind: "prices"; readonly sheet: string; readonly version: number; readonly from: Hour }
  | {
      readonly kind: "mapping";
      readonly registration: RegistrationId;
      readonly tenant: TenantId;
      readonly customer: SubscriptionId | null;
      readonly from: Hour;
    };

/** What one payer would be told otherwise. */
export interface TriedPayer {
  readonly level: Level;
  readonly payer: string;
  readonly currency: string;
  /** Exact decimal texts; 0 where there is no statement. */
  readonly before: string;
  readonly after: string;
  readonly difference: string;
  /** The first of them. */
  readonly lines: readonly Omit<CorrectionLine, "causes">[];
  readonly linesInAll: number;
  /** What keeps the payer from being rated as supposed. */
  readonly fault: string | null;
}

export interface TriedMeter {
  readonly meter: MeterId;
  readonly meterName: string;
  readonly currency: string;
  readonly before: string;
  readonly after: string;
  readonly difference: string;
}

export interface Trial {
  readonly period: string;
  /** Those for whom something is other, those with the largest change first; at most `trialPayersMax`. */
  readonly payers: readonly TriedPayer[];
  readonly payersInAll: number;
  /** Payers with usage that is priced by what is supposed, for whom nothing is other. */
  readonly payersUnchanged: number;
  readonly meters: readonly TriedMeter[];
}

/**
 * Rates a period, open or closed, as it is and as it would be; nothing is written.
 * @throws Fault PriceSheetNotFound, PriceVersionNotFound, ArchiveDamaged, UsageEngineUnavailable
 */
export async function tryPeriod(context: Context, period: Period, supposed: Supposition): Promise<Trial> {
  const bounds = await boundsNow(context);
  const other = await supposing(context, bounds, supposed);
  return await withArchives(context, period, async (archives) => {
    let others: readonly MeterId[] = [];
    const touched: MetersRated | undefined =
      supposed.kind === "mapping"
        ? undefined
        : (used, knowledge) => {
            const meters = metersTouched(supposed.sheet, period, used, knowledge);
            if (meters !== undefined) others = used.filter((meter) => !meters.includes(meter));
            return meters;
          };
    const [first, second] = await ratePeriods([{ context, bounds }, other], period, archives, touched);
    using before = first!;
    using after = second!;
    const trial = compared(before, after);
    if (others.length === 0 || trial.payers.length === 0) return trial;
    return {
      ...trial,
      payers: await withOthers(context, [before, after], trial.payers, { meters: others, archives }),
    };
  });
}

/** What was tried is on no more than some lines: adds to the totals of payers what all others come to, on both sides. */
async function withOthers(
  context: Context,
  [before, after]: readonly [RatedPeriod, RatedPeriod],
  tried: readonly TriedPayer[],
  of: { readonly meters: readonly MeterId[]; readonly archives: readonly ArchivedMonth[] },
): Promise<readonly TriedPayer[]> {
  const payers = tried.map((so) => (before.payer(so) ?? after.payer(so))!);
  using rated = await ratePayers(context, before, { ...of, payers });
  return tried.map((so) => {
    const charges = rated.tryGroups(rated.payer(so)?.groups ?? []);
    if (typeof charges === "string") return { ...so, ...sides(ZERO, ZERO), fault: so.fault ?? charges };
    const more = amountOf(charges);
    // Whoever cannot be rated has no statement, nor a total.
    const [was, is] = [so.before, so.after].map((total) =>
      so.fault !== null && total === "0" ? ZERO : add(decimal(total), more),
    );
    return { ...so, ...sides(was!, is!) };
  });
}

/** The same stores, but for what is supposed: it is read as if it had been recorded just now. */
async function supposing(
  context: Context,
  bounds: Bounds,
  supposed: Supposition,
): Promise<{ readonly context: Context; readonly bounds: Bounds }> {
  const { control } = context;
  const withStores = (stores: Partial<ControlStores>): Context => ({ ...context, control: { ...control, ...stores } });
  if (supposed.kind === "prices") {
    const { sheet } = await versionOf(context, supposed.sheet, supposed.version);
    const counting = { ...sheet, from: supposed.from, publishedAtMs: bounds.knownUntilMs };
    if (sheet.id === context.priceSheet.id) throw new Fault("PriceSheetIsBuiltIn", { sheet: sheet.id });
    const prices: ControlStores["prices"] = {
      ...control.prices,
      records: async () => {
        const records = await control.prices.records();
        // What is supposed stands in for whatever counts from its hour on.
        const others = records.sheets.filter((so) => so.id !== sheet.id || so.from < supposed.from);
        return { ...records, sheets: [...others, counting] };
      },
    };
    return { context: withStores({ prices }), bounds };
  }
  const newest = bounds.mark["mappings"] ?? 0;
  const { registration, tenant, customer, from } = supposed;
  const change = { id: newest + 1, registration, tenant, customer, effectiveHour: from };
  const recorded = { recordedAtMs: bounds.knownUntilMs, recordedBy: "a trial" };
  const tenancy: ControlStores["tenancy"] = {
    ...control.tenancy,
    changes: async (of) => {
      const changes = await control.tenancy.changes(of);
      // As with prices: later changes of the tenant do not count any more.
      const others = changes.filter(
        (so) => so.registration !== registration || so.tenant !== tenant || so.effectiveHour < from,
      );
      return [...others, { ...change, ...recorded }];
    },
  };
  return { context: withStores({ tenancy }), bounds: { ...bounds, mark: { ...bounds.mark, mappings: newest + 1 } } };
}

/** A payer's statement of a part of its usage, or what is wrong; undefined where there is none. */
type Side = StatementContent | string | undefined;

/** Charges as a statement. */
function statementOf(rated: RatedPeriod, payer: RatedPayer | undefined, charges: readonly Charge[] | string): Side {
  if (typeof charges === "string") return charges;
  return payer === undefined || charges.length === 0 ? undefined : rated.statementOf(payer, charges);
}

/** A payer as it is and as it would be, in two parts. */
interface TriedSides {
  /** Of commerce meters that come to the same: rated once. */
  readonly same: Side;
  readonly was: Side;
  readonly is: Side;
}

function triedSides(
  before: RatedPeriod,
  after: RatedPeriod,
  old: RatedPayer | undefined,
  now: RatedPayer | undefined,
): TriedSides {
  const [groups, others] = [old?.groups ?? [], now?.groups ?? []];
  const meters = sameMeters(groups, others);
  const isSame = ({ group }: RatedGroup): boolean => meters.has(group.commerceMeter);
  const rest = (rated: RatedPeriod, payer: RatedPayer | undefined, own: readonly RatedGroup[]): Side => {
    if (payer === undefined) return undefined;
    const ofUsage = rated.tryGroups(own.filter((so) => !isSame(so)));
    const ofCapacity = rated.tryCapacity(payer);
    if (typeof ofUsage === "string") return ofUsage;
    return statementOf(rated, payer, typeof ofCapacity === "string" ? ofCapacity : [...ofUsage, ...ofCapacity]);
  };
  const same = statementOf(before, old, before.tryGroups(groups.filter(isSame)));
  return { same, was: rest(before, old, groups), is: rest(after, now, others) };
}

class MeterSums {
  readonly #sums = new Map<
    string,
    { meter: MeterId; meterName: string; currency: string; before: Decimal; after: Decimal }
  >();

  add(side: "before" | "after", { currency, lines }: StatementContent): void {
    for (const { meter, meterName, amount } of lines) {
      const key = `${meter} ${currency}`;
      const so = this.#sums.get(key) ?? { meter, meterName, currency, before: ZERO, after: ZERO };
      this.#sums.set(key, { ...so, [side]: add(so[side], decimal(amount)) });
    }
  }

  changed(): readonly TriedMeter[] {
    return [...this.#sums.values()]
      .map(({ before, after, ...meter }) => ({ ...meter, ...sides(before, after) }))
      .filter(({ difference }) => difference !== "0")
      .sort((a, b) => (a.meterName < b.meterName ? -1 : 1));
  }
}

const sides = (before: Decimal, after: Decimal) => ({
  before: formatDecimal(before),
  after: formatDecimal(after),
  difference: formatDecimal(subtract(after, before)),
});

const sizeOf = ({ difference }: TriedPayer): bigint => {
  const { coefficient, scale } = decimal(difference);
  return ((coefficient < 0n ? -coefficient : coefficient) * 10n ** 30n) / 10n ** BigInt(scale);
};

const byChange = (a: TriedPayer, b: TriedPayer): number =>
  sizeOf(b) > sizeOf(a) ? 1 : sizeOf(b) < sizeOf(a) ? -1 : a.payer < b.payer ? -1 : 1;

/** The payers with the largest changes; no more than twice as many as are told are held. */
class LargestChanges {
  #largest: TriedPayer[] = [];
  count = 0;

  add(payer: TriedPayer): void {
    this.count += 1;
    if (this.#largest.push(payer) >= 2 * LIMITS.trialPayersMax) this.#largest = [...this.payers()];
  }

  payers(): readonly TriedPayer[] {
    return [...this.#largest].sort(byChange).slice(0, LIMITS.trialPayersMax);
  }
}

/** Whoever pays before, after, or both. */
function* eachPayer(
  before: RatedPeriod,
  after: RatedPeriod,
): Generator<readonly [old: RatedPayer | undefined, now: RatedPayer | undefined]> {
  const sameIn = (rated: RatedPeriod, { level, parties }: RatedPayer) => rated.payer({ level, payer: parties.payer });
  for (const old of before.payers()) yield [old, sameIn(after, old)];
  for (const now of after.payers()) if (sameIn(before, now) === undefined) yield [undefined, now];
}

function compared(before: RatedPeriod, after: RatedPeriod): Trial {
  const meters = new MeterSums();
  const largest = new LargestChanges();
  let payersUnchanged = 0;
  for (const [old, now] of eachPayer(before, after)) {
    const tried = triedSides(before, after, old, now);
    const { same, was, is } = tried;
    for (const side of ["before", "after"] as const) {
      const own = side === "before" ? was : is;
      for (const part of [same, own]) if (typeof part === "object") meters.add(side, part);
    }
    const payer = triedPayer((old ?? now)!, tried);
    if (payer === undefined) payersUnchanged += 1;
    else largest.add(payer);
  }
  return {
    period: before.period.name,
    payers: largest.payers(),
    payersInAll: largest.count,
    payersUnchanged,
    meters: meters.changed(),
  };
}

function triedPayer({ level, parties }: RatedPayer, { same, was, is }: TriedSides): TriedPayer | undefined {
  const fault = [is, was, same].find((so) => typeof so === "string") ?? null;
  const [old, now, both] = [was, is, same].map((so) => (typeof so === "object" ? so : undefined));
  const lines = differences(lineKeys(old?.lines ?? []), now?.lines ?? []);
  if (lines.length === 0 && fault === null) return undefined;
  // Whoever cannot be rated has no statement.
  const total = (side: Side, own: StatementContent | undefined): Decimal =>
    typeof side === "string" || typeof same === "string"
      ? ZERO
      : add(decimal(own?.total ?? "0"), decimal(both?.total ?? "0"));
  return {
    level,
    payer: parties.payer,
    currency: (now ?? old ?? both)?.currency ?? "",
    ...sides(total(was, old), total(is, now)),
    lines: lines.slice(0, LIMITS.trialLinesMax),
    linesInAll: lines.length,
    fault,
  };
}
