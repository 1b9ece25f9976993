import { stretchesWithout } from "../../domain/completeness/hours.ts";
import { type Hour, hourStartMs, type RegistrationId } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import { type CheckResult, checked, type Finding } from "../../domain/statement/checks.ts";
import type { Charge } from "../../domain/statement/charges.ts";
import { isVerified } from "../../domain/rating/priceSheet.ts";
import { ChargedSums, type Conservation, conservation } from "../../domain/statement/conservation.ts";
import { billingPartnerOf } from "../../domain/catalogue/subscription.ts";
import type { SetAside } from "../../domain/statement/document.ts";
import { currencyOf } from "../../domain/statement/statement.ts";
import type { ArchivedMonth } from "../../domain/usage/archive.ts";
import type { ReportedHours } from "../../domain/usage/store.ts";
import { formatDecimal, formatFixed } from "../../lib/decimal.ts";
import { formatInstant } from "../../lib/instant.ts";
import type { Context } from "../context.ts";
import type { RatedPeriod } from "../statements/ratedPeriod.ts";
import type { RatedPayer } from "../statements/ratedPayer.ts";
import { NO_PARTNER } from "../statements/ratedPiece.ts";
import { keyOf, payerKey } from "./openPayers.ts";

/** Everything that is looked at before a period is closed for a partner. */
export interface Review {
  readonly conservation: Conservation;
  readonly checks: readonly CheckResult[];
  /** Payers of any partner that can still get a statement. */
  readonly remaining: number;
  /** Whether the partner has payers, closed ones too. */
  readonly hasPayers: boolean;
  /** How many payers of the partner can have a statement. */
  readonly payers: number;
  /** Whether one can. */
  readonly isReady: (payer: RatedPayer) => boolean;
  readonly setAside: readonly SetAside[];
}

/** @param isOpen which payers can still get a statement; of these those of the partner are meant */
export async function review(
  context: Context,
  rated: RatedPeriod,
  partner: string,
  {
    isOpen,
    batchesNotCounted,
    archives = [],
  }: {
    readonly isOpen: (payer: RatedPayer) => boolean;
    readonly batchesNotCounted: number;
    readonly archives?: readonly ArchivedMonth[];
  },
): Promise<Review> {
  const sums = new ChargedSums();
  const unverified = new Map<string, Finding>();
  const setAside: SetAside[] = [];
  const own = (payer: RatedPayer): boolean => payer.parties.partner === partner && isOpen(payer);
  let [remaining, hasPayers, payers] = [0, false, 0];
  for (const payer of rated.payers()) {
    const charges = rated.tryCharges(payer, sums);
    if (isOpen(payer)) remaining += 1;
    hasPayers ||= payer.parties.partner === partner;
    if (!own(payer)) continue;
    const why = setAsideReason(payer, charges);
    if (why !== undefined) {
      setAside.push({ level: payer.level, payer: payer.parties.payer, ...why });
      continue;
    }
    payers += 1;
    for (const { price } of charges as readonly Charge[]) {
      if (isVerified(price)) continue;
      unverified.set(price.commerceMeter, { commerceMeter: price.commerceMeter, name: price.name, note: price.note });
    }
  }
  const { stored, unpriced, parked, knowledge, period } = rated;
  const conserved = conservation(stored, sums.sums, { unpriced, parked, meters: knowledge.meters });
  const stamps = await stampsOf(context, rated, partner);
  const scope = { from: period.from, to: period.to, lastBatch: rated.bounds.lastBatch, archives };
  const reported = (await context.usage.reportedHours(scope)).filter(({ registration }) => stamps.has(registration));
  const told = LIMITS.closeFindingsToldMax;
  const waits = waitingFindings(rated, stamps);
  const aside = new Set(setAside.map(payerKey));
  return {
    conservation: conserved,
    remaining,
    hasPayers,
    payers,
    isReady: (payer) => own(payer) && !aside.has(keyOf(payer)),
    setAside,
    checks: [
      checked("conservation", conservationFindings(conserved), told),
      checked("unpriced", waits.unpriced, told),
      checked("parked", waits.parked, told),
      checked("incomplete", incompleteFindings(reported, rated), told),
      checked("unverified", [...unverified.values()], told),
      checked("batches", batchesNotCounted === 0 ? [] : [{ batches: batchesNotCounted }], told),
    ],
  };
}

