import { type FaultReport, type Language, parkedText, reportFault } from "../domain/faults/fault.ts";
import { formatMeter, type Hour, type MeterId } from "../domain/ids.ts";
import type { PriceBook } from "../domain/rating/priceBook.ts";
import { isVerified, type Price } from "../domain/rating/priceSheet.ts";
import { pricingOf } from "../domain/rating/pricing.ts";
import { registrationResourceId } from "../domain/registration/registration.ts";
import { METERS } from "../domain/usage/meterCatalogue.ts";
import type { Meters } from "../domain/usage/meters.ts";
import { formatDecimal, type Rounding } from "../lib/decimal.ts";
import { formatInstant } from "../lib/instant.ts";
import type { RegistrationWithApproval } from "../operations/registrations/find.ts";
import type { Explanation } from "../operations/statements/explain.ts";
import type { IntakeResult, RecordProblem } from "../operations/usage/intake.ts";

export const registrationOut = (registration: RegistrationWithApproval) => ({
  registration: registration.id,
  id: registrationResourceId(registration),
  name: registration.name,
  subscription: registration.subscription,
  resourceGroup: registration.resourceGroup,
  cloudId: registration.cloudId,
  billingModel: registration.billingModel,
  approval: registration.approval,
  createdAt: formatInstant(registration.created.atMs),
});

type ProblemOut =
  | { readonly position: number; readonly outcome: "conflict" }
  | {
      readonly position: number;
      readonly outcome: "parked";
      readonly reason: string;
      readonly remedy?: readonly string[];
    }
  | ({ readonly position: number; readonly outcome: "rejected" } & FaultReport);

function problemOut(problem: RecordProblem, language: Language): ProblemOut {
  if (problem.outcome === "parked" && problem.reason === "PeriodArchived") {
    // Whoever sent it may not expect that: nothing in Stampbook will ever count it.
    const { remedy } = parkedText(problem.reason, { registration: "", localSubscription: "", meter: "" }, language);
    return { ...problem, remedy };
  }
  if (problem.outcome !== "rejected") return problem;
  const { position, outcome, fault } = problem;
  return { position, outcome, ...reportFault(fault, language) };
}

export const intakeOut = ({ batch, counts, problems, problemsOmitted }: IntakeResult, language: Language) => ({
  batch,
  counts,
  problems: problems.map((problem) => problemOut(problem, language)),
  problemsOmitted,
});

export function meterOut(meter: MeterId, meters: Meters) {
  const facts = meters.factsOf(meter);
  return {
    meter: formatMeter(meter),
    meterName: facts?.name ?? "unknown meter",
    unit: facts?.unit ?? "unknown unit",
  };
}

export const priceOut = (price: Price) => ({
  commerceMeter: formatMeter(price.commerceMeter),
  name: price.name,
  unit: price.unit,
  tiers: price.tiers.map(({ from, unitPrice }) => ({ from: formatDecimal(from), unitPrice: formatDecimal(unitPrice) })),
  includedQuantity: formatDecimal(price.includedQuantity),
  hoursPerMonth: price.hoursPerMonth === null ? null : formatDecimal(price.hoursPerMonth),
  free: price.free,
  verified: isVerified(price),
  confidence: price.confidence,
  note: price.note,
});

/** What prices usage of whoever nothing more is said of. */
export const priceSheetOut = (prices: { readonly book: PriceBook; readonly meters: Meters }, hour: Hour) => {
  const { book, meters } = prices;
  const terms = book.termsOfEveryone("customer", hour);
  const { sheet } = terms;
  return {
    id: sheet.id,
    version: sheet.version,
    name: sheet.name,
    currency: sheet.currency,
    rounding: sheet.rounding,
    prices: [...sheet.prices.values()].map(priceOut),
    /** Meters that stamps send and nobody has priced: their usage waits instead of costing 0. */
    unpriced: [...new Set([...METERS.keys(), ...meters.touched()])]
      .filter((meter) => pricingOf(prices, terms, meter, hour).price === undefined)
      .map((meter) => ({ ...meterOut(meter, meters), status: METERS.get(meter)?.status ?? "operator" })),
  };
};

export const explanationOut = ({
  statement,
  line,
  registration,
  price,
  knownUntil,
  decisions,
  records,
  rounding,
}: Explanation) => ({
  statement,
  line: { ...line, meter: formatMeter(line.meter), commerceMeter: formatMeter(line.commerceMeter) },
  registration: { name: registration.name, cloudId: registration.cloudId, billingModel: registration.billingModel },
  arithmetic: arithmeticOf(line, rounding),
  price: price === undefined ? null : priceOut(price),
  knownUntil,
  decisions,
  records: {
    value: records.records.map((record) => ({
      usageStart: formatInstant(record.usageStartMs),
      resourceUri: record.resourceUri,
      localSubscription: record.localSubscription,
      quantity: record.quantity,
      reportedStart: formatInstant(record.reportedStartMs),
      reportedEnd: formatInstant(record.reportedEndMs),
      batch: record.batch,
      position: record.position,
      acceptedAt: formatInstant(record.acceptedAtMs),
    })),
    recordsInAll: records.recordsInAll,
    quantityInAll: records.quantityInAll,
  },
});

const ROUNDED: Readonly<Record<Rounding, string>> = {
  down: "truncated",
  "half-even": "rounded half to even",
  "half-up": "rounded half up",
};

function arithmeticOf(
  { quantity, factor, pricedQuantity, effectiveUnitPrice, hoursPerMonth, amount, unit, priceUnit }: Explanation["line"],
  { mode, scale }: Explanation["rounding"],
): string {
  const divided = hoursPerMonth === null ? "" : ` / ${hoursPerMonth} hours a month`;
  const converted = factor === "1" ? "" : ` × ${factor} = ${pricedQuantity}`;
  return `${quantity} ${unit}${converted} × ${effectiveUnitPrice} per ${priceUnit}${divided}, ${ROUNDED[mode]} to ${scale} decimals = ${amount}`;
}
