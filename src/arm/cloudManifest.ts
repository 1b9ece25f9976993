import type { FastifyRequest } from "fastify";
import { Fault } from "../domain/faults/fault.ts";
import { addYears, formatInstant } from "../lib/instant.ts";
import { signRs256 } from "../lib/jws.ts";
import { publicUrlOf } from "../http/publicUrl.ts";
import type { Answer, Route } from "../http/route.ts";
import { currentKey } from "../operations/keys/signingKeys.ts";
import { activationVerificationKeys } from "../operations/keys/verificationKeys.ts";
import type { Context } from "../operations/context.ts";
import { armRoute, SUBSCRIPTION } from "./armRoute.ts";
import { paramOf } from "../http/parameters.ts";
import { bodyOf, invalidContent, subscriptionOf, textOf } from "./request.ts";

const TYPE = "cloudManifestFiles";
/** The only layout there is; `latest` names it as well. */
const VERSIONS = ["latest", "1"];

/** Signs a document with the key of the activation keys: whoever trusts those can trust this. */
async function signed(context: Context, document: unknown): Promise<string> {
  const { kid, privateJwk } = await currentKey(context, "activation-key");
  return await signRs256(JSON.stringify(document), kid, privateJwk);
}

/** What a stamp needs to know of this cloud; contract/registration.md §2.8. */
async function manifest(context: Context, request: FastifyRequest): Promise<Answer> {
  const version = paramOf(request, "verificationVersion") || "latest";
  if (!VERSIONS.includes(version.toLowerCase())) {
    throw new Fault("ResourceNotFound", {
      type: `Microsoft.AzureStack/${TYPE}`,
      name: version,
      resourceGroup: "<null>",
    });
  }
  await currentKey(context, "activation-key");
  const deploymentData = {
    externalDsmsCertificates: "",
    customCloudVerificationKey: JSON.stringify({ keys: await activationVerificationKeys(context) }),
    customEnvironmentEndpoints: {
      customCloudArmEndpoint: publicUrlOf(context, request),
      externalDsmsEndpoint: "",
    },
  };
  const body = {
    id: "/providers/Microsoft.AzureStack/cloudManifestFiles/latest",
    name: "latest",
    type: `Microsoft.AzureStack/${TYPE}`,
    properties: { deploymentData, signature: await signed(context, deploymentData) },
  };
  return { status: 200, body };
}

/** A license for the time until a stamp is registered; contract/registration.md §2.9. */
async function deploymentLicense(context: Context, request: FastifyRequest): Promise<Answer> {
  const verificationVersion = textOf(bodyOf(request), "verificationVersion", "verificationVersion") ?? "1";
  if (verificationVersion !== "1") throw invalidContent("verificationVersion must be 1", "verificationVersion");
  const nowMs = context.clock.now();
  const license = {
    subscriptionId: subscriptionOf(request),
    issuedAt: formatInstant(nowMs),
    expires: formatInstant(addYears(nowMs, 1)),
    verificationVersion,
  };
  const chain = [Buffer.from(JSON.stringify(license)).toString("base64")];
  const signature = Buffer.from(await signed(context, chain)).toString("base64");
  return { status: 200, body: { temporaryLicenseChain: chain, signature } };
}

const READ_MANIFEST = "Show what a stamp needs to know of this cloud, signed.";

export const CLOUD_ROUTES: readonly Route[] = [
  armRoute({
    method: "GET",
    path: "/providers/Microsoft.AzureStack/cloudManifestFiles",
    summary: READ_MANIFEST,
    type: TYPE,
    run: manifest,
  }),
  armRoute({
    method: "GET",
    path: "/providers/Microsoft.AzureStack/cloudManifestFiles/:verificationVersion",
    summary: READ_MANIFEST,
    type: TYPE,
    query: { versionCreationDate: "Passed over: there is one manifest." },
    run: manifest,
  }),
  armRoute({
    method: "POST",
    path: `${SUBSCRIPTION}/providers/Microsoft.AzureStack/generateDeploymentLicense`,
    at: SUBSCRIPTION,
    summary: "Make a license for the time until a stamp is registered.",
    type: "generateDeploymentLicense",
    action: "Microsoft.AzureStack/generateDeploymentLicense/action",
    run: deploymentLicense,
  }),
];
