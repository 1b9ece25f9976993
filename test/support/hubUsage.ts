import type { Scope } from "../../src/client/client.ts";
import { type InstantMs, parseInstant } from "../../src/lib/instant.ts";

export const instant = (text: string): InstantMs => parseInstant(text)!;

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
