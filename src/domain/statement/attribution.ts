import {
  BEGINNING,
  changeHours,
  changesWithin,
  type EffectiveChange,
  type Interval,
  intervalAt,
  intervalsOf,
} from "../history.ts";
import type { Hour, LocalSubscriptionId, RegistrationId, SubscriptionId, TenantId } from "../ids.ts";
import { type BillingModel, type BillingModelChange, isBilledByUsage } from "../registration/registration.ts";
import type { MappingChange, MappingInterval } from "../tenancy/mapping.ts";
import { type Payer, payerAt } from "../tenancy/payer.ts";
import type { LocalSubscriptionChange } from "../usage/localSubscription.ts";
import type { UsageSegment } from "../usage/store.ts";
import { type StampRecords, Stamps } from "./stamps.ts";

/** Whose usage of one hour it is, who pays, and how its registration is billed; each with the change that says so. */
export interface Attributed {
  readonly tenant: TenantId;
  readonly local: Interval<LocalSubscriptionChange>;
  readonly payer: Payer;
  readonly billingModel: BillingModel;
  /** Undefined where no change of the billing model was known: the registration's own counts. */
  readonly model: Interval<BillingModelChange> | undefined;
}

/** A stretch of a local subscription's hours in which attribution stays the same. */
export type AttributedSegment = UsageSegment & Attributed;

/** By who pays. */
type BilledSegments = ReadonlyMap<SubscriptionId, readonly AttributedSegment[]>;

/** A stretch that may lie before the hour from which the local subscription is known. */
interface Stretch extends UsageSegment {
  readonly attributed: Attributed | undefined;
}

/** Everything that was known at one moment of who pays. */
export interface AttributionRecords extends StampRecords {
  readonly locals: readonly LocalSubscriptionChange[];
  readonly mappings: readonly MappingChange[];
}

interface Local {
  readonly registration: RegistrationId;
  readonly localSubscription: LocalSubscriptionId;
  readonly intervals: readonly Interval<LocalSubscriptionChange>[];
  /** Everything whose changes may change attribution: its own, its tenants' mappings, the registration's billing model. */
  readonly histories: readonly (readonly Interval<EffectiveChange>[])[];
}

type ByRegistration<Key, Value> = ReadonlyMap<RegistrationId, ReadonlyMap<Key, Value>>;

/** Groups by registration and then by another key, without making a text of both: there may be very many. */
function grouped<Row extends { readonly registration: RegistrationId }, Key, Value>(
  rows: readonly Row[],
  keyOf: (row: Row) => Key,
  valueOf: (own: readonly Row[]) => Value,
): ByRegistration<Key, Value> {
  const byRegistration = Map.groupBy(rows, ({ registration }) => registration);
  return new Map(
    [...byRegistration].map(([registration, own]) => {
      const values = new Map<Key, Value>();
      for (const [key, group] of Map.groupBy(own, keyOf)) values.set(key, valueOf(group));
      return [registration, values];
    }),
  );
}

const NO_MAPPINGS: readonly MappingInterval[] = [];

const samePayment = (a: Attributed | undefined, b: Attributed | undefined): boolean =>
  a?.tenant === b?.tenant && a?.payer.interval === b?.payer.interval && a?.billingModel === b?.billingModel;

const sameParking = (a: Attributed | undefined, b: Attributed | undefined): boolean =>
  (a && isBilledByUsage(a.billingModel)) === (b && isBilledByUsage(b.billingModel));

/**
 * Who pays for what, as far as it was known at one moment; the one place that decides it. The payer of an hour is found
 * by way of the tenant that the local subscription belonged to in that hour and the tenant's mapping of that hour; the
 * billing model is that of the hour too (design rule 2).
 */
export class Attribution extends Stamps {
  readonly #locals: ByRegistration<LocalSubscriptionId, Local>;
  readonly #mappings: ByRegistration<TenantId, readonly MappingInterval[]>;
  #all: { readonly from: Hour; readonly to: Hour; readonly segments: readonly AttributedSegment[] } | undefined;
  #billed: { readonly from: Hour; readonly to: Hour; readonly byPayer: BilledSegments } | undefined;

