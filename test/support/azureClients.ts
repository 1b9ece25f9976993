import { readFileSync } from "node:fs";
import { AzureStackManagementClient } from "@azure/arm-azurestack";
import { ResourceManagementClient } from "@azure/arm-resources";
import { SubscriptionClient } from "@azure/arm-resources-subscriptions";
import { ClientSecretCredential, type TokenCredential } from "@azure/identity";
import { join } from "node:path";
import { Client } from "../../src/client/client.ts";
import type { CreatedCredentialInfo } from "../../src/client/types.ts";
import { type Served, serveFolder } from "./servedFolder.ts";
import { temporaryFolder } from "./temporary.ts";
import { ids } from "./world.ts";

export interface AzureWorld {
  readonly server: Served;
  readonly folder: string;
  /** The administrator's client, over the local socket. */
  readonly client: Client;
  readonly owner: CreatedCredentialInfo;
}

/** A served folder, with an Owner to sign in as. */
export async function serveAzure(...options: readonly string[]): Promise<AzureWorld> {
  const folder = join(temporaryFolder(), "data");
  const server = await serveFolder(folder, ...options);
  const { socketPath } = JSON.parse(readFileSync(join(folder, "server.json"), "utf8")) as { socketPath: string };
  const client = new Client({ socketPath });
  const owner = await client.createCredential({ kind: "Application", role: "Owner", scope: "/" });
  return { server, folder, client, owner };
}

export const signIn = (
  { server }: AzureWorld,
  { clientId, secret, tenant }: Pick<CreatedCredentialInfo, "clientId" | "secret" | "tenant">,
): TokenCredential =>
  new ClientSecretCredential(tenant, clientId, secret ?? "", {
    authorityHost: server.url,
    disableInstanceDiscovery: true,
  });

/** Sends this token, whatever is wrong with it. */
export const withToken = (token: string): TokenCredential => ({
  getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
});

/** HTTP status of what the first package answered. */
export const statusOf = ({ _response: response }: { readonly _response: { readonly status: number } }): number =>
  response.status;

/** The packages as they are published; the first is of an older generation and names the server otherwise. */
export const azureClients = ({ server }: AzureWorld, credential: TokenCredential, subscription = ids.registration) => ({
  stack: new AzureStackManagementClient(credential, subscription, {
    baseUri: server.url,
    // Its retries come 30 seconds apart.
    noRetryPolicy: true,
  }),
  resources: new ResourceManagementClient(credential, subscription, {
    endpoint: server.url,
    retryOptions: { maxRetries: 0 },
  }),
  subscriptions: new SubscriptionClient(credential, { endpoint: server.url, retryOptions: { maxRetries: 0 } }),
});
