import type { OraclePrice, OracleRecord, OracleVersion, Scenario } from "./oracle.ts";

/** Numbers in [0, 1) from a seed; small and good enough to make scenarios. */
export function randomOf(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A month that is small, and full of edges: few round numbers, so that bounds are met to the last digit. */
export function scenarioOf(seed: number): Scenario {
  const random = randomOf(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <Thing>(of: readonly Thing[]): Thing => of[below(of.length)]!;
  const maybe = <Thing>(thing: Thing): Thing | null => (random() < 0.3 ? thing : null);
  const quantity = (): string =>
    pick(["0", "0", "1", "5", "10", "12.5", "0.000000000000000000000000000001", `${below(50)}.${below(1_000_000)}`]);
  const price = (): OraclePrice => {
    const model = pick(["graduated", "graduated", "volume", "package"] as const);
    const bounds = [
      ...new Set(["0", ...Array.from({ length: below(3) }, () => pick(["10", "20", "22.5", "40"]))]),
    ].sort((a, b) => Number(a) - Number(b));
    return {
      model,
      tiers: bounds.map((from) => [
        from,
        pick(["0", "0.006", "1", "0.5", "0.0564", "3.333", `${below(9)}.${below(999)}`]),
      ]),
      included: pick(["0", "0", "5", "7.25"]),
      hours: model === "package" ? null : maybe("720"),
      minimum: maybe(pick(["1", "10.005", "100"])),
      packageSize: model === "package" ? pick(["1", "10", "2.5"]) : null,
    };
  };
  const commerce = ["c1", "c2"].slice(0, 1 + below(2));
  const version = (number: number, from: number): OracleVersion => ({
    version: number,
    from,
    mode: pick(["down", "half-even", "half-up"]),
    scale: 2,
    prices: Object.fromEntries(commerce.map((meter) => [meter, price()])),
  });
  const versions = [version(1, 0), ...(random() < 0.4 ? [version(2, 24 + below(48))] : [])];
  // The sheet rounds in one way, whatever its version.
  const scale = pick([2, 2, 0, 3]);
  const same = versions.map((so) => ({ ...so, mode: versions[0]!.mode, scale }));
  const payers = ["p1", "p2"].slice(0, 1 + below(2));
  const meters = ["m1", "m2", "m3"].slice(0, 1 + below(3));
  const terms = payers.map((payer) => [
    payer,
    {
      percent: pick(["0", "0", "20", "-12.5"]),
      absolute: pick(["0", "0", "0.001"]),
      credit: pick(["0", "0", "15"]),
      fx: maybe(pick(["0.925", "7.1234567", "1"])),
    },
  ]);
  const record = (): OracleRecord => ({
    payer: pick(payers),
    stamp: 1 + below(2),
    meter: pick(meters),
    hour: below(96),
    quantity: quantity(),
  });
  return {
    records: Array.from({ length: 1 + below(12) }, record),
    meters: Object.fromEntries(
      meters.map((meter) => [
        meter,
        {
          commerce: pick(commerce),
          factor: pick([
            [1n, 1n],
            [1n, 1n],
            [1n, 3n],
            [2n, 1n],
            [1n, 1_073_741_824n],
          ] as const),
        },
      ]),
    ),
    versions: same,
    terms: Object.fromEntries(terms),
  };
}
