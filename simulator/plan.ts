import type { Period } from "../src/domain/statement/period.ts";
import { fraction, hash32 } from "../src/lib/prng.ts";
import type { LocalSubscriptionOfStamp, Stamp } from "./stamps.ts";
import { NEVER_MAPPED_TENANT, REMOVED_TENANT, REPLACED_TENANT, type Tenant } from "./tenants.ts";

/** `workerTier` is a custom worker tier of App Service, whose meter nobody can know. */
export type ResourceKind =
  | "vm"
  | "disk"
  | "storage"
  | "staticIp"
  | "dynamicIp"
  | "keyVault"
  | "sql"
  | "appService"
  | "workerTier";

/** What must be known of a resource to tell whether it has usage in an hour, and how many rows. */
export interface Sketch {
  readonly index: number;
  readonly kind: ResourceKind;
  readonly hash: number;
  /** Place in the stamp's list of local subscriptions; UNKNOWN_SUBSCRIPTION when it is in none. */
  readonly subscription: number;
  /** First hour of its life and the first hour after it, counted from the period's start. */
  readonly fromHour: number;
  readonly toHour: number;
  readonly meterCount: number;
}

export const UNKNOWN_SUBSCRIPTION = -1;

/** How many resources of each sort a stamp has. They are numbered in this order. */
export interface Plan {
  /** Subscriptions that surely have a virtual machine while their tenant's mapping changes. */
  readonly anchors: readonly number[];
  readonly unknownSubscription: Share;
  readonly unknownMeter: Share;
  readonly ordinary: number;
  /** The last ordinary resource's life is cut to this, so that the number of records comes out. */
  readonly lastHours: number;
  readonly resources: number;
  readonly context: PlanContext;
}

interface Share {
  readonly count: number;
  readonly hours: number;
}

interface PlanContext {
  readonly seed: number;
  readonly stamp: Stamp;
  readonly subscriptions: readonly LocalSubscriptionOfStamp[];
  readonly periodHours: number;
  /** In a small world resources live shortly, or it would have too few of them to show every kind. */
  readonly lifeHoursMax: number;
}

interface PlanOptions {
  readonly seed: number;
  readonly stamp: Stamp;
  readonly records: number;
  readonly period: Period;
  readonly subscriptions: readonly LocalSubscriptionOfStamp[];
  readonly tenants: readonly Tenant[];
}

const SHARE_OF_STAMP = { north: 0.5, south: 0.3, edge: 0.2 } as const;
/** Share of the world's records with an unknown local subscription, and with an unknown meter. */
const UNKNOWN_SHARE = 0.0005;
const UNKNOWN_METER_RESOURCES_MIN = 3;
const RESOURCES_MIN = 80;
const LIFE_HOURS_MIN = 24;
// From the 12th to the 22nd of the month: both mid-period changes lie well inside.
const ANCHOR_FROM_HOUR = 11 * 24;
const ANCHOR_TO_HOUR = 22 * 24;
const UNKNOWN_FROM_HOUR = 5 * 24;
/** A subscription counts as deleted late in the month. */
const DELETED_AT_SHARE = 0.8;
const LIVES_ALL_PERIOD_SHARE = 0.6;

// The rare kinds come early, so that the smallest world has them too.
const CYCLE: readonly ResourceKind[] = [
  ...(["vm", "disk", "storage", "staticIp", "keyVault", "sql", "appService", "dynamicIp", "vm", "disk"] as const),
  ...Array.from({ length: 30 }, (_, i) => (["vm", "disk", "storage"] as const)[i % 3]!),
];

const STORAGE_PROFILES = ["page", "page and block", "block", "table", "queue"] as const;
export type StorageProfile = (typeof STORAGE_PROFILES)[number];
const STORAGE_METER_COUNTS: Readonly<Record<StorageProfile, number>> = {
  page: 1,
  "page and block": 2,
  block: 4,
  table: 4,
  queue: 4,
};
export const storageProfile = (index: number): StorageProfile => STORAGE_PROFILES[index % STORAGE_PROFILES.length]!;

function meterCountOf(kind: ResourceKind, index: number): number {
  if (kind === "storage") return STORAGE_METER_COUNTS[storageProfile(index)];
  return kind === "vm" || kind === "disk" ? 2 : 1;
}

