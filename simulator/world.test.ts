import { describe, expect, test } from "vitest";
import { decodeRegistrationToken } from "../src/domain/registration/token.ts";
import { formatInstant } from "../src/lib/instant.ts";
import { sketchOf } from "./plan.ts";
import { registrationToken } from "./stamps.ts";
import { createWorld } from "./world.ts";

// Goal: the world tells every story that the demo and the tests rely on, whatever its size.
// Method: worlds of several sizes, looked at without reading any usage.

const SIZES = [5_000, 20_000, 200_000, 10_000_000];
const worldOf = (records: number, seed = 7) => createWorld({ seed, period: "2024-02", records });

const text = (seed: number) => JSON.stringify(worldOf(20_000, seed));

test("equal seeds make equal worlds, other seeds others", () => {
  expect(text(7)).toBe(text(7));
  expect(text(8)).not.toBe(text(7));
});

test("each stamp's registration token reads back", () => {
  for (const stamp of worldOf(20_000).stamps) {
    const { cloudId, objectId, billingModel } = stamp;
    expect(decodeRegistrationToken(registrationToken(stamp))).toMatchObject({
      token: { cloudId, objectId, billingModel },
    });
  }
});

describe.each(SIZES)("a world of %i records", (records) => {
  const world = worldOf(records);
  const [north, south, edge] = world.stamps as [
    (typeof world.stamps)[0],
    (typeof world.stamps)[0],
    (typeof world.stamps)[0],
  ];

  test("has no GUID twice", () => {
    const ids = [
      ...world.tenants.map(({ tenant }) => tenant),
      ...world.catalogue.map(({ subscription }) => subscription),
      ...world.stamps.flatMap((stamp) => [stamp.cloudId, stamp.objectId, stamp.providerSubscription]),
      ...world.stamps.flatMap((stamp) => world.localSubscriptions(stamp).map((local) => local.localSubscription)),
      world.unknownLocalSubscription,
      world.unknownMeter,
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("has a catalogue of two partners with a reseller", () => {
    const kinds = new Set(world.catalogue.map((entry) => `${entry.partner} ${entry.reseller} ${entry.offerType}`));
    expect([...kinds].sort()).toEqual([
      "contoso fabrikam CSP",
      "contoso null APSS",
      "contoso null CSP",
      "contoso null EA",
      "northwind null CSP",
    ]);
    const subscriptions = new Set(world.catalogue.map(({ subscription }) => subscription));
    for (const { scope } of world.stamps) expect(subscriptions.has(scope.subscription)).toBe(true);
    expect(subscriptions.has(world.replacement)).toBe(true);
    expect(world.tenants.every((tenant) => subscriptions.has(tenant.customerSubscription))).toBe(true);
  });

  test("has customers with one and with several tenants", () => {
    const counts = new Map<string, number>();
    for (const { customer } of world.tenants) counts.set(customer, (counts.get(customer) ?? 0) + 1);
    expect([...counts.values()].some((count) => count === 1)).toBe(true);
    expect([...counts.values()].some((count) => count > 1)).toBe(true);
    expect(world.tenants.length).toBe(Math.max(8, records / 20_000));
  });

  test("maps every tenant before the period, save one; then replaces one and removes one", () => {
    const wanted = [north, south].flatMap((stamp) => {
      const tenants = new Set(world.localSubscriptions(stamp).map(({ tenant }) => tenant));
      tenants.delete(world.neverMappedTenant.tenant);
      return [...tenants].map((tenant) => `${stamp.name} ${tenant}`);
    });
    const steps = world.mappingSteps;
    const first = steps.filter(({ atMs }) => formatInstant(atMs) === "2024-01-31T23:00:00Z");
    expect(first.map(({ stamp, tenant }) => `${stamp} ${tenant}`).sort()).toEqual(wanted.sort());
    expect(steps.slice(first.length).map((step) => ({ ...step, atMs: formatInstant(step.atMs) }))).toEqual([
      {
        atMs: "2024-02-14T10:20:00Z",
        stamp: "north",
        tenant: world.replacedTenant.tenant,
        customerSubscription: world.replacement,
      },
      { atMs: "2024-02-20T07:45:00Z", stamp: "north", tenant: world.removedTenant.tenant, customerSubscription: null },
    ]);
  });

  test("has deleted subscriptions, and some on the Capacity stamp", () => {
    expect(world.localSubscriptions(north).some(({ state }) => state === "Deleted")).toBe(true);
    expect(world.localSubscriptions(edge).length).toBeGreaterThan(0);
    expect(edge.billingModel).toBe("Capacity");
  });
});

test("a few tenants make most of the usage, and resources live most of the month", () => {
  const world = worldOf(10_000_000);
  const hours = new Map<string, number>();
  let resources = 0;
  for (const stamp of world.stamps) {
    const plan = world.plan(stamp);
    resources += plan.resources;
    for (let index = 0; index < plan.resources; index += 1) {
      const { subscription, fromHour, toHour } = sketchOf(plan, index);
      const tenant = world.localSubscriptions(stamp)[subscription]?.tenant ?? "";
      hours.set(tenant, (hours.get(tenant) ?? 0) + toHour - fromHour);
    }
  }
  const sorted = [...hours.values()].sort((a, b) => b - a);
  const total = sorted.reduce((sum, each) => sum + each, 0);
  const top = sorted.slice(0, world.tenants.length / 10).reduce((sum, each) => sum + each, 0);
  expect(top / total).toBeGreaterThan(0.5);
  expect(total / resources / (29 * 24)).toBeGreaterThan(0.6);
});
