import { expect, test } from "vitest";
import { activationKeyPayload } from "./activationKey.ts";
import type { Registration } from "./registration.ts";
import { decodeRegistrationToken } from "./token.ts";

const NOW = Date.parse("2024-02-29T12:00:00Z");

function registrationOf(token: Record<string, unknown>): Registration {
  const decoded = decodeRegistrationToken(Buffer.from(JSON.stringify(token)).toString("base64"));
  if ("unreadable" in decoded) throw new Error(decoded.unreadable);
  const { facts, ...told } = decoded.token;
  return { subscription: "s", resourceGroup: "Rg", name: "North", ...told, tokenFacts: facts } as Registration;
}

const payloadOf = (token: Record<string, unknown>) =>
  activationKeyPayload(registrationOf(token), { armUrl: "https://arm.test", nowMs: NOW });

test("members are in the recorded order, whatever the order of the token (contract/registration.md §4.3)", () => {
  const payload = payloadOf({
    version: "1.0",
    issuer: "Hub",
    marketplaceSyndicationEnabled: true,
    usageReportingEnabled: true,
    agreementNumber: "A-1",
    regionNames: ["north"],
    hardwareInfo: [{ numCores: 2, other: 1, memory: [], name: "host", bios: ["b"], uuid: "u" }],
    somethingElse: 1,
    billingModel: "PayAsYouUse",
    objectId: "object",
    cloudId: "cloud",
  });
  expect(Object.entries(payload)).toEqual([
    ["subscriptionId", "s"],
    ["resourceGroupName", "Rg"],
    ["registrationName", "North"],
    ["certPinningRootSubjects", []],
    ["certPinningIntermediateThumbprints", []],
    ["usageEndpoint", "https://arm.test"],
    ["marketplaceEndpoint", "https://arm.test"],
    ["usageResourceUri", "https://arm.test"],
    ["marketplaceResourceUri", "https://arm.test"],
    ["expires", "9999-12-30T23:59:59.9999999Z"],
    ["cloudId", "cloud"],
    ["objectId", "object"],
    ["billingModel", "PayAsYouUse"],
    ["hardwareInfo", [{ name: "host", uuid: "u", numCores: 2, bios: ["b"], memory: [], other: 1 }]],
    ["regionNames", ["north"]],
    ["agreementNumber", "A-1"],
    ["usageReportingEnabled", true],
    ["marketplaceSyndicationEnabled", true],
    ["issuer", "Hub"],
    ["version", "1.0"],
  ]);
  const [host] = payload["hardwareInfo"] as object[];
  expect(Object.keys(host!)).toEqual(["name", "uuid", "numCores", "bios", "memory", "other"]);
});

test("Capacity expires after a year, 29 February on 28 February; what the token lacks stays out", () => {
  const payload = payloadOf({ billingModel: "Capacity", cloudId: "cloud" });
  expect(payload["expires"]).toBe("2025-02-28T12:00:00Z");
  expect(Object.keys(payload).at(-1)).toBe("billingModel");
});
