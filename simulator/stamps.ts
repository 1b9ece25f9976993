import type { RegistrationScope } from "../src/domain/registration/registration.ts";
import type { LocalSubscriptionId, SubscriptionId, TenantId } from "../src/domain/ids.ts";
import { guid, hash32 } from "../src/lib/prng.ts";

const GUID_KINDS = [
  "tenant",
  "customer subscription",
  "second customer subscription",
  "registration subscription",
  "provider subscription",
  "cloud",
  "bridge",
  "host",
  "local subscription",
  "unknown local subscription",
  "unknown meter",
  "foreign",
] as const;
type GuidKind = (typeof GUID_KINDS)[number];
const GUIDS_PER_KIND_MAX = 2 ** 26;

/** All GUIDs of one world come from one number space, because `guid` never repeats only within one. */
export const worldGuid = (seed: number, kind: GuidKind, index = 0): string =>
  guid(seed, 0x57a3b, GUID_KINDS.indexOf(kind) * GUIDS_PER_KIND_MAX + index);

export const STAMP_NAMES = ["north", "south", "edge"] as const;
export type StampName = (typeof STAMP_NAMES)[number];

/** One Hub: a stamp that a registration belongs to. */
export interface Stamp {
  readonly name: StampName;
  /** Place among the world's stamps. */
  readonly ordinal: number;
  readonly cloudId: string;
  /** Object id of the bridge's service principal. */
  readonly objectId: string;
  readonly location: string;
  readonly billingModel: "PayAsYouUse" | "Capacity";
  readonly scope: RegistrationScope;
  /** The caller's subscription, which every record's id carries. */
  readonly providerSubscription: SubscriptionId;
  /** Base URL of the administrator's endpoint; the next page's address begins with it. */
  readonly adminUrl: string;
}

export interface LocalSubscriptionOfStamp {
  readonly localSubscription: LocalSubscriptionId;
  readonly tenant: TenantId;
  readonly displayName: string;
  readonly state: "Enabled" | "Deleted";
}

export const createStamps = (seed: number): readonly Stamp[] =>
  STAMP_NAMES.map((name, ordinal) => ({
    name,
    ordinal,
    cloudId: worldGuid(seed, "cloud", ordinal),
    objectId: worldGuid(seed, "bridge", ordinal),
    location: `contoso${name}`,
    billingModel: name === "edge" ? "Capacity" : "PayAsYouUse",
    scope: {
      subscription: worldGuid(seed, "registration subscription", ordinal) as SubscriptionId,
      resourceGroup: "azurestack",
      name: `stamp-${name}`,
    },
    providerSubscription: worldGuid(seed, "provider subscription", ordinal) as SubscriptionId,
    adminUrl: `https://adminmanagement.contoso${name}.contoso.example`,
  }));

/** 32 hex digits, as a stamp sends them in place of its parts' serial numbers. */
const partHash = (stamp: Stamp, host: number, part: number): string =>
  worldGuid(hash32(stamp.ordinal, host, part), "host").replaceAll("-", "");

/** The Base64 text that an operator takes from the stamp to register it (contract/registration.md §4.2). */
export function registrationToken(stamp: Stamp): string {
  const hardwareInfo = [0, 1, 2, 3].map((host) => ({
    numCores: 32,
    bios: [partHash(stamp, host, 0)],
    nic: [partHash(stamp, host, 1), partHash(stamp, host, 2)],
    cpu: [partHash(stamp, host, 3), partHash(stamp, host, 4)],
    name: `${stamp.name}-host-${host}`,
    disk: [partHash(stamp, host, 5), partHash(stamp, host, 6)],
    uuid: worldGuid(hash32(stamp.ordinal, host, 7), "host"),
    memory: [partHash(stamp, host, 8)],
  }));
  const { billingModel, objectId, cloudId } = stamp;
  const token = {
    billingModel,
    objectId,
    cloudId,
    marketplaceSyndicationEnabled: true,
    hardwareInfo,
    issuer: "AzureStack",
    version: "1.0",
  };
  return Buffer.from(JSON.stringify(token), "utf8").toString("base64");
}
