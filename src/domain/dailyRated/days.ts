import { add, type Decimal, ZERO, subtract } from "../../lib/decimal.ts";
import { formatFraction, scaledBy } from "../../lib/fraction.ts";
import { type FineQuantity, pricedQuantity, unroundedAmount } from "../rating/lineAmount.ts";
import { type Band, spread } from "../rating/tiers.ts";
import { type ChargeGroup, type ChargeKey, type KeyedQuantity, measuredGroup } from "../statement/charges.ts";
import { inMeterUnit, keysOf } from "../statement/rate.ts";
import type { StatementLine } from "../statement/statement.ts";

/** UTC days since 1970. */
export type Day = number;

/** What was used of one key on one day, in the meter's unit. */
export type DailyQuantity = KeyedQuantity & { readonly day: Day };

/** The part of a day's usage that lies in one tier. */
export interface DayPart {
  readonly key: ChargeKey;
  readonly day: Day;
  readonly band: Band;
  /** In the meter's unit. */
  readonly quantity: Decimal;
  /** In the price's unit, or in packages, divided by the hours of a month where the price is one per month. */
  readonly billedQuantity: Decimal;
  /** In the price sheet's currency, not rounded as a line is. */
  readonly amount: Decimal;
}

interface DayKey {
  readonly key: ChargeGroup["keys"][number];
  readonly day: Day;
}

const whole = (coefficient: bigint): Decimal => ({ coefficient, scale: 0 });
const ONE_UNIT = whole(1n);

/**
 * Lays the usage of a group on its tiers day by day. The parts of one key and tier come to what `rate` makes a line of.
 * @param usage in time order; where the order of usage decides what each key pays, hour by hour
 */
export function dayParts(group: ChargeGroup, usage: readonly DailyQuantity[]): readonly DayPart[] {
  const { common, layoutFor } = measuredGroup(group);
  const keyOf = keysOf(group);
  const known = new Map<ChargeKey, Map<Day, DayKey>>();
  const rest = new Map<DayKey, Decimal>();
  const slices = usage.map((so) => {
    const key = keyOf(so);
    const days = known.get(key) ?? known.set(key, new Map()).get(key)!;
    const own = days.get(so.day) ?? days.set(so.day, { key, day: so.day }).get(so.day)!;
    rest.set(own, add(rest.get(own) ?? ZERO, so.quantity));
    return { key: own, quantity: scaledBy(so.quantity, key.factor, common) };
  });
  const parts = spread(slices, ({ key }) => layoutFor(key));
  const last = new Map(parts.map((part) => [part.key, part]));
  return parts.map((part): DayPart => {
    const { key: dayKey, band, packages } = part;
    const { key, day } = dayKey;
    const own = last.get(dayKey) === part ? rest.get(dayKey)! : inMeterUnit(part.quantity, key.factor, common);
    rest.set(dayKey, subtract(rest.get(dayKey)!, own));
    const sold: FineQuantity =
      packages === undefined ? { quantity: part.quantity, common } : { quantity: whole(packages), common: 1n };
    const hours = packages === undefined ? key.price.hoursPerMonth : null;
    return {
      key,
      day,
      band,
      quantity: own,
      billedQuantity: hours === null ? pricedQuantity(sold) : unroundedAmount(sold, ONE_UNIT, hours),
      amount: unroundedAmount(sold, band.unitPrice, hours),
    };
  });
}

/** Names the statement line that a part of a day belongs to; those of one statement are told apart by it. */
export const linePartKey = ({ key, band }: Pick<DayPart, "key" | "band">): string => {
  const { registration, meter, factor, price } = key;
  const { sheet, assignment } = price.terms;
  return `${registration} ${meter} ${price.commerceMeter} ${formatFraction(factor)} ${sheet.id} ${sheet.version} ${assignment?.id ?? "-"} ${band.tier}`;
};

/** The same name, from the line. */
export const lineKeyOf = (line: StatementLine): string =>
  `${line.registration} ${line.meter} ${line.commerceMeter} ${line.factor} ${line.priceSheet} ${line.priceVersion} ${line.priceAssignment ?? "-"} ${line.tier}`;
