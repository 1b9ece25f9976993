import assert from "node:assert/strict";
import type { CatalogueSubscription } from "../src/domain/catalogue/subscription.ts";
import type { LocalSubscriptionId, SubscriptionId, TenantId } from "../src/domain/ids.ts";
import { hourStartMs } from "../src/domain/ids.ts";
import { type Period, parsePeriod } from "../src/domain/statement/period.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../src/lib/instant.ts";
import { createPlan, type Plan } from "./plan.ts";
import { createStamps, type LocalSubscriptionOfStamp, type Stamp, type StampName, worldGuid } from "./stamps.ts";
import {
  createLocalSubscriptions,
  createTenants,
  NEVER_MAPPED_TENANT,
  REMOVED_TENANT,
  REPLACED_TENANT,
  type Tenant,
} from "./tenants.ts";

export interface WorldOptions {
  /** Equal seeds make equal worlds, to the byte. */
  readonly seed: number;
  /** A calendar month such as 2024-02. */
  readonly period: string;
  /** How many distinct usage records the three stamps report for the period, within 5%. */
  readonly records: number;
}

/** One change of who pays, as an operator would make it at this moment. */
export interface MappingStep {
  readonly atMs: number;
  readonly stamp: StampName;
  readonly tenant: TenantId;
  readonly customerSubscription: SubscriptionId | null;
}

export interface World {
  readonly seed: number;
  readonly period: Period;
  readonly records: number;
  readonly stamps: readonly Stamp[];
  readonly tenants: readonly Tenant[];
  readonly catalogue: readonly CatalogueSubscription[];
  /** In order of time. */
  readonly mappingSteps: readonly MappingStep[];
  readonly neverMappedTenant: Tenant;
  readonly replacedTenant: Tenant;
  /** What the replaced tenant pays from after the change. */
  readonly replacement: SubscriptionId;
  readonly removedTenant: Tenant;
  /** Has usage on "north", but no stamp lists it. */
  readonly unknownLocalSubscription: LocalSubscriptionId;
  /** A custom worker tier, as sent: no catalogue can know its meter. */
  readonly unknownMeter: string;
  localSubscriptions(stamp: Stamp): readonly LocalSubscriptionOfStamp[];
  plan(stamp: Stamp): Plan;
}

/** Below, the few tenants with a story of their own would not fit in. */
export const RECORDS_MIN = 5_000;

/**
 * A partner's business with three stamps. It is small whatever the number of records: usage is derived from each
 * resource's number while it is read, never kept.
 */
export function createWorld({ seed, period: periodName, records }: WorldOptions): World {
  assert(Number.isSafeInteger(records) && records >= RECORDS_MIN, `a world has at least ${RECORDS_MIN} records`);
  const period = parsePeriod(periodName);
  const stamps = createStamps(seed);
  const tenants = createTenants(seed, records);
  const replacement = worldGuid(seed, "second customer subscription") as SubscriptionId;
  const subscriptions = stamps.map((stamp) => createLocalSubscriptions(seed, stamp, tenants));
  const plans = stamps.map((stamp) =>
    createPlan({ seed, stamp, records, period, subscriptions: subscriptions[stamp.ordinal]!, tenants }),
  );
  const replacedTenant = tenants[REPLACED_TENANT]!;
  const removedTenant = tenants[REMOVED_TENANT]!;
  return {
    seed,
    period,
    records,
    stamps,
    tenants,
    catalogue: createCatalogue(seed, stamps, tenants, replacement),
    mappingSteps: createMappingSteps(period, tenants, replacement),
    neverMappedTenant: tenants[NEVER_MAPPED_TENANT]!,
    replacedTenant,
    replacement,
    removedTenant,
    unknownLocalSubscription: worldGuid(seed, "unknown local subscription") as LocalSubscriptionId,
    unknownMeter: worldGuid(seed, "unknown meter"),
    localSubscriptions: (stamp) => subscriptions[stamp.ordinal]!,
    plan: (stamp) => plans[stamp.ordinal]!,
  };
}

const ENABLED = { state: "Enabled", provider: null, reseller: null, customer: null, tenant: null } as const;

const customerEntry = (tenant: Tenant, subscription: SubscriptionId, suffix = ""): CatalogueSubscription => ({
  subscription,
  displayName: `${tenant.customer}${suffix}`,
  offerType: "CSP",
  state: "Enabled",
  partner: "contoso",
  provider: null,
  reseller: tenant.reseller,
  customer: tenant.customer,
  tenant: tenant.tenant,
});

function createCatalogue(
  seed: number,
  stamps: readonly Stamp[],
  tenants: readonly Tenant[],
  replacement: SubscriptionId,
): readonly CatalogueSubscription[] {
  return [
    ...stamps.map(
      ({ name, scope }): CatalogueSubscription => ({
        ...ENABLED,
        subscription: scope.subscription,
        displayName: `Contoso stamp ${name}`,
        offerType: "APSS",
        partner: "contoso",
      }),
    ),
    ...tenants.map((tenant) => customerEntry(tenant, tenant.customerSubscription)),
    customerEntry(tenants[REPLACED_TENANT]!, replacement, " (second)"),
    {
      ...ENABLED,
      subscription: worldGuid(seed, "foreign", 0) as SubscriptionId,
      displayName: "Contoso enterprise agreement",
      offerType: "EA",
      partner: "contoso",
    },
    {
      ...ENABLED,
      subscription: worldGuid(seed, "foreign", 1) as SubscriptionId,
      displayName: "Graphic Design Institute",
      offerType: "CSP",
      partner: "northwind",
      customer: "Graphic Design Institute",
      tenant: worldGuid(seed, "foreign", 2) as TenantId,
    },
  ];
}

/** A Capacity registration takes no mappings, so only the pay-as-you-use stamps have steps. */
function createMappingSteps(
  period: Period,
  tenants: readonly Tenant[],
  replacement: SubscriptionId,
): readonly MappingStep[] {
  const startMs = hourStartMs(period.from);
  const first = tenants.flatMap((tenant, index) =>
    tenant.stamps
      .filter((stamp) => stamp !== "edge" && index !== NEVER_MAPPED_TENANT)
      .map((stamp): MappingStep => {
        const { customerSubscription } = tenant;
        return { atMs: startMs - HOUR_MS, stamp, tenant: tenant.tenant, customerSubscription };
      }),
  );
  return [
    ...first,
    {
      atMs: startMs + 13 * DAY_MS + 10 * HOUR_MS + 20 * MINUTE_MS,
      stamp: "north",
      tenant: tenants[REPLACED_TENANT]!.tenant,
      customerSubscription: replacement,
    },
    {
      atMs: startMs + 19 * DAY_MS + 7 * HOUR_MS + 45 * MINUTE_MS,
      stamp: "north",
      tenant: tenants[REMOVED_TENANT]!.tenant,
      customerSubscription: null,
    },
  ];
}
