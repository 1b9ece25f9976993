import type { FastifyRequest } from "fastify";
import { publicUrlOf } from "../http/publicUrl.ts";
import type { Answer, Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
import { managementVersion } from "./apiVersions.ts";
import { queryOf } from "./request.ts";

/** The first label dropped, as clients derive the suffix of a cloud from its Resource Manager. */
function suffixOf(host: string): string {
  const [, ...rest] = host.split(".");
  return rest.length < 2 || /^[\d.]+$/.test(host) ? host : rest.join(".");
}

function endpoints(context: Context, request: FastifyRequest) {
  const url = publicUrlOf(context, request);
  // An authority that ends in /adfs is the only one that clients do not look up on the internet first.
  return { url, login: `${url}/adfs`, audience: url, suffix: suffixOf(new URL(url).hostname) };
}

/** 1.0 and 2015-01-01; contract/registration.md §2.12 a. */
function shortDocument(context: Context, request: FastifyRequest) {
  const { url, login, audience } = endpoints(context, request);
  return {
    galleryEndpoint: url,
    graphEndpoint: url,
    portalEndpoint: url,
    authentication: { loginEndpoint: login, audiences: [audience] },
  };
}

/** 2018-05-01 to 2020-06-01 in a list, 2022-09-01 alone; contract/registration.md §2.12 b, c. */
function longDocument(context: Context, request: FastifyRequest) {
  const { url, login, audience, suffix } = endpoints(context, request);
  return {
    name: "Stampbook",
    portal: url,
    authentication: {
      loginEndpoint: login,
      audiences: [audience, `${audience}/`],
      tenant: "adfs",
      identityProvider: "ADFS",
    },
    media: url,
    graphAudience: url,
    graph: url,
    suffixes: {
      storage: suffix,
      keyVaultDns: `vault.${suffix}`,
      sqlServerHostname: `database.${suffix}`,
      acrLoginServer: `azurecr.${suffix}`,
      azureDataLakeStoreFileSystem: `azuredatalakestore.${suffix}`,
      azureDataLakeAnalyticsCatalogAndJob: `azuredatalakeanalytics.${suffix}`,
      azureFrontDoorEndpointSuffix: `azurefd.${suffix}`,
    },
    batch: url,
    resourceManager: url,
    vmImageAliasDoc: url,
    activeDirectoryDataLake: url,
    sqlManagement: url,
    gallery: url,
    microsoftGraphResourceId: url,
  };
}

async function metadata(context: Context, request: FastifyRequest): Promise<Answer> {
  const version = managementVersion(queryOf(request, "api-version"));
  if (version === "1.0" || version < "2018-05-01") return { status: 200, body: shortDocument(context, request) };
  const document = longDocument(context, request);
  return { status: 200, body: version < "2022-09-01" ? [document] : document };
}

export const METADATA_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/metadata/endpoints",
    summary: "Where the endpoints of this cloud are; for az cloud register and Add-AzEnvironment.",
    access: "public",
    query: { "api-version": "1.0, 2015-01-01, 2018-05-01 to 2020-06-01 (a list), or 2022-09-01." },
    run: metadata,
  },
];
