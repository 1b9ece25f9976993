import type { ControlStores } from "../../domain/controlStore.ts";
import type { Hour, LocalSubscriptionId, RegistrationId, TenantId } from "../../domain/ids.ts";
import type { Registration } from "../../domain/registration/registration.ts";
import type { AttributionFacts } from "../../domain/statement/classify.ts";
import { type MappingInterval, mappingIntervals } from "../../domain/tenancy/mapping.ts";
import { changeHours, type Payer, payerAt } from "../../domain/tenancy/payer.ts";
import type { LocalSubscription } from "../../domain/usage/localSubscription.ts";
import type { UsageSegment } from "../../domain/usage/store.ts";

const NO_MAPPINGS: readonly MappingInterval[] = [];

/** A stretch of a local subscription's hours with one payer, and the decision that made it so. */
export interface AttributedSegment extends UsageSegment {
  readonly tenant: TenantId;
  readonly payer: Payer;
}

/** Who pays for what, as far as it was known at one moment. */
export class Attribution implements AttributionFacts {
  readonly #registrations: ReadonlyMap<RegistrationId, Registration>;
  readonly #tenants = new Map<string, TenantId>();
  readonly #mappings = new Map<string, readonly MappingInterval[]>();
  readonly #locals: readonly LocalSubscription[];

  private constructor(
    registrations: readonly Registration[],
    locals: readonly LocalSubscription[],
    mappings: Map<string, readonly MappingInterval[]>,
  ) {
    this.#registrations = new Map(registrations.map((registration) => [registration.id, registration]));
    this.#locals = locals;
    for (const { registration, localSubscription, tenant } of locals) {
      this.#tenants.set(`${registration} ${localSubscription}`, tenant);
    }
    this.#mappings = mappings;
  }

  /** @param knownUntilMs changes recorded later are left out */
  static async load(stores: ControlStores, knownUntilMs: number): Promise<Attribution> {
    const changes = await stores.tenancy.changes(knownUntilMs);
    const byTenant = Map.groupBy(changes, ({ registration, tenant }) => `${registration} ${tenant}`);
    const mappings = new Map([...byTenant].map(([key, list]) => [key, mappingIntervals(list)]));
    return new Attribution(
      await stores.registrations.list({ withDeleted: true }),
      await stores.localSubscriptions.list({ recordedUntilMs: knownUntilMs }),
      mappings,
    );
  }

  registration(id: RegistrationId): Registration {
    const registration = this.#registrations.get(id);
    if (registration === undefined) throw new Error(`usage of registration ${id}, which does not exist`);
    return registration;
  }

  tenantOf(registration: RegistrationId, localSubscription: LocalSubscriptionId): TenantId | undefined {
    return this.#tenants.get(`${registration} ${localSubscription}`);
  }

  mappings(registration: RegistrationId, tenant: TenantId): readonly MappingInterval[] {
    return this.#mappings.get(`${registration} ${tenant}`) ?? NO_MAPPINGS;
  }

  /** The hours [from, to) of local subscriptions whose payer changes inside them, cut where it does. */
  cuts(from: Hour, to: Hour): readonly UsageSegment[] {
    return this.#locals.flatMap((local) => {
      const segments = this.#segments(local, from, to);
      return segments.length > 1 ? segments : [];
    });
  }

  /** What one payer pays for in the hours [from, to). */
  segmentsOf(payer: string, from: Hour, to: Hour): readonly AttributedSegment[] {
    return this.#locals.flatMap((local) =>
      this.#segments(local, from, to).filter((segment) => segment.payer.subscription === payer),
    );
  }

  #segments({ registration, localSubscription, tenant }: LocalSubscription, from: Hour, to: Hour): AttributedSegment[] {
    const intervals = this.mappings(registration, tenant);
    const cuts = [from, ...changeHours(intervals, from, to), to];
    const { subscription } = this.registration(registration);
    return cuts.slice(0, -1).map((start, i) => {
      const payer = payerAt(start, intervals, subscription);
      return { registration, localSubscription, tenant, from: start, to: cuts[i + 1]!, payer };
    });
  }
}
