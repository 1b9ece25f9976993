import { type Hour, hourOf, type LocalSubscriptionId, type MeterId, type RegistrationId } from "../../domain/ids.ts";
import { lineAmount } from "../../domain/rating/lineAmount.ts";
import { pricingOf } from "../../domain/rating/pricing.ts";
import { isBilledByUsage } from "../../domain/registration/registration.ts";
import type { ParkedReason } from "../../domain/statement/classify.ts";
import type { Period } from "../../domain/statement/period.ts";
import type { UsageAge, UsageScope, UsageTotal } from "../../domain/usage/store.ts";
import { add, type Decimal, decimal, ZERO } from "../../lib/decimal.ts";
import { commonDenominator, scaledBy } from "../../lib/fraction.ts";
import type { Context } from "../context.ts";
import { withArchives } from "./archives.ts";
import { classifiedTotals, type Knowledge, loadKnowledge, stretchesOf } from "../statements/classified.ts";

/** Why nobody can say what parked usage would cost, in order of precedence. */
export const NO_AMOUNT_REASONS = ["BillingModel", "NoPrice"] as const;
export type NoAmountReason = (typeof NO_AMOUNT_REASONS)[number];

/** What waits of one meter of one local subscription for one reason. */
export interface ParkedGroup {
  readonly reason: ParkedReason;
  readonly registration: RegistrationId;
  readonly registrationName: string;
  readonly localSubscription: LocalSubscriptionId;
  readonly meter: MeterId;
  readonly quantity: Decimal;
  readonly records: number;
  /** The first hour that anything of it may be of. */
  readonly from: Hour;
  readonly atStake: AtStake | NoAmountReason;
}

/** At the price of the first tier, in the price sheet's currency, truncated or rounded as a line is. */
export interface AtStake {
  readonly amount: Decimal;
  readonly currency: string;
  /** Decimals of the amount. */
  readonly scale: number;
}

export interface ParkedFilter {
  readonly reason?: ParkedReason;
  readonly registration?: RegistrationId;
  readonly localSubscription?: LocalSubscriptionId;
  readonly meter?: MeterId;
}

export interface ParkedPage {
  readonly groups: readonly (ParkedGroup & { readonly age: UsageAge | undefined })[];
  readonly groupsInAll: number;
  readonly recordsInAll: number;
  readonly knowledge: Knowledge;
}

/**
 * Everything that waits by what is known now, largest number of records first.
 * @param hours only of these; unless given, of all that is in the usage store
 */
export async function parkedGroups(
  context: Context,
  hours: Omit<UsageScope, "lastBatch"> = { from: hourOf(0), to: hourOf(context.clock.now()) },
): Promise<{ readonly groups: readonly ParkedGroup[]; readonly scope: UsageScope; readonly knowledge: Knowledge }> {
  const { control, usage, clock } = context;
  const knowledge = await loadKnowledge(context, clock.now());
  const { attribution, meters } = knowledge;
  const scope = { ...hours, lastBatch: (await control.batches.lastComplete()).lastBatch };
  const used = meters.touched().length === 0 ? [] : (await usage.stored(scope)).map(({ meter }) => meter);
  const stretches = stretchesOf(scope, knowledge, used);
  const cut = (from: Hour, to: Hour) => attribution.parkingCuts(from, to);
  const groups = new Map<string, ParkedGroup>();
  for (const total of await classifiedTotals(context, knowledge, stretches, cut)) {
    if (total.kind !== "parked") continue;
    const group = groupOf(total, total.reason, knowledge);
    const so = groups.get(tieOf(group));
    groups.set(tieOf(group), so === undefined ? group : together(so, group));
  }
  const sorted = [...groups.values()].sort((a, b) => b.records - a.records || (tieOf(a) < tieOf(b) ? -1 : 1));
  return { groups: sorted, scope, knowledge };
}

