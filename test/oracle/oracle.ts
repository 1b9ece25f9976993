import type { AssignmentFact, LevelFact, Month, PriceFact, UsageFact, VersionFact } from "./month.ts";
import {
  added,
  isLess,
  minus,
  NOTHING,
  over,
  plus,
  type Rational,
  rational,
  read,
  rounded,
  times,
  written,
} from "./rational.ts";

// Rates a month record by record, as docs/concepts/rating.md says it. It shares no line with the product, adds nothing
// up before it has to, and is in no hurry.

/** A record with everything that prices it. */
interface Priced {
  readonly record: UsageFact;
  readonly payer: string;
  readonly version: VersionFact;
  readonly assignment: AssignmentFact | undefined;
  readonly price: PriceFact;
  readonly factor: Rational;
  /** Tells the lines of one payer and price apart, but for the tier. */
  readonly name: string;
}

/** What of a key fell on one tier. */
interface Part {
  readonly of: Priced;
  readonly tier: number;
  units: Rational;
  packages: bigint;
}

const ONE = rational(1n);
const HUNDRED = rational(100n);
const DECIMALS_SHOWN = 30;

const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Of facts that count from an hour on, the one that counts in an hour: of two of one hour the one recorded later. */
function counting<Fact extends { readonly hour: number }>(facts: readonly Fact[], hour: number): Fact | undefined {
  let last: Fact | undefined;
  for (const fact of facts) if (fact.hour <= hour && (last === undefined || fact.hour >= last.hour)) last = fact;
  return last;
}

function assignmentOf(month: Month, level: LevelFact, record: UsageFact, subscription: string) {
  const seller = month.sellers.find((so) => so.subscription === subscription);
  const parties = [
    ["customer", subscription],
    ["stamp", String(record.stamp)],
    ["reseller", seller?.reseller ?? "nobody"],
    ["partner", seller === undefined ? "nobody" : (seller.provider ?? seller.partner)],
    ["everyone", ""],
  ];
  for (const [kind, party] of parties) {
    const own = month.assignments.filter((so) => so.level === level && so.kind === kind && so.party === party);
    const known = own.filter(({ recordedAtMs }) => recordedAtMs <= month.knownUntilMs);
    const assignment = counting(known, record.hour);
    if (assignment !== undefined && assignment.sheet !== null) return assignment;
  }
  return undefined;
}

/** Who pays at a level; undefined where the chain has no such level. */
function payerOf(month: Month, level: LevelFact, subscription: string): string | undefined {
  if (level === "customer") return subscription;
  const { partner, provider, reseller } = month.sellers.find((so) => so.subscription === subscription)!;
  if (level === "provider") return provider ?? partner;
  return reseller === null ? undefined : `${reseller} via ${provider ?? partner}`;
}

/** "parked": no price; "free": none is charged; undefined: nobody pays at this level. */
function priced(month: Month, level: LevelFact, record: UsageFact): Priced | "parked" | "free" | undefined {
  const payments = month.payments.filter(({ stamp, local }) => stamp === record.stamp && local === record.local);
  const { subscription } = counting(payments, record.hour)!;
  const assignment = assignmentOf(month, level, record, subscription);
  const version =
    assignment === undefined
      ? month.builtIn
      : month.versions
          .filter(({ sheet, from }) => sheet === assignment.sheet && from <= record.hour)
          .sort((a, b) => b.from - a.from)[0]!;
  const conversions = month.conversions.filter(({ meter }) => meter === record.meter);
  const conversion = counting(conversions, record.hour);
  const isConverted = conversion !== undefined && conversion.commerceMeter !== null;
  const own = version.commerceMeters.find(([meter]) => meter === record.meter)?.[1] ?? record.meter;
  const commerceMeter = isConverted ? conversion.commerceMeter : own;
  const factor = read(isConverted ? conversion.factor : "1");
  const region = assignment?.region ?? null;
  const fitting = version.prices.filter(({ meter }) => meter === commerceMeter);
  const price =
    (region === null ? undefined : fitting.find((so) => so.region === region)) ??
    fitting.find((so) => so.region === null);
  if (price === undefined) return "parked";
  if (price.free) return "free";
  const payer = payerOf(month, level, subscription);
  if (payer === undefined) return undefined;
  const name = [record.stamp, record.meter, `${factor.upper}/${factor.lower}`, version.version, assignment?.id ?? 0];
  return { record, payer, version, assignment, price, factor, name: name.join(" ") };
}

