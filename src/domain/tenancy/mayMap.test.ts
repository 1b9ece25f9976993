import { describe, expect, test } from "vitest";
import type { CatalogueSubscription } from "../catalogue/subscription.ts";
import { REFUSAL_CODES } from "../faults/catalogue.ts";
import { registrationId, type SubscriptionId, type TenantId } from "../ids.ts";
import type { BillingModel, Registration } from "../registration/registration.ts";
import { type ApprovalState, afterAction, approvalState } from "./approval.ts";
import { MAP_REFUSALS, mayAskResolver, mayPay } from "./mayMap.ts";

const ID = "0a0a0a0a-0000-4000-8000-00000000000b" as SubscriptionId;
const registered = (billingModel: BillingModel): Registration => ({
  id: registrationId(1),
  subscription: ID,
  resourceGroup: "rg",
  name: "r",
  cloudId: "c",
  objectId: "",
  billingModel,
  tags: {},
  version: 1,
  tokenFacts: {},
  tokenDigest: "",
  remoteManagement: false,
  created: { atMs: 0, by: "test", byType: "User" },
  updated: { atMs: 0, by: "test", byType: "User" },
});
const customer: CatalogueSubscription = {
  subscription: ID,
  displayName: "",
  offerType: "CSP",
  state: "Enabled",
  partner: "contoso",
  provider: null,
  reseller: null,
  customer: null,
  tenant: "0a0a0a0a-0000-4000-8000-0000000000aa" as TenantId,
};

test("the ladder is the catalogue's order", () => {
  expect([...MAP_REFUSALS]).toEqual(REFUSAL_CODES.slice(0, 7));
});

// Each row is wrong in its own way and in every later way; the earlier refusal is the one that is seen.
test.each<[Registration | undefined, ApprovalState, string]>([
  [undefined, "none", "RegistrationNotFound"],
  [registered("Capacity"), "none", "CustomerSubscriptionsNotAllowed"],
  [registered("Development"), "approved", "CustomerSubscriptionsNotAllowed"],
  [registered("Custom"), "approved", "CustomerSubscriptionsNotAllowed"],
  [registered("Ruggedized"), "approved", "CustomerSubscriptionsNotAllowed"],
  [registered("PayAsYouUse"), "none", "UnauthorizedCspRegistration"],
  [registered("PayAsYouUse"), "requested", "UnauthorizedCspRegistration"],
  [registered("PayAsYouUse"), "denied", "UnauthorizedCspRegistration"],
  [registered("PayAsYouUse"), "revoked", "UnauthorizedCspRegistration"],
  [registered("PayAsYouUse"), "approved", "allowed"],
])("before the resolver is asked: %#", (registration, approval, outcome) => {
  expect(mayAskResolver(registration, approval)).toBe(outcome);
});

describe("mayPay, in order of precedence", () => {
  const found = (change: Partial<CatalogueSubscription> = {}) =>
    ({ kind: "found", subscription: { ...customer, ...change } }) as const;

  test("unknown", () => {
    expect(mayPay("x", { kind: "unknown" }, undefined)).toEqual({ refusal: "InvalidCustomerSubscriptionId" });
  });
  test("resolver unreachable", () => {
    expect(mayPay(ID, { kind: "unreachable", reason: "503" }, undefined)).toEqual({
      refusal: "MetadataResolverBadGatewayError",
      reason: "503",
    });
  });
  test.each(["APSS", "EA", "PayAsYouGo"] as const)("%s is not CSP, even of another partner", (offerType) => {
    expect(mayPay(ID, found({ offerType, partner: "else" }), "contoso")).toEqual({
      refusal: "InvalidCSPSubscription",
      offerType,
    });
  });
  test("another partner, even with the wrong casing", () => {
    const outcome = { refusal: "BadCustomerSubscriptionId", because: "another partner" };
    expect(mayPay(ID.toUpperCase(), found({ partner: "else" }), "contoso")).toEqual(outcome);
    expect(mayPay(ID, found(), undefined)).toEqual({ ...outcome, because: "unknown partner" });
  });
  test("wrong casing", () => {
    expect(mayPay(ID.toUpperCase(), found(), "contoso")).toEqual({
      refusal: "BadCustomerSubscriptionId",
      because: "casing",
    });
  });
  test("right", () => {
    expect(mayPay(ID, found(), "contoso")).toEqual({ customer });
  });
});

describe("approval", () => {
  test.each([
    ["none", "request", "requested"],
    ["none", "approve", undefined],
    ["none", "deny", undefined],
    ["none", "revoke", undefined],
    ["requested", "request", "requested"],
    ["requested", "approve", "approved"],
    ["requested", "deny", "denied"],
    ["requested", "revoke", undefined],
    ["approved", "request", undefined],
    ["approved", "approve", "approved"],
    ["approved", "deny", undefined],
    ["approved", "revoke", "revoked"],
    ["denied", "request", "requested"],
    ["denied", "approve", undefined],
    ["revoked", "request", "requested"],
    ["revoked", "approve", undefined],
  ] as const)("%s, then %s → %s", (state, action, after) => {
    expect(afterAction(state, action)).toBe(after);
  });
  test("events add up to a state", () => {
    const actions = ["request", "approve", "revoke", "request"] as const;
    expect(approvalState(actions.map((action) => ({ action })))).toBe("requested");
  });
});
