import type { CatalogueSubscription } from "../../src/domain/catalogue/subscription.ts";
import { intervalAt, intervalsOf } from "../../src/domain/history.ts";
import type { Hour, LocalSubscriptionId, MeterId, SubscriptionId } from "../../src/domain/ids.ts";
import { registrationId } from "../../src/domain/ids.ts";
import { type FxRate, PriceBook, type PublishedSheet } from "../../src/domain/rating/priceBook.ts";
import type { Price } from "../../src/domain/rating/priceSheet.ts";
import { type PriceAssignment, priceKey } from "../../src/domain/rating/priceTerms.ts";
import {
  type BilledTotal,
  type Charge,
  groupCharges,
  groupNeedsTimeOrder,
  orderedUsage,
} from "../../src/domain/statement/charges.ts";
import { classify, type ClassifyingFacts } from "../../src/domain/statement/classify.ts";
import { partiesOf } from "../../src/domain/statement/level.ts";
import { rate } from "../../src/domain/statement/rate.ts";
import type { UsageTotal } from "../../src/domain/usage/store.ts";
import { decimal, formatDecimal, sum } from "../../src/lib/decimal.ts";
import { parseFraction } from "../../src/lib/fraction.ts";
import type { AssignmentFact, Month, PriceFact, UsageFact, VersionFact } from "./month.ts";

// The product's own rating of a month, with sums as the usage store gives them, and lines told as the oracle tells them.

const BY = { recordedBy: "somebody", reason: "" };

const optional = (text: string | null) => (text === null ? null : decimal(text));

const priceOf = (of: PriceFact): Price => ({
  commerceMeter: of.meter as MeterId,
  name: of.meter,
  unit: "u",
  model: of.model,
  packageSize: optional(of.packageSize),
  tiers: of.tiers.map(({ from, unitPrice }) => ({ from: decimal(from), unitPrice: decimal(unitPrice) })),
  includedQuantity: decimal(of.included),
  hoursPerMonth: optional(of.hoursPerMonth),
  minimum: optional(of.minimum),
  region: of.region,
  free: of.free,
  confidence: "high",
  note: "",
});

const sheetOf = (of: VersionFact): PublishedSheet => ({
  id: of.sheet,
  version: of.version,
  name: of.sheet,
  currency: of.currency,
  rounding: { mode: of.mode, scale: of.decimals },
  prices: new Map(of.prices.map((price) => [priceKey(price.meter as MeterId, price.region), priceOf(price)])),
  capacityPackages: [],
  commerceMeters: new Map(of.commerceMeters as readonly (readonly [MeterId, MeterId])[]),
  from: of.from as Hour,
  publishedAtMs: 0,
});

const assignmentOf = (of: AssignmentFact): PriceAssignment => ({
  ...BY,
  id: of.id,
  effectiveHour: of.hour as Hour,
  recordedAtMs: of.recordedAtMs,
  level: of.level,
  party: { kind: of.kind, id: of.party },
  terms: of.sheet === null ? null : termsOf(of, of.sheet),
});

const termsOf = ({ region, markups, credit, currency }: AssignmentFact, sheet: string) => ({
  sheet,
  region,
  markups: markups.map(({ meter, percent, absolute }) => ({
    commerceMeter: meter as MeterId | null,
    percent: decimal(percent),
    absolute: decimal(absolute),
  })),
  creditPercent: decimal(credit),
  billingCurrency: currency,
});

/** Everything that classifies and prices usage, but for the level. */
function factsOf(month: Month): Omit<ClassifyingFacts, "level"> & { entryOf: (of: string) => CatalogueSubscription } {
  const entries = new Map(
    month.sellers.map(({ subscription, ...so }): [string, CatalogueSubscription] => {
      const plain = { displayName: "", offerType: "CSP", state: "Enabled", customer: null, tenant: null } as const;
      return [subscription, { ...plain, ...so, subscription: subscription as SubscriptionId }];
    }),
  );
  const records = {
    sheets: month.versions.map(sheetOf),
    assignments: month.assignments.map(assignmentOf),
    confirmations: [],
    fxRates: month.rates.map((so, i): FxRate => ({ ...BY, id: i, period: "p", ...so, recordedAtMs: 0 })),
  };
  const sellersOf = (subscription: string) => {
    const { provider, partner, reseller } = entries.get(subscription)!;
    return { partner: provider ?? partner, reseller };
  };
  const conversions = Map.groupBy(month.conversions, ({ meter }) => meter);
  const mappings = new Map(
    [...conversions].map(([meter, own]) => {
      const changes = own.map(({ id, hour, commerceMeter, factor }) => {
        const so = { ...BY, id, effectiveHour: hour as Hour, recordedAtMs: 0, meter: meter as MeterId };
        const mapping = { commerceMeter: commerceMeter as MeterId, factor: parseFraction(factor)! };
        return { ...so, mapping: commerceMeter === null ? null : mapping };
      });
      return [meter, intervalsOf(changes)];
    }),
  );
  const paid = Map.groupBy(month.payments, ({ stamp, local }) => `${stamp} ${local}`);
  return {
    entryOf: (subscription) => entries.get(subscription)!,
    book: new PriceBook(sheetOf(month.builtIn), records, { knownUntilMs: month.knownUntilMs, sellersOf }),
    meters: {
      isKnown: () => true,
      mappingAt: (meter, hour) => intervalAt(mappings.get(meter) ?? [], hour)?.change,
    },
    attribution: {
      at: (stamp, local, hour) => {
        const payment = paid.get(`${stamp} ${local}`)!.findLast((so) => so.hour <= hour)!;
        return { payer: { subscription: payment.subscription as SubscriptionId }, billingModel: "PayAsYouUse" };
      },
    },
  };
}

