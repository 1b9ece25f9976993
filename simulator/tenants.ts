import type { LocalSubscriptionId, SubscriptionId, TenantId } from "../src/domain/ids.ts";
import { hash32 } from "../src/lib/prng.ts";
import { type LocalSubscriptionOfStamp, type Stamp, type StampName, worldGuid } from "./stamps.ts";

/** A customer's directory, in order of size: the first tenants use the most. */
export interface Tenant {
  readonly tenant: TenantId;
  readonly displayName: string;
  /** Several tenants may be of one customer. */
  readonly customer: string;
  readonly reseller: string | null;
  readonly customerSubscription: SubscriptionId;
  readonly stamps: readonly StampName[];
}

const TENANTS_MIN = 8;
const TENANTS_MAX = 50_000;
const RECORDS_PER_TENANT = 20_000;

// Places in the list of tenants. They are among the biggest, so that each has usage on "north".
const SHRINKING_TENANT = 0;
export const REPLACED_TENANT = 1;
export const REMOVED_TENANT = 2;
export const NEVER_MAPPED_TENANT = 3;

const NAMES = [
  "Adventure Works",
  "Litware",
  "Proseware",
  "Tailspin",
  "Woodgrove",
  "Fourth Coffee",
  "Relecloud",
  "Wingtip",
];
const BRANCHES = ["Bank", "Logistics", "Health", "Energy", "Retail", "Foods", "Media"];
/** Seven tenants make four customers: two with one tenant, one with three, one with two. */
const CUSTOMER_OF_SEVEN = [0, 1, 2, 2, 2, 3, 3];
const STAMPS_OF_FOUR: readonly (readonly StampName[])[] = [
  ["north", "edge"],
  ["south"],
  ["north", "south"],
  ["south", "edge"],
];

export function createTenants(seed: number, records: number): readonly Tenant[] {
  const count = Math.min(TENANTS_MAX, Math.max(TENANTS_MIN, Math.round(records / RECORDS_PER_TENANT)));
  return Array.from({ length: count }, (_, index) => tenantAt(seed, index));
}

function tenantAt(seed: number, index: number): Tenant {
  const customerIndex = Math.floor(index / 7) * 4 + CUSTOMER_OF_SEVEN[index % 7]!;
  const branch = BRANCHES[Math.floor(customerIndex / NAMES.length) % BRANCHES.length]!;
  const round = Math.floor(customerIndex / (NAMES.length * BRANCHES.length));
  const customer = `${NAMES[customerIndex % NAMES.length]!} ${branch}${round === 0 ? "" : ` ${round + 1}`}`;
  return {
    tenant: worldGuid(seed, "tenant", index) as TenantId,
    displayName: `${customer} directory ${index + 1}`,
    customer,
    reseller: customerIndex % 3 === 1 ? "fabrikam" : null,
    customerSubscription: worldGuid(seed, "customer subscription", index) as SubscriptionId,
    stamps: stampsOf(index),
  };
}

/** A tenant whose mapping changes is on one stamp alone, so that the world has exactly one change of its kind. */
function stampsOf(index: number): readonly StampName[] {
  if (index === SHRINKING_TENANT) return ["north", "south"];
  return index <= NEVER_MAPPED_TENANT ? ["north"] : STAMPS_OF_FOUR[index % 4]!;
}

/** The subscriptions of a stamp, those of its biggest tenants first. Some are deleted and still known. */
export function createLocalSubscriptions(
  seed: number,
  stamp: Stamp,
  tenants: readonly Tenant[],
): readonly LocalSubscriptionOfStamp[] {
  return tenants.flatMap((tenant, index) => {
    if (!tenant.stamps.includes(stamp.name)) return [];
    const hash = hash32(seed, stamp.ordinal, index, 11);
    const count = index === SHRINKING_TENANT ? 3 : 1 + (hash % 3);
    return Array.from({ length: count }, (_, nth): LocalSubscriptionOfStamp => {
      const deleted = nth === 2 && (index === SHRINKING_TENANT || (hash >>> 8) % 3 === 0);
      const number = (index * 3 + nth) * 3 + stamp.ordinal;
      return {
        localSubscription: worldGuid(seed, "local subscription", number) as LocalSubscriptionId,
        tenant: tenant.tenant,
        displayName: `${tenant.customer} ${["production", "test", "old"][nth]!} ${index + 1}`,
        state: deleted ? "Deleted" : "Enabled",
      };
    });
  });
}
