import { join } from "node:path";
import { embed } from "../../src/cli/connect.ts";
import type { Connection } from "../../src/cli/connect.ts";
import type { Client, Scope } from "../../src/client/client.ts";
import type { PriceSheet } from "../../src/domain/rating/priceSheet.ts";
import type { InstantMs } from "../../src/lib/instant.ts";
import { readSettings, type SettingName } from "../../src/settings.ts";
import { ids, instant, NORTH, tokenOf } from "./hubUsage.ts";
import { mustClose, temporaryFolder } from "./temporary.ts";

export * from "./hubUsage.ts";

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
