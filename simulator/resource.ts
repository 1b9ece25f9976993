import type { LocalSubscriptionId, MeterId, TenantId } from "../src/domain/ids.ts";
import { hash32, mix32 } from "../src/lib/prng.ts";
import {
  type Plan,
  type ResourceKind,
  type Sketch,
  type StorageProfile,
  storageProfile,
  UNKNOWN_SUBSCRIPTION,
} from "./plan.ts";
import type { World } from "./world.ts";

const GIB = 2 ** 30;

/** How much a meter counts in an hour: whole units, divided by what the meter's unit is made of. */
interface MeterSpec {
  /** As the provider sends it: storage and others upper case, compute lower case, network without hyphens. */
  readonly sent: string;
  readonly base: number;
  readonly growthPerDay: number;
  /** The hour adds fewer units than this; 0 adds none. */
  readonly spreadPerHour: number;
  readonly unitSize: number;
}

export interface ResourceMeter extends MeterSpec {
  readonly meter: MeterId;
  /** The record's text before the usage hour, without the opening brace; and after the quantity. */
  readonly head: string;
  readonly tail: string;
  /** The quantity printed last: most quantities stay for hours. */
  printed: number;
  printedText: string;
}

export interface Resource {
  readonly sketch: Sketch;
  readonly localSubscription: LocalSubscriptionId;
  /** Null when the local subscription is unknown. */
  readonly tenant: TenantId | null;
  /** The record's text from `instanceData` to the quantity. */
  readonly instanceText: string;
  readonly meters: readonly ResourceMeter[];
  /** Disk quantities are divided by hours and days of the month, in this order; others by 1. */
  readonly hoursDivisor: number;
  readonly daysDivisor: number;
}

const spec = (sent: string, base: number, more: Partial<MeterSpec> = {}): MeterSpec => ({
  sent,
  base,
  growthPerDay: 0,
  spreadPerHour: 0,
  unitSize: 1,
  ...more,
});

const VM_SIZES = [
  ["Standard_A0", 1],
  ["Standard_D1_v2", 1],
  ["Standard_F1s", 1],
  ["Standard_F2s", 2],
  ["Standard_D11_v2", 2],
  ["Standard_A4", 8],
] as const;
const WINDOWS_IMAGES = [
  ["MicrosoftWindowsServer", "WindowsServer", "2016-Datacenter"],
  ["MicrosoftWindowsServer", "WindowsServer", "2012-R2-Datacenter"],
] as const;
const OTHER_IMAGES = [
  ["Canonical", "UbuntuServer", "16.04-LTS"],
  ["Canonical", "UbuntuServer", "18.04-LTS"],
  ["RedHat", "RHEL", "7.6"],
] as const;
const VM_HOURS = "6dab500f-a4fd-49c4-956d-229bb9c8c793";
const WINDOWS_CORES = "9cd92d4c-bafd-4492-b278-bedc2de8232a";
const BASE_CORES = "fab6eb84-500b-4a09-a8ca-7358f8bbaea5";

/** Tiers with their provisioned GiB; a disk sends one of them and what it actually holds. */
const STANDARD_DISKS = [
  ["380874f9-300c-48e0-95a0-d2d9a21ade8f", 32],
  ["1b77d90f-427b-4435-b4f1-d78adec53222", 64],
  ["d5f7731b-f639-404a-89d0-e46186e22c8d", 128],
  ["ff85ef31-da5b-4eac-95dd-a69d6f97b18a", 256],
  ["88ea9228-457a-4091-adc9-ad5194f30b6e", 512],
  ["5b1db88a-8596-4002-8052-347947c26940", 1024],
] as const;
const PREMIUM_DISKS = [
  ["7660b45b-b29d-49cb-b816-59f30fbab011", 32],
  ["817007fd-a077-477f-bc01-b876f27205fd", 64],
  ["e554b6bc-96cd-4938-a5b5-0da990278519", 128],
  ["cdc0f53a-62a9-4472-a06c-e99a23b02907", 256],
  ["b9cb2d1a-84c2-4275-aa8b-70d2145d59aa", 512],
  ["06bde724-9f94-43c0-84c3-d0fc54538369", 1024],
] as const;
const ACTUAL_STANDARD = "7ba084ec-ef9c-4d64-a179-7732c6cb5e28";
const ACTUAL_PREMIUM = "daef389a-06e5-4684-a7f7-8813d9f792d5";

const pick = <Item>(items: readonly Item[], hash: number): Item => items[hash % items.length]!;

/** On a Capacity stamp every image brings its own licence, so no Windows core is charged there. */
const isWindows = (hash: number, capacity: boolean): boolean => !capacity && hash32(hash, 31) % 10 < 6;

function vmSpecs(hash: number, capacity: boolean): readonly MeterSpec[] {
  const cores = pick(VM_SIZES, hash32(hash, 32))[1];
  return [spec(VM_HOURS, 1), spec(isWindows(hash, capacity) ? WINDOWS_CORES : BASE_CORES, cores)];
}

