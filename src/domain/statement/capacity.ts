import { decimal, ZERO } from "../../lib/decimal.ts";
import { DAY_MS, monthStart, yearMonthOf } from "../../lib/instant.ts";
import { Fault } from "../faults/fault.ts";
import { hourOf, hourStartMs, type MeterId } from "../ids.ts";
import { lineAmount, pricedQuantity } from "../rating/lineAmount.ts";
import type { CapacityPackage } from "../rating/priceSheet.ts";
import { type SheetTerms, termed, type TermedPrice } from "../rating/priceTerms.ts";
import { bandsOf } from "../rating/tiers.ts";
import type { BillingModelChange, Registration } from "../registration/registration.ts";
import type { Charge } from "./charges.ts";
import type { Period } from "./period.ts";
import { billed, type FxRates } from "./rate.ts";

/** Days of one year in which a stamp was billed by the same number of cores under the same terms. */
interface CapacityDays {
  readonly cores: number;
  readonly terms: SheetTerms;
  readonly daysInYear: number;
  days: number;
}

/** What has to be known of a stamp. */
export interface CapacityFacts {
  readonly registration: Registration;
  readonly billingAt: (hour: ReturnType<typeof hourOf>) => Pick<BillingModelChange, "billingModel" | "cores">;
  readonly termsAt: (hour: ReturnType<typeof hourOf>) => SheetTerms;
}

const daysInYearOf = (ms: number): number => {
  const { year } = yearMonthOf(ms);
  return (monthStart(year + 1, 1) - monthStart(year, 1)) / DAY_MS;
};

/**
 * What a stamp costs in a period by its cores: a package for each physical core and year, of which a day costs its part.
 * A UTC day counts by how the stamp is billed in its first hour; from the day on which it was registered until the day on which
 * it was removed, both included, and no day that had not begun when the rating was made.
 * @throws Fault CapacityCoresUnknown, CapacityPackageMissing, FxRateMissing
 */
export function capacityCharges(
  facts: CapacityFacts,
  { from, to }: Pick<Period, "from" | "to">,
  { knownUntilMs, fxRates }: { readonly knownUntilMs: number; readonly fxRates: FxRates },
): readonly Charge[] {
  const { registration } = facts;
  const begin = Math.max(hourStartMs(from), Math.floor(registration.created.atMs / DAY_MS) * DAY_MS);
  const end = Math.min(hourStartMs(to), knownUntilMs, registration.deletedAtMs ?? Number.POSITIVE_INFINITY);
  const spans: CapacityDays[] = [];
  for (let day = Math.ceil(begin / DAY_MS) * DAY_MS; day < end; day += DAY_MS) {
    const hour = hourOf(day);
    const { billingModel, cores } = facts.billingAt(hour);
    if (billingModel !== "Capacity") continue;
    if (cores === null) throw new Fault("CapacityCoresUnknown", { registration: registration.name });
    const [terms, daysInYear] = [facts.termsAt(hour), daysInYearOf(day)];
    const span = spans.find((so) => so.cores === cores && so.terms === terms && so.daysInYear === daysInYear);
    if (span === undefined) spans.push({ cores, terms, daysInYear, days: 1 });
    else span.days += 1;
  }
  return spans.map((span) => chargeOf(registration, span, fxRates));
}

function chargeOf(
  registration: Registration,
  { cores, terms, daysInYear, days }: CapacityDays,
  fxRates: FxRates,
): Charge {
  const { sheet } = terms;
  const [sold] = sheet.capacityPackages;
  if (sold === undefined) throw new Fault("CapacityPackageMissing", { sheet: sheet.id });
  const price = priceOfCores(sold, terms);
  const quantity = decimal(String(cores * days));
  const exact = { quantity, common: BigInt(daysInYear) };
  const [band] = bandsOf(price);
  return {
    kind: "capacity",
    price,
    registration: registration.id,
    meter: price.commerceMeter,
    factor: { numerator: 1n, denominator: BigInt(daysInYear) },
    band: band!,
    quantity,
    pricedQuantity: pricedQuantity(exact),
    ...billed(price, lineAmount(exact, band!.unitPrice, null, sheet.rounding), fxRates),
    records: 0,
  };
}

/** A package as a price: its unit is a core and year, and what counts are cores and days. */
const priceOfCores = (
  { id, name, corePricePerYear, confidence, note }: CapacityPackage,
  terms: SheetTerms,
): TermedPrice =>
  termed(
    {
      commerceMeter: id as MeterId,
      name,
      unit: "core-year",
      model: "graduated",
      packageSize: null,
      tiers: [{ from: ZERO, unitPrice: corePricePerYear }],
      includedQuantity: ZERO,
      hoursPerMonth: null,
      minimum: null,
      region: null,
      free: false,
      confidence,
      note,
    },
    terms,
  );
