import { decimal, formatFixed, sum } from "../../src/lib/decimal.ts";
import type { Hour, LocalSubscriptionId, MeterId, SubscriptionId } from "../../src/domain/ids.ts";
import { registrationId } from "../../src/domain/ids.ts";
import { DEFAULT_PRICE_SHEET } from "../../src/domain/rating/defaultPriceSheet.ts";
import type { FxRate } from "../../src/domain/rating/priceBook.ts";
import type { Price, PriceSheet } from "../../src/domain/rating/priceSheet.ts";
import { plainTerms, termed, type TermedPrice } from "../../src/domain/rating/priceTerms.ts";
import {
  type BilledTotal,
  groupCharges,
  groupNeedsTimeOrder,
  inTimeOrder,
} from "../../src/domain/statement/charges.ts";
import { rate } from "../../src/domain/statement/rate.ts";
import type { Rounding } from "../../src/lib/decimal.ts";
import type { OraclePrice, OracleRecord, OracleVersion, Scenario } from "./oracle.ts";
import { NOTHING, plus, type Rational, rational } from "./rational.ts";

// The product's own rating of a scenario, with the answers named as the oracle names them.

function priceOf(commerce: string, of: OraclePrice): Price {
  return {
    commerceMeter: commerce as MeterId,
    name: commerce,
    unit: "u",
    model: of.model,
    packageSize: of.packageSize === null ? null : decimal(of.packageSize),
    tiers: of.tiers.map(([from, unitPrice]) => ({ from: decimal(from), unitPrice: decimal(unitPrice) })),
    includedQuantity: decimal(of.included),
    hoursPerMonth: of.hours === null ? null : decimal(of.hours),
    minimum: of.minimum === null ? null : decimal(of.minimum),
    region: null,
    free: false,
    confidence: "high",
    note: "",
  };
}

function pricesOf({
  versions,
  terms,
}: Scenario): (payer: string, version: OracleVersion, commerce: string) => TermedPrice {
  const known = new Map<string, TermedPrice>();
  const sheets = new Map(
    versions.map(({ version, mode, scale }): [number, PriceSheet] => {
      const rounding = { mode: mode as Rounding, scale };
      return [version, { ...DEFAULT_PRICE_SHEET, id: "s", version, currency: "USD", rounding }];
    }),
  );
  return (payer, { version, prices }, commerce) => {
    const name = `${payer} ${version} ${commerce}`;
    const { percent, absolute, credit, fx } = terms[payer]!;
    const make = (): TermedPrice =>
      termed(priceOf(commerce, prices[commerce]!), {
        ...plainTerms(sheets.get(version)!),
        markups: [{ commerceMeter: null, percent: decimal(percent), absolute: decimal(absolute) }],
        creditPercent: decimal(credit),
        billingCurrency: fx === null ? null : "EUR",
      });
    return known.get(name) ?? known.set(name, make()).get(name)!;
  };
}

/** Sums by stamp, meter, price, and by hour too where it is given; as the usage store gives them. */
function totalsOf(scenario: Scenario, records: readonly OracleRecord[], byHour: boolean): readonly BilledTotal[] {
  const price = pricesOf(scenario);
  const groups = Map.groupBy(records, ({ payer, stamp, meter, hour }) => {
    const version = scenario.versions.findLast(({ from }) => from <= hour)!;
    return `${payer} ${stamp} ${meter} ${version.version} ${byHour ? hour : ""}`;
  });
  const prices = new Map<string, TermedPrice>();
  return [...groups.values()].map((own): BilledTotal => {
    const { payer, stamp, meter, hour } = own[0]!;
    const version = scenario.versions.findLast(({ from }) => from <= hour)!;
    const { commerce, factor } = scenario.meters[meter]!;
    const name = `${payer} ${version.version} ${commerce}`;
    return {
      registration: registrationId(stamp),
      localSubscription: "l" as LocalSubscriptionId,
      meter: meter as MeterId,
      hour: byHour ? (hour as Hour) : null,
      held: "no",
      quantity: sumText(own),
      records: own.length,
      payer,
      subscription: payer as SubscriptionId,
      price: prices.get(name) ?? prices.set(name, price(payer, version, commerce)).get(name)!,
      factor: { numerator: factor[0], denominator: factor[1] },
    };
  });
}

function sumText(records: readonly OracleRecord[]): string {
  const { coefficient, scale } = sum(records.map(({ quantity }) => decimal(quantity)));
  const digits = coefficient.toString().padStart(scale + 1, "0");
  return scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** @param records the scenario's, in the order of their arrival */
export function product(scenario: Scenario, records: readonly OracleRecord[]): Map<string, string> {
  const lines = new Map<string, string>();
  const quantities = new Map<string, Rational>();
  const totals = totalsOf(scenario, records, false);
  const prices = new Map(
    totals.map(({ payer, price }) => [`${payer} ${price.terms.sheet.version} ${price.commerceMeter}`, price]),
  );
  const hourly = totalsOf(scenario, records, true).map((total) => {
    const { payer, price } = total;
    return { ...total, price: prices.get(`${payer} ${price.terms.sheet.version} ${price.commerceMeter}`)! };
  });
  for (const group of groupCharges(totals)) {
    const { fx } = scenario.terms[group.payer]!;
    const fxRates = (): FxRate | undefined =>
      fx === null ? undefined : ({ rate: fx, from: "USD", to: "EUR" } as FxRate);
    const own = hourly.filter(
      ({ payer, price }) => payer === group.payer && price.commerceMeter === group.commerceMeter,
    );
    const ordered = groupNeedsTimeOrder(group) ? inTimeOrder(own) : undefined;
    for (const charge of rate(group, fxRates, ordered)) {
      const { kind, registration, meter, price, band, quantity, pricedAmount, amount } = charge;
      const { version, rounding } = price.terms.sheet;
      const amounts = `${formatFixed(pricedAmount, rounding.scale)} ${formatFixed(amount, rounding.scale)}`;
      const key = `${group.payer} ${registration} ${meter} v${version}`;
      if (kind === "minimum") {
        lines.set(`${group.payer} minimum ${group.commerceMeter}`, amounts);
        continue;
      }
      lines.set(`${group.payer} usage ${registration} ${meter} v${version} t${band.tier}`, amounts);
      const text = `${quantity.coefficient}`;
      const value = { n: BigInt(text), d: 10n ** BigInt(quantity.scale) };
      quantities.set(key, plus(quantities.get(key) ?? NOTHING, plus(value, rational("0"))));
    }
  }
  for (const [key, { n, d }] of quantities) lines.set(`${key} quantity`, `${n}/${d}`);
  return lines;
}