function diskSpecs(hash: number): readonly MeterSpec[] {
  const premium = hash32(hash, 33) % 4 === 0;
  const [tier, gib] = pick<readonly [string, number]>(premium ? PREMIUM_DISKS : STANDARD_DISKS, hash32(hash, 34));
  const growthPerDay = (hash32(hash, 36) % 64) * 2 ** 20;
  // At most a half of the disk at first and 2 GiB more by the month's end: never more than the disk holds.
  const base = Math.floor((gib * GIB * (1 + (hash32(hash, 35) % 1024))) / 2048) + (hash32(hash, 37) % 4096) * 512;
  return [spec(tier, 1), spec(premium ? ACTUAL_PREMIUM : ACTUAL_STANDARD, base, { growthPerDay, unitSize: GIB })];
}

const capacitySpec = (sent: string, hash: number, gibMax: number): MeterSpec => {
  const base = (hash32(hash, 38) % gibMax) * GIB + 1 + (hash32(hash, 39) % GIB);
  return spec(sent, base, { growthPerDay: hash32(hash, 40) % 5_000_000, unitSize: GIB });
};
/** Tables and queues hold from one byte to some kilobytes, as recorded. */
const smallCapacitySpec = (sent: string, hash: number): MeterSpec =>
  spec(sent, 1 + (hash32(hash, 41) % 9_000), { growthPerDay: hash32(hash, 42) % 97, unitSize: GIB });
const requestsSpec = (sent: string, spreadPerHour: number): MeterSpec =>
  spec(sent, 1, { spreadPerHour, unitSize: 10_000 });
const transferSpec = (sent: string): MeterSpec => spec(sent, 1, { spreadPerHour: 50_000_000, unitSize: GIB });

const PAGE_CAPACITY = "B5C15376-6C94-4FDD-B655-1A69D138ACA3";
const BLOCK_CAPACITY = "09F8879E-87E9-4305-A572-4B7BE209F857";

const STORAGE_SPECS: Readonly<Record<StorageProfile, (hash: number) => readonly MeterSpec[]>> = {
  page: (hash) => [capacitySpec(PAGE_CAPACITY, hash, 200)],
  "page and block": (hash) => [capacitySpec(PAGE_CAPACITY, hash, 200), capacitySpec(BLOCK_CAPACITY, mix32(hash), 2)],
  block: (hash) => [
    capacitySpec(BLOCK_CAPACITY, hash, 40),
    requestsSpec("43DAF82B-4618-444A-B994-40C23F7CD438", 20_000),
    transferSpec("9764F92C-E44A-498E-8DC1-AAD66587A810"),
    transferSpec("3023FEF4-ECA5-4D7B-87B3-CFBC061931E8"),
  ],
  table: (hash) => [
    smallCapacitySpec("B4438D5D-453B-4EE1-B42A-DC72E377F1E4", hash),
    requestsSpec("B9FF3CD0-28AA-4762-84BB-FF8FBAEA6A90", 5_000),
    transferSpec("50A1AEAF-8ECA-48A0-8973-A5B3077FEE0D"),
    transferSpec("1B8C1DEC-EE42-414B-AA36-6229CF199370"),
  ],
  queue: (hash) => [
    smallCapacitySpec("B03C6AE7-B080-4BFA-84A3-22C800F315C6", hash),
    requestsSpec("EB43DD12-1AA6-4C4B-872C-FAF15A6785EA", 5_000),
    transferSpec("E518E809-E369-4A45-9274-2017B29FFF25"),
    transferSpec("DD0A10BA-A5D6-4CB6-88C0-7D585CEF9FC2"),
  ],
};

interface SpecContext {
  readonly hash: number;
  /** Place among the stamp's ordinary resources. */
  readonly ordinary: number;
  readonly capacity: boolean;
  readonly unknownMeter: string;
}

const SPECS: Readonly<Record<ResourceKind, (context: SpecContext) => readonly MeterSpec[]>> = {
  vm: ({ hash, capacity }) => vmSpecs(hash, capacity),
  disk: ({ hash }) => diskSpecs(hash),
  storage: ({ hash, ordinary }) => STORAGE_SPECS[storageProfile(ordinary)](hash),
  staticIp: () => [spec("F271A8A388C44D93956A063E1D2FA80B", 1)],
  dynamicIp: () => [spec("9E2739BA86744796B465F64674B822BA", 1)],
  keyVault: () => [requestsSpec("EBF13B9F-B3EA-46FE-BF54-396E93D48AB4", 5_000)],
  sql: ({ hash }) => [spec("CBCFEF9A-B91F-4597-A4D3-01FE334BED82", 1_024 * (1 + (hash % 50)))],
  appService: ({ hash }) => [spec("190C935E-9ADA-48FF-9AB8-56EA1CF9ADAA", pick([1, 2, 4], hash))],
  workerTier: ({ hash, unknownMeter }) => [spec(unknownMeter, 1 + (hash % 3))],
};