/** Takes resources by their number until their rows fill the stamp's share of the world's records. */
export function createPlan(options: PlanOptions): Plan {
  const { seed, stamp, records, subscriptions } = options;
  const budget = Math.round(records * SHARE_OF_STAMP[stamp.name]);
  const periodHours = options.period.to - options.period.from;
  const lifeHoursMax = Math.min(periodHours, Math.max(LIFE_HOURS_MIN, Math.floor(budget / RESOURCES_MIN)));
  const context: PlanContext = { seed, stamp, subscriptions, periodHours, lifeHoursMax };
  const special = stamp.name === "north" ? specialResources(options, periodHours) : NO_SPECIAL_RESOURCES;
  const { anchors, unknownSubscription, unknownMeter } = special;
  const specialRows =
    anchors.length * (ANCHOR_TO_HOUR - ANCHOR_FROM_HOUR) * 2 +
    unknownSubscription.count * unknownSubscription.hours * 2 +
    unknownMeter.count * unknownMeter.hours;
  let rowsLeft = budget - specialRows;
  for (let ordinary = 0; ; ordinary += 1) {
    const { fromHour, toHour, meterCount } = ordinarySketch(context, ordinary);
    const rows = (toHour - fromHour) * meterCount;
    if (rows >= rowsLeft) {
      const lastHours = Math.max(1, Math.floor(rowsLeft / meterCount));
      const resources = anchors.length + unknownSubscription.count + unknownMeter.count + ordinary + 1;
      return { ...special, ordinary: ordinary + 1, lastHours, resources, context };
    }
    rowsLeft -= rows;
  }
}

type SpecialResources = Pick<Plan, "anchors" | "unknownSubscription" | "unknownMeter">;
const NO_SPECIAL_RESOURCES: SpecialResources = {
  anchors: [],
  unknownSubscription: { count: 0, hours: 0 },
  unknownMeter: { count: 0, hours: 0 },
};

function specialResources({ records, subscriptions, tenants }: PlanOptions, periodHours: number): SpecialResources {
  const rows = Math.round(records * UNKNOWN_SHARE);
  const share = (meterCount: number, countMin: number): Share => {
    const count = Math.max(countMin, Math.ceil(rows / meterCount / periodHours));
    return { count, hours: Math.max(1, Math.round(rows / meterCount / count)) };
  };
  return {
    anchors: [REPLACED_TENANT, REMOVED_TENANT, NEVER_MAPPED_TENANT].map((index) =>
      subscriptions.findIndex(({ tenant }) => tenant === tenants[index]!.tenant),
    ),
    unknownSubscription: share(2, 1),
    unknownMeter: share(1, UNKNOWN_METER_RESOURCES_MIN),
  };
}

/** A resource of a stamp by its number, from 0 to `plan.resources`. */
export function sketchOf(plan: Plan, index: number): Sketch {
  const { anchors, unknownSubscription, unknownMeter, context } = plan;
  if (index < anchors.length) {
    const life = { fromHour: ANCHOR_FROM_HOUR, toHour: ANCHOR_TO_HOUR };
    return {
      ...ordinarySketch(context, index),
      index,
      kind: "vm",
      meterCount: 2,
      subscription: anchors[index]!,
      ...life,
    };
  }
  const unknownFrom = index - anchors.length;
  if (unknownFrom < unknownSubscription.count) {
    const kind = { kind: "vm", meterCount: 2, subscription: UNKNOWN_SUBSCRIPTION } as const;
    return { ...ordinarySketch(context, index), index, ...kind, ...unknownLife(unknownSubscription, context) };
  }
  const tierFrom = unknownFrom - unknownSubscription.count;
  if (tierFrom < unknownMeter.count) {
    const kind = { kind: "workerTier", meterCount: 1 } as const;
    return { ...ordinarySketch(context, index), index, ...kind, ...unknownLife(unknownMeter, context) };
  }
  const ordinary = tierFrom - unknownMeter.count;
  const sketch = ordinarySketch(context, ordinary);
  const toHour = ordinary === plan.ordinary - 1 ? sketch.fromHour + plan.lastHours : sketch.toHour;
  return { ...sketch, index, toHour };
}

function unknownLife({ hours }: Share, { periodHours }: PlanContext) {
  const fromHour = Math.min(UNKNOWN_FROM_HOUR, periodHours - hours);
  return { fromHour, toHour: fromHour + hours };
}

function ordinarySketch(context: PlanContext, index: number): Sketch {
  const { seed, stamp, subscriptions } = context;
  const hash = hash32(seed, stamp.ordinal, index, 21);
  const kind = CYCLE[index % CYCLE.length]!;
  const subscription = skewed(fraction(hash, 22), subscriptions.length);
  const deleted = subscriptions[subscription]!.state === "Deleted";
  return { index, kind, hash, subscription, meterCount: meterCountOf(kind, index), ...lifeOf(context, hash, deleted) };
}

/** Log-uniform: each doubling of the place gets the same share, so the first few get most of all. */
const skewed = (at: number, count: number): number => Math.min(count, Math.floor((count + 1) ** at)) - 1;

/** Most resources live all month; the others are created or deleted on the way. */
function lifeOf({ periodHours, lifeHoursMax }: PlanContext, hash: number, deleted: boolean) {
  const endHour = deleted ? Math.floor(periodHours * DELETED_AT_SHARE) : periodHours;
  const whole = fraction(hash, 23) < LIVES_ALL_PERIOD_SHARE;
  const wanted = whole ? endHour : Math.ceil(endHour * fraction(hash, 24));
  const hours = Math.max(1, Math.min(wanted, lifeHoursMax, endHour));
  const fromHour = Math.floor((endHour - hours + 1) * fraction(hash, 25));
  return { fromHour, toHour: fromHour + hours };
}
