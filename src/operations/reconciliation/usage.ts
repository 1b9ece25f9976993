import { type Hour, hourStartMs, type SubscriptionId } from "../../domain/ids.ts";
import { dayOf } from "../../domain/reconciliation/row.ts";
import { type Place, placeKey } from "../../domain/reconciliation/side.ts";
import { pricedQuantity } from "../../domain/rating/lineAmount.ts";
import { pricingOf } from "../../domain/rating/pricing.ts";
import { classify } from "../../domain/statement/classify.ts";
import { partiesOf } from "../../domain/statement/level.ts";
import type { Period } from "../../domain/statement/period.ts";
import type { ArchivedMonth } from "../../domain/usage/archive.ts";
import { add, type Decimal, decimal, ZERO } from "../../lib/decimal.ts";
import { formatFraction, type Fraction, scaledBy } from "../../lib/fraction.ts";
import type { Context } from "../context.ts";
import { type ClassifiedTotal, classifiedTotals, type Knowledge, stretchesOf } from "../statements/classified.ts";
import { type ComparedScope, type Grain, meterKey, type Stamps } from "./scope.ts";

const DAY_HOURS = 24;

/** Usage of a period by place and day, as it was known at one moment. */
export interface DailyUsage {
  /** What payers are charged for. */
  readonly billed: Sums;
  /** What waits because nobody knows whose it is; of no payer. */
  readonly waiting: Sums;
}

export interface UsageQuestion {
  readonly period: Period;
  readonly lastBatch: number;
  readonly archives: readonly ArchivedMonth[];
  readonly scope: ComparedScope;
  readonly grain: Grain;
  readonly stamps: Stamps;
  /** Places that are needed; the others are not held. */
  readonly isNeeded: (place: Place) => boolean;
}

/**
 * Quantities by place and day. A meter's own quantities are added up first and converted afterwards, each sum once, as on
 * a statement's line: sums of converted quantities would differ in their last digits.
 */
export class Sums {
  readonly #sums = new Map<string, Map<string, { readonly factor: Fraction; readonly quantity: Decimal }>>();
  readonly #isLocal: boolean;

  constructor(isLocal: boolean) {
    this.#isLocal = isLocal;
  }

  add(
    place: Place,
    day: string,
    { factor, quantity }: { readonly factor: Fraction; readonly quantity: Decimal },
  ): void {
    const key = `${placeKey(place)}\n${day}`;
    const own = this.#sums.get(key) ?? this.#sums.set(key, new Map()).get(key)!;
    const of = formatFraction(factor);
    own.set(of, { factor, quantity: add(own.get(of)?.quantity ?? ZERO, quantity) });
  }

  at(place: Place, day: string): Decimal {
    return this.#converted(this.#sums.get(`${placeKey(place)}\n${day}`));
  }

  /** Every place that has any. */
  *all(): Generator<readonly [place: Place, day: string, quantity: Decimal]> {
    for (const [key, own] of this.#sums) {
      const [payer = "", stamp = "", meter = "", day = ""] = key.split("\n");
      yield [{ payer, stamp, meter }, day, this.#converted(own)];
    }
  }

  get isEmpty(): boolean {
    return this.#sums.size === 0;
  }

  #converted(own: ReadonlyMap<string, { readonly factor: Fraction; readonly quantity: Decimal }> | undefined): Decimal {
    let sum = ZERO;
    for (const { factor, quantity } of own?.values() ?? []) {
      const common = factor.denominator;
      sum = add(
        sum,
        this.#isLocal ? quantity : pricedQuantity({ quantity: scaledBy(quantity, factor, common), common }),
      );
    }
    return sum;
  }
}

/** The hours of a period in pieces of which each lies in one day of UTC. */
function* daysOf({ from, to }: Period): Generator<readonly [day: string, from: Hour, to: Hour]> {
  for (let hour = from; hour < to; ) {
    const next = Math.min(to, (Math.floor(hour / DAY_HOURS) + 1) * DAY_HOURS) as Hour;
    yield [dayOf(hourStartMs(hour)), hour, next];
    hour = next;
  }
}

