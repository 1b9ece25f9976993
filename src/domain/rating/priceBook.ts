import assert from "node:assert/strict";
import { BEGINNING, changeHours, type Interval, intervalAt, intervalsOf } from "../history.ts";
import type { Hour, MeterId, RegistrationId, SubscriptionId } from "../ids.ts";
import { isVerified, type PriceSheet, type SheetId } from "./priceSheet.ts";
import {
  type Level,
  LEVELS,
  type Party,
  plainTerms,
  type PriceAssignment,
  priceKey,
  priceUnder,
  type SheetTerms,
  type TermedPrice,
} from "./priceTerms.ts";

/** A version that counts, from its hour on until the next one of its sheet. */
export interface PublishedSheet extends PriceSheet {
  readonly from: Hour;
  readonly publishedAtMs: number;
}

/** An operator has looked at a price that no published source backs, and stands by it. */
export interface PriceConfirmation {
  readonly sheet: string;
  readonly version: number;
  readonly commerceMeter: MeterId;
  readonly region: string | null;
  readonly reason: string;
  readonly recordedAtMs: number;
  readonly recordedBy: string;
}

/** How many units of a currency one unit of another is worth, in one billing period. */
export interface FxRate {
  readonly id: number;
  readonly period: string;
  readonly from: string;
  readonly to: string;
  /** Exact decimal text. */
  readonly rate: string;
  readonly reason: string;
  readonly recordedAtMs: number;
  readonly recordedBy: string;
}

/** Everything that was decided about prices, in the order of recording. */
export interface PriceRecords {
  readonly sheets: readonly PublishedSheet[];
  readonly assignments: readonly PriceAssignment[];
  readonly confirmations: readonly PriceConfirmation[];
  readonly fxRates: readonly FxRate[];
}

/** Whose usage is to be priced. */
export interface PricedParty {
  readonly subscription: SubscriptionId;
  readonly registration: RegistrationId;
}

/** Who sells to a subscription, as far as the catalogue knows. */
export interface Sellers {
  readonly partner: string;
  readonly reseller: string | null;
}

interface SheetInterval {
  readonly from: Hour;
  readonly sheet: PriceSheet;
}

const NO_ASSIGNMENTS: readonly Interval<PriceAssignment>[] = [];

const EVERYONE: Party = { kind: "everyone", id: "" };

const assigned = (level: Level, { kind, id }: Party): string => `${level} ${kind} ${id}`;

/** Prices as they were known at one moment; the one place that decides which price counts for whom and when. */
export class PriceBook {
  readonly #builtIn: PriceSheet;
  readonly #sheets: ReadonlyMap<string, readonly SheetInterval[]>;
  readonly #assignments: ReadonlyMap<string, readonly Interval<PriceAssignment>[]>;
  readonly #fxRates: ReadonlyMap<string, FxRate>;
  readonly #sellersOf: (subscription: SubscriptionId) => Sellers | undefined;
  readonly #terms = new Map<string, SheetTerms>();
  readonly #prices = new Map<SheetTerms, Map<MeterId, TermedPrice | undefined>>();