function setAsideReason(
  { standing, subscriptions: [subscription] }: RatedPayer,
  charges: readonly Charge[] | string,
): Pick<SetAside, "reason" | "detail"> | undefined {
  if (standing === "unknown") return { reason: "PayerUnknown", detail: `no catalogue ever knew ${subscription}` };
  if (standing === "gone") return { reason: "PayerGone", detail: `${subscription} was taken out of the catalogue` };
  if (typeof charges === "string") return { reason: "RatingFailed", detail: charges };
  const currencies = [...new Set(charges.map(currencyOf))];
  if (currencies.length > 1) {
    return { reason: "CurrencyConflict", detail: `it is priced in ${currencies.join(" and ")}` };
  }
  return undefined;
}

/** Registrations whose subscription is a partner's. */
async function stampsOf(
  { control }: Context,
  { bounds }: RatedPeriod,
  partner: string,
): Promise<ReadonlyMap<RegistrationId, string>> {
  const registrations = await control.registrations.list();
  const subscriptions = [...new Set(registrations.map(({ subscription }) => subscription))];
  const entries = await control.catalogue.asOf(subscriptions, bounds.mark["catalogue"] ?? 0);
  const partners = new Map(entries.map(({ entry }) => [entry.subscription, billingPartnerOf(entry)]));
  return new Map(
    registrations
      .filter(({ subscription }) => (partners.get(subscription) ?? NO_PARTNER) === partner)
      .map(({ id, name }) => [id, name]),
  );
}

const conservationFindings = ({ difference, meters }: Conservation): readonly Finding[] => [
  ...(difference === 0 ? [] : [{ meter: null, difference: String(difference) }]),
  ...meters.filter((meter) => meter.difference !== "0").map(({ meter, difference }) => ({ meter, difference })),
];

/** What waits on a partner's stamps, by stamp, meter and reason, with what it would cost. */
function waitingFindings(
  { waiting, knowledge }: RatedPeriod,
  stamps: ReadonlyMap<RegistrationId, string>,
): { readonly unpriced: readonly Finding[]; readonly parked: readonly Finding[] } {
  const own = waiting.filter(({ registration }) => stamps.has(registration));
  const findings = own.map(({ reason, registration, meter, quantity, records, atStake, isOneSum }) => ({
    reason,
    registration: stamps.get(registration)!,
    meter: knowledge.meters.factsOf(meter)?.name ?? meter,
    quantity: formatDecimal(quantity),
    records,
    amountAtStake:
      atStake !== undefined && isOneSum ? `${formatFixed(atStake.amount, atStake.scale)} ${atStake.currency}` : null,
  }));
  const [unpriced, parked] = [true, false].map((isPrice) =>
    findings.filter(({ reason }) => (reason === "NoPrice") === isPrice),
  );
  return { unpriced: unpriced!, parked: parked! };
}

const hourText = (hour: Hour): string => formatInstant(hourStartMs(hour));

/** Hours without usage, in stretches: from the first hour that a stamp ever reported, inside the period. */
function incompleteFindings(
  reported: readonly ReportedHours[],
  { period, knowledge }: RatedPeriod,
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { registration, first, hours } of reported) {
    const stamp = knowledge.stamps.registration(registration).name;
    const begin = first > period.from ? first : period.from;
    for (const { from, to } of stretchesWithout(hours, begin, period.to)) {
      findings.push({ registration: stamp, from: hourText(from), to: hourText(to), hours: to - from });
    }
  }
  return findings;
}