/**
 * Adds up the usage of a period, day by day where the other side has days: what is held is a day's totals.
 * @throws Fault UsageEngineUnavailable
 */
export async function dailyUsage(context: Context, knowledge: Knowledge, question: UsageQuestion): Promise<DailyUsage> {
  const { period, lastBatch, archives, grain } = question;
  const whole = { from: period.from, to: period.to, lastBatch, archives };
  const used = (await context.usage.stored(whole)).map(({ meter }) => meter);
  const usage = { billed: new Sums(grain.isLocal), waiting: new Sums(grain.isLocal) };
  const payers = new Payers(context, question.scope);
  const pieces = grain.hasDays ? daysOf(period) : [["", period.from, period.to] as const];
  for (const [day, from, to] of pieces) {
    const stretches = stretchesOf({ ...whole, from, to }, knowledge, used);
    const cut = (begin: Hour, end: Hour) => knowledge.attribution.cuts(begin, end);
    const totals = await classifiedTotals(context, knowledge, stretches, cut);
    await payers.learn(totals);
    for (const total of totals) addTotal(usage, total, { day, knowledge, question, payers });
  }
  return usage;
}

function addTotal(
  { billed, waiting }: DailyUsage,
  total: ClassifiedTotal,
  {
    day,
    knowledge,
    question,
    payers,
  }: {
    readonly day: string;
    readonly knowledge: Knowledge;
    readonly question: UsageQuestion;
    readonly payers: Payers;
  },
): void {
  const { scope, grain, stamps, isNeeded } = question;
  const { registration, meter } = total;
  const quantity = decimal(total.quantity);
  const meterName = knowledge.meters.factsOf(meter)?.name ?? meter;
  const stamp = grain.hasStamps ? stamps.nameOf(registration) : "";
  const placed = (payer: string, commerceMeter: typeof meter): Place => ({
    payer,
    stamp,
    meter: meterKey({ meter, commerceMeter, meterName }, grain.meter),
  });
  if (total.kind === "parked" && total.reason === "UnknownLocalSubscription") {
    const { subscription } = knowledge.attribution.registration(registration);
    const terms = knowledge.book.termsAt(scope.level, { subscription, registration }, total.from);
    const { commerceMeter, factor } = pricingOf(knowledge, terms, meter, total.from);
    waiting.add({ ...placed("", commerceMeter), stamp: "" }, day, { factor, quantity });
    return;
  }
  const so = scope.level === "customer" ? total : classify(total, total.from, { ...knowledge, level: scope.level });
  if (so.kind !== "billed") return;
  const payer = payers.of(so.payer);
  if (payer === undefined) return;
  const place = placed(payer, so.price.commerceMeter);
  if (isNeeded(place)) billed.add(place, day, { factor: so.factor, quantity });
}

/** Who gets the statement for what a subscription pays. */
class Payers {
  readonly #context: Context;
  readonly #scope: ComparedScope;
  readonly #known = new Map<SubscriptionId, string | undefined>();

  constructor(context: Context, scope: ComparedScope) {
    this.#context = context;
    this.#scope = scope;
  }

  async learn(totals: readonly ClassifiedTotal[]): Promise<void> {
    if (this.#scope.level === "customer") return;
    const paid = new Set(totals.flatMap((total) => (total.kind === "parked" ? [] : [total.payer])));
    const wanted = [...paid].filter((subscription) => !this.#known.has(subscription));
    if (wanted.length === 0) return;
    for (const subscription of wanted) this.#known.set(subscription, undefined);
    for (const { entry } of await this.#context.control.catalogue.asOf(wanted, Number.MAX_SAFE_INTEGER)) {
      const parties = partiesOf(this.#scope.level, entry.subscription, entry);
      this.#known.set(entry.subscription, parties?.payer);
    }
  }

  of(subscription: SubscriptionId): string | undefined {
    return this.#scope.level === "customer" ? subscription : this.#known.get(subscription);
  }
}
