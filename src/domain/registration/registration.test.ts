import { describe, expect, test } from "vitest";
import { registrationId, type SubscriptionId } from "../ids.ts";
import { badResourceGroup, badResourceName } from "./names.ts";
import { registerOutcome } from "./register.ts";
import type { Registration } from "./registration.ts";
import { decodeRegistrationToken } from "./token.ts";

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");

describe("registration tokens", () => {
  test("are read whatever the case of their members, with white space around and unknown members inside", () => {
    const text = ` ${base64({ CloudId: "cloud1", BillingModel: "payasyouuse", objectID: "o", hardwareInfo: [{}], x: 1 })}\r\n`;
    expect(decodeRegistrationToken(text)).toEqual({
      token: { cloudId: "cloud1", billingModel: "PayAsYouUse", objectId: "o", facts: { hardwareInfo: [{}] } },
    });
  });

  test.each([
    ["", "not Base64"],
    ["not base64!", "not Base64"],
    [base64([1]), "JSON object"],
    [Buffer.from("{").toString("base64"), "JSON object"],
    [base64({ billingModel: "Capacity" }), "no cloudId"],
    [base64({ cloudId: 7, billingModel: "Capacity" }), "no cloudId"],
    [base64({ cloudId: "c", billingModel: "Free" }), "billingModel is none of"],
  ])("'%s' is unreadable: %s", (text, reason) => {
    expect(decodeRegistrationToken(text)).toEqual({ unreadable: expect.stringContaining(reason) });
  });
});

describe("registerOutcome, in order of precedence", () => {
  const held = (id: number, cloudId: string): Registration => ({
    id: registrationId(id),
    subscription: "00000000-0000-4000-8000-000000000001" as SubscriptionId,
    resourceGroup: "rg",
    name: `r${id}`,
    cloudId,
    objectId: "",
    billingModel: "PayAsYouUse",
    tags: {},
    version: 1,
    tokenFacts: {},
    tokenDigest: "",
    remoteManagement: false,
    created: { atMs: 0, by: "test", byType: "User" },
    updated: { atMs: 0, by: "test", byType: "User" },
  });
  const token = { cloudId: "A", objectId: "", billingModel: "Capacity", facts: {} } as const;
  test.each([
    ["another stamp's registration, and the cloud is taken", held(1, "B"), held(2, "A"), "CloudIdUpdateNotAllowed"],
    ["a new name for a taken cloud", undefined, held(2, "A"), "CloudIdAlreadyRegistered"],
    ["a new name for a new cloud", undefined, undefined, "created"],
    ["the stamp's own registration", held(1, "A"), held(1, "A"), "updated"],
  ])("%s", (_, existing, sameCloud, outcome) => {
    expect(registerOutcome(token, existing, sameCloud)).toBe(outcome);
  });
});

describe("names", () => {
  test.each(["azurestack", "a-b_c.(d)", "组", "x".repeat(90)])("resource group '%s' is fine", (name) => {
    expect(badResourceGroup(name)).toBeUndefined();
  });
  test.each(["", "a.", "a b", "a/b", "x".repeat(91)])("resource group '%s' is not", (name) => {
    expect(badResourceGroup(name)).toBeDefined();
  });
  test.each(["north", "North 1", "a'b", "..a", "登记"])("resource '%s' is fine", (name) => {
    expect(badResourceName(name)).toBeUndefined();
  });
  test.each(["", " ", ".", "..", "a/b", "a%b", "a\u0000b", "a\nb", "x".repeat(261)])("resource '%s' is not", (name) => {
    expect(badResourceName(name)).toBeDefined();
  });
});