  constructor({ locals, mappings, ...stamps }: AttributionRecords) {
    super(stamps);
    this.#mappings = grouped(mappings, ({ tenant }) => tenant, intervalsOf);
    this.#locals = grouped(
      locals,
      ({ localSubscription }) => localSubscription,
      (own) => this.#local(own),
    );
  }

  #local(own: readonly LocalSubscriptionChange[]): Local {
    const { registration, localSubscription } = own[0]!;
    const intervals = intervalsOf(own);
    const tenants = new Set(intervals.map(({ change }) => change.tenant));
    const mappings = [...tenants].map((tenant) => this.#mappingsOf(registration, tenant));
    const all = [intervals, this.modelsOf(registration), ...mappings];
    // What has always been so changes nothing inside any hours.
    const histories = all.filter((history) => history.some(({ from }) => from !== BEGINNING));
    return { registration, localSubscription, intervals, histories };
  }

  *#allLocals(): Generator<Local> {
    for (const locals of this.#locals.values()) yield* locals.values();
  }

  /** Everybody who could pay for usage of some hour. */
  payers(): ReadonlySet<SubscriptionId> {
    const payers = new Set<SubscriptionId>();
    for (const { subscription } of this.registrations()) payers.add(subscription);
    for (const tenants of this.#mappings.values()) {
      for (const intervals of tenants.values()) {
        for (const { change } of intervals) if (change.customer !== null) payers.add(change.customer);
      }
    }
    return payers;
  }

  /** Undefined where nobody knows the local subscription in that hour. */
  at(registration: RegistrationId, localSubscription: LocalSubscriptionId, hour: Hour): Attributed | undefined {
    const local = this.#locals.get(registration)?.get(localSubscription);
    return local && this.#attributed(local, hour);
  }

  /** Who would pay for an hour of a tenant that was never mapped. */
  withoutMapping(registration: RegistrationId, hour: Hour): Payer {
    return payerAt(hour, NO_MAPPINGS, this.registration(registration).subscription);
  }

  /**
   * The hours [from, to) of local subscriptions in which tenant, payer or billing model change, cut where they do. Of
   * all others one hour tells for all of them.
   */
  cuts(from: Hour, to: Hour): readonly UsageSegment[] {
    return this.#cutWhere(samePayment, from, to);
  }

  /** The same for whether the usage waits, whoever pays. */
  parkingCuts(from: Hour, to: Hour): readonly UsageSegment[] {
    return this.#cutWhere(sameParking, from, to);
  }

  #cutWhere(same: typeof samePayment, from: Hour, to: Hour): readonly UsageSegment[] {
    const cut: UsageSegment[] = [];
    for (const local of this.#allLocals()) {
      if (!local.histories.some((history) => changesWithin(history, from, to))) continue;
      const stretches = this.#stretches(local, { from, to }, same);
      if (stretches.length > 1) cut.push(...stretches);
    }
    return cut;
  }

  /** Every stretch of the hours [from, to) in which somebody is known to pay, however the registration is billed. */
  attributedSegments(from: Hour, to: Hour): readonly AttributedSegment[] {
    if (this.#all?.from !== from || this.#all.to !== to) {
      this.#all = { from, to, segments: this.#segmentsIn(from, to) };
    }
    return this.#all.segments;
  }

  #segmentsIn(from: Hour, to: Hour): readonly AttributedSegment[] {
    const segments: AttributedSegment[] = [];
    for (const local of this.#allLocals()) {
      for (const { attributed, ...segment } of this.#stretches(local, { from, to }, samePayment)) {
        if (attributed !== undefined) segments.push({ ...segment, ...attributed });
      }
    }
    return segments;
  }

  /** What one payer pays for by usage in the hours [from, to). */
  segmentsOf(payer: string, from: Hour, to: Hour): readonly AttributedSegment[] {
    return this.billedSegments(from, to).get(payer as SubscriptionId) ?? [];
  }

  /** What everybody pays for by usage in the hours [from, to). */
  billedSegments(from: Hour, to: Hour): BilledSegments {
    if (this.#billed?.from !== from || this.#billed.to !== to) {
      this.#billed = { from, to, byPayer: this.#billedIn(from, to) };
    }
    return this.#billed.byPayer;
  }

  #billedIn(from: Hour, to: Hour): BilledSegments {
    const byPayer = new Map<SubscriptionId, AttributedSegment[]>();
    for (const local of this.#allLocals()) {
      for (const { attributed, ...segment } of this.#stretches(local, { from, to }, samePayment)) {
        if (attributed === undefined || !isBilledByUsage(attributed.billingModel)) continue;
        const payer = attributed.payer.subscription;
        const own = byPayer.get(payer) ?? byPayer.set(payer, []).get(payer)!;
        own.push({ ...segment, ...attributed });
      }
    }
    return byPayer;
  }

  #attributed({ registration, intervals }: Local, hour: Hour): Attributed | undefined {
    const local = intervalAt(intervals, hour);
    if (local === undefined) return undefined;
    const { tenant } = local.change;
    const { subscription, billingModel } = this.registration(registration);
    const model = intervalAt(this.modelsOf(registration), hour);
    return {
      tenant,
      local,
      payer: payerAt(hour, this.#mappingsOf(registration, tenant), subscription),
      billingModel: model?.change.billingModel ?? billingModel,
      model,
    };
  }

  #mappingsOf(registration: RegistrationId, tenant: TenantId): readonly MappingInterval[] {
    return this.#mappings.get(registration)?.get(tenant) ?? NO_MAPPINGS;
  }

  /** The hours [from, to) of a local subscription in stretches that are as long as they are `same`. */
  #stretches(
    local: Local,
    { from, to }: { readonly from: Hour; readonly to: Hour },
    same: typeof samePayment,
  ): readonly Stretch[] {
    const { registration, localSubscription, histories } = local;
    const hours = new Set([from, ...histories.flatMap((history) => changeHours(history, from, to))]);
    const stretches: Stretch[] = [];
    for (const hour of [...hours].sort((a, b) => a - b)) {
      const attributed = this.#attributed(local, hour);
      const before = stretches.at(-1);
      if (before !== undefined && same(before.attributed, attributed)) continue;
      if (before !== undefined) stretches[stretches.length - 1] = { ...before, to: hour };
      stretches.push({ registration, localSubscription, from: hour, to, attributed });
    }
    return stretches;
  }
}