/** Sums of records that arrived in this order, by what `stretchOf` says of their hours. */
function totalsOf(records: readonly UsageFact[], stretchOf: (hour: number) => number): readonly UsageTotal[] {
  const groups = Map.groupBy(records, ({ stamp, local, meter, hour }) => [stamp, local, meter, stretchOf(hour)].join());
  return [...groups.values()].map((own) => ({
    registration: registrationId(own[0]!.stamp),
    localSubscription: own[0]!.local as LocalSubscriptionId,
    meter: own[0]!.meter as MeterId,
    hour: stretchOf(own[0]!.hour) as Hour,
    held: "no",
    quantity: formatDecimal(sum(own.map(({ quantity }) => decimal(quantity)))),
    records: own.length,
  }));
}

function lineOf(payer: string, charge: Charge): string {
  const { kind, meter, price, factor, registration, band, quantity, pricedQuantity, fxRate, records } = charge;
  const { sheet, assignment, billingCurrency } = price.terms;
  const at = fxRate === null ? "" : ` at ${fxRate.rate}`;
  return [
    `${kind} of ${payer}: ${meter} as ${price.commerceMeter} by ${factor.numerator}/${factor.denominator} of ${registration}`,
    `${sheet.id} ${sheet.version} under ${assignment?.id ?? "nothing"}`,
    `tier ${band.tier} from ${formatDecimal(band.from)} at ${formatDecimal(band.unitPrice)}`,
    `${formatDecimal(quantity)} is ${formatDecimal(pricedQuantity)}`,
    `${formatDecimal(charge.pricedAmount)} is ${formatDecimal(charge.amount)} ${billingCurrency ?? sheet.currency}${at}`,
    `${records} records`,
  ].join(" | ");
}

/** All lines of a month at all levels, in the order of their text. */
export function productLines(month: Month): readonly string[] {
  const { entryOf, ...facts } = factsOf(month);
  const { book } = facts;
  const changes = [...month.payments, ...month.conversions].map(({ hour }) => hour);
  const cuts = [month.from, ...book.cuts(month.from as Hour, month.to as Hour), ...changes];
  const stretches = cuts.filter((hour) => hour >= month.from).sort((a, b) => a - b);
  const sums = totalsOf(month.records, (hour) => stretches.findLast((from) => from <= hour)!);
  const hourly = totalsOf(month.records, (hour) => hour);
  const lines = book.levels().flatMap((level) => {
    const counts = { parked: 0, unpriced: 0 };
    const billed = sums.flatMap((total): BilledTotal[] => {
      const so = classify(total, total.hour!, { ...facts, level });
      if (so.kind !== "billed") counts[so.kind] += total.records;
      if (so.kind !== "billed") return [];
      const parties = partiesOf(level, so.payer, entryOf(so.payer));
      return parties === undefined
        ? []
        : [{ ...total, hour: null, ...so, payer: parties.payer, subscription: so.payer }];
    });
    const charged = groupCharges(billed).flatMap((group) => {
      const own = hourly.filter(({ registration, localSubscription, hour }) => {
        const { subscription } = facts.attribution.at(registration, localSubscription, hour!)!.payer;
        return group.subscriptions.has(subscription);
      });
      const ordered = groupNeedsTimeOrder(group) ? orderedUsage(group, own, { ...facts, level }) : undefined;
      const charges = rate(group, (from, to) => book.fxRate("p", from, to), ordered);
      return charges.map((charge) => `${level} ${lineOf(group.payer, charge)}`);
    });
    return [`${level} ${counts.parked} parked ${counts.unpriced} free`, ...charged];
  });
  return lines.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
