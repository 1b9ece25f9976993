import { describe, expect, test } from "vitest";
import type { Resolution } from "../catalogue/resolver.ts";
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

const found = (change: Partial<CatalogueSubscription> = {}): Resolution => ({
  kind: "found",
  subscription: { ...customer, ...change },
  source: { from: "catalogue", ageMs: 0 },
});
const own = (change: Partial<CatalogueSubscription> = {}): Resolution => found({ offerType: "APSS", ...change });
const UNKNOWN: Resolution = { kind: "unknown" };
const FAILED: Resolution = { kind: "unreachable", reason: "503" };
const bad = (because: string) => ({ refusal: "BadCustomerSubscriptionId", because });

// Each row is wrong in its own way and in ways that come later; the earlier refusal is the one that is seen.
test.each<[string, string, Resolution, Resolution, object]>([
  ["unknown", "x", UNKNOWN, FAILED, { refusal: "InvalidCustomerSubscriptionId" }],
  ["deleted", ID, found({ state: "Deleted", offerType: "EA" }), FAILED, { refusal: "InvalidCustomerSubscriptionId" }],
  ["resolver fails", ID, FAILED, UNKNOWN, { refusal: "MetadataResolverBadGatewayError", reason: "503" }],
  [
    "resolver fails on the registration's own",
    ID,
    found({ offerType: "EA" }),
    FAILED,
    { refusal: "MetadataResolverBadGatewayError", reason: "503" },
  ],
  [
    "no CSP",
    ID.toUpperCase(),
    found({ offerType: "EA", state: "Disabled" }),
    own(),
    { refusal: "InvalidCSPSubscription", offerType: "EA" },
  ],
  [
    "no CSP, of somebody else: not even its offer type is told",
    ID,
    found({ offerType: "APSS", partner: "else" }),
    own(),
    { refusal: "InvalidCSPSubscription", offerType: undefined },
  ],
  ["no CSP, and nobody knows whose", ID, found({ offerType: "EA" }), UNKNOWN, { refusal: "InvalidCSPSubscription" }],
  ["unknown partner", ID.toUpperCase(), found({ state: "Disabled" }), UNKNOWN, bad("unknown partner")],
  [
    "another partner",
    ID.toUpperCase(),
    found({ partner: "else", state: "Disabled", reseller: "x" }),
    own({ offerType: "CSP", reseller: "r" }),
    bad("another partner"),
  ],
  [
    "another reseller",
    ID.toUpperCase(),
    found({ reseller: "x", state: "Disabled" }),
    own({ offerType: "CSP", reseller: "r" }),
    bad("another reseller"),
  ],
  ["disabled", ID.toUpperCase(), found({ state: "Disabled" }), own(), bad("disabled")],
  ["casing", ID.toUpperCase(), found(), own(), bad("casing")],
])("mayPay, in order of precedence: %s", (...[, given, asked, registered, outcome]) => {
  expect(mayPay(given, asked, registered)).toMatchObject(outcome);
});

describe("the same partner (contract/registration.md §6.1, §6.3)", () => {
  const wide = { partner: "contoso", provider: "wide" };
  test.each<[string, Partial<CatalogueSubscription>, Partial<CatalogueSubscription>, string]>([
    ["direct partner, own customer", {}, {}, "may"],
    ["direct partner with CSP in a tenant of its own", {}, { offerType: "CSP" }, "may"],
    ["the provider pays, whoever the partner is", { ...wide, partner: "small" }, { partner: "wide" }, "may"],
    ["both through one provider", { ...wide, partner: "small" }, wide, "may"],
    ["same partner, another provider", wide, { partner: "contoso", provider: "else" }, "another partner"],
    ["same partner, billed by itself", wide, { partner: "contoso" }, "another partner"],
    ["a provider's APSS maps customers of every reseller", { ...wide, reseller: "r1" }, wide, "may"],
    ["an APSS subscription binds to no reseller", { ...wide, reseller: "r1" }, { ...wide, reseller: "r2" }, "may"],
    ["a provider's own CSP subscription", { ...wide, reseller: "r1" }, { ...wide, offerType: "CSP" }, "may"],
    [
      "a reseller's registration, its own customer",
      { ...wide, reseller: "r1" },
      { ...wide, offerType: "CSP", reseller: "r1" },
      "may",
    ],
    [
      "a reseller's registration, another reseller's customer",
      { ...wide, reseller: "r2" },
      { ...wide, offerType: "CSP", reseller: "r1" },
      "another reseller",
    ],
    [
      "a reseller's registration, a customer without reseller",
      wide,
      { ...wide, offerType: "CSP", reseller: "r1" },
      "another reseller",
    ],
    ["a warned payer still pays", { state: "Warned" }, {}, "may"],
    ["a late payer still pays", { state: "PastDue" }, {}, "may"],
    ["a disabled one does not", { state: "Disabled" }, {}, "disabled"],
  ])("%s", (_, of, registered, verdict) => {
    const outcome = mayPay(ID, found(of), own(registered));
    expect("customer" in outcome ? "may" : "because" in outcome ? outcome.because : outcome.refusal).toBe(verdict);
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
