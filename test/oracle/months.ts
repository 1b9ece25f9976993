import { Random } from "../sim/random.ts";
import type { AssignmentFact, Month, PriceFact, UsageFact, VersionFact } from "./month.ts";

// Random months that are small and full of edges: few round numbers, so that bounds and packages are met to the last digit.

const [FROM, TO, KNOWN_UNTIL_MS] = [1000, 1000 + 96, 50];
const METERS = ["m1", "m2", "m3"];
/** What prices have: `m1` prices itself, `c9` is priced nowhere. */
const COMMERCE_METERS = ["c1", "c2", "m1"];
const QUANTITIES = ["0", "1", "2.5", "5", "10", "12.5", "0.000000000000000000000001", "9.999999999999999999999999"];
const FACTORS = ["1", "1/3", "2", "7/3", "1/1024", "0.5"];

const numbers = (random: Random): string => `${random.below(20)}.${String(random.below(1_000_000)).padStart(6, "0")}`;

function priceOf(random: Random, meter: string, region: string | null): PriceFact {
  const model = random.pick(["graduated", "graduated", "volume", "package"] as const);
  const bounds = ["5", "10", "22.5", "40"].filter(() => random.percent(35));
  return {
    meter,
    region,
    model,
    packageSize: model === "package" ? random.pick(["1", "10", "2.5", "7"]) : null,
    tiers: ["0", ...bounds].map((from) => ({
      from,
      unitPrice: random.pick(["0", "0.006", "1", "0.5", "0.0564", "3.333", numbers(random)]),
    })),
    included: random.pick(["0", "0", "5", "7.25"]),
    hoursPerMonth: random.percent(25) ? random.pick(["720", "744", "3"]) : null,
    minimum: random.percent(30) ? random.pick(["1", "10.005", "100", "0.0049"]) : null,
    free: random.percent(6),
  };
}

function versionOf(random: Random, sheet: string, version: number, from: number): VersionFact {
  const prices = COMMERCE_METERS.filter(() => random.percent(93)).flatMap((meter) => [
    priceOf(random, meter, null),
    ...(random.percent(25) ? [priceOf(random, meter, "south")] : []),
  ]);
  return {
    sheet,
    version,
    from,
    currency: sheet === "b" ? "EUR" : "USD",
    mode: random.pick(["down", "down", "half-even", "half-up"] as const),
    decimals: random.pick([2, 2, 2, 0, 3, 6]),
    prices,
    commerceMeters: METERS.filter(() => random.percent(75)).map((meter) => [meter, random.pick(COMMERCE_METERS)]),
  };
}

/** A sheet's versions: always one from before the month, often one that begins inside it. */
function versionsOf(random: Random, sheet: string): readonly VersionFact[] {
  const later = random.percent(60) ? [versionOf(random, sheet, 2, FROM + 1 + random.below(95))] : [];
  const last = later.length > 0 && random.percent(30) ? [versionOf(random, sheet, 3, TO - 1)] : [];
  return [versionOf(random, sheet, 1, 0), ...later, ...last.filter(({ from }) => from > later[0]!.from)];
}

function assignmentOf(random: Random, id: number, subscriptions: readonly string[]): AssignmentFact {
  const kind = random.pick(["customer", "customer", "stamp", "reseller", "partner", "everyone", "everyone"] as const);
  const parties = {
    customer: subscriptions,
    stamp: ["1", "2"],
    reseller: ["r1", "r2"],
    partner: ["p1", "p2", "d1"],
    everyone: [""],
  };
  const markups = [null, random.pick(COMMERCE_METERS)].filter(() => random.percent(40));
  return {
    id,
    recordedAtMs: random.percent(90) ? KNOWN_UNTIL_MS : KNOWN_UNTIL_MS + 1,
    level: random.pick(["customer", "customer", "customer", "reseller", "reseller", "provider"] as const),
    kind,
    party: random.pick(parties[kind]),
    hour: random.percent(60) ? 0 : FROM + random.below(96),
    sheet: random.percent(12) ? null : random.pick(["a", "a", "b"]),
    region: random.percent(30) ? "south" : null,
    markups: markups.map((meter) => ({
      meter,
      percent: random.pick(["0", "20", "-12.5", "33.3333"]),
      absolute: random.pick(["0", "0.001", "1"]),
    })),
    credit: random.pick(["0", "0", "15", "100", "2.75"]),
    currency: random.pick([null, null, "CHF", "EUR"]),
  };
}

/** A month that is the same for the same seed. */
export function monthOf(seed: number): Month {
  const random = new Random(seed);
  const subscriptions = ["s1", "s2", "s3"].slice(0, 1 + random.below(3));
  const places = [1, 2].flatMap((stamp) => ["l1", "l2"].map((local) => ({ stamp, local })));
  const payments = places.flatMap((place) => {
    const subscription = (): string => random.pick(subscriptions);
    const first = { ...place, hour: 0, subscription: subscription() };
    return random.percent(25)
      ? [first, { ...place, hour: FROM + 1 + random.below(95), subscription: subscription() }]
      : [first];
  });
  // Few hours, so that many records meet in one.
  const hours = Array.from({ length: 1 + random.below(8) }, () => FROM + random.below(96));
  const meters = METERS.slice(0, 1 + random.below(3));
  const record = (): UsageFact => ({
    ...random.pick(places),
    hour: random.pick(hours),
    meter: random.pick(meters),
    quantity: random.percent(50) ? random.pick(QUANTITIES) : numbers(random),
  });
  const conversions = Array.from({ length: random.below(3) }, (_, i) => ({
    id: i + 1,
    meter: random.pick(METERS),
    hour: random.percent(70) ? 0 : FROM + random.below(96),
    commerceMeter: random.percent(85) ? random.pick([...COMMERCE_METERS, "c9"]) : null,
    factor: random.pick(FACTORS),
  }));
  return {
    seed,
    from: FROM,
    to: TO,
    knownUntilMs: KNOWN_UNTIL_MS,
    records: Array.from({ length: 1 + random.below(20) }, record),
    payments,
    sellers: subscriptions.map((subscription) => ({
      subscription,
      partner: random.pick(["p1", "p2"]),
      provider: random.percent(40) ? "d1" : null,
      reseller: random.percent(70) ? random.pick(["r1", "r2"]) : null,
    })),
    builtIn: versionOf(random, "built-in", 1, 0),
    versions: [...versionsOf(random, "a"), ...versionsOf(random, "b")],
    assignments: Array.from({ length: random.below(6) }, (_, i) => assignmentOf(random, i + 1, subscriptions)),
    conversions,
    rates: ["USD", "EUR"].flatMap((from) =>
      ["CHF", "EUR"]
        .filter((to) => to !== from)
        .map((to) => ({ from, to, rate: random.pick(["0.925", "7.1234567", "1", "0.0333"]) })),
    ),
  };
}

/** The same month, its records arriving in another order. */
export const arrivedOtherwise = (month: Month): Month => ({
  ...month,
  records: new Random(month.seed + 1_000_000_000).shuffled(month.records),
});