  /**
   * @param builtIn counts for whoever nothing is assigned to, and in hours before a sheet's first version
   * @param knownUntilMs what was recorded later is left out
   */
  constructor(
    builtIn: PriceSheet,
    records: PriceRecords,
    {
      knownUntilMs,
      sellersOf,
    }: {
      readonly knownUntilMs: number;
      readonly sellersOf: (subscription: SubscriptionId) => Sellers | undefined;
    },
  ) {
    const isKnown = ({ recordedAtMs }: { readonly recordedAtMs: number }): boolean => recordedAtMs <= knownUntilMs;
    const confirmed = new Set(records.confirmations.filter(isKnown).map(confirmationKey));
    this.#builtIn = withConfirmed(builtIn, confirmed);
    this.#sellersOf = sellersOf;
    const sheets = new Map<string, SheetInterval[]>([[builtIn.id, [{ from: BEGINNING, sheet: this.#builtIn }]]]);
    for (const sheet of records.sheets) {
      if (sheet.publishedAtMs > knownUntilMs) continue;
      const versions = sheets.get(sheet.id) ?? sheets.set(sheet.id, []).get(sheet.id)!;
      versions.push({ from: sheet.from, sheet: withConfirmed(sheet, confirmed) });
    }
    for (const versions of sheets.values()) versions.sort((a, b) => a.from - b.from);
    this.#sheets = sheets;
    const known = records.assignments.filter(isKnown);
    const groups = Map.groupBy(known, ({ level, party }) => assigned(level, party));
    this.#assignments = new Map([...groups].map(([key, own]) => [key, intervalsOf(own)]));
    this.#fxRates = new Map(records.fxRates.filter(isKnown).map((so) => [`${so.period} ${so.from} ${so.to}`, so]));
  }

  /** What prices a party's usage of an hour: the most specific assignment, else the built-in sheet as it is. */
  termsAt(level: Level, party: PricedParty, hour: Hour): SheetTerms {
    return this.#firstAssigned(level, this.#partiesOf(party), hour);
  }

  /** What prices usage of nobody known in particular. */
  termsOfEveryone(level: Level, hour: Hour): SheetTerms {
    return this.#firstAssigned(level, [EVERYONE], hour);
  }

  #firstAssigned(level: Level, parties: Iterable<Party>, hour: Hour): SheetTerms {
    for (const candidate of parties) {
      const assignment = intervalAt(this.#assignments.get(assigned(level, candidate)) ?? NO_ASSIGNMENTS, hour)?.change;
      if (assignment?.terms) return this.#termsOf(assignment, hour);
    }
    return this.#remembered("", () => plainTerms(this.#builtIn));
  }

  /** The price of a commerce meter; the same object each time, so that usage can be grouped by it. */
  priceOf(terms: SheetTerms, commerceMeter: MeterId): TermedPrice | undefined {
    const prices = this.#prices.get(terms) ?? this.#prices.set(terms, new Map()).get(terms)!;
    if (!prices.has(commerceMeter)) prices.set(commerceMeter, priceUnder(terms, commerceMeter));
    return prices.get(commerceMeter);
  }

  /** The hours inside [from, to) at which some version or assignment begins to count. */
  cuts(from: Hour, to: Hour): readonly Hour[] {
    const hours = new Set<Hour>();
    for (const intervals of this.#assignments.values()) {
      for (const hour of changeHours(intervals, from, to)) hours.add(hour);
    }
    for (const versions of this.#sheets.values()) {
      for (const version of versions) if (version.from > from && version.from < to) hours.add(version.from);
    }
    return [...hours].sort((a, b) => a - b);
  }

  /** The levels that usage is rated for: customers always, others where somebody assigned prices to them. */
  levels(): readonly Level[] {
    const used = new Set([...this.#assignments.keys()].map((key) => key.split(" ")[0]));
    return LEVELS.filter((level) => level === "customer" || used.has(level));
  }

  /** Undefined where no rate was recorded for the period. */
  fxRate(period: string, from: string, to: string): FxRate | undefined {
    return this.#fxRates.get(`${period} ${from} ${to}`);
  }

  *#partiesOf({ subscription, registration }: PricedParty): Generator<Party> {
    if (this.#assignments.size === 0) return;
    yield { kind: "customer", id: subscription };
    yield { kind: "stamp", id: String(registration) };
    const sellers = this.#sellersOf(subscription);
    if (sellers?.reseller) yield { kind: "reseller", id: sellers.reseller };
    if (sellers !== undefined) yield { kind: "partner", id: sellers.partner };
    yield EVERYONE;
  }

  #termsOf(assignment: PriceAssignment, hour: Hour): SheetTerms {
    const { sheet: id, ...terms } = assignment.terms!;
    const sheet = this.sheetAt(id, hour);
    assert(sheet !== undefined, `sheet ${id} was assigned before its first version`);
    return this.#remembered(`${assignment.id} ${sheet.id} ${sheet.version}`, () => ({ ...terms, sheet, assignment }));
  }

  #remembered(key: string, make: () => SheetTerms): SheetTerms {
    return this.#terms.get(key) ?? this.#terms.set(key, make()).get(key)!;
  }

  /** The version of a sheet that counts in an hour; undefined before its first one. */
  sheetAt(id: SheetId, hour: Hour): PriceSheet | undefined {
    return this.#sheets.get(id)?.findLast(({ from }) => from <= hour)?.sheet;
  }
}

const confirmationKey = ({ sheet, version, commerceMeter, region }: PriceConfirmation): string =>
  `${sheet} ${version} ${priceKey(commerceMeter, region)}`;

function withConfirmed<Sheet extends PriceSheet>(sheet: Sheet, confirmed: ReadonlySet<string>): Sheet {
  if (confirmed.size === 0) return sheet;
  const prices = [...sheet.prices].map(([key, price]) => {
    const isConfirmed = !isVerified(price) && confirmed.has(`${sheet.id} ${sheet.version} ${key}`);
    return [key, isConfirmed ? { ...price, confidence: "confirmed" as const } : price] as const;
  });
  return { ...sheet, prices: new Map(prices) };
}
