import {
  ceiling,
  isLess,
  least,
  minus,
  NOTHING,
  over,
  plus,
  ratio,
  type Rational,
  rational,
  roundedText,
  times,
} from "./rational.ts";

// What a month costs, worked out record by record from the words of docs/concepts/rating.md: slow, obvious, and without a
// line of the product.

export interface OracleRecord {
  readonly payer: string;
  readonly stamp: number;
  readonly meter: string;
  readonly hour: number;
  readonly quantity: string;
}

export interface OraclePrice {
  readonly model: "graduated" | "volume" | "package";
  readonly tiers: readonly (readonly [from: string, unitPrice: string])[];
  readonly included: string;
  readonly hours: string | null;
  readonly minimum: string | null;
  readonly packageSize: string | null;
}

export interface OracleVersion {
  readonly version: number;
  readonly from: number;
  readonly mode: string;
  readonly scale: number;
  /** By commerce meter. */
  readonly prices: Readonly<Record<string, OraclePrice>>;
}

export interface Scenario {
  readonly records: readonly OracleRecord[];
  readonly meters: Readonly<Record<string, { readonly commerce: string; readonly factor: readonly [bigint, bigint] }>>;
  /** Oldest first. */
  readonly versions: readonly OracleVersion[];
  readonly terms: Readonly<
    Record<
      string,
      { readonly percent: string; readonly absolute: string; readonly credit: string; readonly fx: string | null }
    >
  >;
}

interface Part {
  units: Rational;
  own: Rational;
  packages: bigint;
}

const ONE = ratio(1n, 1n);
const HUNDRED = ratio(100n, 1n);

/** Amounts of lines in both currencies, and quantities of keys, by what they are for. */
export function oracle(scenario: Scenario): Map<string, string> {
  const lines = new Map<string, string>();
  const commerceOf = ({ meter }: OracleRecord): string => scenario.meters[meter]!.commerce;
  const groups = new Map<string, OracleRecord[]>();
  for (const record of scenario.records) {
    const name = `${record.payer} ${commerceOf(record)}`;
    groups.set(name, [...(groups.get(name) ?? []), record]);
  }
  for (const [name, records] of groups) rateGroup(scenario, name, records, lines);
  return lines;
}

function rateGroup(scenario: Scenario, name: string, records: OracleRecord[], lines: Map<string, string>): void {
  const [payer, commerce] = name.split(" ") as [string, string];
  const versionOf = (hour: number): OracleVersion => scenario.versions.filter(({ from }) => from <= hour).at(-1)!;
  const unitsOf = ({ meter, quantity }: OracleRecord): Rational => {
    const [n, d] = scenario.meters[meter]!.factor;
    return times(rational(quantity), ratio(n, d));
  };
  records.sort((a, b) => a.hour - b.hour || a.stamp - b.stamp || (a.meter < b.meter ? -1 : a.meter > b.meter ? 1 : 0));
  const total = records.map(unitsOf).reduce(plus, NOTHING);
  const parts = new Map<string, Part>();
  const keys = new Map<string, Rational>();
  let position = NOTHING;
  for (const record of records) {
    const version = versionOf(record.hour);
    const price = version.prices[commerce]!;
    const key = `${record.stamp} ${record.meter} v${version.version}`;
    keys.set(key, plus(keys.get(key) ?? NOTHING, rational(record.quantity)));
    const included = rational(price.included);
    let rest = unitsOf(record);
    for (const { tier, end } of boundsOf(price, total)) {
      if (rest.n === 0n) break;
      if (end !== null && !isLess(position, end)) continue;
      const taken = end === null ? rest : least(rest, minus(end, position));
      const after = plus(position, taken);
      const part = parts.get(`${key} t${tier}`) ?? { units: NOTHING, own: NOTHING, packages: 0n };
      part.units = plus(part.units, taken);
      if (price.packageSize !== null) {
        const begun = (at: Rational): bigint => {
          const count = ceiling(over(minus(at, included), rational(price.packageSize!)));
          return count < 0n ? 0n : count;
        };
        part.packages += begun(after) - begun(position);
      }
      parts.set(`${key} t${tier}`, part);
      position = after;
      rest = minus(rest, taken);
    }
  }
  for (const [key, quantity] of keys) {
    lines.set(`${payer} ${key} quantity`, `${quantity.n}/${quantity.d}`);
    if (quantity.n !== 0n) continue;
    const version = scenario.versions.find((so) => key.endsWith(` v${so.version}`))!;
    const first = boundsOf(version.prices[commerce]!, total)[0]!.tier;
    parts.set(`${key} t${first}`, { units: NOTHING, own: NOTHING, packages: 0n });
  }
  let sum = NOTHING;
  let newest = 0;
  for (const [key, part] of parts) {
    const [, , versionName, tierName] = key.split(" ") as [string, string, string, string];
    const version = scenario.versions.find((so) => `v${so.version}` === versionName)!;
    newest = Math.max(newest, version.version);
    const price = version.prices[commerce]!;
    const tier = Number(tierName.slice(1));
    const unit = tier === 0 ? NOTHING : unitPrice(scenario, payer, price.tiers[tier - 1]![1]);
    const exact =
      price.packageSize !== null
        ? times(ratio(part.packages, 1n), unit)
        : over(times(part.units, unit), price.hours === null ? ONE : rational(price.hours));
    const amount = roundedText(exact, version.mode, version.scale);
    sum = plus(sum, rational(amount));
    lines.set(`${payer} usage ${key}`, both(scenario, payer, amount, version));
  }
  const version = scenario.versions.find((so) => so.version === newest)!;
  const { minimum } = version.prices[commerce]!;
  if (minimum === null) return;
  const missing = minus(rational(roundedText(rational(minimum), version.mode, version.scale)), sum);
  if (missing.n <= 0n) return;
  const amount = roundedText(missing, "down", version.scale);
  lines.set(`${payer} minimum ${commerce}`, both(scenario, payer, amount, version));
}

/** Where each tier ends, the included quantity as tier 0; of a volume price only the tier that the total reaches. */
function boundsOf(
  price: OraclePrice,
  total: Rational,
): readonly { readonly tier: number; readonly end: Rational | null }[] {
  const included = rational(price.included);
  const free = included.n === 0n ? [] : [{ tier: 0, end: included }];
  const starts = price.tiers.map(([from]) => plus(included, rational(from)));
  if (price.model === "volume") {
    let tier = 1;
    starts.forEach((start, i) => {
      if (!isLess(total, start)) tier = i + 1;
    });
    return [...free, { tier, end: null }];
  }
  return [...free, ...starts.map((_, i) => ({ tier: i + 1, end: starts[i + 1] ?? null }))];
}

function unitPrice({ terms }: Scenario, payer: string, list: string): Rational {
  const { percent, absolute, credit } = terms[payer]!;
  const marked = plus(times(rational(list), plus(ONE, over(rational(percent), HUNDRED))), rational(absolute));
  return times(marked, minus(ONE, over(rational(credit), HUNDRED)));
}

function both({ terms }: Scenario, payer: string, amount: string, { mode, scale }: OracleVersion): string {
  const { fx } = terms[payer]!;
  const converted = fx === null ? amount : roundedText(times(rational(amount), rational(fx)), mode, scale);
  return `${amount} ${converted}`;
}