const unitsOf = ({ record, factor }: Priced): Rational => times(read(record.quantity), factor);

/** List price, mark-up, credit. */
function unitPriceOf({ price, assignment }: Priced, tier: number): Rational {
  if (tier === 0) return NOTHING;
  const list = read(price.tiers[tier - 1]!.unitPrice);
  if (assignment === undefined) return list;
  const { markups, credit } = assignment;
  const markup = markups.find(({ meter }) => meter === price.meter) ?? markups.find(({ meter }) => meter === null);
  const marked =
    markup === undefined
      ? list
      : plus(plus(list, over(times(list, read(markup.percent)), HUNDRED)), read(markup.absolute));
  return minus(marked, over(times(marked, read(credit)), HUNDRED));
}

const tierStart = (price: PriceFact, tier: number): Rational =>
  tier === 0 ? NOTHING : plus(read(price.included), read(price.tiers[tier - 1]!.from));

/** The tier that prices usage which lies at a position, and where the usage of that tier ends. */
function tierAt(price: PriceFact, position: Rational, whole: Rational): { tier: number; end: Rational | undefined } {
  const included = read(price.included);
  if (isLess(position, included)) return { tier: 0, end: included };
  const reached = price.model === "volume" ? whole : position;
  let tier = 1;
  while (tier < price.tiers.length && !isLess(reached, tierStart(price, tier + 1))) tier += 1;
  const isOpen = price.model === "volume" || tier === price.tiers.length;
  return { tier, end: isOpen ? undefined : tierStart(price, tier + 1) };
}

/** Packages that begin at or after one position and before another, counted one by one. */
function packagesBegun(price: PriceFact, from: Rational, to: Rational): bigint {
  if (price.model !== "package") return 0n;
  const size = read(price.packageSize!);
  let count = 0n;
  for (let start = read(price.included); isLess(start, to); start = plus(start, size)) {
    if (!isLess(start, from)) count += 1n;
  }
  return count;
}

function climbed(usage: readonly Priced[], whole: Rational): readonly Part[] {
  const parts: Part[] = [];
  let position = NOTHING;
  for (const of of usage) {
    let rest = unitsOf(of);
    do {
      const { tier, end } = tierAt(of.price, position, whole);
      const room = end === undefined ? rest : minus(end, position);
      const taken = isLess(rest, room) ? rest : room;
      let part = parts.find((so) => so.of.name === of.name && so.tier === tier);
      if (part === undefined && taken.upper > 0n) {
        part = { of, tier, units: NOTHING, packages: 0n };
        parts.push(part);
      }
      const next = plus(position, taken);
      if (part !== undefined) {
        part.units = plus(part.units, taken);
        part.packages += packagesBegun(of.price, position, next);
      }
      position = next;
      rest = minus(rest, taken);
    } while (rest.upper > 0n);
  }
  // Whoever used nothing has a line on the first tier that there is.
  for (const of of usage) {
    if (parts.some((so) => so.of.name === of.name)) continue;
    const { tier } = tierAt(of.price, NOTHING, whole);
    parts.push({ of, tier, units: NOTHING, packages: 0n });
  }
  return parts;
}

/** In the meter's unit: what lies on a tier is cut to the decimals that are shown; the last tier has all the rest. */
function ownQuantity(part: Part, parts: readonly Part[], usage: readonly Priced[]): Rational {
  const own = parts.filter(({ of }) => of.name === part.of.name).sort((a, b) => a.tier - b.tier);
  const cut = (so: Part): Rational => rounded(over(so.units, so.of.factor), DECIMALS_SHOWN, "down");
  if (own.at(-1) !== part) return cut(part);
  const records = usage.filter(({ name }) => name === part.of.name).map(({ record }) => read(record.quantity));
  return minus(added(records), added(own.slice(0, -1).map(cut)));
}