/** Path below the resource group; only storage writes `resourcegroups`, and its tags and additionalInfo are empty. */
const TYPES: Readonly<Record<ResourceKind, string>> = {
  vm: "Microsoft.Compute/virtualMachines",
  disk: "Microsoft.Compute/disks",
  storage: "Microsoft.Storage/storageAccounts",
  staticIp: "Microsoft.Network/publicIPAddresses",
  dynamicIp: "Microsoft.Network/publicIPAddresses",
  keyVault: "Microsoft.KeyVault/vaults",
  sql: "Microsoft.SQLAdapter/databases",
  appService: "Microsoft.Web/serverFarms",
  workerTier: "Microsoft.Web/serverFarms",
};

/** The number makes it unique on its stamp, whatever the casing. */
function nameOf({ kind, index, hash }: Sketch): string {
  const number = index.toString(36);
  if (kind === "vm") return `VM${number}`;
  if (kind === "disk") return `vm${number}_OsDisk_1_${hash.toString(16).padStart(8, "0").repeat(4)}`;
  return kind === "storage" ? `sa${number}x${hash.toString(36)}` : `${kind.toLowerCase()}-${number}`;
}

function instanceDataOf(sketch: Sketch, localSubscription: string, location: string, capacity: boolean): string {
  const { kind, hash } = sketch;
  const groups = kind === "storage" ? "resourcegroups" : "resourceGroups";
  const number = (hash32(hash, 43) % 16).toString(16);
  const group =
    sketch.subscription === UNKNOWN_SUBSCRIPTION
      ? "rg-unlisted"
      : kind === "disk"
        ? `RG-APPS${number}`
        : `rg-apps${number}`;
  const resourceUri = `/subscriptions/${localSubscription}/${groups}/${group}/providers/${TYPES[kind]}/${nameOf(sketch)}`;
  const texts = kind === "vm" ? vmTexts(hash, capacity) : { tags: "", additionalInfo: "" };
  return JSON.stringify({ "Microsoft.Resources": { resourceUri, location, ...texts } });
}

function vmTexts(hash: number, capacity: boolean) {
  const [publisher, offer, sku] = pick<readonly string[]>(
    isWindows(hash, capacity) ? WINDOWS_IMAGES : OTHER_IMAGES,
    hash32(hash, 44),
  );
  const ServiceType = pick(VM_SIZES, hash32(hash, 32))[0];
  const tagged = hash32(hash, 45) % 10 < 3;
  const tags = { costCenter: `cc-${hash32(hash, 46) % 40}`, env: pick(["prod", "test"], hash32(hash, 47)) };
  return {
    tags: tagged ? JSON.stringify(tags) : "null",
    additionalInfo: JSON.stringify({ ServiceType, ImageType: null, Publisher: publisher, Offer: offer, Sku: sku }),
  };
}

/** One flat string: the engine would otherwise walk the joined pieces again for every record. All texts are ASCII. */
const flat = (text: string): string => Buffer.from(text, "latin1").toString("latin1");

/** Builds all the text of a resource that does not change from hour to hour. */
export function buildResource(world: World, plan: Plan, sketch: Sketch, daysInMonth: number): Resource {
  const { stamp, subscriptions } = plan.context;
  const known = subscriptions[sketch.subscription];
  const localSubscription = known?.localSubscription ?? world.unknownLocalSubscription;
  const capacity = stamp.billingModel === "Capacity";
  const context = {
    hash: sketch.hash,
    ordinary: sketch.index - (plan.resources - plan.ordinary),
    capacity,
    unknownMeter: world.unknownMeter,
  };
  const meters = SPECS[sketch.kind](context).map((meter): ResourceMeter => {
    const name = `${localSubscription}-${meter.sent}`;
    const id = `/subscriptions/${stamp.providerSubscription}/providers/Microsoft.Commerce/UsageAggregate/${name}`;
    const type = `"type":"Microsoft.Commerce/UsageAggregate"`;
    return {
      ...meter,
      meter: meter.sent.toLowerCase().replaceAll("-", "") as MeterId,
      head: flat(`"id":"${id}","name":"${name}",${type},"properties":{"subscriptionId":"${localSubscription}",`),
      tail: flat(`,"meterId":"${meter.sent}","name":"${name}"}}`),
      printed: Number.NaN,
      printedText: "",
    };
  });
  const instanceData = instanceDataOf(sketch, localSubscription, stamp.location, capacity);
  return {
    sketch,
    localSubscription,
    tenant: known?.tenant ?? null,
    instanceText: flat(`"instanceData":${JSON.stringify(instanceData)},"quantity":`),
    meters,
    hoursDivisor: sketch.kind === "disk" ? 24 : 1,
    daysDivisor: sketch.kind === "disk" ? daysInMonth : 1,
  };
}

/** The double that the Hub would have computed, in its order of division (contract/usage.md §5). */
export function quantityOf(resource: Resource, slot: number, hour: number): number {
  const { base, growthPerDay, spreadPerHour, unitSize } = resource.meters[slot]!;
  const spread =
    spreadPerHour === 0 ? 0 : mix32(resource.sketch.hash ^ Math.imul(hour * 8 + slot + 1, 0x27d4eb2f)) % spreadPerHour;
  const units = base + growthPerDay * Math.floor(hour / 24) + spread;
  return units / unitSize / resource.hoursDivisor / resource.daysDivisor;
}