/**
 * A page of what waits, with how long it has.
 * @param page `month`: only what is of this month, and then also what waited when the month was archived
 * @throws Fault ArchiveDamaged, UsageEngineUnavailable
 */
export async function listParked(
  context: Context,
  filter: ParkedFilter,
  { month, ...page }: { readonly offset: number; readonly limit: number; readonly month?: Period },
): Promise<ParkedPage> {
  if (month === undefined) return await pageOf(context, filter, page, await parkedGroups(context));
  const { from, to } = month;
  return await withArchives(context, month, async (archives) =>
    pageOf(context, filter, page, await parkedGroups(context, { from, to, archives })),
  );
}

async function pageOf(
  context: Context,
  filter: ParkedFilter,
  { offset, limit }: { readonly offset: number; readonly limit: number },
  { groups, scope, knowledge }: Awaited<ReturnType<typeof parkedGroups>>,
): Promise<ParkedPage> {
  const wanted = groups.filter((group) =>
    Object.entries(filter).every(([name, value]) => group[name as keyof ParkedFilter] === value),
  );
  const page = wanted.slice(offset, offset + limit);
  const ages = await context.usage.ages(
    scope,
    page.map(({ reason, ...group }) => ({ ...group, held: heldBy(reason) })),
  );
  return {
    groups: page.map((group, i) => ({ ...group, age: ages[i] })),
    groupsInAll: wanted.length,
    recordsInAll: wanted.reduce((sum, { records }) => sum + records, 0),
    knowledge,
  };
}

const heldBy = (reason: ParkedReason) =>
  reason === "Conflict" ? "conflict" : reason === "PeriodArchived" ? "archived" : "no";

const tieOf = ({ registrationName, localSubscription, meter, reason, atStake }: ParkedGroup): string =>
  `${registrationName} ${localSubscription} ${meter} ${reason} ${typeof atStake === "string" ? "" : atStake.currency}`;

function groupOf(total: UsageTotal & { readonly from: Hour }, reason: ParkedReason, knowledge: Knowledge): ParkedGroup {
  const { registration, localSubscription, meter, records, from } = total;
  return {
    reason,
    registration,
    registrationName: knowledge.attribution.registration(registration).name,
    localSubscription,
    meter,
    quantity: decimal(total.quantity),
    records,
    from,
    atStake: atStake(total, from, knowledge),
  };
}

const together = (a: ParkedGroup, b: ParkedGroup): ParkedGroup => ({
  ...a,
  quantity: add(a.quantity, b.quantity),
  records: a.records + b.records,
  from: a.from < b.from ? a.from : b.from,
  atStake:
    typeof a.atStake === "string"
      ? a.atStake
      : typeof b.atStake === "string"
        ? b.atStake
        : { ...a.atStake, amount: add(a.atStake.amount, b.atStake.amount) },
});

/** What a sum of usage would cost at the first tier, if nothing kept it from being billed. */
export function atStake(total: UsageTotal, hour: Hour, knowledge: Knowledge): AtStake | NoAmountReason {
  const { attribution, book } = knowledge;
  const attributed = attribution.at(total.registration, total.localSubscription, hour);
  const { billingModel } = attributed ?? attribution.registration(total.registration);
  if (!isBilledByUsage(billingModel)) return "BillingModel";
  const { registration } = total;
  const subscription = attributed?.payer.subscription;
  const terms =
    subscription === undefined
      ? book.termsOfEveryone("customer", hour)
      : book.termsAt("customer", { subscription, registration }, hour);
  const { price, factor } = pricingOf(knowledge, terms, total.meter, hour);
  if (price === undefined) return "NoPrice";
  const common = commonDenominator([factor]);
  const quantity = scaledBy(decimal(total.quantity), factor, common);
  const unitPrice = price.tiers[0]?.unitPrice ?? ZERO;
  const { currency, rounding } = terms.sheet;
  const amount = lineAmount({ quantity, common }, unitPrice, price.hoursPerMonth, rounding);
  return { amount, currency, scale: rounding.scale };
}