/** The amount in the payer's currency; what it is called and came from. */
function inCurrency(month: Month, { version, assignment }: Priced, amount: Rational): string {
  const to = assignment?.currency ?? version.currency;
  if (to === version.currency) return `${written(amount)} ${to}`;
  const { rate } = month.rates.find((so) => so.from === version.currency && so.to === to)!;
  return `${written(rounded(times(amount, read(rate)), version.decimals, version.mode))} ${to} at ${rate}`;
}

function lineOf(
  { of, tier }: Pick<Part, "of" | "tier">,
  told: { kind: string; own: Rational; sold: Rational; amount: Rational; records: number },
  month: Month,
): string {
  const { version, assignment, price, record, factor } = of;
  return [
    `${told.kind} of ${of.payer}: ${record.meter} as ${price.meter} by ${factor.upper}/${factor.lower} of ${record.stamp}`,
    `${version.sheet} ${version.version} under ${assignment?.id ?? "nothing"}`,
    `tier ${tier} from ${written(tierStart(price, tier))} at ${written(unitPriceOf(of, tier))}`,
    `${written(told.own)} is ${written(rounded(told.sold, DECIMALS_SHOWN, "half-even"))}`,
    `${written(told.amount)} is ${inCurrency(month, of, told.amount)}`,
    `${told.records} records`,
  ].join(" | ");
}

function linesOfClimb(month: Month, usage: readonly Priced[]): readonly string[] {
  const parts = climbed(usage, added(usage.map(unitsOf)));
  let charged = NOTHING;
  const lines = parts.map((part) => {
    const { of, tier, units, packages } = part;
    const isPacked = of.price.model === "package";
    const sold = isPacked ? rational(packages) : units;
    const hours = isPacked || of.price.hoursPerMonth === null ? ONE : read(of.price.hoursPerMonth);
    const exact = over(times(sold, unitPriceOf(of, tier)), hours);
    const amount = rounded(exact, of.version.decimals, of.version.mode);
    charged = plus(charged, amount);
    const records = usage.filter(({ name }) => name === of.name).length;
    return lineOf(part, { kind: "usage", own: ownQuantity(part, parts, usage), sold, amount, records }, month);
  });
  // The newest version says the least; the line is told of its first stamp, meter, factor and assignment.
  const newest = [...usage].sort(
    (a, b) =>
      b.version.version - a.version.version ||
      a.record.stamp - b.record.stamp ||
      byCode(a.record.meter, b.record.meter) ||
      byCode(factorText(a.factor), factorText(b.factor)) ||
      (a.assignment?.id ?? 0) - (b.assignment?.id ?? 0),
  )[0]!;
  const { minimum, included } = newest.price;
  if (minimum === null) return lines;
  const least = rounded(read(minimum), newest.version.decimals, newest.version.mode);
  if (!isLess(charged, least)) return lines;
  const missing = { kind: "minimum", own: NOTHING, sold: NOTHING, amount: minus(least, charged), records: 0 };
  return [...lines, lineOf({ of: newest, tier: read(included).upper > 0n ? 0 : 1 }, missing, month)];
}

const factorText = ({ upper, lower }: Rational): string => (lower === 1n ? String(upper) : `${upper}/${lower}`);

/** All lines of a month at all levels, in the order of their text. */
export function oracleLines(month: Month): readonly string[] {
  const known = month.assignments.filter(({ recordedAtMs }) => recordedAtMs <= month.knownUntilMs);
  const levels = (["customer", "reseller", "provider"] as const).filter(
    (level) => level === "customer" || known.some((so) => so.level === level),
  );
  const lines = levels.flatMap((level) => {
    const usage = month.records.map((record) => priced(month, level, record));
    const ordered = usage
      .filter((so): so is Priced => typeof so === "object")
      .sort(
        ({ record: a }, { record: b }) =>
          a.hour - b.hour || a.stamp - b.stamp || byCode(a.meter, b.meter) || byCode(a.local, b.local),
      );
    const climbs = Map.groupBy(ordered, ({ payer, price, version }) => `${payer}\n${price.meter}\n${version.sheet}`);
    const parked = usage.filter((so) => so === "parked").length;
    const free = usage.filter((so) => so === "free").length;
    return [
      `${level} ${parked} parked ${free} free`,
      ...[...climbs.values()].flatMap((climb) => linesOfClimb(month, climb).map((line) => `${level} ${line}`)),
    ];
  });
  return lines.sort(byCode);
}
