import { join } from "node:path";
import { embed } from "../../src/cli/connect.ts";
import type { Connection } from "../../src/cli/connect.ts";
import type { Client, Scope } from "../../src/client/client.ts";
import type { PriceSheet } from "../../src/domain/rating/priceSheet.ts";
import { type InstantMs, parseInstant } from "../../src/lib/instant.ts";
import { readSettings, type SettingName } from "../../src/settings.ts";
import { mustClose, temporaryFolder } from "./temporary.ts";

export const instant = (text: string): InstantMs => parseInstant(text)!;

export interface TestStampbook extends Required<Connection> {
  readonly clock: { now(): InstantMs; set(text: string): void };
  readonly folder: string;
}

/** A Stampbook on real engines, reached over a socket as a user's client would; its clock is the test's. */
export async function openStampbook(
  options: {
    readonly now?: string;
    readonly priceSheet?: PriceSheet;
    readonly resolverUrl?: string;
    readonly settings?: Partial<Record<SettingName, string>>;
    readonly folder?: string;
  } = {},
): Promise<TestStampbook> {
  const folder = options.folder ?? temporaryFolder();
  let nowMs = instant(options.now ?? "2024-03-05T12:00:00Z");
  const clock = { now: () => nowMs, set: (text: string) => void (nowMs = instant(text)) };
  const given = {
    dataFolder: join(folder, "data"),
    logLevel: "silent",
    ...(options.resolverUrl ? { resolverUrl: options.resolverUrl } : {}),
    ...options.settings,
  };
  const { priceSheet } = options;
  const connection = await embed(readSettings(given, {}), "en", { clock, ...(priceSheet ? { priceSheet } : {}) });
  return Object.assign(mustClose(connection), { clock, folder });
}

export const ids = {
  registration: "10000000-0000-4000-8000-000000000001",
  customer: "20000000-0000-4000-8000-000000000002",
  secondCustomer: "20000000-0000-4000-8000-000000000003",
  enterprise: "20000000-0000-4000-8000-000000000004",
  foreign: "20000000-0000-4000-8000-00000000000f",
  tenant: "30000000-0000-4000-8000-000000000001",
  secondTenant: "30000000-0000-4000-8000-000000000002",
  local: "40000000-0000-4000-8000-000000000001",
  secondLocal: "40000000-0000-4000-8000-000000000002",
};

export const tokenOf = (cloudId: string, billingModel = "PayAsYouUse"): string =>
  Buffer.from(JSON.stringify({ cloudId, billingModel, objectId: "bridge" })).toString("base64");

export const NORTH: Scope = { subscription: ids.registration, resourceGroup: "azurestack", name: "north" };

/** A stamp in a subscription that the catalogue knows, and nothing else. */
export async function registerStamp(client: Client, scope: Scope, token: string): Promise<void> {
  await client.putCatalogue([{ subscription: scope.subscription, offerType: "APSS", partner: "contoso" }]);
  await client.register(scope, token);
}

/** One approved pay-as-you-use stamp with two tenants, and a catalogue with something wrong for every refusal. */
export async function registerNorth({ client }: Pick<TestStampbook, "client">): Promise<Scope> {
  const csp = { offerType: "CSP", partner: "contoso" };
  await client.putCatalogue([
    { subscription: ids.registration, offerType: "APSS", partner: "contoso" },
    { subscription: ids.customer, ...csp, tenant: ids.tenant },
    { subscription: ids.secondCustomer, ...csp, tenant: ids.tenant },
    { subscription: ids.enterprise, offerType: "EA", partner: "contoso", tenant: ids.tenant },
    { subscription: ids.foreign, offerType: "CSP", partner: "northwind", tenant: ids.secondTenant },
  ]);
  await client.register(NORTH, tokenOf("cloud-north"));
  await client.approval("north", "request");
  await client.approval("north", "approve");
  await client.putLocalSubscriptions("north", [
    { localSubscription: ids.local, tenant: ids.tenant },
    { localSubscription: ids.secondLocal, tenant: ids.secondTenant },
  ]);
  return NORTH;
}

export interface HubFacts {
  readonly hour: string;
  /** The number's text, exactly as it shall stand in the JSON. */
  readonly quantity: string;
  readonly meter?: string;
  readonly resource?: string;
  readonly localSubscription?: string;
  readonly hours?: number;
}

/** One record as a Hub would return it. */
export function hubRecord({ hour, quantity, meter, resource, localSubscription, hours = 1 }: HubFacts): string {
  const start = instant(hour);
  const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
  const subscriptionId = localSubscription ?? ids.local;
  const meterId = meter ?? "9cd92d4c-bafd-4492-b278-bedc2de8232a";
  const instanceData = JSON.stringify({
    "Microsoft.Resources": {
      resourceUri:
        resource ?? `/subscriptions/${subscriptionId}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm`,
      location: "north",
      tags: "null",
      additionalInfo: "",
    },
  });
  const name = `${subscriptionId}-${meterId}`;
  const properties = {
    subscriptionId,
    usageStartTime: time(start),
    usageEndTime: time(start + hours * 3_600_000),
    instanceData,
    quantity: "@",
    meterId,
    name,
  };
  const id = `/subscriptions/${ids.registration}/providers/Microsoft.Commerce/UsageAggregate/${name}`;
  return JSON.stringify({ id, name, type: "Microsoft.Commerce/UsageAggregate", properties }).replace('"@"', quantity);
}

export interface EventFacts extends HubFacts {
  readonly id: string;
  readonly source?: string;
  readonly time?: string;
}

/** The same as a CloudEvent of another source. */
export function usageEvent({
  id,
  source = "/meters/gpu",
  time,
  hour,
  quantity,
  meter,
  resource,
  localSubscription,
}: EventFacts): string {
  const start = instant(hour);
  const data = {
    subscriptionId: localSubscription ?? ids.local,
    meterId: meter ?? "9cd92d4c-bafd-4492-b278-bedc2de8232a",
    resourceUri: resource ?? "/gpu/pool7",
    usageStartTime: new Date(start).toISOString(),
    usageEndTime: new Date(start + 3_600_000).toISOString(),
    quantity: "@",
  };
  const event = { specversion: "1.0", id, source, type: "stampbook.usage.v1", time, data };
  return JSON.stringify(event).replace('"@"', quantity);
}

export const hubPage = (records: readonly string[]): Buffer => Buffer.from(`{"value":[${records.join(",")}]}`);
export const asPage = (bytes: Buffer) => ({ bytes: [bytes], type: "application/json" });
export const asLines = (records: readonly string[]) => ({
  bytes: [Buffer.from(`${records.join("\n")}\n`)],
  type: "application/x-ndjson",
});

/** The window in which a Hub reports most of an hour's usage: the hour after it. */
export const windowAfter = (hour: string) => ({
  start: new Date(instant(hour) + 3_600_000).toISOString(),
  end: new Date(instant(hour) + 7_200_000).toISOString(),
});
