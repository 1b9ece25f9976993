import { describe, expect, test } from "vitest";
import { METERS } from "../src/domain/usage/meterCatalogue.ts";
import { meterId, type TenantId } from "../src/domain/ids.ts";
import { add, type Decimal, decimal, formatDecimal, sum, ZERO } from "../src/lib/decimal.ts";
import { parseInstant } from "../src/lib/instant.ts";
import { expectedTotals } from "./truth.ts";
import { ndjson } from "./usage.ts";
import { createWorld, type World } from "./world.ts";

// Goal: the expectation is right. Method: the lines are read again as plainly as can be, every identity kept, and
// each sum is built from the quantity's text.

interface Read {
  readonly reportedStartTime: string;
  readonly reportedEndTime: string;
  readonly properties: Readonly<
    Record<"subscriptionId" | "usageStartTime" | "usageEndTime" | "instanceData" | "meterId", string>
  >;
}

function* readLines(world: World) {
  for (const stamp of world.stamps) {
    for (const line of Buffer.concat([...ndjson(world, stamp)])
      .toString()
      .trimEnd()
      .split("\n")) {
      const { properties, reportedStartTime, reportedEndTime } = JSON.parse(line) as Read;
      const instance = JSON.parse(properties.instanceData) as { "Microsoft.Resources": { resourceUri: string } };
      const uri = instance["Microsoft.Resources"].resourceUri.toLowerCase();
      const { subscriptionId, usageStartTime, usageEndTime } = properties;
      const meter = meterId(properties.meterId)!;
      const hours = `${usageStartTime} ${usageEndTime} ${reportedStartTime} ${reportedEndTime}`;
      const quantity = /"quantity":([^,]+),/.exec(line)![1]!;
      const identity = `${stamp.name} ${subscriptionId} ${meter} ${uri} ${hours}`;
      yield { stamp, subscriptionId, meter, startMs: parseInstant(usageStartTime)!, quantity, identity };
    }
  }
}

const count = (totals: Map<string, Decimal>, key: string, quantity: string) =>
  totals.set(key, add(totals.get(key) ?? ZERO, decimal(quantity)));

function readAgain(world: World) {
  const tenants = new Map<string, TenantId>(
    world.stamps.flatMap((s) => world.localSubscriptions(s).map((l) => [l.localSubscription, l.tenant] as const)),
  );
  const counts = { distinct: 0, duplicates: 0, conflicts: 0, unknownLocalSubscription: 0, unknownMeter: 0 };
  const known = new Map<string, string>();
  const bySubscription = new Map<string, Decimal>();
  const byPayer = new Map<string, Decimal>();
  for (const { stamp, subscriptionId, meter, startMs, quantity, identity } of readLines(world)) {
    const before = known.get(identity);
    if (before !== undefined) {
      counts[before === quantity ? "duplicates" : "conflicts"] += 1;
      continue;
    }
    known.set(identity, quantity);
    counts.distinct += 1;
    if (!METERS.has(meter)) counts.unknownMeter += 1;
    count(bySubscription, `${stamp.name} ${subscriptionId} ${meter}`, quantity);
    const tenant = tenants.get(subscriptionId);
    if (tenant === undefined) {
      counts.unknownLocalSubscription += 1;
      continue;
    }
    const steps = world.mappingSteps.filter((s) => s.stamp === stamp.name && s.tenant === tenant && s.atMs <= startMs);
    const payer = steps.at(-1)?.customerSubscription ?? stamp.scope.subscription;
    count(byPayer, `${payer} ${stamp.name} ${meter}`, quantity);
  }
  return { counts, bySubscription, byPayer };
}

const texts = (totals: Iterable<readonly [string, Decimal]>) =>
  Object.fromEntries([...totals].map(([key, quantity]) => [key, formatDecimal(quantity)]));

const total = (totals: readonly { readonly quantity: Decimal }[]) =>
  formatDecimal(sum(totals.map(({ quantity }) => quantity)));

describe.each([
  [20_000, "2024-02", 7],
  [20_000, "2023-12", 1],
  [60_000, "2023-02", 99],
])("%i records in %s with seed %i", (records, period, seed) => {
  const world = createWorld({ seed, period, records });
  const truth = expectedTotals(world);
  const again = readAgain(world);

  test("the counts are those of a plain reading", () => {
    expect(truth.counts).toEqual(again.counts);
    expect(Object.values(truth.counts).every((count) => count > 0)).toBe(true);
    for (const share of [truth.counts.unknownLocalSubscription, truth.counts.unknownMeter]) {
      expect(share / records).toBeLessThan(0.001);
    }
  });
  test("the sums are those of a plain reading", () => {
    const { bySubscription, byPayer } = truth;
    expect(texts(bySubscription.map((t) => [`${t.stamp} ${t.localSubscription} ${t.meter}`, t.quantity]))).toEqual(
      texts(again.bySubscription),
    );
    expect(texts(byPayer.map((t) => [`${t.payer} ${t.stamp} ${t.meter}`, t.quantity]))).toEqual(texts(again.byPayer));
  });
  test("what payers pay for is all usage but the unknown subscription's", () => {
    const known = truth.bySubscription.filter((each) => each.localSubscription !== world.unknownLocalSubscription);
    expect(total(truth.byPayer)).toBe(total(known));
  });
  test("the replaced tenant's second subscription pays from its hour on", () => {
    expect(truth.byPayer.some(({ payer }) => payer === world.replacement)).toBe(true);
    expect(truth.byPayer.some(({ payer }) => payer === world.replacedTenant.customerSubscription)).toBe(true);
    expect(truth.byPayer.some(({ payer }) => payer === world.removedTenant.customerSubscription)).toBe(true);
    expect(truth.byPayer.some(({ payer }) => payer === world.neverMappedTenant.customerSubscription)).toBe(false);
  });
});
